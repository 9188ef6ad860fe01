"""A fake clock: advancing it wakes the coroutines that sleep on it."""

import asyncio
from typing import Any


class SimulatedTime:
    """The `clock` and `sleep` of SigningKeys."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: dict[asyncio.Task[Any], tuple[float, asyncio.Event]] = {}

    def clock(self) -> float:
        """Return the time in seconds."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Sleep until the clock has advanced by `seconds`."""
        task, woken = asyncio.current_task(), asyncio.Event()
        assert task is not None
        self._sleepers[task] = self.now + seconds, woken
        try:
            await woken.wait()
        finally:
            self._sleepers.pop(task, None)

    async def idle(self) -> None:
        """Wait until a sleeper sleeps."""
        async with asyncio.timeout(10):
            while not self._sleepers:  # noqa: ASYNC110 - a test polls
                await asyncio.sleep(0.001)

    async def go(self, seconds: float) -> None:
        """Advance the clock by `seconds`, and wake each sleeper when it is due."""
        end = self.now + seconds
        await asyncio.sleep(0)  # new tasks start
        await self.idle()
        while True:
            task, (until, woken) = min(self._sleepers.items(), key=lambda item: item[1][0])
            if until > end:
                break
            self.now = max(self.now, until)
            del self._sleepers[task]
            woken.set()
            async with asyncio.timeout(10):
                while not task.done() and task not in self._sleepers:  # noqa: ASYNC110 - a test polls
                    await asyncio.sleep(0)
            await self.idle()
        self.now = end
