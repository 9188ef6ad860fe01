"""Okta access tokens in FastAPI. Copy this folder into your own service."""

from .dependencies import CurrentUser, current_user, has_claim, has_scope, in_group, require
from .errors import OktaAuthError
from .hooks import VerifierHooks
from .keys import SigningKeys
from .metadata import add_resource_metadata, metadata_url
from .middleware import OktaJWTMiddleware
from .principal import Principal
from .public import PUBLIC, PublicRouteError, PublicRoutes, public
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
