"""Dependencies for routes: the caller, and what the route requires of the caller."""

import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Depends
from fastapi.openapi.models import HTTPBearer
from fastapi.requests import HTTPConnection
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase

from .credentials import access_token
from .dpop.errors import DPoPRequired
from .errors import Forbidden, InsufficientScope, NoCredentials, OktaAuthError, parameters
from .explain import checked, failed, passed
from .introspection import IntrospectionNotConfigured
from .principal import Principal
from .token import is_number

if TYPE_CHECKING:
    from .okta import Okta

BEARER_SCHEME: Final = "bearer"
"""The name of the scheme in the OpenAPI document."""
TOO_WEAK: Final = "a stronger sign-in is required"
TOO_OLD: Final = "a more recent sign-in is required"
# What a challenge can quote (RFC 6750 section 3, scope-token).
_ACR: Final = re.compile(r"[!#-\[\]-~]+")
SIGN_IN_CODES: Final = {TOO_WEAK: "sign_in_too_weak", TOO_OLD: "sign_in_too_old"}

_log = logging.getLogger(__name__)


class _CurrentUser(SecurityBase):
    """A dependency that FastAPI adds to the OpenAPI document, with its scopes."""

    model = HTTPBearer(bearerFormat="JWT", description="An access token of the configured Okta issuer.")
    scheme_name = BEARER_SCHEME

    async def __call__(self, connection: HTTPConnection, required: SecurityScopes) -> Principal:
        user = connection.scope.get("user")
        if not isinstance(user, Principal):
            raise RuntimeError(  # noqa: TRY004 - a fault of the application, not of a type
                "no verified caller: add OktaJWTMiddleware, and use OptionalUser on a public route"
            )
        check_scopes(required.scopes, user)
        return user


def check_scopes(required: Sequence[str], user: Principal) -> None:
    """Raise InsufficientScope unless `user` has each of the `required` scopes."""
    if not required:
        return
    if not checked("scope", set(required) <= set(user.scopes), required, user.scopes):
        raise InsufficientScope(tuple(required))


current_user: Final = _CurrentUser()
"""Return the caller: `user: CurrentUser`, or with scopes `Security(current_user, scopes=["x"])`.

Raises InsufficientScope if a scope is missing (RFC 6750 section 3.1), RuntimeError if there
is no verified caller because OktaJWTMiddleware is missing or the route is public.
"""

CurrentUser = Annotated[Principal, Depends(current_user)]


async def optional_user(connection: HTTPConnection) -> Principal | None:
    """Return the caller on a public route, or None without credentials: `user: OptionalUser`.

    Raises InvalidToken (401) for an invalid token, as on any other route.
    """
    user = connection.scope.get("user")
    if isinstance(user, Principal):
        return user
    okta: Okta = connection.scope["okta"]
    try:
        return await okta.authenticate(connection.scope)
    except NoCredentials:
        return None


OptionalUser = Annotated[Principal | None, Depends(optional_user)]


