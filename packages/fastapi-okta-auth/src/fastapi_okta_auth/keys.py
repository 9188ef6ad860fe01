"""The issuer's signing keys: prefetched, refreshed in the background, kept through outages."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Self

from jwt import PyJWK

from .errors import InvalidToken, KeysUnavailable, Reason
from .hooks import HookCaller, VerifierHooks
from .jwks import KeySet, KeySetError, fetch_key_set
from .session import IssuerSession

COOLDOWN_SECONDS = 10.0
STALE_SECONDS = 24 * 3600.0
MIN_REFRESH_SECONDS = 60.0
MAX_BACKOFF_SECONDS = 30.0
MAX_ABSENT = 1_000

_log = logging.getLogger(__name__)
_jitter = random.SystemRandom().uniform


class SigningKeys:
    """Caches the keys that one issuer publishes at `url`. Use it as an async context manager.

    While it is open, a background task refreshes the keys before they expire, at most once
    per MIN_REFRESH_SECONDS. If the issuer is unreachable, the last valid keys stay in use
    for STALE_SECONDS after they expire.

    Args:
        url: The URL of the JSON Web Key Set (Okta: `{issuer}/v1/keys`).
        clock: Returns monotonic seconds; tests pass a fake clock.
        sleep: Waits for seconds on the same clock.
        hooks: Called after each fetch.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        hooks: VerifierHooks | None = None,
    ) -> None:
        self._url = url
        self._clock = clock
        self._sleep = sleep
        self._hooks = hooks or VerifierHooks()
        self._call_hook = HookCaller()
        self._keys: Mapping[str, PyJWK] = {}
        self._absent: set[str] = set()  # ids that the last fetched key set does not contain
        self._failures = 0
        self._refresh_at = self._usable_until = self._cooldown_until = clock()
        self._session: IssuerSession | None = None
        self._fetch_task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._session = IssuerSession(self._url)
        self._start_or_join_fetch()  # before the first request needs a key
        self._refresh_task = asyncio.create_task(self._refresh_forever())
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [task for task in (self._refresh_task, self._fetch_task) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        session, self._session = self._session, None
        if session is not None:
            await session.aclose()

    @property
    def ready(self) -> bool:
        """Whether any key is cached, so that tokens can be verified."""
        return bool(self._keys)

    @property
    def degraded(self) -> bool:
        """Whether the last fetch failed."""
        return self._failures > 0

    def get_cached(self, kid: str) -> PyJWK | None:
        """Return the cached key with id `kid`, or None; never waits."""
        return self._keys.get(kid)

    async def get(self, kid: str) -> PyJWK:
        """Return the key with id `kid`; waits for a fetch only if the key is not cached.

        Raises InvalidToken if the issuer does not publish the key, KeysUnavailable if that
        cannot be known now, RuntimeError outside of the context manager.
        """
        key = self._keys.get(kid)
        if key is not None:
            return key
        fetched = await self._fetch_for_unknown_kid()
        key = self._keys.get(kid)
        if key is not None:
            return key
        if not self.ready or self.degraded:
            raise KeysUnavailable(retry_after=self._refresh_at - self._clock())
        if fetched and len(self._absent) < MAX_ABSENT:
            self._absent.add(kid)
        if fetched or kid in self._absent:
            raise InvalidToken(Reason.UNKNOWN_KEY)
        # The issuer may have published the key since the last fetch.
        raise KeysUnavailable(retry_after=self._cooldown_until - self._clock())

    async def _fetch_for_unknown_kid(self) -> bool:
        """Wait for a fetch, unless the cooldown forbids one. Return whether a fetch took place."""
        if self._fetch_task is None or self._fetch_task.done():
            now = self._clock()
            # Rate-limit fetches for unknown ids: anyone can send a made-up one. Without any
            # keys, the refresh task retries at its own pace.
            if self._session is not None and (not self.ready or now < self._cooldown_until):
                return False
            self._cooldown_until = now + COOLDOWN_SECONDS
        await self._start_or_join_fetch()
        return True

    def _start_or_join_fetch(self) -> asyncio.Future[None]:
        """Start a fetch, or join the one under way; cancelling a waiter does not cancel the fetch."""
        if self._session is None:
            raise RuntimeError(
                "SigningKeys is not open, because the application's lifespan has not run: use"
                " `with TestClient(app)`, enter app.router.lifespan_context(app) when you use"
                " ASGITransport, and enter the lifespan of a mounted app in that of its parent"
            )
        if self._fetch_task is None or self._fetch_task.done():
            self._fetch_task = asyncio.create_task(self._fetch(self._session))
        return asyncio.shield(self._fetch_task)

    async def _refresh_forever(self) -> None:
        while True:
            await self._start_or_join_fetch()
            while (wait := self._refresh_at - self._clock()) > 0:
                await self._sleep(wait)

    async def _fetch(self, session: IssuerSession) -> None:
        try:
            key_set = await fetch_key_set(session)
        except KeySetError as error:
            self._fetch_failed(error)
        except Exception as error:  # noqa: BLE001 - an unexpected error must not end the refresh task
            _log.exception("fetching signing keys from %s failed unexpectedly", self._url)
            self._fetch_failed(error)
        else:
            self._replace(key_set)
        self._call_hook(self._hooks.keys_fetched, len(self._keys), ok=not self._failures)

    def _replace(self, key_set: KeySet) -> None:
        now = self._clock()
        if self._failures or self._keys.keys() != key_set.keys.keys():
            _log.info("signing keys fetched from %s: %s", self._url, sorted(key_set.keys))
        self._absent = self._keys.keys() - key_set.keys.keys()
        # An unchanged key stays the same object, because cached tokens refer to it.
        self._keys = {
            kid: old if (old := self._keys.get(kid)) and old.key == new.key else new
            for kid, new in key_set.keys.items()
        }
        self._failures = 0
        self._usable_until = now + key_set.lifetime + STALE_SECONDS
        # Before they expire, and with jitter, so that many workers do not fetch at the same moment.
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
            "signing keys not fetched from %s: %s; %d cached, next try in %.1f s",
            self._url, error, len(self._keys), self._refresh_at - now,
        )  # fmt: skip
