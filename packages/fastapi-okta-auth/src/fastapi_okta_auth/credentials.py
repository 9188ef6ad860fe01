"""The token of a request: in its `Authorization` header (RFC 6750 section 2.1, RFC 9449 section 7.1)."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from pydantic import SecretBytes
from starlette.types import Scope

from .errors import InvalidToken, MalformedHeader, NoCredentials, Reason, UnsupportedScheme

MAX_HEADER_BYTES: Final = 16 * 1024
BEARER_ONLY: Final = frozenset({b"bearer"})
BEARER_OR_DPOP: Final = frozenset({b"bearer", b"dpop"})
# RFC 9110 section 5.5: whitespace around a field value is not part of it.
_WHITESPACE: Final = b" \t"


class Credentials(NamedTuple):
    """A token and the scheme of its `Authorization` header, in lower case."""

    scheme: bytes
    token: bytes


def credentials(
    headers: Iterable[tuple[bytes, bytes]], schemes: frozenset[bytes] = BEARER_ONLY
) -> Credentials:
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


def keep_token(scope: Scope, token: bytes) -> None:
    """Store the token of a WebSocket for access_token: it is removed from the subprotocols."""
    scope["access_token"] = SecretBytes(token)


def access_token(scope: Scope) -> bytes:
    """Return the token of a request that OktaJWTMiddleware has verified, for a token exchange."""
    kept: SecretBytes | None = scope.get("access_token")
    return credentials(scope["headers"], BEARER_OR_DPOP).token if kept is None else kept.get_secret_value()
