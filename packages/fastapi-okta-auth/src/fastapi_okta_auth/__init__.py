"""Okta access tokens in FastAPI. Copy this folder into your own service."""

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
from .request_token import access_token
from .step_up import signed_in
from .token import TokenRequirements
from .verifier import OktaTokenVerifier

__all__ = [
    "PUBLIC",
    "CurrentUser",
    "OktaAuthError",
    "OktaJWTMiddleware",
    "OktaTokenVerifier",
    "Principal",
    "PublicRouteError",
    "PublicRoutes",
    "SigningKeys",
    "TokenRequirements",
    "VerifierHooks",
    "add_resource_metadata",
    "current_user",
    "has_claim",
    "has_scope",
    "in_group",
    "metadata_url",
    "public",
    "require",
]
__all__ += [
    "DPoP",
    "Introspection",
    "Nonces",
    "TokenExchange",
    "access_token",
    "active_token",
    "replay_store",
    "require_dpop",
]
__all__ += ["signed_in"]
