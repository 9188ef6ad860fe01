"""The application that the tests start, and helpers to call it."""

import random
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
from fastapi import FastAPI, WebSocket
from fastapi_okta_auth import CurrentUser
from local_okta.config import API_CLIENT_ID, API_CLIENT_SECRET
from local_okta.serving import bind
from local_okta.state import LocalOkta

from backend.main import create_app
from backend.settings import Settings

_choose = random.SystemRandom().choice
APP_ORIGIN = "http://localhost:3000"
# Created once: otherwise httpx loads the system's certificates for each request.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
DEAD_JWKS_URI = "http://127.0.0.1:9/keys"
# Every challenge ends with it (RFC 9728 section 5.1).
METADATA = ', resource_metadata="http://localhost:8000/.well-known/oauth-protected-resource"'

Lines = Callable[[int], list[dict[str, Any]]]


def settings_for(okta: LocalOkta, **changes: object) -> Settings:
    """Return settings that accept the tokens of `okta`."""
    values = {
        "okta_issuer": okta.issuer,
        "okta_client_id": "0oalocalspa,0oalocalservice",
        "introspection_client_id": API_CLIENT_ID,
        "introspection_client_secret": API_CLIENT_SECRET,
    }
    return Settings(**{**values, **changes})  # type: ignore[arg-type] # by pydantic-settings


def app_for(settings: Settings) -> FastAPI:
    """Create the application, with a WebSocket, a route that fails and a route that accepts a form."""
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
    """Wait until the application at `url` has keys, or until another `probe` succeeds."""
    deadline = time.monotonic() + 30
    while not _ready(f"{url}/{probe}"):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no successful response from {probe}")
        time.sleep(0.02)


def _ready(probe: str) -> bool:
    try:
        return httpx.get(probe, verify=NO_TLS).is_success
    except httpx.TransportError:
        return False


def free_address() -> str:
    """Return an address on loopback where nothing listens, as host:port."""
    # Below the ephemeral ports, so that no other test gets the port in the meantime.
    while True:
        port = _choose(range(10_000, 32_768))
        with suppress(OSError), bind("127.0.0.1", port):
            return f"127.0.0.1:{port}"


def bearer(token: str) -> dict[str, str]:
    """Return the header for `token`."""
    return {"Authorization": f"Bearer {token}"}
