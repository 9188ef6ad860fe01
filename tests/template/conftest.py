"""A copy of this repository to generate from."""

from pathlib import Path

import pytest

from tests.template.services import repository


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this repository, committed and tagged, which no test changes."""
    return repository(tmp_path_factory.mktemp("template"))
