"""The claims of an access token: what they must say before the signature is worth checking."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from .errors import InvalidToken, Reason


@dataclass(frozen=True, slots=True)
class Expected:
    """What this resource server expects of a token; `leeway` is in seconds."""

    issuer: str
    audience: str
    client_ids: frozenset[str]
    leeway: int


def check_claims(claims: Mapping[str, Any], expected: Expected, now: float) -> None:
    """Check `claims` against `expected` at `now` (seconds since the epoch).

    The rules are those of RFC 9068 section 4 and of Okta's guide "Validate access
    tokens", types included: okta-jwt-verifier reads `"exp": "1700000000"` as a number
    and does not look at `cid`, `nbf` or `iat`.

    Raises InvalidToken with the first reason found.
    """
    if claims.get("iss") != expected.issuer:
        raise InvalidToken(Reason.ISSUER)
    if expected.audience not in _audiences(claims.get("aud")):
        raise InvalidToken(Reason.AUDIENCE)
    cid = claims.get("cid")
    if not isinstance(cid, str) or cid not in expected.client_ids:
        raise InvalidToken(Reason.CLIENT)
    if not isinstance(claims.get("sub"), str):
        raise InvalidToken(Reason.SUBJECT)
    # RFC 7800: the sender must prove that it holds the key, which a bearer cannot.
    if "cnf" in claims:
        raise InvalidToken(Reason.BOUND)
    _check_times(claims, now, expected.leeway)


def _audiences(aud: object) -> list[str]:
    if isinstance(aud, str):
        return [aud]
    if isinstance(aud, list) and all(isinstance(item, str) for item in aud):
        return aud
    return []


def _check_times(claims: Mapping[str, Any], now: float, leeway: int) -> None:
    exp = claims.get("exp")
    if not _is_finite_number(exp):
        raise InvalidToken(Reason.EXPIRY)
    if exp + leeway <= now:
        raise InvalidToken(Reason.EXPIRED)
    for name in ("nbf", "iat"):
        if name in claims and not (_is_finite_number(claims[name]) and claims[name] <= now + leeway):
            raise InvalidToken(Reason.NOT_YET_VALID)


def _is_finite_number(value: object) -> TypeGuard[float]:
    # bool is an int to Python and no number to JSON; an int of any size is finite.
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
