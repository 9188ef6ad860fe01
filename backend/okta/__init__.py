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

# [% if extras %]
# isort: split
from .dpop import DPoP, require_dpop
from .exchange import TokenExchange
from .introspection import Introspection, active_token
from .nonce import Nonces
from .replay import replay_store
from .request_token import access_token

# [% endif %]
# [% if examples or extras %]
# isort: split
from .step_up import signed_in

# [% endif %]
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
# [% if extras %]
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
# [% endif %]
# [% if examples or extras %]
__all__ += ["signed_in"]
# [% endif %]
