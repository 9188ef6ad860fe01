"""Okta access tokens in FastAPI. Copy this folder into your own service."""

from .dependencies import (
    CurrentUser,
    current_user,
    has_claim,
    has_scope,
    in_group,
    require,
)  # [%- if extras +%]
from .dpop import DPoP, require_dpop  # [%- endif +%]
from .errors import OktaAuthError  # [%- if extras +%]
from .exchange import TokenExchange  # [%- endif +%]
from .hooks import VerifierHooks  # [%- if extras +%]
from .introspection import Introspection, active_token  # [%- endif +%]
from .keys import SigningKeys
from .metadata import add_resource_metadata, metadata_url
from .middleware import OktaJWTMiddleware  # [%- if extras +%]
from .nonce import Nonces  # [%- endif +%]
from .principal import Principal
from .public import PUBLIC, PublicRouteError, PublicRoutes, public  # [%- if extras +%]
from .replay import replay_store
from .request_token import access_token  # [%- endif %]# [% if examples or extras +%]
from .step_up import signed_in  # [%- endif +%]
from .token import TokenRequirements
from .verifier import OktaTokenVerifier

__all__ = [
    "PUBLIC",
    "CurrentUser",
    # [% if extras %]
    "DPoP",
    "Introspection",
    "Nonces",
    # [% endif %]
    "OktaAuthError",
    "OktaJWTMiddleware",
    "OktaTokenVerifier",
    "Principal",
    "PublicRouteError",
    "PublicRoutes",
    "SigningKeys",
    # [% if extras %]
    "TokenExchange",
    # [% endif %]
    "TokenRequirements",
    "VerifierHooks",
    # [% if extras %]
    "access_token",
    "active_token",
    # [% endif %]
    "add_resource_metadata",
    "current_user",
    "has_claim",
    "has_scope",
    "in_group",
    "metadata_url",
    "public",
    # [% if extras %]
    "replay_store",
    # [% endif %]
    "require",
    # [% if extras %]
    "require_dpop",
    # [% endif %]
    # [% if examples or extras %]
    "signed_in",
    # [% endif %]
]
