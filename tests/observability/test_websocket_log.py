"""The access log has one line per WebSocket."""

import re

import pytest
from fastapi import FastAPI, WebSocket
from local_okta.serving import serve
from local_okta.testing import OktaToken
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from backend.observability.access_log import AccessLogMiddleware
from tests.support.api import Lines, bearer


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
    assert (accepted["event"], accepted["user_id"]) == ("WEBSOCKET '/ws' 101", "00ulocalada")
    assert (refused["event"], refused["code"]) == ("WEBSOCKET '/ws' 401", "no_credentials")


def test_route_of_a_websocket_is_its_path(api_url: str, okta_token: OktaToken, lines: Lines) -> None:
    """A WebSocket of a router that the application includes is logged with its route, too."""
    with connect(api_url.replace("http", "ws") + "/ws/hello", additional_headers=bearer(okta_token())):
        pass
    [line] = lines(1)
    assert line["route"] == "/ws/hello"


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
