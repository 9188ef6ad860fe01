"""The application under test: the real one plus three routes, with a local Okta."""

import atexit
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import structlog
from local_okta.serving import serve
from local_okta.state import LocalOkta

# backend.main reads the settings when it is imported; the environment wins over the developer's `.env`.
os.environ |= {"OKTA_ISSUER": "https://example.okta.com/oauth2/default", "OKTA_CLIENT_ID": "0oaexample"}
# The processes of pytest-xdist look like the workers of a server, which must share used DPoP proofs.
tempfile.tempdir = tempfile.mkdtemp(prefix="tests-")
atexit.register(shutil.rmtree, tempfile.tempdir, ignore_errors=True)
# No test touches the development database.
os.environ["DATABASE_URL"] = f"sqlite+aiosqlite:///{tempfile.tempdir}/app.db"

from backend.observability.logging import FIELDS, StandardError, line_processors
from backend.settings import SERVER_VARIABLES, Settings
from tests.support.api import DEAD_JWKS_URI, Lines, app_for, free_address, settings_for, wait_until_ready
from tests.support.service import Service, running

if TYPE_CHECKING:  # pytest imports its plugins itself
    from okta_support.token_watch import TokenWatch

pytest_plugins = ["okta_support.token_watch", "okta_support.metrics"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add an option for the tests of greedy clients, which a gate can only run for a moment."""
    parser.addoption("--greedy-seconds", type=float, default=1.5, help="how long each greedy client sends")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the long files first, so that none of them runs alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session", autouse=True)
def no_settings_from_outside() -> Iterator[None]:
    """Hide the developer's variables, proxies and `.env` from the tests."""
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
    hidden = {*map(str.upper, Settings.model_fields), *SERVER_VARIABLES, *proxies} - {"DATABASE_URL"}
    with pytest.MonkeyPatch.context() as patch:
        for name in [*os.environ]:
            if name.upper() in hidden:
                patch.delenv(name)
        patch.setattr("fastapi_okta_auth.settings.environment.ENV_FILE", os.devnull)
        yield


@pytest.fixture(scope="session")
def api_url(local_okta_server: LocalOkta) -> Iterator[str]:
    """The application, for the whole run."""
    with serve(app_for(settings_for(local_okta_server))) as url:
        wait_until_ready(url)
        yield url


@pytest.fixture
def api(api_url: str) -> Iterator[httpx.Client]:
    """A client of the application."""
    with httpx.Client(base_url=api_url) as client:
        yield client


@pytest.fixture(scope="session")
def keyless_url(local_okta_server: LocalOkta) -> Iterator[str]:
    """An application that cannot fetch keys."""
    with serve(app_for(settings_for(local_okta_server, okta_jwks_uri=DEAD_JWKS_URI))) as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def log_lines(token_watch: "TokenWatch") -> list[bytes]:
    """The lines of structlog's loggers in this process, as JSON."""
    lines: list[bytes] = []

    class Recorder(StandardError):
        def write(self, line: bytes) -> None:
            token_watch.logged(line.decode())
            lines.append(line)

        debug = info = warning = error = critical = write

    structlog.configure(
        processors=[*FIELDS, *line_processors("json")],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=Recorder,
        cache_logger_on_first_use=False,
    )
    return lines


@pytest.fixture
def lines(log_lines: list[bytes]) -> Lines:
    """Wait for exactly `count` lines of the access log, and return their fields."""
    before = len(log_lines)

    def found(count: int) -> list[dict[str, Any]]:
        deadline = time.monotonic() + 5
        while True:
            parsed = [json.loads(line) for line in log_lines[before:]]
            requests = [line for line in parsed if line["logger"] == "backend.observability.access_log"]
            if len(requests) >= count or time.monotonic() > deadline:
                assert len(requests) == count
                return requests
            time.sleep(0.01)

    return found


@pytest.fixture
def ports() -> dict[str, str]:
    """Variables with free ports for the API, the local Okta and the app."""
    return {name: free_address().rpartition(":")[2] for name in ("API_PORT", "OKTA_PORT", "APP_PORT")}


@pytest.fixture
def service(local_okta_server: LocalOkta) -> Iterator[Service]:
    """A separate service for one test, with gunicorn."""
    with running(local_okta_server) as service:
        yield service


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio only, as the service does."""
    return "asyncio"
