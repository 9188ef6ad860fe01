"""Routes that require a stronger or more recent sign-in (RFC 9470)."""

import time
from collections.abc import Awaitable, Callable
from typing import Final

from .challenge import parameters
from .dependencies import CurrentUser
from .errors import OktaAuthError
from .principal import Principal

TOO_WEAK: Final = "a stronger sign-in is required"
TOO_OLD: Final = "a more recent sign-in is required"
SIGN_IN_REASONS: Final = {TOO_WEAK: "sign_in_too_weak", TOO_OLD: "sign_in_too_old"}


class InsufficientSignIn(OktaAuthError):
    """The token is valid, but its user signed in too weakly or too long ago (RFC 9470 section 3)."""

    error = "insufficient_user_authentication"

    def __init__(self, why: str, acr: tuple[str, ...], max_age: int | None) -> None:
        super().__init__(why, acr, max_age)
        self.why = why
        self.acr = acr
        self.max_age = max_age
        self.text = f"Unauthorized sign-in: {why}"
        self.reason = SIGN_IN_REASONS[why]

    @property
    def challenge(self) -> str:
        """Includes everything the route requires, so that one new sign-in is enough."""
        return parameters(
            error=self.error,
            error_description=self.why,
            acr_values=" ".join(self.acr),
            max_age=None if self.max_age is None else str(self.max_age),
        )


def signed_in(*acr: str, max_age: int | None = None) -> Callable[[Principal], Awaitable[Principal]]:
    """Create a dependency that returns a caller who signed in with one of `acr` within `max_age` seconds.

    `acr` are all accepted values, the preferred one first: Okta documents no order of strength.
    Without `acr` any sign-in is strong enough, without `max_age` any is recent enough.
    `@router.get("/payslip", dependencies=[Depends(signed_in("urn:okta:loa:2fa:any", max_age=300))])`

    Scopes are checked first: `Security(signed_in(...), scopes=["payslip:read"])`.

    Raises InsufficientSignIn, also if the token has no `acr` or `auth_time`.
    """

    async def checked(user: CurrentUser) -> Principal:
        if acr and user.claims.get("acr") not in acr:
            raise InsufficientSignIn(TOO_WEAK, acr, max_age)
        if max_age is not None and not _is_recent(user.claims.get("auth_time"), max_age):
            raise InsufficientSignIn(TOO_OLD, acr, max_age)
        return user

    return checked


def _is_recent(auth_time: object, max_age: int) -> bool:
    if isinstance(auth_time, bool) or not isinstance(auth_time, int | float):
        return False
    return auth_time + max_age >= time.time()
