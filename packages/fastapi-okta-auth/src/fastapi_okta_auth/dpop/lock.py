"""A lock that one worker of a service can hold."""

import asyncio
import hashlib
import os
import tempfile
import time
from pathlib import Path
from typing import Final

WAIT_SECONDS: Final = 3.0
"""How long to wait for a worker that is about to end, as at a reload."""

_held: Final[dict[Path, tuple[int, int]]] = {}  # descriptor and holders, in this process


class SingleProcessLock:
    """A file lock among the processes that one parent has started for the API at `resource`.

    Several holders in one process share it. The system releases it when the process ends.
    """

    def __init__(self, resource: str) -> None:
        self._name = hashlib.sha256(resource.encode()).hexdigest()[:16]
        self._path: Path | None = None

    async def acquire(self) -> bool:
        """Take the lock, within WAIT_SECONDS. Return whether that worked."""
        path = Path(tempfile.gettempdir()) / f"fastapi-okta-auth-{os.getuid()}-{os.getppid()}-{self._name}"
        deadline = time.monotonic() + WAIT_SECONDS
        while not _hold(path):
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(0.05)
        self._path = path
        return True

    def release(self) -> None:
        """Release the lock, once every holder in this process has done so."""
        if self._path is None:
            return
        descriptor, holders = _held.pop(self._path)
        if holders > 1:
            _held[self._path] = descriptor, holders - 1
        else:
            os.close(descriptor)
        self._path = None


def _hold(path: Path) -> bool:
    from fcntl import LOCK_EX, LOCK_NB, flock  # noqa: PLC0415 - not on Windows

    if path in _held:
        descriptor, holders = _held[path]
        _held[path] = descriptor, holders + 1
        return True
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    _held[path] = descriptor, 1
    return True
