"""What a soak has seen, and what of that must not happen."""

import re
from collections import Counter, defaultdict
from typing import Final

from tests.support.greedy import resident_bytes
from tests.support.service import Service

GROWTH_MEGABYTES: Final = 100
"""How much all workers may grow once they are warm: after a third of the time."""

# An exception that nobody expected, in the application or in the event loop, and what a client gets then.
_UNEXPECTED: Final = re.compile(r'Traceback|"logger":"asyncio"|"status":5(?!03)')


class Outcome:
    """Counts by kind, the longest waits in seconds, and the memory of each worker in megabytes."""

    def __init__(self, service: Service) -> None:
        self.answers: Counter[tuple[str, str]] = Counter()
        self.longest: defaultdict[tuple[str, str], float] = defaultdict(float)
        self.faults: Counter[str] = Counter()
        self.floods: Counter[str] = Counter()
        self.let_go: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.memory: list[list[float]] = []
        self._service = service
        self._workers = service.workers()

    def answered(self, kind: str, answer: str, seconds: float, *, expected: bool) -> None:
        """Count one answer."""
        self.answers[kind, answer] += 1
        self.longest[kind, answer] = max(self.longest[kind, answer], seconds)
        if not expected:
            self.failures[f"{kind}: {answer}"] += 1

    def look(self) -> None:
        """Measure the workers, and read what they have logged. Called once a second."""
        self.memory.append([resident_bytes(pid) / 1e6 for pid in self._workers])
        for pid in self._workers - self._service.workers():
            self.failures[f"worker {pid} has ended"] += 1
        self._workers = self._service.workers()
        for line in self._service.output.take().splitlines():
            if _UNEXPECTED.search(line):
                self.failures[f"log: … {line[-200:]}"] += 1

    def check_memory(self) -> None:
        """Compare the memory with that of warm workers."""
        grown = sum(self.memory[-1]) - sum(self._warm)
        if grown > GROWTH_MEGABYTES:
            self.failures[f"the workers grew by {grown:.0f} MB"] += 1

    @property
    def _warm(self) -> list[float]:
        return self.memory[len(self.memory) // 3]

    def __str__(self) -> str:
        """Return tables for a terminal."""
        answers = [
            f"{kind:18} {answer:30} {count:8} {self.longest[kind, answer]:8.2f} s"
            for (kind, answer), count in sorted(self.answers.items())
        ]
        counts = {
            "faults": self.faults,
            "greedy clients, three connections each": self.floods,
            "connections of dead clients that the service has ended": self.let_go,
            "failures": self.failures,
        }
        start, warm, end = map(_total, (self.memory[0], self._warm, self.memory[-1]))
        return "\n".join(
            [
                f"{'caller':18} {'answer':30} {'count':>8}    longest",
                *answers,
                *(f"{what}: {count.total()}{_listed(count)}" for what, count in counts.items()),
                f"memory of {len(self._workers)} workers: {start} at the start, {warm} warm, {end} at the end",
            ]
        )


def _listed(count: Counter[str]) -> str:
    return "".join(f"\n  {number:4} {name}" for name, number in sorted(count.items()))


def _total(memory: list[float]) -> str:
    return f"{sum(memory):.0f} MB (the largest {max(memory):.0f} MB)"
