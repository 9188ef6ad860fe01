"""The form of an access token: what it must look like before anything of it is believed."""

import base64
import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from .errors import InvalidToken, Reason

# Okta sends no `typ`; RFC 9068 section 4 names the other two.
_ACCEPTED_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})

# Unpadded base64url in its canonical form (RFC 4648 section 3.5): the last character's unused
# bits are zero. Otherwise one signature could be written in sixteen ways.
_PART = r"((?:[\w-]{4})*(?:[\w-]{4}|[\w-]{2}[AEIMQUYcgkosw048]|[\w-][AQgw]))"
_COMPACT_JWS = re.compile(rf"{_PART}\.{_PART}\.{_PART}", re.ASCII)


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """A well-formed token whose signature nobody has checked yet."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signing_input: bytes
    signature: bytes

    @property
    def kid(self) -> str:
        """The id of the key that is said to have signed the token."""
        kid: str = self.header["kid"]
        return kid


def parse_token(token: str) -> UnverifiedToken:
    """Take a compact JWS apart (RFC 7515 section 7.1) and check its header.

    Raises InvalidToken where the form is not exact, the header demands what is not
    supported (RFC 7515 section 4.1.11, RFC 7797), or the type is another one than an
    access token's. Keys that the header brings along (`jwk`, `jku`, `x5u`, `x5c`) are
    never looked at.
    """
    match = _COMPACT_JWS.fullmatch(token)
    if match is None:
        raise InvalidToken(Reason.MALFORMED)
    header, claims = _json_object(match[1]), _json_object(match[2])
    _check_header(header)
    return UnverifiedToken(header, claims, token[: match.end(2)].encode("ascii"), _decode(match[3]))


def _check_header(header: dict[str, Any]) -> None:
    if header.get("alg") != "RS256":
        raise InvalidToken(Reason.ALGORITHM)
    if not isinstance(header.get("kid"), str):
        raise InvalidToken(Reason.KEY_ID)
    if "crit" in header or "b64" in header:
        raise InvalidToken(Reason.CRITICAL)
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() not in _ACCEPTED_TYPES:
        raise InvalidToken(Reason.TYPE)


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


# NaN and Infinity are not JSON (RFC 8259 section 6), though Python reads them.
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _json_object(part: str) -> dict[str, Any]:
    try:
        value = _DECODER.decode(_decode(part).decode("utf-8"))
    except (ValueError, RecursionError):
        raise InvalidToken(Reason.MALFORMED) from None
    if not isinstance(value, dict):
        raise InvalidToken(Reason.MALFORMED)
    return value
