"""WebSockets: a token in the subprotocol, and closing when the token expires."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

import pytest
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi_okta_auth import CurrentUser
from fastapi_okta_auth.websocket import WebSocketSession
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.app import app_for, settings_for
from okta_support.requests import bearer, wait_until_ready
from starlette.types import Message, Receive, Scope, Send
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

ends: list[str] = []


def add_sockets(app: FastAPI) -> None:
    """Add WebSockets that record how they end."""

    @app.websocket("/receiving")
    async def receiving(socket: WebSocket, user: CurrentUser) -> None:
        await socket.accept()
        with suppress(WebSocketDisconnect):
            while True:
                await socket.send_text(f"{await socket.receive_text()}, {user.subject}")
        ends.append("disconnected")

    @app.websocket("/sending")
    async def sending(socket: WebSocket) -> None:
        await socket.accept()
        try:
            while True:
                await socket.send_text("tick")
                await asyncio.sleep(0.1)
        finally:
            ends.append("ended")

    @app.websocket("/idle")
    async def idle(socket: WebSocket) -> None:
        await socket.accept()
        try:
            await asyncio.Event().wait()
        finally:
            ends.append("cancelled")

    @app.websocket("/timeout")
    async def timeout(socket: WebSocket) -> None:
        await socket.accept()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.05)
        await socket.send_text("own timeout")
        await socket.close(4001, "bye")

    @app.websocket("/failing")
    async def failing(socket: WebSocket) -> None:
        await socket.accept()
        raise TimeoutError

    @app.websocket("/echoing")
    async def echoing(socket: WebSocket, choice: str | None = None) -> None:
        # Send back everything that a route can see of the offer.
        await socket.accept(subprotocol=choice)
        header = socket.headers.get("sec-websocket-protocol")
        await socket.send_text(f"{socket.scope['subprotocols']} {header}")
        await socket.close()


@pytest.fixture(scope="module")
def url(local_okta_server: LocalOkta) -> Iterator[str]:
    """The application with these WebSockets, without leeway."""
    app = app_for(settings_for(local_okta_server, okta_leeway=0))
    add_sockets(app)
    with serve(app) as url:
        wait_until_ready(url)
        yield url.replace("http", "ws")


def offer(*subprotocols: str) -> list[Subprotocol]:
    """Return the headers that `new WebSocket(url, subprotocols)` sends."""
    return [Subprotocol(name) for name in subprotocols]


def test_token_in_the_subprotocol_is_accepted(url: str, okta_token: OktaToken) -> None:
    """A browser's WebSocket has its token in the subprotocol, and the server selects `bearer`."""
    with connect(f"{url}/ws", subprotocols=offer("bearer", okta_token())) as socket:
        assert socket.recv() == "Hello, ada@example.com"
        assert socket.subprotocol == "bearer"


def test_token_in_the_subprotocol_is_hidden_from_routes_and_logs(
    url: str, okta_token: OktaToken, caplog: pytest.LogCaptureFixture
) -> None:
    """A route cannot see the token, and no log line contains it."""
    token = okta_token()
    caplog.set_level(logging.DEBUG, "fastapi_okta_auth")
    with connect(f"{url}/echoing", subprotocols=offer("bearer", token)) as socket:
        assert socket.recv() == "[] None"
        assert socket.subprotocol == "bearer"
    ours = [record for record in caplog.records if record.name.startswith("fastapi_okta_auth")]
    assert token not in "".join(record.getMessage() for record in ours)


