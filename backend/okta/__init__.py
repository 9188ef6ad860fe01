"""Okta access tokens in FastAPI. Copy this folder into your own service."""

from .credentials import access_token
from .dependencies import CurrentUser, current_user, has_claim, has_scope, in_group, require
from .dpop import DPoP, require_dpop
from .errors import OktaAuthError
from .exchange import TokenExchange
from .hooks import VerifierHooks
from .introspection import Introspection, active_token
from .keys import SigningKeys
from .metadata import add_resource_metadata, metadata_url
from .middleware import OktaJWTMiddleware
from .nonce import Nonces
from .principal import Principal
from .public import PUBLIC, PublicRouteError, PublicRoutes, public
from .replay import replay_store
from .step_up import signed_in
from .token import TokenRequirements
from .verifier import OktaTokenVerifier

__all__ = [
    "PUBLIC",
    "CurrentUser",
    "DPoP",
    "Introspection",
    "Nonces",
    "OktaAuthError",
    "OktaJWTMiddleware",
    "OktaTokenVerifier",
    "Principal",
    "PublicRouteError",
    "PublicRoutes",
    "SigningKeys",
    "TokenExchange",
    "TokenRequirements",
    "VerifierHooks",
    "access_token",
    "active_token",
    "add_resource_metadata",
    "current_user",
    "has_claim",
    "has_scope",
    "in_group",
    "metadata_url",
    "public",
    "replay_store",
    "require",
    "require_dpop",
    "signed_in",
]
