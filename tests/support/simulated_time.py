"""A fake clock: advancing it wakes the coroutine that sleeps on it."""

import asyncio


class SimulatedTime:
    """The `clock` and `sleep` of SigningKeys, for one sleeper."""

    def __init__(self) -> None:
        self.now = 0.0
        self._until = 0.0
        self._asleep = asyncio.Event()
        self._woken = asyncio.Event()

    def clock(self) -> float:
        """Return the time in seconds."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Sleep until the clock has advanced by `seconds`."""
        self._until = self.now + seconds
        self._woken.clear()
        self._asleep.set()
        await self._woken.wait()

    async def idle(self) -> None:
        """Wait until the sleeper has finished its work and sleeps again."""
        await asyncio.wait_for(self._asleep.wait(), 10)

    async def go(self, seconds: float) -> None:
        """Advance the clock by `seconds`, and wake the sleeper each time it is due."""
        end = self.now + seconds
        await self.idle()
        while self._until <= end:
            self.now = max(self.now, self._until)
            self._asleep.clear()
            self._woken.set()
            await self.idle()
        self.now = end
