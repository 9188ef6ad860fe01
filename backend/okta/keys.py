"""The issuer's signing keys: fetched off the request path, kept through outages, rotated."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Self

import aiohttp
from jwt import PyJWK

from .errors import InvalidToken, KeysUnavailable, Reason
from .jwks import KeySet, KeySetError, fetch_key_set
from .observer import Observer

COOLDOWN_SECONDS = 10.0
STALE_SECONDS = 24 * 3600.0
MIN_REFRESH_SECONDS = 60.0
MAX_BACKOFF_SECONDS = 30.0

_log = logging.getLogger(__name__)
_jitter = random.SystemRandom().uniform


class SigningKeys:
    """Holds the keys that the issuer publishes at `url`; an async context manager.

    While it is open, the keys are refreshed in the background ahead of their expiry, though
    not more than once in MIN_REFRESH_SECONDS, and the last good ones serve on for
    STALE_SECONDS past it if the issuer cannot be reached.
    `clock` gives monotonic seconds and `sleep` waits for seconds, so that a day can pass
    in a test.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        observer: Observer | None = None,
    ) -> None:
        self._url = url
        self._clock = clock
        self._sleep = sleep
        self._observer = observer or Observer()
        self._keys: Mapping[str, PyJWK] = {}
        self._failures = 0
        self._refresh_at = self._usable_until = self._cooldown_until = clock()
        self._flight: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        # trust_env: HTTPS_PROXY and NO_PROXY. A compressed answer could be far larger than it looks.
        self._session = aiohttp.ClientSession(
            trust_env=True, auto_decompress=False, headers={"Accept-Encoding": "identity"}
        )
        self._fetching()  # before the first request asks for a key
        self._keeper = asyncio.create_task(self._keep_fresh())
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [task for task in (self._keeper, self._flight) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._session.close()

    @property
    def ready(self) -> bool:
        """Whether keys are held, so that tokens can be verified."""
        return bool(self._keys)

    @property
    def degraded(self) -> bool:
        """Whether the last try to refresh the keys failed."""
        return self._failures > 0

    def held(self, kid: str) -> PyJWK | None:
        """The key published under `kid`, if it is held; never waits."""
        return self._keys.get(kid)

    async def get(self, kid: str) -> PyJWK:
        """The key published under `kid`; waits for the network only where it is not held.

        Raises InvalidToken where the issuer does not publish it, KeysUnavailable where
        the issuer cannot be asked.
        """
        key = self.held(kid)
        if key is None:
            await self._look_for_new_keys()
            key = self.held(kid)
        if key is not None:
            return key
        if self.ready and not self.degraded:
            raise InvalidToken(Reason.UNKNOWN_KEY)
        raise KeysUnavailable(retry_after=self._refresh_at - self._clock())

    async def _look_for_new_keys(self) -> None:
        if self._flight is None or self._flight.done():
            now = self._clock()
            # Anyone can make up a kid: unknown ones may cost the issuer one fetch a cooldown.
            if not self.ready or now < self._cooldown_until:
                return
            self._cooldown_until = now + COOLDOWN_SECONDS
        await self._fetching()

    def _fetching(self) -> asyncio.Future[None]:
        """Start a fetch, or join the one under way; a caller that goes away does not end it."""
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._fetch())
        return asyncio.shield(self._flight)

    async def _keep_fresh(self) -> None:
        while True:
            await self._fetching()
            while (wait := self._refresh_at - self._clock()) > 0:
                await self._sleep(wait)

    async def _fetch(self) -> None:
        try:
            key_set = await fetch_key_set(self._session, self._url)
        except KeySetError as error:
            self._fetch_failed(error)
        except Exception as error:  # noqa: BLE001 - see below
            # Whatever it was, the keeper has to live on: it is what gets the next keys.
            _log.exception("fetching signing keys from %s failed unexpectedly", self._url)
            self._fetch_failed(error)
        else:
            self._replace(key_set)
        self._observer.keys_fetched(len(self._keys), ok=not self._failures)

    def _replace(self, key_set: KeySet) -> None:
        now = self._clock()
        if self._failures or self._keys.keys() != key_set.keys.keys():
            _log.info("signing keys fetched from %s: %s", self._url, sorted(key_set.keys))
        # An unchanged key stays the same object, since verified tokens are bound to theirs.
        self._keys = {
            kid: held if (held := self._keys.get(kid)) and held.key == new.key else new
            for kid, new in key_set.keys.items()
        }
        self._failures = 0
        self._usable_until = now + key_set.lifetime + STALE_SECONDS
        # Ahead of expiry, and spread, so that many workers do not ask at the same moment.
        ahead = max(key_set.lifetime * 0.8, MIN_REFRESH_SECONDS)
        self._refresh_at = now + ahead * _jitter(1.0, 1.1)

    def _fetch_failed(self, error: Exception) -> None:
        now = self._clock()
        self._failures += 1
        if now >= self._usable_until:
            self._keys = {}
        backoff = min(2.0 ** min(self._failures - 1, 10), MAX_BACKOFF_SECONDS)
        self._refresh_at = now + backoff * _jitter(0.5, 1.0)
        _log.warning(
            "signing keys not fetched from %s: %s; %d held, next try in %.1f s",
            self._url, error, len(self._keys), self._refresh_at - now,
        )  # fmt: skip
