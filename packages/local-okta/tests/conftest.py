"""A local Okta for these tests, and a browser for each test."""

from collections.abc import Iterator

import pytest
from local_okta.serving import running
from local_okta.state import LocalOkta
from local_okta_browser import Browser


@pytest.fixture(scope="session")
def local_okta_server() -> Iterator[LocalOkta]:
    """A server without the `local-okta.toml` of the folder that the tests are started in."""
    with running() as okta:
        yield okta


@pytest.fixture
def browser(local_okta: LocalOkta) -> Iterator[Browser]:
    """A browser without a session."""
    with Browser(local_okta) as browser:
        yield browser


@pytest.fixture
def other_browser(local_okta: LocalOkta) -> Iterator[Browser]:
    """A second browser, with separate cookies."""
    with Browser(local_okta) as browser:
        yield browser
