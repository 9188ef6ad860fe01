"""A short run of the soak test; `make soak` runs it for longer."""

import pytest

from tests.support.soak import run

MEMORY_GROWTH_MEGABYTES = 40


@pytest.mark.long
@pytest.mark.slow
def test_soak() -> None:
    """While the key server fails and recovers, every response is the expected one and memory stays level."""
    outcome = run(seconds=12)
    assert outcome.wrong == []
    assert outcome.responses["valid", 200] > 0
    assert outcome.responses["forged", 401] + outcome.responses["forged", 503] > 0
    assert outcome.memory[-1] - outcome.memory[len(outcome.memory) // 3] < MEMORY_GROWTH_MEGABYTES
