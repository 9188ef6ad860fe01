"""The soak test, for as long as a test may take; `make soak` runs it for longer."""

import pytest

from tests.support.soak import run

MEMORY_GROWTH_MEGABYTES = 40


@pytest.mark.long
@pytest.mark.slow
def test_soak() -> None:
    """While faults come and go no verdict is wrong, no 5xx unpromised, and memory is level."""
    outcome = run(seconds=12)
    assert outcome.wrong == []
    assert outcome.answers["good", 200] > 0
    assert outcome.answers["forged", 401] + outcome.answers["forged", 503] > 0
    assert outcome.memory[-1] - outcome.memory[len(outcome.memory) // 3] < MEMORY_GROWTH_MEGABYTES
