"""The issuer's signing keys: prefetched, refreshed in the background, kept through outages."""

import asyncio
import json
import logging
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from . import telemetry
from .errors import InvalidToken, KeysUnavailable, Reason
from .http import Endpoint, RequestError

MAX_BYTES: Final = 1024 * 1024
TIMEOUT_SECONDS: Final = 5
MIN_KEY_BITS: Final = 2048
MAX_KEY_BITS: Final = 16384
MIN_LIFETIME_SECONDS: Final = 60.0
MAX_LIFETIME_SECONDS: Final = 24 * 3600.0
DEFAULT_LIFETIME_SECONDS: Final = 3600.0
STALE_SECONDS: Final = 24 * 3600.0
MIN_REFRESH_SECONDS: Final = 60.0
MAX_BACKOFF_SECONDS: Final = 30.0
# Fetches for unknown key ids: a burst, and one more after each interval.
BURST: Final = 5
INTERVAL_SECONDS: Final = 10.0

_log = logging.getLogger(__name__)
_jitter: Final = random.SystemRandom().uniform


class KeySetError(Exception):
    """The response is not a key set that may replace the cached one."""


@dataclass(frozen=True, slots=True)
class KeySet:
    """The usable keys by `kid`, and how many seconds they may be cached."""

    keys: Mapping[str, PyJWK]
    lifetime: float


class TokenBucket:
    """Allows BURST fetches at once, and one more after each INTERVAL_SECONDS of `clock`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._full_at = clock()

    @property
    def wait(self) -> float:
        """The seconds until a fetch is allowed."""
        return max(0.0, self._full_at - (BURST - 1) * INTERVAL_SECONDS - self._clock())

    def take(self) -> bool:
        """Return whether a fetch is allowed now, and count it."""
        if self.wait > 0:
            return False
        self._full_at = max(self._full_at, self._clock()) + INTERVAL_SECONDS
        return True


class SigningKeys:
    """Caches the keys that `issuer` publishes at `url`. Use it as an async context manager.

    While it is open, a background task refreshes the keys before they expire, at most once
    per MIN_REFRESH_SECONDS. If the issuer is unreachable, the last valid keys stay in use
    for STALE_SECONDS after they expire.

    Args:
        issuer: The issuer, as the metrics name it.
        url: The URL of the JSON Web Key Set (Okta: `{issuer}/v1/keys`).
        clock: Returns monotonic seconds; tests pass a fake clock.
        sleep: Waits for seconds on the same clock.
    """

    def __init__(
        self,
        issuer: str,
        url: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._url = url
        self._issuer = issuer
        self._clock = clock
        self._sleep = sleep
        self._keys: Mapping[str, PyJWK] = {}
        self._bucket = TokenBucket(clock)
        self._failures = 0
        self._refresh_at = self._usable_until = clock()
        self._endpoint = Endpoint(url)
        self._refresh_task: asyncio.Task[None] | None = None
        self._fetch_task: asyncio.Task[None] | None = None
        self._later_task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._start_or_join_fetch()  # before the first request needs a key
        self._refresh_task = asyncio.create_task(self._refresh_forever())
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [
            task for task in (self._refresh_task, self._later_task, self._fetch_task) if task is not None
        ]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._refresh_task = self._later_task = self._fetch_task = None
        telemetry.keys_closed(self._issuer)
        await self._endpoint.aclose()

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

        Raises InvalidToken if the issuer does not publish the key, as far as is known now;
        KeysUnavailable without any keys.
        """
        key = self._keys.get(kid)
        if key is None:
            await self._fetch_for_unknown_kid()
            key = self._keys.get(kid)
        if key is not None:
            return key
        if self.ready:
            raise InvalidToken(Reason.UNKNOWN_KEY)
        raise KeysUnavailable(retry_after=self._refresh_at - self._clock())

    async def _fetch_for_unknown_kid(self) -> None:
        """Wait for a fetch, if one is under way or allowed now; else fetch as soon as one is allowed."""
        under_way = self._fetch_task is not None and not self._fetch_task.done()
        # Anyone can send a made-up id. Without any keys, the refresh task retries at its own pace.
        if under_way or (self.ready and self._bucket.take()):
            await self._start_or_join_fetch()
        elif self.ready and (self._later_task is None or self._later_task.done()):
            self._later_task = asyncio.create_task(self._fetch_later())

    async def _fetch_later(self) -> None:
        while not self._bucket.take():
            await self._sleep(self._bucket.wait)
        await self._start_or_join_fetch()

    def _start_or_join_fetch(self) -> asyncio.Future[None]:
        """Start a fetch, or join the one under way; cancelling a waiter does not cancel the fetch."""
        if self._fetch_task is None or self._fetch_task.done():
            self._fetch_task = asyncio.create_task(self._fetch())
        return asyncio.shield(self._fetch_task)

    async def _refresh_forever(self) -> None:
        while True:
            await self._start_or_join_fetch()
            while (wait := self._refresh_at - self._clock()) > 0:
                await self._sleep(wait)

    async def _fetch(self) -> None:
        try:
            key_set = await fetch_key_set(self._endpoint)
        except KeySetError as error:
            self._fetch_failed(error)
        except Exception as error:  # noqa: BLE001 - an unexpected error must not end the refresh task
            _log.exception("fetching signing keys from %s failed unexpectedly", self._url)
            self._fetch_failed(error)
        else:
            self._replace(key_set)
        telemetry.keys_fetched(self._issuer, len(self._keys), ok=not self._failures)

    def _replace(self, key_set: KeySet) -> None:
        now = self._clock()
        if self._failures or self._keys.keys() != key_set.keys.keys():
            _log.info("signing keys fetched from %s: %s", self._url, sorted(key_set.keys))
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


