"""What else a route may demand of its caller: groups, any claim, and combinations."""

from collections.abc import Awaitable, Callable

from .dependencies import CurrentUser
from .errors import InsufficientScope
from .principal import Principal

Condition = Callable[[Principal], bool]


def in_group(name: str) -> Condition:
    """True for a caller whose `groups` claim names `name` (Okta: "Add a groups claim")."""
    return lambda user: name in user.groups


def has_scope(name: str) -> Condition:
    """True for a caller whose token carries the scope `name`; for use inside any_of."""
    return lambda user: name in user.scopes


def has_claim(name: str, value: object) -> Condition:
    """True for a caller whose claim `name` equals `value`, or is a list that holds it."""

    def check(user: Principal) -> bool:
        held = user.claims.get(name)
        return value in held if isinstance(held, list) else name in user.claims and held == value

    return check


def any_of(*conditions: Condition) -> Condition:
    """True where at least one of `conditions` is."""
    return lambda user: any(condition(user) for condition in conditions)


def all_of(*conditions: Condition) -> Condition:
    """True where every one of `conditions` is."""
    return lambda user: all(condition(user) for condition in conditions)


def require(condition: Condition) -> Callable[[Principal], Awaitable[Principal]]:
    """Make a dependency that yields the caller, or raises InsufficientScope (403).

    `@router.get("/admin", dependencies=[Depends(require(in_group("Admins")))])`
    """

    async def checked(user: CurrentUser) -> Principal:
        if not condition(user):
            raise InsufficientScope
        return user

    return checked
