"""Open WebSockets of a revoked user are closed."""

import asyncio
import time

import pytest
import websockets
from fastapi import WebSocket
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken

from backend.main import create_app
from tests.logout.conftest import Service, iss_sub, on, wait_until_ready

pytestmark = pytest.mark.anyio

CLOSED = (3000, "token was revoked for this user")


async def connect(service: Service, token: str, path: str = "/ws/hello") -> websockets.ClientConnection:
    """Open a WebSocket as the bearer of `token`."""
    url = service.url.replace("http:", "ws:") + path
    return await websockets.connect(url, additional_headers={"Authorization": f"Bearer {token}"}, proxy=None)


async def test_websocket_closes(service: Service, okta_token: OktaToken) -> None:
    """That of the user with 3000, at the next reading; that of another stays."""
    ada = await connect(service, okta_token(person="ada"))
    grace = await connect(service, okta_token(person="grace"))
    response = await asyncio.to_thread(service.logout, iss_sub(service.okta, "00ulocalada"))
    assert response.status_code == 204
    async with asyncio.timeout(10):
        await ada.wait_closed()
    assert (ada.close_code, ada.close_reason) == CLOSED
    await grace.send("Grace")
    assert await grace.recv() == "Hello, Grace"
    await grace.close()


async def test_websocket_with_a_newer_token_stays(service: Service, okta_token: OktaToken) -> None:
    """Its token was issued after the moment."""
    socket = await connect(service, okta_token(person="ada"))
    body, moment = iss_sub(service.okta, "00ulocalada"), int(time.time()) - 30
    assert (await asyncio.to_thread(lambda: service.logout(body, iat=moment))).status_code == 204
    await socket.send("Ada")
    assert await socket.recv() == "Hello, Ada"
    await socket.close()


@pytest.mark.parametrize("path", ["/ws/silent", "/ws/feed"])
async def test_route_that_does_not_receive(
    local_okta: LocalOkta, database_url: str, okta_token: OktaToken, path: str
) -> None:
    """A route that waits for something else is cancelled; one that sends notices it."""
    app = create_app(on(local_okta, database_url))

    @app.websocket("/ws/silent")
    async def silent(socket: WebSocket) -> None:
        await socket.accept()
        await asyncio.Event().wait()

    @app.websocket("/ws/feed")
    async def feed(socket: WebSocket) -> None:
        await socket.accept()
        while True:
            await socket.send_text("tick")
            await asyncio.sleep(0.05)

    with serve(app) as url:
        service = Service(url, local_okta)
        await asyncio.to_thread(wait_until_ready, service)
        socket = await connect(service, okta_token(person="ada"), path)
        response = await asyncio.to_thread(service.logout, iss_sub(local_okta, "00ulocalada"))
        assert response.status_code == 204
        async with asyncio.timeout(10):
            await socket.wait_closed()
        assert (socket.close_code, socket.close_reason) == CLOSED
