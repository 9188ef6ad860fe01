"""The caller, as a route's parameter, and the scopes that the route demands of it."""

from typing import Annotated, Final

from fastapi import Depends
from fastapi.openapi.models import HTTPBearer
from fastapi.requests import HTTPConnection
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase

from .errors import InsufficientScope
from .principal import Principal

BEARER: Final = "bearer"


class _CurrentUser(SecurityBase):
    """A dependency that FastAPI also writes into the OpenAPI document, scopes included."""

    model = HTTPBearer(bearerFormat="JWT", description="An access token of the configured Okta issuer.")
    scheme_name = BEARER

    async def __call__(self, connection: HTTPConnection, wanted: SecurityScopes) -> Principal:
        user = connection.scope.get("user")
        if not isinstance(user, Principal):
            raise RuntimeError(  # noqa: TRY004 - a fault of the application, not of a type
                "no verified caller: add OktaJWTMiddleware, and do not make this route public"
            )
        if not set(wanted.scopes) <= set(user.scopes):
            raise InsufficientScope(tuple(wanted.scopes))
        return user


current_user: Final = _CurrentUser()
"""Depend on the caller: `user: CurrentUser`, or with scopes `Security(current_user, scopes=["x"])`.

Raises InsufficientScope where a scope is lacking (RFC 6750 section 3.1), RuntimeError where
nobody has verified the caller because OktaJWTMiddleware is missing or the route is public.
"""

CurrentUser = Annotated[Principal, Depends(current_user)]
