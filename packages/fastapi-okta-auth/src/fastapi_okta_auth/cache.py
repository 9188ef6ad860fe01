"""A bounded cache whose entries expire, and calls that concurrent callers share."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Cache(Generic[K, V]):
    """Keeps at most `size` values; the least recently used goes first. `size` 0 keeps nothing.

    `clock` returns the seconds that an entry's expiry is compared with.
    """

    def __init__(self, size: int, clock: Callable[[], float] = time.time) -> None:
        self._size = size
        self._clock = clock
        self._entries: OrderedDict[K, tuple[V, float]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Return the value of `key`, or None if there is none that is still valid."""
        entry = self._entries.get(key)
        if entry is None or entry[1] <= self._clock():
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: K, value: V, valid_until: float) -> None:
        """Keep `value` until `valid_until`, in seconds of the clock."""
        self._entries[key] = value, valid_until
        self._entries.move_to_end(key)
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)

    def remove(self, key: K) -> None:
        """Forget the value of `key`, if there is one."""
        self._entries.pop(key, None)


class SingleFlight(Generic[K, V]):
    """Lets concurrent callers with the same key share one call."""

    def __init__(self) -> None:
        self._flights: dict[K, asyncio.Task[V]] = {}

    async def __call__(self, key: K, call: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """Return the result of the call under way for `key`, or of `call`."""
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = asyncio.create_task(call())
            flight.add_done_callback(partial(self._finish, key))
        # Shielded: a caller that disconnects must not cancel the call of the others.
        return await asyncio.shield(flight)

    def _finish(self, key: K, flight: asyncio.Task[V]) -> None:
        del self._flights[key]
        if not flight.cancelled():
            flight.exception()  # else asyncio logs it as never retrieved if all callers have disconnected

    async def aclose(self) -> None:
        """Cancel the calls under way."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
