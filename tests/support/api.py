"""The application that the tests start, and helpers to call it."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, WebSocket
from fastapi_okta_auth import CurrentUser
from local_okta.config import API_CLIENT_ID, API_CLIENT_SECRET
from local_okta.state import LocalOkta
from okta_support.requests import DEAD_JWKS_URI, METADATA, NO_TLS, bearer, free_address, wait_until_ready

from backend.main import create_app
from backend.settings import Settings

__all__ = ["DEAD_JWKS_URI", "METADATA", "NO_TLS", "bearer", "free_address", "wait_until_ready"]

APP_ORIGIN = "http://localhost:3000"

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