async def fetch_key_set(endpoint: Endpoint) -> KeySet:
    """Fetch the key set at the URL of `endpoint`.

    Raises KeySetError if the response takes longer than TIMEOUT_SECONDS, is larger than
    MAX_BYTES, has another status than 200 or has no usable key.
    """
    try:
        response = await endpoint.request("GET", seconds=TIMEOUT_SECONDS, max_bytes=MAX_BYTES)
    except RequestError as error:
        raise KeySetError(str(error)) from None
    if response.status != 200:
        raise KeySetError(f"HTTP status {response.status}")
    return KeySet(_parse(response.body), _lifetime(response.headers.get("cache-control", "")))


def _lifetime(cache_control: str) -> float:
    directives = cache_control.lower()
    if "no-store" in directives or "no-cache" in directives:
        return MIN_LIFETIME_SECONDS
    max_age = re.search(r"\bmax-age=\"?(\d{1,9})", directives)
    if max_age is None:
        return DEFAULT_LIFETIME_SECONDS
    return min(max(float(max_age[1]), MIN_LIFETIME_SECONDS), MAX_LIFETIME_SECONDS)


def _parse(body: bytes) -> dict[str, PyJWK]:
    try:
        entries = json.loads(body)["keys"]
        usable = [jwk for entry in entries if (jwk := _usable_key(entry)) is not None]
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise KeySetError(f"not a key set: {type(error).__name__}") from error
    if not usable:
        raise KeySetError("no usable key")
    return dict(usable)


def _usable_key(entry: Any) -> tuple[str, PyJWK] | None:
    """Return `kid` and key of `entry`, or None if it cannot verify RS256 (RFC 7517 section 5)."""
    if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
        return None
    operations = entry.get("key_ops", ["verify"])
    if (
        entry.get("kty") != "RSA"
        or entry.get("use", "sig") != "sig"
        or entry.get("alg", "RS256") != "RS256"
        or not isinstance(operations, list)
        or "verify" not in operations
    ):
        return None
    try:
        jwk = PyJWK(entry, algorithm="RS256")
    except (PyJWTError, ValueError, TypeError, LookupError):
        return None
    # PyJWK refuses an exponent that is even or below 3. A huge key would make verification slow.
    if not isinstance(jwk.key, RSAPublicKey) or not MIN_KEY_BITS <= jwk.key.key_size <= MAX_KEY_BITS:
        return None
    return entry["kid"], jwk
