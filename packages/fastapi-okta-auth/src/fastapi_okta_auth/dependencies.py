"""Dependencies for routes: the caller, and what the route requires of the caller."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends
from fastapi.openapi.models import HTTPBearer
from fastapi.requests import HTTPConnection
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase

from .errors import Forbidden, InsufficientScope
from .principal import Principal

BEARER: Final = "bearer"


class _CurrentUser(SecurityBase):
    """A dependency that FastAPI adds to the OpenAPI document, with its scopes."""

    model = HTTPBearer(bearerFormat="JWT", description="An access token of the configured Okta issuer.")
    scheme_name = BEARER

    async def __call__(self, connection: HTTPConnection, required: SecurityScopes) -> Principal:
        user = connection.scope.get("user")
        if not isinstance(user, Principal):
            raise RuntimeError(  # noqa: TRY004 - a fault of the application, not of a type
                "no verified caller: add OktaJWTMiddleware, and do not make this route public"
            )
        if not set(required.scopes) <= set(user.scopes):
            raise InsufficientScope(tuple(required.scopes))
        return user


current_user: Final = _CurrentUser()
"""Return the caller: `user: CurrentUser`, or with scopes `Security(current_user, scopes=["x"])`.

Raises InsufficientScope if a scope is missing (RFC 6750 section 3.1), RuntimeError if there
is no verified caller because OktaJWTMiddleware is missing or the route is public.
"""

CurrentUser = Annotated[Principal, Depends(current_user)]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on the caller; `description` goes to the log when the condition is not met."""

    description: str
    is_met: Callable[[Principal], bool]

    def __call__(self, user: Principal) -> bool:
        """Return whether `user` meets the condition."""
        return self.is_met(user)


def in_group(name: str) -> Condition:
    """Require `name` in the `groups` claim (Okta: "Add a groups claim")."""
    return Condition(f"group {name!r}", lambda user: name in user.groups)


def has_claim(name: str, value: object) -> Condition:
    """Require that claim `name` equals `value`, type included, or is an array that contains it."""

    def is_met(user: Principal) -> bool:
        claim = user.claims.get(name)
        items = claim if isinstance(claim, tuple) else (claim,)
        # Python's True equals 1; JSON's true does not.
        return name in user.claims and any(type(item) is type(value) and item == value for item in items)

    return Condition(f"claim {name!r} with {value!r}", is_met)


def has_scope(name: str) -> Condition:
    """Require the scope `name`, inside a condition of your own; routes use `Security` instead."""
    return Condition(f"scope {name!r}", lambda user: name in user.scopes)


def require(condition: Callable[[Principal], bool]) -> Callable[[Principal], Awaitable[Principal]]:
    """Create a dependency that returns the caller, or raises Forbidden (403).

    `@router.get("/admin", dependencies=[Depends(require(in_group("Admins")))])`

    `condition` can be any function; if it has a `description`, the log shows that.
    """
    description = getattr(condition, "description", getattr(condition, "__name__", repr(condition)))

    async def checked(user: CurrentUser) -> Principal:
        if not condition(user):
            raise Forbidden(description)
        return user

    return checked
