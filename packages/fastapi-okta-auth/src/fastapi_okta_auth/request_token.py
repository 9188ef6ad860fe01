"""The token of a request, Bearer or DPoP (RFC 9449 section 7.1), for introspection and token exchange."""

from collections.abc import Iterable
from typing import Final

from pydantic import SecretBytes
from starlette.types import Scope

from .credentials import Credentials, credentials

_SCHEMES: Final = frozenset({b"bearer", b"dpop"})


def any_credentials(headers: Iterable[tuple[bytes, bytes]], offered: bytes | None = None) -> Credentials:
    """Return the Bearer or DPoP credentials in `headers`, or the token that a WebSocket offers.

    Raises the same errors as credentials.
    """
    return Credentials(b"bearer", offered) if offered else credentials(headers, _SCHEMES)


def keep_token(scope: Scope, offered: bytes) -> None:
    """Store the token of a WebSocket for access_token: it is removed from the subprotocols."""
    scope["access_token"] = SecretBytes(offered)


def access_token(scope: Scope) -> bytes:
    """Return the token of a request that OktaJWTMiddleware has verified."""
    kept: SecretBytes | None = scope.get("access_token")
    return any_credentials(scope["headers"]).token if kept is None else kept.get_secret_value()
