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
    for name, kind in KINDS.items():
        assert any((name, answer) in outcome.answers for answer in kind.answers)
