"""A short soak; `make soak` runs it for longer."""

import pytest

from tests.soak.callers import KINDS
from tests.soak.run import run


@pytest.mark.long
@pytest.mark.slow
def test_soak() -> None:
    """Every answer is one that is expected, no worker ends, and memory stays level."""
    outcome = run(seconds=15)
    print(outcome)
    assert outcome.failures == {}
    assert {name for name, _ in outcome.answers} == set(KINDS)
