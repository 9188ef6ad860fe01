"""Say which checks of a request passed, which one failed and which were not reached. For development."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Literal

from pydantic import BaseModel

MAX_CHARACTERS: Final = 128

TOKEN_CHECKS: Final = {
    "form": "RFC 7515 section 7.1",
    "alg": "RFC 7515 section 4.1.1",
    "kid": "RFC 7515 section 4.1.4",
    "crit": "RFC 7515 section 4.1.11",
    "typ": "RFC 9068 section 4",
    "iss": "RFC 9068 section 4",
    "aud": "RFC 9068 section 4",
    "client": "Okta reference, Access token payload",
    "sub": "RFC 9068 section 2.2",
    "exp": "RFC 9068 section 4",
    "nbf": "RFC 7519 section 4.1.5",
    "iat": "RFC 7519 section 4.1.6",
    "key": "RFC 7517 section 4.5",
    "signature": "RFC 7515 section 5.2",
    "cnf": "RFC 9449 section 7",
}
"""The checks of a token, in their order, each with the source of its rule."""

ROUTE_CHECKS: Final = {
    "scope": "RFC 6750 section 3.1",
    "group": "Okta guide, Add a groups claim",
    "claim": "Okta guide, Add a custom claim",
    "acr": "RFC 9470 section 3",
    "auth_time": "RFC 9470 section 3",
    "dpop": "RFC 9449 section 7.2",
    "active": "RFC 7662 section 2.2",
    "revoked": "Okta guide, Build Universal Logout for your app",
}
"""The checks that a route can require in addition, likewise."""


class Check(BaseModel):
    """One check. Values are ASCII, and cut at MAX_CHARACTERS."""

    name: str
    result: Literal["passed", "failed", "not_reached"]
    expected: str
    got: str
    source: str


_recorded: Final[ContextVar[list[Check] | None]] = ContextVar("checks", default=None)


@contextmanager
def recording() -> Iterator[list[Check]]:
    """Return a list to which the checks inside the `with` block are added."""
    checks: list[Check] = []
    reset = _recorded.set(checks)
    try:
        yield checks
    finally:
        _recorded.reset(reset)


def checked(name: str, ok: bool, expected: object = "", got: object = "") -> bool:  # noqa: FBT001 - what was found
    """Return `ok`, and record the check inside `recording`. `got` must contain no secret and no signature."""
    if ok:
        passed(name, expected, got)
    else:
        failed(name, expected, got)
    return ok


def passed(name: str, expected: object = "", got: object = "") -> None:
    """Record that a check has passed."""
    checks = _recorded.get()
    if checks is not None:
        checks.append(_check(name, "passed", expected, got))


def failed(name: str, expected: object = "", got: object = "") -> None:
    """Record that a check has failed."""
    checks = _recorded.get()
    if checks is not None:
        checks.append(_check(name, "failed", expected, got))


def with_those_not_reached(checks: list[Check], required: Iterable[str]) -> list[Check]:
    """Return `checks`, and after them those of a token and the `required` ones that were not reached."""
    made = {check.name for check in checks}
    names = [*TOKEN_CHECKS, *(name for name in ROUTE_CHECKS if name in set(required))]
    return [*checks, *(_check(name, "not_reached") for name in names if name not in made)]


def _check(
    name: str, result: Literal["passed", "failed", "not_reached"], expected: object = "", got: object = ""
) -> Check:
    source = TOKEN_CHECKS.get(name) or ROUTE_CHECKS[name]
    return Check(name=name, result=result, expected=_shown(expected), got=_shown(got), source=source)


def _shown(value: object) -> str:
    if value is None:
        return "absent"
    if isinstance(value, frozenset | set | tuple | list):
        value = ", ".join(sorted(map(str, value)))
    return str(value).encode("ascii", "backslashreplace").decode()[:MAX_CHARACTERS]
