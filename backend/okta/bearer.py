"""The bearer token of a request, from its raw headers (RFC 6750 section 2.1)."""

from collections.abc import Iterable

from .errors import (
    InvalidToken,
    MalformedHeader,
    NoCredentials,
    Reason,
    UnsupportedScheme,
)

MAX_HEADER_BYTES = 16 * 1024


def bearer_token(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the token that `headers` (names in lower case, as ASGI has them) carry.

    Raises NoCredentials, MalformedHeader, UnsupportedScheme, or InvalidToken where the
    value is over MAX_HEADER_BYTES, before any of it is decoded.
    """
    values = [value for name, value in headers if name == b"authorization"]
    if not values:
        raise NoCredentials
    if len(values) > 1:
        raise MalformedHeader
    if len(values[0]) > MAX_HEADER_BYTES:
        raise InvalidToken(Reason.TOO_LARGE)
    return _credentials(values[0])


def _credentials(value: bytes) -> str:
    scheme, _, token = value.strip(b" \t").partition(b" ")
    if not scheme:
        raise MalformedHeader
    if scheme.lower() != b"bearer":
        raise UnsupportedScheme
    token = token.strip(b" ")
    if not token or b" " in token or not token.isascii():
        raise MalformedHeader
    return token.decode("ascii")
