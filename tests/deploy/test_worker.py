"""What the worker adds to uvicorn: limits, and draining."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from backend.server import draining as drain
from backend.server.worker import LimitedProtocol
from local_okta.serving import bind
from tests.support.service import wait_for


async def length(request: Request) -> PlainTextResponse:
    """Tell how long the request's body was."""
    return PlainTextResponse(str(len(await request.body())))


@contextmanager
def served() -> Iterator[tuple[str, int]]:
    """A small application on LimitedProtocol, that can drain."""
    app = drain.DrainMiddleware(Starlette(routes=[Route("/{path:path}", length, methods=["GET", "POST"])]))
    config = uvicorn.Config(app, http=LimitedProtocol, ws="none", log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    with bind("127.0.0.1", 0) as taken:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        wait_for(lambda: server.started)
        try:
            yield taken.getsockname()
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    """Host and port of the small application."""
    with served() as address:
        yield address


@pytest.fixture
def draining() -> Iterator[None]:
    """This process drains, until the test ends."""
    drain.begin()
    yield
    drain._flag[0] = 0


def answer_to(address: tuple[str, int], *parts: bytes) -> str:
    """The first line of the answer to what is sent in `parts`."""
    with socket.create_connection(address, timeout=10) as connection:
        with suppress(ConnectionError):  # refused in the middle
            for part in parts:
                connection.sendall(part)
        return connection.recv(65536).decode().partition("\r\n")[0]


OK = "HTTP/1.1 200 OK"
REFUSED = "HTTP/1.1 400 Bad Request"
CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([b"GET /", b"a" * 8_000, b" HTTP/1.1\r\nHost: x\r\n\r\n"], OK),
        ([b"GET /", b"a" * 8_200, b" HTTP/1.1\r\nHost: x\r\n\r\n"], REFUSED),
        ([b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"a" * 32_000, b"\r\n\r\n"], OK),
        ([b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"a" * 33_000, b"\r\n\r\n"], REFUSED),
        ([b"GET / HTTP/1.1\r\nHost: x\r\n", b"X: aaaaaaaaaaaaaaaa\r\n" * 1_900, b"\r\n"], OK),
        ([b"GET / HTTP/1.1\r\nHost: x\r\n", b"X: aaaaaaaaaaaaaaaa\r\n" * 2_000, b"\r\n"], REFUSED),
        ([b"GET / HTTP/1.1\r\nHost: x\r\nX: ", *[b"a" * 65_536] * 40], REFUSED),
        ([CHUNKED, b"\r\n2\r\nhi\r\n0\r\nX: ", *[b"a" * 65_536] * 40], REFUSED),
        ([CHUNKED, b"\r\n2\r\nhi\r\n0\r\nX: a\r\n\r\n"], OK),
        ([CHUNKED, b"\r\n", *[b"ffff\r\n" + b"a" * 65_535 + b"\r\n"] * 20, b"0\r\n\r\n"], OK),
        ([b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1310720\r\n\r\n", *[b"a" * 65_536] * 20], OK),
    ],
    ids=[
        "target",
        "target too long",
        "field",
        "field too large",
        "fields",
        "fields too large together",
        "field without end",
        "trailer field without end",
        "trailer field",
        "chunked body",
        "body",
    ],
)
def test_limits(address: tuple[str, int], parts: list[bytes], expected: str) -> None:
    """What stands beside a body is limited, in whatever pieces it comes; a body is not."""
    assert answer_to(address, *parts) == expected


def test_limits_count_one_request(address: tuple[str, int]) -> None:
    """Many requests on one connection do not add up."""
    with httpx.Client(base_url=f"http://{address[0]}:{address[1]}") as client:
        statuses = [client.get("/", headers={"X": "a" * 20_000}).status_code for _ in range(5)]
    assert statuses == [200] * 5


def test_no_draining(address: tuple[str, int]) -> None:
    """A process that was not told to end keeps its connections."""
    with httpx.Client(base_url=f"http://{address[0]}:{address[1]}") as client:
        assert "Connection" not in client.get("/readyz").headers


@pytest.mark.usefixtures("draining")
@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/healthz", 200), ("/readyz", 503)])
def test_draining(address: tuple[str, int], path: str, status: int) -> None:
    """While draining every answer closes its connection, and `/readyz` answers 503."""
    answer = httpx.get(f"http://{address[0]}:{address[1]}{path}")
    assert (answer.status_code, answer.headers["Connection"]) == (status, "close")