@pytest.mark.parametrize(
    ("subprotocols", "status"),
    [
        (["bearer"], 400),
        (["{}", "bearer"], 400),
        (["bearer", "{}", "bearer", "{}"], 400),
        (["bearer", "{}", "bearer"], 400),
        (["bearer", "bearer", "{}"], 401),
        (["bearer", "chat", "{}"], 401),
        (["chat"], 401),
        (["BEARER", "{}"], 401),
        (["bearer", "a.b.c"], 401),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else str(value),
)
def test_another_offer_is_refused(
    url: str, okta_token: OktaToken, subprotocols: list[str], status: int
) -> None:
    """Only `bearer` followed by the token is accepted, and only once."""
    offered = offer(*(name.format(okta_token()) for name in subprotocols))
    with pytest.raises(InvalidStatus) as refused, connect(f"{url}/ws", subprotocols=offered):
        pass
    assert refused.value.response.status_code == status


@pytest.mark.parametrize("choice", ["graphql-transport-ws", None])
@pytest.mark.parametrize(
    "subprotocols",
    [
        ["graphql-transport-ws", "bearer", "{}"],
        ["bearer", "{}", "graphql-transport-ws"],
        ["graphql-transport-ws", "bearer", "{}", "chat"],
    ],
    ids=["before", "after", "both"],
)
def test_other_subprotocols_are_the_routes(
    url: str, okta_token: OktaToken, subprotocols: list[str], choice: str | None
) -> None:
    """The route sees the other subprotocols and its choice is sent, or `bearer` if it makes none."""
    others = [name for name in subprotocols if name not in ("bearer", "{}")]
    offered = offer(*(name.format(okta_token()) for name in subprotocols))
    query = f"?choice={choice}" if choice else ""
    with connect(f"{url}/echoing{query}", subprotocols=offered) as socket:
        assert socket.recv() == f"{others} {', '.join(others)}"
        assert socket.subprotocol == (choice or "bearer")


def test_header_and_subprotocol_together_are_a_bad_request(url: str, okta_token: OktaToken) -> None:
    """A request with both gets 400, even if the tokens are equal."""
    token = okta_token()
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(f"{url}/ws", subprotocols=offer("bearer", token), additional_headers=bearer(token)),
    ):
        pass
    assert refused.value.response.status_code == 400


@pytest.mark.parametrize(
    ("path", "end"), [("receiving", "disconnected"), ("sending", "ended"), ("idle", "cancelled")]
)
def test_websocket_is_closed_when_its_token_expires(
    url: str, okta_token: OktaToken, monkeypatch: pytest.MonkeyPatch, path: str, end: str
) -> None:
    """The server closes with 3000 while the route receives, sends or is idle, and the route ends."""
    monkeypatch.setattr("fastapi_okta_auth.websocket.GRACE_SECONDS", 0.3)
    ends.clear()
    expiry = int(time.time()) + 2
    with connect(f"{url}/{path}", additional_headers=bearer(okta_token(exp=expiry))) as socket:
        if path == "receiving":
            socket.send("Hello")
            assert socket.recv() == "Hello, ada@example.com"
        with pytest.raises(ConnectionClosedError) as closed:
            deque(iter(socket.recv, None), maxlen=0)  # until the server closes
    assert expiry <= time.time() < expiry + 5
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (3000, "token has expired")
    deadline = time.monotonic() + 5
    while not ends and time.monotonic() < deadline:
        time.sleep(0.01)
    assert ends == [end]


@pytest.mark.anyio
async def test_session_ends_at_the_expiry_if_the_client_never_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that waits with messages until the client reads cannot keep the session open."""
    for name in ("GRACE_SECONDS", "CLOSE_SECONDS"):
        monkeypatch.setattr(f"fastapi_okta_auth.websocket.{name}", 0.05)
    sent: list[str] = []

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message["type"])
        await asyncio.Event().wait()

    async def app(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "websocket.send", "text": "tick"})

    session = WebSocketSession(receive, send, time.time() + 0.1, None)
    async with asyncio.timeout(10):
        await session.run(app, {"type": "websocket"})
    assert sent == ["websocket.send", "websocket.close"]


@pytest.mark.anyio
async def test_session_of_a_revoked_user_closes_before_its_route_ends() -> None:
    """A route that neither receives nor sends does not hold the connection open until it is cancelled."""
    sent: list[Message] = []
    closed = asyncio.Event()
    ends.clear()

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)
        closed.set()

    async def app(_: Scope, __: Receive, ___: Send) -> None:
        session.end("revoked")
        await closed.wait()
        ends.append("ended")

    session = WebSocketSession(receive, send, time.time() + 60, None)
    async with asyncio.timeout(10):
        await session.run(app, {"type": "websocket"})
    assert ends == ["ended"]
    assert sent == [{"type": "websocket.close", "code": 3000, "reason": "revoked"}]


def test_timeout_and_close_code_of_a_route_are_kept(url: str, okta_token: OktaToken) -> None:
    """A TimeoutError in a route does not count as expiry, and the route's close code is sent."""
    with connect(f"{url}/timeout", additional_headers=bearer(okta_token(exp=10**400))) as socket:
        assert socket.recv() == "own timeout"
        with pytest.raises(ConnectionClosedError) as closed:
            socket.recv()
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4001, "bye")
    with (
        connect(f"{url}/failing", additional_headers=bearer(okta_token())) as socket,
        pytest.raises(ConnectionClosedError) as closed,
    ):
        socket.recv()
    assert closed.value.rcvd is None or closed.value.rcvd.code != 3000
