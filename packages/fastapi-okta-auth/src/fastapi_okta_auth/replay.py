"""Store used DPoP proofs, so that each one is accepted once (RFC 9449 section 11.1)."""

import heapq
import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Final, Protocol

from .errors import ServiceUnavailable

REPLAY_STORE_FULL: Final = "replay_store_full"
REPLAY_STORE_UNAVAILABLE: Final = "replay_store_unavailable"
# A proof stays for 90 seconds: more requests than one process can verify, in 80 MB.
MAX_ENTRIES = 400_000
MAX_ENTRIES_PER_KEY = MAX_ENTRIES // 2
TIMEOUT_SECONDS = 2.0
# Few, because a command takes a fraction of a millisecond. A burst of requests waits for one.
_CONNECTIONS: Final = 8

_log = logging.getLogger(__name__)


class ReplayStore(Protocol):
    """Stores used proofs."""

    async def add(self, key: str, proof: bytes, seconds: int) -> bool:
        """Record the digest `proof`, of the client key `key`, for `seconds`, in one atomic step.

        Returns False if it is recorded already. Raises ServiceUnavailable.
        """

    async def close(self) -> None:
        """Release connections."""


class MemoryReplayStore:
    """Remembers used proofs in this process: for one process only.

    One client cannot fill it for the others: it stores at most `per_key` proofs of one key.
    `clock` returns monotonic seconds.
    """

    def __init__(
        self,
        entries: int = MAX_ENTRIES,
        per_key: int = MAX_ENTRIES_PER_KEY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._entries = entries
        self._per_key = per_key
        self._clock = clock
        self._used: set[bytes] = set()
        self._counts: Counter[str] = Counter()
        self._expiries: list[tuple[float, bytes, str]] = []  # a heap, the next to expire first

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
        """Do nothing: there are no connections."""

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
        # Optional, so imported only where a URL is set: pip install redis.
        from redis.asyncio import BlockingConnectionPool, Redis  # noqa: PLC0415
        from redis.asyncio.retry import Retry  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.exceptions import ConnectionError as ConnectionLost  # noqa: PLC0415
        from redis.exceptions import RedisError  # noqa: PLC0415

        self._error = RedisError
        self._redis = Redis.from_pool(
            BlockingConnectionPool.from_url(
                url,
                max_connections=_CONNECTIONS,
                protocol=2,  # connects with fewer round trips
                timeout=TIMEOUT_SECONDS,
                socket_timeout=TIMEOUT_SECONDS,
                socket_connect_timeout=TIMEOUT_SECONDS,
                retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionLost,)),
            )
        )

    async def add(self, key: str, proof: bytes, seconds: int) -> bool:  # noqa: ARG002 - the digest covers the key
        """Record `proof`; see ReplayStore."""
        try:
            return await self._redis.set(f"dpop:{proof.hex()}", 1, nx=True, ex=seconds) is not None
        except (self._error, OSError) as error:
            _log.warning("used DPoP proofs cannot be recorded: %s: %s", type(error).__name__, error)
            raise ServiceUnavailable(REPLAY_STORE_UNAVAILABLE) from None

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()


def replay_store(url: str) -> ReplayStore:
    """Return the store at `url`, or one in memory if `url` is empty."""
    return RedisReplayStore(url) if url else MemoryReplayStore()
