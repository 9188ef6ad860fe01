"""Read the token from a request's headers (RFC 6750 section 2.1)."""

from collections.abc import Iterable
from typing import NamedTuple

from .errors import InvalidToken, MalformedHeader, NoCredentials, Reason, UnsupportedScheme

MAX_HEADER_BYTES = 16 * 1024
_BEARER = frozenset({b"bearer"})
# RFC 9110 section 5.5: whitespace around a field value is not part of it.
_WHITESPACE = b" \t"


class Credentials(NamedTuple):
    """A token and the scheme of its `Authorization` header, in lower case."""

    scheme: bytes
    token: bytes


def bearer_token(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the bearer token in `headers`. Raises the same errors as credentials."""
    return credentials(headers).token


def credentials(headers: Iterable[tuple[bytes, bytes]], schemes: frozenset[bytes] = _BEARER) -> Credentials:
    """Return the credentials in `headers`, raw ASGI headers with names in lower case.

    The scheme must be one of `schemes`, in any case, followed by one or more spaces.

    Raises NoCredentials, MalformedHeader or UnsupportedScheme. Raises InvalidToken if the
    value is longer than MAX_HEADER_BYTES, before any of it is decoded.
    """
    values = [value for name, value in headers if name == b"authorization"]
    if not values:
        raise NoCredentials
    if len(values) > 1:
        raise MalformedHeader
    value = values[0].strip(_WHITESPACE)
    if len(value) > MAX_HEADER_BYTES:
        raise InvalidToken(Reason.TOO_LARGE)
    scheme, _, token = value.partition(b" ")
    scheme, token = scheme.lower(), token.lstrip(b" ")
    if scheme and scheme not in schemes:
        raise UnsupportedScheme
    check_token_text(token)
    return Credentials(scheme, token)


def check_token_text(token: bytes) -> None:
    """Raise MalformedHeader unless `token` is non-empty ASCII without spaces or tabs."""
    if not token or not token.isascii() or b" " in token or b"\t" in token:
        raise MalformedHeader
