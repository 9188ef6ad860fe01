"""WebSockets require a token like every other request."""

import anyio
import pytest
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.app import app_for, settings_for
from okta_support.requests import METADATA, bearer
from starlette.types import Message
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect


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
