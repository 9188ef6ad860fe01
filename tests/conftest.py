"""The application under test: the real one plus three routes, with a local Okta."""

import logging
import os
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from backend.settings import SERVER_VARIABLES, Settings
from local_okta.serving import serve
from local_okta.state import LocalOkta
from tests.support.api import DEAD_JWKS_URI, Lines, app_for, settings_for, wait_until_ready
from tests.support.key_server import KeyServer, key_server
from tests.support.token_watch import TokenWatch, watching

pytest_plugins = ["local_okta.pytest_plugin"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the long files first, so that none of them runs alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="module")
def untraced() -> Iterator[None]:
    """Run a module without coverage, which doubles its time; shorter tests cover the same lines."""
    trace = sys.gettrace()
    sys.settrace(None)
    yield
    sys.settrace(trace)


@pytest.fixture(scope="session", autouse=True)
def no_settings_from_outside() -> Iterator[None]:
    """Hide the developer's variables, proxies and `.env` from the tests."""
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
    hidden = {*map(str.upper, Settings.model_fields), *SERVER_VARIABLES, *proxies}
    with pytest.MonkeyPatch.context() as patch:
        for name in [*os.environ]:
            if name.upper() in hidden:
                patch.delenv(name)
        patch.setattr("backend.settings.ENV_FILE", os.devnull)
        yield


@pytest.fixture(scope="session", autouse=True)
def token_watch() -> Iterator[TokenWatch]:
    """Fail the run if any log line contains part of a token that was signed in the run."""
    with watching() as watch:
        yield watch
        assert watch.leaks() == set()


@pytest.fixture(scope="session")
def api_url(okta_server: LocalOkta) -> Iterator[str]:
    """The application, for the whole run."""
    with serve(app_for(settings_for(okta_server))) as url:
        wait_until_ready(url)
        yield url


@pytest.fixture(scope="session")
def keyless_url(okta_server: LocalOkta) -> Iterator[str]:
    """An application that cannot fetch keys."""
    with serve(app_for(settings_for(okta_server, okta_jwks_uri=DEAD_JWKS_URI))) as url:
        yield url


@pytest.fixture
def api(api_url: str) -> Iterator[httpx.Client]:
    """A client of the application."""
    with httpx.Client(base_url=api_url) as client:
        yield client


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio only, as the service does."""
    return "asyncio"


@pytest.fixture
def server(okta: LocalOkta) -> Iterator[KeyServer]:
    """A key server with the local Okta's keys."""
    with key_server(okta.keys) as server:
        yield server


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Lines:
    """Wait for exactly `count` lines of the access log, and return them."""
    caplog.set_level(logging.DEBUG, "backend.observability.access_log")

    def found(count: int) -> list[logging.LogRecord]:
        deadline = time.monotonic() + 5
        while True:
            records = [
                record for record in caplog.records if record.name == "backend.observability.access_log"
            ]
            if len(records) >= count or time.monotonic() > deadline:
                assert len(records) == count
                return records
            time.sleep(0.01)

    return found
