"""Store used DPoP proofs, so that each one is accepted once (RFC 9449 section 11.1)."""

import heapq
import logging
import os
import time
from collections import Counter
from collections.abc import Callable
from typing import Final, Protocol

from fastapi_okta_auth import telemetry
from fastapi_okta_auth.errors import ServiceUnavailable
from fastapi_okta_auth.settings import SettingsError

from .lock import SingleProcessLock

REPLAY_STORE_FULL: Final = "replay_store_full"
REPLAY_STORE_UNAVAILABLE: Final = "replay_store_unavailable"
RESULTS: Final = {True: "recorded", False: "replayed"}
SEVERAL_WORKERS: Final = (
    "DPOP_REPLAY_STORE: required for several workers, or each would accept a proof once; "
    "set it to a redis:// URL, or start one worker"
)
# A proof stays for 90 seconds: more requests than one process can verify, in 80 MB.
MAX_ENTRIES: Final = 400_000
MAX_ENTRIES_PER_KEY: Final = MAX_ENTRIES // 2
TIMEOUT_SECONDS: Final = 2.0
# Few, because a command takes a fraction of a millisecond. A burst of requests waits for one.
_CONNECTIONS: Final = 8

_log = logging.getLogger(__name__)


class ReplayStore(Protocol):
    """Stores used proofs."""

    async def open(self) -> None:
        """Prepare the store. Raises SettingsError if it cannot be used."""

    async def add(self, key: str, proof: bytes, seconds: int) -> bool:
        """Record the digest `proof`, of the client key `key`, for `seconds`, in one atomic step.

        Returns False if it is recorded already. Raises ServiceUnavailable.
        """

    async def close(self) -> None:
        """Release connections."""


class MemoryReplayStore:
    """Remembers used proofs in this process: for one process only.

    One client cannot fill it for the others: it stores at most `per_key` proofs of one key.
    While it is open, it holds `lock`. `clock` returns monotonic seconds.
    """

    def __init__(
        self,
        lock: SingleProcessLock | None = None,
        entries: int = MAX_ENTRIES,
        per_key: int = MAX_ENTRIES_PER_KEY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lock = lock
        self._entries = entries
        self._per_key = per_key
        self._clock = clock
        self._used: set[bytes] = set()
        self._counts: Counter[str] = Counter()
        self._expiries: list[tuple[float, bytes, str]] = []  # a heap, the next to expire first

    async def open(self) -> None:
        """Take the lock. Raises SettingsError if another worker stores proofs in its memory."""
        if self._lock is not None and not await self._lock.acquire():
            raise SettingsError([SEVERAL_WORKERS])

    @telemetry.counted(telemetry.proofs, RESULTS)
    async def add(self, key: str, proof: bytes, seconds: int) -> bool:
        """Record `proof`; see ReplayStore."""
        now = self._clock()
        self._remove_expired(now)
        if proof in self._used:
            return False
        if len(self._used) >= self._entries or self._counts[key] >= self._per_key:
            raise ServiceUnavailable(REPLAY_STORE_FULL)
        self._used.add(proof)
        self._counts[key] += 1
        heapq.heappush(self._expiries, (now + seconds, proof, key))
        return True

    async def close(self) -> None:
        """Release the lock."""
        if self._lock is not None:
            self._lock.release()

    def _remove_expired(self, now: float) -> None:
        while self._expiries and self._expiries[0][0] <= now:
            _, proof, key = heapq.heappop(self._expiries)
            self._used.remove(proof)
            self._counts[key] -= 1
            if not self._counts[key]:
                del self._counts[key]


class RedisReplayStore:
    """Remembers used proofs in a Redis or Valkey server, for any number of processes.

    The server must not evict keys (`maxmemory-policy noeviction`): an evicted proof could
    be used again.
    """

    def __init__(self, url: str) -> None:
        """Use the server at `url` (`redis://` or `rediss://`), and connect with the first proof."""
        # Optional, so imported only where a URL is set: pip install "fastapi-okta-auth[redis]".
        from redis.asyncio import BlockingConnectionPool, Redis  # noqa: PLC0415
        from redis.asyncio.retry import Retry  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.exceptions import BusyLoadingError, MasterDownError, ReadOnlyError, RedisError  # noqa: PLC0415
        from redis.exceptions import ConnectionError as ConnectionLost  # noqa: PLC0415

        self._error = RedisError
        # A server that is no longer the primary refuses writes: connect again, and try once more.
        retried = (ConnectionLost, BusyLoadingError, MasterDownError, ReadOnlyError)
        self._redis = Redis.from_pool(
            BlockingConnectionPool.from_url(
                url,
                max_connections=_CONNECTIONS,
                protocol=2,  # connects with fewer round trips
                timeout=TIMEOUT_SECONDS,
                socket_timeout=TIMEOUT_SECONDS,
                socket_connect_timeout=TIMEOUT_SECONDS,
                retry=Retry(NoBackoff(), 1, supported_errors=retried),
                retry_on_error=[*retried],
            )
        )
        self._policy_checked = False

    async def open(self) -> None:
        """Do nothing: the first proof opens a connection."""

    @telemetry.counted(telemetry.proofs, RESULTS)
    async def add(self, key: str, proof: bytes, seconds: int) -> bool:  # noqa: ARG002 - the digest covers the key
        """Record `proof`; see ReplayStore.

        The client repeats the command if the connection breaks. The random value shows whether an
        entry is its own.
        """
        value = os.urandom(16)
        try:
            await self._check_policy()
            found = await self._redis.set(f"dpop:{proof.hex()}", value, nx=True, get=True, ex=seconds)
        except (self._error, OSError) as error:
            _log.warning("used DPoP proofs cannot be recorded: %s: %s", type(error).__name__, error)
            raise ServiceUnavailable(REPLAY_STORE_UNAVAILABLE) from None
        return found is None or found == value

    async def eviction_policy(self) -> str:
        """Return `maxmemory-policy`, or "" if the server does not tell (managed servers may not)."""
        from redis.exceptions import ResponseError  # noqa: PLC0415 - as above

        try:
            settings = await self._redis.config_get("maxmemory-policy")
        except ResponseError:
            return ""
        return str(settings.get("maxmemory-policy", ""))

    async def _check_policy(self) -> None:
        if self._policy_checked:
            return
        policy = await self.eviction_policy()
        self._policy_checked = True
        if policy not in ("", "noeviction"):
            _log.error(
                "the server of DPOP_REPLAY_STORE evicts keys (maxmemory-policy %s), so a used DPoP proof"
                " could be accepted again: set maxmemory-policy to noeviction", policy,
            )  # fmt: skip

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()


def replay_store(url: str, resource: str) -> ReplayStore:
    """Return the store at `url`, or one in memory if `url` is empty, for the API at `resource`."""
    if url:
        return RedisReplayStore(url)
    # Windows has no such lock, and no server for it starts several workers.
    return MemoryReplayStore(None if os.name == "nt" else SingleProcessLock(resource))
