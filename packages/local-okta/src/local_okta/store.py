"""Values in memory that expire."""

import secrets
import time
from typing import Generic, TypeVar

V = TypeVar("V")


class Store(Generic[V]):
    """Stores each value under a handle and drops it `lifetime` seconds later."""

    def __init__(self, lifetime: float) -> None:
        self._lifetime = lifetime
        self._values: dict[str, tuple[float, V]] = {}

    def add(self, value: V, handle: str | None = None) -> str:
        """Store a value under a random handle, or under the given one, and return the handle."""
        self._drop_expired()
        handle = handle or secrets.token_urlsafe(32)
        self._values[handle] = (time.monotonic() + self._lifetime, value)
        return handle

    def get(self, handle: str | None) -> V | None:
        """Return the value under a handle, or None if it is unknown or has expired."""
        self._drop_expired()
        entry = self._values.get(handle or "")
        return entry[1] if entry else None

    def pop(self, handle: str | None) -> V | None:
        """Return the value under a handle as `get` does, and remove it."""
        self._drop_expired()
        entry = self._values.pop(handle or "", None)
        return entry[1] if entry else None

    def __contains__(self, handle: str) -> bool:
        self._drop_expired()
        return handle in self._values

    def _drop_expired(self) -> None:
        # Every value has the same lifetime, so the oldest is always first.
        now = time.monotonic()
        while self._values:
            handle, (deadline, _) = next(iter(self._values.items()))
            if deadline > now:
                return
            del self._values[handle]
