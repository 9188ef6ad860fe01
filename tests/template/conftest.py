"""A copy of this repository to generate from, and free ports."""

from pathlib import Path

import pytest

from tests.support.api import free_address
from tests.support.template import repository


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this repository, with a tag."""
    return repository(tmp_path_factory.mktemp("template"))


@pytest.fixture
def ports() -> dict[str, str]:
    """Variables with free ports for the API, the local Okta and the app."""
    return {name: free_address().rpartition(":")[2] for name in ("API_PORT", "OKTA_PORT", "APP_PORT")}
