"""Authentication errors raised after the response has started, and custom subclasses of OktaAuthError."""

import logging
from collections.abc import AsyncIterator, Iterator
from queue import Queue

import httpx
import pytest
from fastapi import BackgroundTasks, FastAPI, WebSocket
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from fastapi_okta_auth import Okta, OktaJWTMiddleware
from fastapi_okta_auth.errors import Forbidden, OktaAuthError
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.app import app_for, settings_for
from okta_support.requests import bearer, wait_until_ready
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

ENDED: Queue[dict[str, str] | None] = Queue()


class Quota(OktaAuthError):
    """A custom error with an unhashable argument."""

    status = 429
    text = "Too many requests"
    code = "quota"

    def __init__(self, usage: dict[str, int], *, limit: int) -> None:
        super().__init__(usage)
        self.limit = limit


class Recorder:
    """Records the refusal of each request when it has ended, or None."""

    def __init__(self, app: ASGIApp, ended: "Queue[dict[str, str] | None]") -> None:
        self.app = app
        self.ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application."""
        try:
            await self.app(scope, receive, send)
        finally:
            self.ended.put(scope.get("refusal"))


def add_routes(app: FastAPI) -> None:
    """Add routes that raise."""

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def body() -> AsyncIterator[bytes]:
            yield b"first"
            raise Forbidden("group 'Late'")

        return StreamingResponse(body())

    @app.get("/background")
    async def background(tasks: BackgroundTasks) -> str:
        def fail() -> None:
            raise Forbidden("group 'Late'")

        tasks.add_task(fail)
        return "done"

    @app.get("/quota")
    async def quota() -> None:
        raise Quota({"used": 3}, limit=2)

    @app.websocket("/late-socket")
    async def late_socket(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("first")
        raise Forbidden("group 'Late'")


@pytest.fixture(scope="module")
def url(local_okta_server: LocalOkta) -> Iterator[str]:
    """The application with the routes above."""
    app = app_for(settings_for(local_okta_server))
    add_routes(app)
    app.add_middleware(Recorder, ended=ENDED)
    with serve(app) as url:
        wait_until_ready(url)
        yield url


@pytest.fixture(autouse=True)
def only_requests_of_the_test(url: str) -> None:  # noqa: ARG001 - runs after it
    """Forget the requests that waited for the start."""
    ENDED.queue.clear()


def test_error_in_a_stream_ends_the_connection(url: str, okta_token: OktaToken) -> None:
    """The caller gets status 200 and an incomplete body; no refusal is recorded."""
    with httpx.stream("GET", f"{url}/stream", headers=bearer(okta_token())) as response:
        assert response.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            response.read()
    assert ENDED.get(timeout=10) is None


def test_error_in_a_background_task_leaves_the_response(url: str, okta_token: OktaToken) -> None:
    """An error in a background task does not change the response, and is no refusal."""
    response = httpx.get(f"{url}/background", headers=bearer(okta_token()))
    assert (response.status_code, response.json()) == (200, "done")
    assert ENDED.get(timeout=10) is None


def test_error_in_an_accepted_websocket_closes_it(url: str, okta_token: OktaToken) -> None:
    """An accepted WebSocket is closed with 1008 and the reason code, and the refusal is recorded."""
    with connect(
        url.replace("http", "ws") + "/late-socket", additional_headers=bearer(okta_token())
    ) as socket:
        assert socket.recv() == "first"
        with pytest.raises(ConnectionClosedError) as closed:
            socket.recv()
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "forbidden")
    refusal = ENDED.get(timeout=10)
    assert refusal is not None
    assert (refusal["code"], refusal["required"]) == ("forbidden", "group 'Late'")


def test_custom_error_keeps_its_status(url: str, okta_token: OktaToken) -> None:
    """A subclass of OktaAuthError may take any arguments."""
    response = httpx.get(f"{url}/quota", headers=bearer(okta_token()))
    assert (response.status_code, response.json()["error"]) == (429, "Too many requests")


def test_refusal_is_logged_as_a_warning(
    local_okta: LocalOkta, okta_token: OktaToken, caplog: pytest.LogCaptureFixture
) -> None:
    """Python prints warnings without any configuration, so plain uvicorn shows the code."""
    app = FastAPI()
    app.add_middleware(OktaJWTMiddleware, okta=Okta(issuer=local_okta.issuer, client_id="0oalocalspa"))
    with TestClient(app) as client:
        client.get("/", headers=bearer(okta_token(exp=1)))
    [record] = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.name == "fastapi_okta_auth"
    assert record.getMessage().startswith("refused GET '/': expired, kid ")


def test_refusal_is_left_to_the_application(
    local_okta: LocalOkta, okta_token: OktaToken, caplog: pytest.LogCaptureFixture
) -> None:
    """With log_refusals=False the application finds the refusal in the scope."""
    app = FastAPI()
    okta = Okta(issuer=local_okta.issuer, client_id="0oalocalspa", log_refusals=False)
    app.add_middleware(OktaJWTMiddleware, okta=okta)
    with TestClient(app) as client:
        client.get("/", headers=bearer(okta_token(exp=1)))
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
