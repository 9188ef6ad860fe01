"""Ask Okta whether a token is still active (RFC 7662), for routes that a revoked token must not reach."""

import asyncio
import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import AsyncExitStack
from functools import partial
from typing import Final, Self

from fastapi.requests import HTTPConnection

from .client import ConfidentialClient
from .dependencies import CurrentUser
from .errors import InvalidToken, Reason, ServiceUnavailable
from .principal import Principal
from .request_token import access_token

NOT_CONFIGURED: Final = "introspection_not_configured"
CACHED_TOKENS: Final = 10_000

_log = logging.getLogger(__name__)


class Introspection:
    """Asks Okta whether verified tokens are active; an async context manager.

    Concurrent checks of the same token share one request. An `active: true` is cached for
    `cache_seconds`, but never longer than until the token expires.
    """

    def __init__(
        self, issuers: Iterable[str], client_id: str, client_secret: str, cache_seconds: int = 0
    ) -> None:
        """Create one client for each of `issuers`, which is asked about its own tokens."""
        self._clients = {
            issuer: ConfidentialClient(f"{issuer}/v1/introspect", client_id, client_secret, "introspection")
            for issuer in issuers
        }
        self._opened = AsyncExitStack()
        self._cache_seconds = cache_seconds
        self._active_until: OrderedDict[bytes, float] = OrderedDict()  # oldest first
        self._flights: dict[bytes, asyncio.Task[bool]] = {}

    async def __aenter__(self) -> Self:
        for client in self._clients.values():
            await self._opened.enter_async_context(client)
        return self

    async def __aexit__(self, *_: object) -> None:
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        await self._opened.aclose()

    async def check(self, token: bytes, user: Principal) -> None:
        """Check that `token`, whose caller is `user`, is active.

        Raises InvalidToken if it is not, ServiceUnavailable if Okta cannot be asked.
        """
        digest = hashlib.sha256(token).digest()
        if self._active_until.get(digest, 0.0) > time.time():
            return
        flight = self._flights.get(digest)
        if flight is None:
            flight = asyncio.create_task(self._ask(token, user.claims["iss"]))
            self._flights[digest] = flight
            flight.add_done_callback(partial(self._finish, digest))
        # Shielded: a caller that disconnects must not cancel the request of the others.
        if not await asyncio.shield(flight):
            self._active_until.pop(digest, None)
            raise InvalidToken(Reason.INACTIVE)
        self._cache(digest, user)

    def _finish(self, digest: bytes, flight: asyncio.Task[bool]) -> None:
        del self._flights[digest]
        if not flight.cancelled():
            flight.exception()  # else asyncio logs it as never retrieved if all callers have disconnected

    async def _ask(self, token: bytes, issuer: str) -> bool:
        form = {"token": token.decode(), "token_type_hint": "access_token"}
        active = (await self._clients[issuer].post(form)).get("active")
        if not isinstance(active, bool):
            _log.warning("introspection malformed: the response has no boolean `active`")
            raise ServiceUnavailable("introspection_malformed")
        return active

    def _cache(self, digest: bytes, user: Principal) -> None:
        if self._cache_seconds == 0:
            return
        self._active_until[digest] = min(time.time() + self._cache_seconds, user.expires_at)
        if len(self._active_until) > CACHED_TOKENS:
            self._active_until.popitem(last=False)


async def active_token(connection: HTTPConnection, user: CurrentUser) -> Principal:
    """Return the caller if Okta says that the token is active: `Depends(active_token)`.

    Scopes are checked first: `Security(active_token, scopes=["reports:approve"])`. The
    application provides the Introspection as `app.state.introspection`.

    Raises InvalidToken (401) for a revoked token, ServiceUnavailable (503) if Okta cannot be
    asked or no introspection client is configured.
    """
    introspection: Introspection | None = getattr(connection.app.state, "introspection", None)
    if introspection is None:
        _log.error("a route requires introspection, and no introspection client is configured")
        raise ServiceUnavailable(NOT_CONFIGURED)
    await introspection.check(access_token(connection.scope), user)
    return user
