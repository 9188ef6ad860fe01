"""The application under test: the real one, with three routes more, on a local Okta."""

import logging
import random
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import httpx
import pytest
from fastapi import FastAPI, WebSocket

from backend.main import create_app
from backend.okta import CurrentUser
from backend.settings import Settings
from local_okta.serving import bind, serve
from local_okta.state import LocalOkta
from tests.key_server import KeyServer, key_server
from tests.token_watch import TokenWatch, watching

pytest_plugins = ["local_okta.pytest_plugin"]

_choose = random.SystemRandom().choice
APP_ORIGIN = "http://localhost:3000"
# Made once: httpx would load the system's certificates anew for each request.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
DEAD_JWKS_URI = "http://127.0.0.1:9/keys"
# Every challenge ends with it (RFC 9728 section 5.1).
METADATA = ', resource_metadata="http://localhost:8000/.well-known/oauth-protected-resource"'

Lines = Callable[[int], list[logging.LogRecord]]


def settings_for(okta: LocalOkta, **changes: object) -> Settings:
    """Settings that accept the tokens of `okta`."""
    values = {"okta_issuer": okta.issuer, "okta_client_id": "0oalocalspa,0oalocalservice", **changes}
    return Settings(_env_file=None, **values)  # type: ignore[arg-type] # by pydantic-settings


def app_for(settings: Settings) -> FastAPI:
    """The application, with a WebSocket, a route that fails and a route that writes."""
    app = create_app(settings)

    @app.websocket("/ws")
    async def echo(socket: WebSocket, user: CurrentUser) -> None:
        await socket.accept()
        await socket.send_text(f"Hello, {user.subject}")
        await socket.close()

    @app.get("/boom")
    async def boom() -> None:
        raise ZeroDivisionError("secret detail")

    @app.post("/items")
    async def items() -> dict[str, str]:
        return {"message": "written"}

    return app


def wait_until_ready(url: str, probe: str = "readyz") -> None:
    """Return once the application at `url` holds keys, or answers another `probe` with success."""
    deadline = time.monotonic() + 30
    while not _ready(f"{url}/{probe}"):
        if time.monotonic() > deadline:
            raise TimeoutError(f"the application does not answer {probe}")
        time.sleep(0.02)


def _ready(probe: str) -> bool:
    try:
        return httpx.get(probe, verify=NO_TLS).is_success
    except httpx.TransportError:
        return False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the long files first: at the end a long one would run alone."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="module")
def untraced() -> Iterator[None]:
    """A module's tests without coverage, which doubles their time; shorter tests measure the same lines."""
    trace = sys.gettrace()
    sys.settrace(None)
    yield
    sys.settrace(trace)


@pytest.fixture(scope="session", autouse=True)
def token_watch() -> Iterator[TokenWatch]:
    """Everything that is logged in the run holds no part of a token that is made in it."""
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


def free_address() -> str:
    """An address on loopback where nothing listens, as host:port."""
    # Below the ports that a system gives to whoever asks for any: another test could get it in the meantime.
    while True:
        port = _choose(range(10_000, 32_768))
        with suppress(OSError), bind("127.0.0.1", port):
            return f"127.0.0.1:{port}"


def bearer(token: str) -> dict[str, str]:
    """The header that carries `token`."""
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def anyio_backend() -> str:
    """The service runs on asyncio alone."""
    return "asyncio"


@pytest.fixture
def server(okta: LocalOkta) -> Iterator[KeyServer]:
    """A key server with the local Okta's keys."""
    with key_server(okta.keys) as server:
        yield server


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Lines:
    """Wait for as many access lines as asked for, and return them."""
    caplog.set_level(logging.DEBUG, "backend.access_log")

    def found(count: int) -> list[logging.LogRecord]:
        deadline = time.monotonic() + 5
        while True:
            records = [record for record in caplog.records if record.name == "backend.access_log"]
            if len(records) >= count or time.monotonic() > deadline:
                assert len(records) == count
                return records
            time.sleep(0.01)

    return found
