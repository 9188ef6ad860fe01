"""A local Okta of these tests' own, and a browser for each test."""

from collections.abc import Iterator

import pytest

from local_okta.serving import running
from local_okta.state import LocalOkta
from tests.local_okta.browser import Browser


@pytest.fixture(scope="session")
def okta_server() -> Iterator[LocalOkta]:
    """A server that no application under test depends on: these tests take its keys away."""
    with running() as okta:
        yield okta


@pytest.fixture
def browser(okta: LocalOkta) -> Iterator[Browser]:
    """A browser where nobody is signed in."""
    with Browser(okta) as browser:
        yield browser


@pytest.fixture
def other_browser(okta: LocalOkta) -> Iterator[Browser]:
    """Another one, with cookies of its own."""
    with Browser(okta) as browser:
        yield browser
