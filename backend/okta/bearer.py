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


def bearer_token(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the token that `headers` (names in lower case, as ASGI has them) carry.

    Raises NoCredentials, MalformedHeader, UnsupportedScheme, or InvalidToken where the
    value is over MAX_HEADER_BYTES, before any of it is decoded.
    """
    value = None
    for name, field in headers:
        if name == b"authorization":
            if value is not None:
                raise MalformedHeader
            value = field
    if value is None:
        raise NoCredentials
    if len(value) > MAX_HEADER_BYTES:
        raise InvalidToken(Reason.TOO_LARGE)
    # Nearly every client writes it so; each step spared here is spared on every request.
    token = value[7:] if value.startswith(b"Bearer ") else _token_after_scheme(value)
    if not token or b" " in token or not token.isascii():
        raise MalformedHeader
    return token


def _token_after_scheme(value: bytes) -> bytes:
    scheme, _, token = value.strip(b" \t").partition(b" ")
    if scheme and scheme.lower() != b"bearer":
        raise UnsupportedScheme
    return token.strip(b" ")
