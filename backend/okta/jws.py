"""The form of an access token: what it must look like before anything of it is believed."""

from binascii import a2b_base64, b2a_base64
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pydantic_core import from_json

from .errors import InvalidToken, Reason

# Okta sends no `typ`; RFC 9068 section 4 names the other two.
_ACCEPTED_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
# base64url to base64, whose own two letters are not of that alphabet.
_TO_BASE64: Final = bytes.maketrans(b"-_+/", b"+/  ")


class UnverifiedToken(NamedTuple):
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


def parse_token(token: bytes) -> UnverifiedToken:
    """Take a compact JWS apart (RFC 7515 section 7.1) and check its header.

    Raises InvalidToken where the form is not exact, the header demands what is not
    supported (RFC 7515 section 4.1.11, RFC 7797), or the type is another one than an
    access token's. Keys that the header brings along (`jwk`, `jku`, `x5u`, `x5c`) are
    never looked at.
    """
    parts = token.translate(_TO_BASE64).split(b".", 3)
    if len(parts) != 3:
        raise InvalidToken(Reason.MALFORMED)
    signature, claims, header = _decode(parts[2]), _json_object(parts[1]), _header(parts[0])
    return UnverifiedToken(header, claims, token[: token.rindex(b".")], signature)


# The tokens that one key signed mostly share their header, to the letter.
@lru_cache(maxsize=64)
def _header(part: bytes) -> dict[str, Any]:
    header = _json_object(part)
    _check_header(header)
    return header


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


def _decode(part: bytes) -> bytes:
    try:
        data = a2b_base64(part + b"==")
    except ValueError:
        raise InvalidToken(Reason.MALFORMED) from None
    # Unpadded and canonical (RFC 4648 section 3.5): otherwise one signature could be written
    # in sixteen ways, and Python passes over what is not of the alphabet.
    if not part or b2a_base64(data, newline=False).rstrip(b"=") != part:
        raise InvalidToken(Reason.MALFORMED)
    return data


def _json_object(part: bytes) -> dict[str, Any]:
    try:
        value = from_json(_decode(part), allow_inf_nan=False)
    except ValueError:
        raise InvalidToken(Reason.MALFORMED) from None
    if not isinstance(value, dict):
        raise InvalidToken(Reason.MALFORMED)
    return value
