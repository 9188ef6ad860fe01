"""Fixtures beyond those in tests/conftest.py, which generated services have too."""

import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from local_okta.serving import serve
from local_okta.state import LocalOkta
from okta_support.token_watch import TokenWatch

from backend.observability.logging import FIELDS, StandardError, line_processors
from tests.support.api import DEAD_JWKS_URI, Lines, app_for, free_address, settings_for


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add an option for the tests of greedy clients, which a gate can only run for a moment."""
    parser.addoption("--greedy-seconds", type=float, default=1.5, help="how long each greedy client sends")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the long files first, so that none of them runs alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def keyless_url(local_okta_server: LocalOkta) -> Iterator[str]:
    """An application that cannot fetch keys."""
    with serve(app_for(settings_for(local_okta_server, okta_jwks_uri=DEAD_JWKS_URI))) as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def log_lines(token_watch: TokenWatch) -> list[bytes]:
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
