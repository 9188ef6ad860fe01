"""Verify Okta access tokens on every request of a FastAPI application.

The names here are public; everything else may change.
"""

from .credentials import access_token
from .dependencies import (
    Condition,
    CurrentUser,
    OptionalUser,
    active_token,
    current_user,
    has_claim,
    has_scope,
    in_group,
    require,
    require_dpop,
    signed_in,
)
from .errors import OktaAuthError, ServiceUnavailable
from .exchange import TokenExchange
from .middleware import OktaJWTMiddleware
from .okta import Okta
from .principal import Principal
from .public import PUBLIC, PublicRouteError, public
from .revocation import (
    LOGOUT_PATH,
    LogoutRequest,
    RevokedUsers,
    Subject,
    TokenUsed,
    UniversalLogout,
)
from .settings import EnvironmentSettings, OktaSettings, SettingsError
from .settings.checks import Clean, Items, Origins, Text

__all__ = [
    "LOGOUT_PATH",
    "PUBLIC",
    "Clean",
    "Condition",
    "CurrentUser",
    "EnvironmentSettings",
    "Items",
    "LogoutRequest",
    "Okta",
    "OktaAuthError",
    "OktaJWTMiddleware",
    "OktaSettings",
    "OptionalUser",
    "Origins",
    "Principal",
    "PublicRouteError",
    "RevokedUsers",
    "ServiceUnavailable",
    "SettingsError",
    "Subject",
    "Text",
    "TokenExchange",
    "TokenUsed",
    "UniversalLogout",
    "access_token",
    "active_token",
    "current_user",
    "has_claim",
    "has_scope",
    "in_group",
    "public",
    "require",
    "require_dpop",
    "signed_in",
]
