"""A clock that goes as far as a test says, and wakes who sleeps by it."""

import asyncio


class SimulatedTime:
    """Monotonic seconds and a sleep for SigningKeys; only its own sleeper is waited for."""

    def __init__(self) -> None:
        self.now = 0.0
        self._until = 0.0
        self._asleep = asyncio.Event()
        self._woken = asyncio.Event()

    def clock(self) -> float:
        """The time in seconds."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Sleep until the clock has gone `seconds` further."""
        self._until = self.now + seconds
        self._woken.clear()
        self._asleep.set()
        await self._woken.wait()

    async def idle(self) -> None:
        """Return once the sleeper has done its work and sleeps."""
        await asyncio.wait_for(self._asleep.wait(), 10)

    async def go(self, seconds: float) -> None:
        """Let `seconds` pass, with all that falls due in them."""
        end = self.now + seconds
        await self.idle()
        while self._until <= end:
            self.now = max(self.now, self._until)
            self._asleep.clear()
            self._woken.set()
            await self.idle()
        self.now = end
