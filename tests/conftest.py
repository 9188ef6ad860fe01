"""The application under test: the real one, with three routes more, on a local Okta."""

import time
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI, WebSocket

from backend.main import create_app
from backend.okta import CurrentUser
from backend.settings import Settings
from local_okta.serving import serve
from local_okta.state import LocalOkta
from tests.key_server import KeyServer, key_server

pytest_plugins = ["local_okta.pytest_plugin"]

APP_ORIGIN = "http://localhost:3000"
# Every challenge ends with it (RFC 9728 section 5.1).
METADATA = ', resource_metadata="http://localhost:8000/.well-known/oauth-protected-resource"'


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


def wait_until_ready(url: str) -> None:
    """Return once the application at `url` holds keys."""
    deadline = time.monotonic() + 10
    while not _ready(url):
        if time.monotonic() > deadline:
            raise TimeoutError("the application has no keys")
        time.sleep(0.02)


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="session")
def api_url(okta_server: LocalOkta) -> Iterator[str]:
    """The application, for the whole run."""
    with serve(app_for(settings_for(okta_server))) as url:
        wait_until_ready(url)
        yield url


@pytest.fixture
def api(api_url: str) -> Iterator[httpx.Client]:
    """A client of the application."""
    with httpx.Client(base_url=api_url) as client:
        yield client


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
