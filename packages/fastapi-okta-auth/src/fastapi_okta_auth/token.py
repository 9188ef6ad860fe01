"""Parse an access token and check its claims. Nothing here verifies the signature."""

import json
import math
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeGuard

from .errors import InvalidToken, Reason
from .explain import checked, failed, passed
from .principal import client_of

# Okta sends no `typ`; RFC 9068 section 4 names the other two.
ACCESS_TOKEN_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
# base64url to base64; "+" and "/" are not in the base64url alphabet and become invalid.
_TO_BASE64: Final = bytes.maketrans(b"-_+/", b"+/  ")


@dataclass(frozen=True, slots=True)
class TokenRequirements:
    """The claims that this API accepts.

    Args:
        issuers: Accepted values of `iss`, compared exactly.
        audiences: `aud` must contain one of these.
        client_ids: The client must be one of these.
        leeway: Allowed clock skew in seconds. check_times applies it to `exp`, `nbf` and `iat`, and
            library.py passes it on. It also extends the cache (verifier.py), a WebSocket
            (middleware.py), the age of a sign-in (dependencies.py) and a proof (dpop/scheme.py).
    """

    issuers: frozenset[str]
    audiences: frozenset[str]
    client_ids: frozenset[str]
    leeway: int


class UnverifiedToken(NamedTuple):
    """A well-formed token whose signature is not verified yet."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signing_input: bytes
    signature: bytes

    @property
    def kid(self) -> str:
        """The id of the signing key, according to the header."""
        kid: str = self.header["kid"]
        return kid


def parse_token(token: bytes, types: frozenset[str] = ACCESS_TOKEN_TYPES) -> UnverifiedToken:
    """Parse a compact JWS and check its header; `typ` must be one of `types`, in any case.

    Raises InvalidToken if the form is not exact, if the header requires an unsupported
    extension (RFC 7515 section 4.1.11, RFC 7797), or if the type is another one.
    Keys in the header (`jwk`, `jku`, `x5u`, `x5c`) are ignored.
    """
    try:
        header, claims, signing_input, signature = split_compact(token)
        parsed = UnverifiedToken(json_object(header), claims, signing_input, signature)
    except ValueError:
        failed("form", "three parts of canonical base64url")
        raise InvalidToken(Reason.MALFORMED) from None
    passed("form")
    _check_header(parsed.header, types)
    return parsed


def split_compact(text: bytes) -> tuple[bytes, dict[str, Any], bytes, bytes]:
    """Return encoded header, claims, signing input and signature of a compact JWS (RFC 7515 section 7.1).

    Raises ValueError if the form is not exact.
    """
    parts = text.split(b".", 3)
    if len(parts) != 3:
        raise ValueError("not three parts")
    return parts[0], json_object(parts[1]), text[: text.rindex(b".")], _decode(parts[2])


def json_object(part: bytes) -> dict[str, Any]:
    """Decode a part of a JWS that is a JSON object; raises ValueError as parse_object does."""
    return parse_object(_decode(part))


def parse_object(data: bytes) -> dict[str, Any]:
    """Parse a JSON object.

    Raises ValueError for a repeated name, which parsers read differently (RFC 7515 section 4),
    and for numbers and characters that JSON or UTF-8 cannot express.
    """
    try:
        value = json.loads(
            data.decode(), object_pairs_hook=_unique, parse_constant=_reject, parse_float=_finite
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - callers handle one kind of error
    if b"\\" in data:
        json.dumps(value, ensure_ascii=False).encode()  # an escape can be half of a surrogate pair
    return value


def check_claims(claims: Mapping[str, Any], requirements: TokenRequirements, now: float) -> None:
    """Check `claims` against `requirements` at `now` (seconds since the epoch).

    The rules are those of RFC 9068 section 4 and of Okta's guide "Validate access tokens".
    They include types: okta-jwt-verifier accepts `"exp": "1700000000"` and does not check
    the client, `nbf` or `iat`.

    Raises InvalidToken with the reason of the first failed check.
    """
    iss = claims.get("iss")
    if not checked("iss", isinstance(iss, str) and iss in requirements.issuers, requirements.issuers, iss):
        raise InvalidToken(Reason.ISSUER)
    audiences = _audiences(claims.get("aud"))
    if not checked(
        "aud", not requirements.audiences.isdisjoint(audiences), requirements.audiences, audiences
    ):
        raise InvalidToken(Reason.AUDIENCE)
    client = client_of(claims)
    if not checked("client", client in requirements.client_ids, requirements.client_ids, client):
        raise InvalidToken(Reason.CLIENT)
    subject = claims.get("sub")
    if not checked("sub", isinstance(subject, str) and subject != "", "a string", subject):
        raise InvalidToken(Reason.SUBJECT)
    check_times(claims, now, requirements.leeway)


def _check_header(header: dict[str, Any], types: frozenset[str]) -> None:
    alg, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if not checked("alg", alg == "RS256", "RS256", alg):
        raise InvalidToken(Reason.ALGORITHM)
    if not checked("kid", isinstance(kid, str), "a string", kid):
        raise InvalidToken(Reason.KEY_ID)
    if not checked("crit", "crit" not in header and "b64" not in header, "absent", header.get("crit", "")):
        raise InvalidToken(Reason.CRITICAL)
    accepted = isinstance(kind, str) and kind.lower() in types
    if not checked("typ", accepted, types, header.get("typ", "absent, so JWT")):
        raise InvalidToken(Reason.TYPE)


def _decode(part: bytes) -> bytes:
    translated = part.translate(_TO_BASE64)
    data = a2b_base64(translated + b"==")
    # Unpadded and canonical (RFC 4648 section 3.5): otherwise sixteen strings would decode to
    # one signature, and a2b_base64 would skip characters outside its alphabet.
    if not part or b2a_base64(data, newline=False).rstrip(b"=") != translated:
        raise ValueError("not canonical base64url")
    return data


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("repeated name")
    return members


def _reject(constant: str) -> None:
    raise ValueError(constant)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _audiences(aud: object) -> list[str]:
    if isinstance(aud, str):
        return [aud]
    if isinstance(aud, list) and all(isinstance(item, str) for item in aud):
        return aud
    return []


def check_times(claims: Mapping[str, Any], now: float, leeway: int) -> None:
    """Check `exp`, and `nbf` and `iat` where present, at `now` (seconds since the epoch).

    Raises InvalidToken with the reason of the first failed check.
    """
    exp = claims.get("exp")
    if not is_number(exp):
        failed("exp", "a number", exp)
        raise InvalidToken(Reason.EXPIRY)
    if not checked("exp", now < exp + leeway, "in the future", exp):
        raise InvalidToken(Reason.EXPIRED)
    for name in ("nbf", "iat"):
        value = claims.get(name)
        valid = name not in claims or (is_number(value) and value <= now + leeway)
        if not checked(name, valid, "not in the future", value):
            raise InvalidToken(Reason.NOT_YET_VALID)


def is_number(value: object) -> TypeGuard[float]:
    """Return whether `value` is a number in JSON; in Python, bool is an int."""
    return isinstance(value, int | float) and not isinstance(value, bool)