class Requirement:
    """A dependency that returns the caller if `check` raises nothing.

    `declares` says what it requires, for the OpenAPI document (`x-okta`).
    """

    def __init__(
        self, check: Callable[[Principal, HTTPConnection], Awaitable[None]], **declares: Any
    ) -> None:
        self.check = check
        self.declares = declares

    async def __call__(self, connection: HTTPConnection, user: CurrentUser) -> Principal:
        """Check the caller, and return it."""
        await self.check(user, connection)
        return user


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on the caller; `description` goes to the log when the condition is not met."""

    description: str
    is_met: Callable[[Principal], bool]
    declares: Mapping[str, object] = field(default_factory=dict)

    def __call__(self, user: Principal) -> bool:
        """Return whether `user` meets the condition."""
        return self.is_met(user)


def in_group(name: str, *, issuer: str | None = None) -> Condition:
    """Require `name` in the `groups` claim (Okta: "Add a groups claim").

    With several issuers, `issuer` limits the group to the one that manages it.
    """

    def is_met(user: Principal) -> bool:
        return name in user.groups and issuer in (None, user.issuer)

    return Condition(f"group {name!r}", is_met, {"groups": [name]})


def has_claim(name: str, value: object) -> Condition:
    """Require that claim `name` equals `value`, type included, or is an array that contains it."""

    def is_met(user: Principal) -> bool:
        claim = user.claims.get(name)
        items = claim if isinstance(claim, tuple) else (claim,)
        # Python's True equals 1; JSON's true does not.
        return name in user.claims and any(type(item) is type(value) and item == value for item in items)

    return Condition(f"claim {name!r} with {value!r}", is_met, {"claims": {name: value}})


def has_scope(name: str, *, issuer: str | None = None) -> Condition:
    """Require the scope `name`, inside a condition of your own; routes use `Security` instead.

    With several issuers, `issuer` limits the scope to the one that grants it.
    """
    return Condition(f"scope {name!r}", lambda user: name in user.scopes and issuer in (None, user.issuer))


def require(condition: Callable[[Principal], bool]) -> Requirement:
    """Create a dependency that returns the caller, or raises Forbidden (403).

    `@router.get("/admin", dependencies=[Depends(require(in_group("Admins")))])`

    `condition` can be any function; if it has a `description`, the log shows that.
    """
    description = getattr(condition, "description", getattr(condition, "__name__", repr(condition)))

    declares = getattr(condition, "declares", {})
    name = "group" if "groups" in declares else "claim"

    async def check(user: Principal, _: HTTPConnection) -> None:
        got = user.groups if name == "group" else ""
        if not checked(name, condition(user), description, got):
            raise Forbidden(description)

    return Requirement(check, **declares)


class InsufficientSignIn(OktaAuthError):
    """The token is valid, but its user signed in too weakly or too long ago (RFC 9470 section 3)."""

    error = "insufficient_user_authentication"

    def __init__(self, why: str, acr: tuple[str, ...], max_age: int | None) -> None:
        super().__init__(why, acr, max_age)
        self.why = why
        self.acr = acr
        self.max_age = max_age
        self.text = f"Unauthorized sign-in: {why}"
        self.code = SIGN_IN_CODES[why]

    @property
    def challenge(self) -> str:
        """Includes everything the route requires, so that one new sign-in is enough."""
        return parameters(
            error=self.error,
            error_description=self.why,
            acr_values=" ".join(self.acr),
            max_age=None if self.max_age is None else str(self.max_age),
        )


def signed_in(*acr: str, max_age: int | None = None) -> Requirement:
    """Create a dependency that returns a caller who signed in with one of `acr` within `max_age` seconds.

    `acr` are all accepted values, the preferred one first: Okta documents no order of strength.
    Without `acr` any sign-in is strong enough, without `max_age` any is recent enough.
    `@router.get("/payslip", dependencies=[Depends(signed_in("urn:okta:loa:2fa:any", max_age=300))])`

    Scopes are checked first: `Security(signed_in(...), scopes=["payslip:read"])`.

    The dependency raises InsufficientSignIn, also if the token has no `acr` or `auth_time`. Raises
    ValueError here for an `acr` that is no string without spaces, or a `max_age` below 1.
    """
    if not all(isinstance(value, str) and _ACR.fullmatch(value) for value in acr):
        raise ValueError("acr: write each accepted value as a separate string, without spaces and quotes")
    if max_age is not None and (isinstance(max_age, bool) or not isinstance(max_age, int) or max_age < 1):
        raise ValueError("max_age: write whole seconds, 1 or more")

    async def check(user: Principal, connection: HTTPConnection) -> None:
        okta: Okta = connection.scope["okta"]
        got, auth_time = user.claims.get("acr"), user.claims.get("auth_time")
        if acr and not checked("acr", got in acr, acr, got):
            raise InsufficientSignIn(TOO_WEAK, acr, max_age)
        if max_age is None:
            return
        recent = _is_recent(auth_time, max_age, okta.leeway)
        if not checked("auth_time", recent, f"{max_age} s ago at most", auth_time):
            raise InsufficientSignIn(TOO_OLD, acr, max_age)

    declares = {"acr_values": list(acr), "max_age": max_age}
    return Requirement(check, **{name: value for name, value in declares.items() if value})


def _is_recent(auth_time: object, max_age: int, leeway: int) -> bool:
    # Milliseconds, or another wrong unit, would be far in the future and recent for ever.
    return is_number(auth_time) and time.time() - max_age - leeway <= auth_time <= time.time() + leeway


async def _is_bound(user: Principal, _: HTTPConnection) -> None:
    # The middleware accepts a token with `cnf` only with its proof.
    if not checked("dpop", "cnf" in user.claims, "a token that is bound to a key"):
        raise DPoPRequired


require_dpop: Final = Requirement(_is_bound, dpop=True)
"""Require a DPoP proof, on a route of an application that also accepts Bearer tokens.

`@router.post("/payments", dependencies=[Depends(require_dpop)])`. Raises DPoPRequired for a Bearer token.
"""


async def _is_active(user: Principal, connection: HTTPConnection) -> None:
    okta: Okta = connection.scope["okta"]
    if okta.introspection is None:
        _log.error("a route requires introspection: set INTROSPECTION_CLIENT_ID and its secret")
        failed("active", "active, says Okta", "introspection is not configured")
        raise IntrospectionNotConfigured
    try:
        await okta.introspection.check(access_token(connection.scope), user)
    except OktaAuthError:
        failed("active", "active, says Okta")
        raise
    passed("active", "active, says Okta")


active_token: Final = Requirement(_is_active, active=True)
"""Return the caller if Okta says that the token is active: `Depends(active_token)`.

Scopes are checked first: `Security(active_token, scopes=["reports:approve"])`. Raises InvalidToken
(401) for a revoked token, Forbidden (403) for a token of another issuer than the first, and
ServiceUnavailable (503) if Okta cannot be asked or no introspection client is configured.
"""
