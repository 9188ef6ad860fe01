"""Switches for tests and for learning: outage, wrong clock, token lifetime."""

import math
import time
from dataclasses import dataclass


@dataclass
class Switches:
    """What is out of the ordinary now. `skew`, `delay` and `token_lifetime` are in seconds."""

    token_lifetime: int
    skew: int = 0
    delay: float = 0
    _outage_ends: float = -math.inf

    def now(self) -> int:
        """Return this server's idea of the time, in seconds since 1970."""
        return int(time.time()) + self.skew

    def start_outage(self, seconds: float | None) -> None:
        """Answer 503 for so many seconds, or until lifted if None."""
        self._outage_ends = math.inf if seconds is None else time.monotonic() + seconds

    def reset(self, token_lifetime: int) -> None:
        """Lift the outage and the delay, and set the clock right again."""
        self._outage_ends = -math.inf
        self.skew = 0
        self.delay = 0
        self.token_lifetime = token_lifetime

    @property
    def outage(self) -> bool:
        """Whether every endpoint answers 503."""
        return time.monotonic() < self._outage_ends
