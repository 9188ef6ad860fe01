"""Okta access tokens in FastAPI. Copy this folder into your own service."""

from .claims import Expected
from .conditions import all_of, any_of, has_claim, has_scope, in_group, require
from .dependencies import CurrentUser, current_user
from .errors import OktaAuthError
from .keys import SigningKeys
from .metadata import add_resource_metadata, metadata_url
from .middleware import OktaJWTMiddleware
from .observer import Observer
from .principal import Principal
from .public import PUBLIC
from .verifier import OktaTokenVerifier

__all__ = [
    "PUBLIC",
    "CurrentUser",
    "Expected",
    "Observer",
    "OktaAuthError",
    "OktaJWTMiddleware",
    "OktaTokenVerifier",
    "Principal",
    "SigningKeys",
    "add_resource_metadata",
    "all_of",
    "any_of",
    "current_user",
    "has_claim",
    "has_scope",
    "in_group",
    "metadata_url",
    "require",
]
