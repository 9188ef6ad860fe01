"""A client that stops sending or reading holds its connection no longer than the limits page says.

Each client stops at some point and then waits for the end. The assertions allow three times the
limit, because the machine may be busy.
"""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from local_okta.state import LocalOkta
from local_okta.testing import person_claims

from tests.support.greedy import connect, frame
from tests.support.service import Service, running

pytestmark = [pytest.mark.long, pytest.mark.slow, pytest.mark.timeout(300)]

FACTOR = 3
POST: Final = b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"
HEALTH: Final = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
HANDSHAKE: Final = (
    b"GET %b HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Authorization: Bearer {token}\r\n\r\n"
)


@dataclass(frozen=True)
class Dead:
    """What a client sends before it stops, and when its connection has to end, in seconds."""

    sent: bytes
    limit: float
    drip: bytes = b""  # one byte a second, from then on
    lifetime: int = 600  # of its token


CLIENTS: Final = {
    "nothing": Dead(b"", 10),
    "half a header section": Dead(b"GET / HTTP/1.1\r\nHost: x\r\nX: ", 10),
    "a header section without end": Dead(b"GET / HTTP/1.1\r\nHost: x\r\nX: ", 10, drip=b"a"),
    "empty lines": Dead(b"", 10, drip=b"\r\n"),
    "a byte after a response": Dead(HEALTH + b"G", 10),
    "half a body after the response": Dead(POST % b"/hello/Ada", 10),
    "a body without end after the response": Dead(
        (POST % b"/hello/Ada").replace(b"10", b"1000"), 10, drip=b"a"
    ),
    "half a body": Dead(POST % b"/caller", 20),
    "a response": Dead(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n", 20),
    "messages": Dead(HANDSHAKE % b"/ws/endless", 20),
    "a close frame": Dead(HANDSHAKE % b"/ws/closing", 20),
    "the answer to a close frame": Dead(HANDSHAKE % b"/ws", 5),
    "pongs": Dead((HANDSHAKE % b"/ws/hello") + frame(0x89, b"a" * 125), 40, drip=frame(0x89, b"a")),
    "messages of an expired token": Dead(HANDSHAKE % b"/ws/endless", 9, lifetime=2),
}


@pytest.fixture(scope="module")
def service(local_okta_server: LocalOkta) -> Iterator[Service]:
    """One service with one worker, as shipped, that allows no clock skew."""
    with running(local_okta_server, WEB_CONCURRENCY="1", OKTA_LEEWAY="0") as service:
        yield service


@pytest.fixture(scope="module")
def ends(service: Service, local_okta_server: LocalOkta) -> Iterator[dict[str, Future[float]]]:
    """How long each client's connection lasts; all of them are open at once."""
    with ThreadPoolExecutor(len(CLIENTS)) as pool:
        yield {
            name: pool.submit(seconds_open, service.url, client, local_okta_server)
            for name, client in CLIENTS.items()
        }


def seconds_open(url: str, client: Dead, okta: LocalOkta) -> float:
    """Send what `client` sends, read nothing, and return how long the server keeps the connection."""
    claims = person_claims(okta.issuer) | {"exp": int(time.time()) + client.lifetime}
    token = okta.keys.sign(claims, None)
    with connect(url) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        connection.sendall(client.sent.replace(b"{token}", token.encode()))
        started = time.monotonic()
        ports = connection.getsockname()[1], connection.getpeername()[1]
        while True:
            time.sleep(1)
            if not is_held(*ports) or time.monotonic() > started + 100:
                return time.monotonic() - started
            with suppress(OSError):
                connection.send(client.drip, socket.MSG_DONTWAIT)


def is_held(ours: int, theirs: int) -> bool:
    """Return whether the server has its end of a connection open; the client need not be told of the end.

    A row of /proc/net/tcp begins with a number, both addresses as hexadecimal address:port and the
    state; its tenth column is the inode of the socket, or 0 if no process has it open.
    """
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()]
    ends = f":{theirs:04X}", f":{ours:04X}"
    return any((row[1][-5:], row[2][-5:]) == ends and row[9] != "0" for row in rows)


@pytest.mark.parametrize("name", CLIENTS)
def test_dead_client_is_let_go(ends: dict[str, Future[float]], name: str) -> None:
    """The server ends the connection of a client that does nothing more, or reads nothing."""
    seconds = ends[name].result()
    print(f"{name}: {seconds:.1f} s of {CLIENTS[name].limit}")
    assert seconds < FACTOR * CLIENTS[name].limit


def test_idle_connection_is_closed(local_okta_server: LocalOkta) -> None:
    """A connection without a request ends after gunicorn's `keepalive`."""
    with running(local_okta_server, "--keep-alive", "2", WEB_CONCURRENCY="1") as service:
        assert 2 <= seconds_open(service.url, Dead(HEALTH, 2), local_okta_server) < FACTOR * 2 + 1
