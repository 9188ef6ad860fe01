"""WebSockets require a token like every other request."""

import re

import anyio
import pytest
from fastapi import FastAPI, WebSocket
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from starlette.types import Message
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from backend.observability.access_log import AccessLogMiddleware
from tests.support.api import METADATA, Lines, app_for, bearer, settings_for


def ws(api_url: str, path: str = "/ws") -> str:
    """The WebSocket's address."""
    return api_url.replace("http", "ws", 1) + path


def test_handshake_with_a_valid_token_is_accepted(api_url: str, okta_token: OktaToken) -> None:
    """A handshake with a valid token is accepted, and the route knows its caller."""
    with connect(ws(api_url), additional_headers=bearer(okta_token())) as socket:
        assert socket.recv() == "Hello, ada@example.com"


@pytest.mark.parametrize("path", ["/ws", "/nothing", "/healthz", "/docs"])
def test_handshake_without_a_token_is_refused(api_url: str, path: str) -> None:
    """A handshake without a token gets the same 401 as a request, on public paths too."""
    with pytest.raises(InvalidStatus) as refused, connect(ws(api_url, path)):
        pass
    response = refused.value.response
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"' + METADATA
    assert response.body == b'{"error":"Unauthorized Access","code":"no_credentials"}'


def test_handshake_with_an_invalid_token_is_refused(api_url: str, okta_token: OktaToken) -> None:
    """A handshake with an invalid token gets a 401."""
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(ws(api_url), additional_headers=bearer(okta_token(exp=1))),
    ):
        pass
    assert refused.value.response.status_code == 401


def test_handshake_is_closed_without_denial_responses(local_okta: LocalOkta) -> None:
    """If the server has no denial responses, the WebSocket is closed with 1008 before it is accepted."""
    app = app_for(settings_for(local_okta))
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/ws", "headers": [], "query_string": b"", "subprotocols": []}
    anyio.run(app, scope, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008, "reason": "no_credentials"}]


def test_websocket_logs_one_line(api_url: str, okta_token: OktaToken, lines: Lines) -> None:
    """A WebSocket is logged once, when it ends, with status 101 or with the status of its refusal."""
    url = api_url.replace("http", "ws") + "/ws"
    with connect(url, additional_headers=bearer(okta_token())) as socket:
        socket.recv()
        assert socket.response is not None
        assert re.fullmatch("[0-9a-f]{16}", socket.response.headers["X-Request-ID"])
    with pytest.raises(InvalidStatus):
        connect(url)
    accepted, refused = lines(2)
    assert (accepted["event"], accepted["user_id"]) == ("WEBSOCKET '/ws' 101", "00utest")
    assert (refused["event"], refused["code"]) == ("WEBSOCKET '/ws' 401", "no_credentials")


def test_websocket_closed_before_it_is_accepted(lines: Lines) -> None:
    """A WebSocket that its route closes without accepting it is logged as 403, as the caller sees it."""
    app = FastAPI(openapi_url=None)
    app.add_middleware(AccessLogMiddleware)

    @app.websocket("/closed")
    async def closed(socket: WebSocket) -> None:
        await socket.close()

    with serve(app) as url, pytest.raises(InvalidStatus):
        connect(f"{url.replace('http', 'ws')}/closed")
    assert lines(1)[0]["event"] == "WEBSOCKET '/closed' 403"
