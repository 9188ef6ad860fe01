"""A folder without `.env`, and an issuer with a fault."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from okta_support.broken_issuer import Issuer, issuer


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run each test in an empty folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def broken() -> Iterator[Issuer]:
    """A valid issuer, until a test changes it."""
    with issuer() as state:
        yield state
