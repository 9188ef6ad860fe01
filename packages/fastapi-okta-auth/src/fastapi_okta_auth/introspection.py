"""Ask Okta whether a token is still active, for routes that a revoked token must not reach.

The rules are those of RFC 7662 section 2.
"""

import hashlib
import logging
import time
from functools import partial
from typing import Final

from . import telemetry
from .cache import Cache, SingleFlight
from .errors import Forbidden, InvalidToken, Reason, ServiceUnavailable
from .http import ConfidentialClient
from .principal import Principal

CACHED_TOKENS: Final = 10_000

_log = logging.getLogger(__name__)


class IntrospectionNotConfigured(ServiceUnavailable):
    """A route requires introspection, and the settings name no client for it; no retry helps."""

    text = "Service Unavailable: introspection is not configured"

    def __init__(self) -> None:
        super().__init__("introspection_not_configured", None)


class Introspection:
    """Asks `issuer` whether its verified tokens are active; `aclose` it after use.

    Concurrent checks of the same token share one request. An `active: true` is cached for
    `cache_seconds`, but never longer than until the token expires.
    """

    def __init__(self, issuer: str, client_id: str, client_secret: str, cache_seconds: int = 0) -> None:
        self._issuer = issuer
        self._client = ConfidentialClient(
            f"{issuer}/v1/introspect", client_id, client_secret, "introspection"
        )
        self._cache_seconds = cache_seconds
        self._active: Cache[bytes, bool] = Cache(CACHED_TOKENS)
        self._flights: SingleFlight[bytes, bool] = SingleFlight()

    async def aclose(self) -> None:
        """Cancel the requests under way and close the connections."""
        await self._flights.aclose()
        await self._client.aclose()

    async def check(self, token: bytes, user: Principal) -> None:
        """Check that `token`, whose caller is `user`, is active.

        Raises InvalidToken if it is not, ServiceUnavailable if Okta cannot be asked. Raises
        Forbidden for a token of another issuer, which must not learn the client's secret.
        """
        if user.issuer != self._issuer:
            raise Forbidden(f"a token of {self._issuer}")
        digest = hashlib.sha256(token).digest()
        if self._active.get(digest):
            return
        if not await self._flights(digest, partial(self._ask, token)):
            self._active.remove(digest)
            raise InvalidToken(Reason.INACTIVE)
        if self._cache_seconds:
            self._active.put(digest, True, min(time.time() + self._cache_seconds, user.expires_at))  # noqa: FBT003 - the value

    @telemetry.counted(telemetry.introspections, {True: "active", False: "inactive"})
    async def _ask(self, token: bytes) -> bool:
        form = {"token": token.decode(), "token_type_hint": "access_token"}
        active = (await self._client.post(form)).get("active")
        if not isinstance(active, bool):
            _log.warning("introspection malformed: the response has no boolean `active`")
            raise ServiceUnavailable("introspection_malformed")
        return active
