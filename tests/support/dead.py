"""Clients that stop sending or reading at some point, and how long a server keeps their connections."""

import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.greedy import connect, frame

FACTOR: Final = 3
"""How much longer than a limit a busy machine may take."""

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


def seconds_open(url: str, client: Dead, token: str, at_most: float = 100) -> float:
    """Send what `client` sends, read nothing, and return how long the server keeps the connection.

    `token` is valid for `client.lifetime` seconds.
    """
    with connect(url) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        connection.sendall(client.sent.replace(b"{token}", token.encode()))
        started = time.monotonic()
        ports = connection.getsockname()[1], connection.getpeername()[1]
        while True:
            time.sleep(1)
            if not is_held(*ports) or time.monotonic() > started + at_most:
                return time.monotonic() - started
            with suppress(OSError):
                connection.send(client.drip, socket.MSG_DONTWAIT)


def is_held(ours: int, theirs: int) -> bool:
    """Return whether the server has its end of a connection open; the client need not be told of the end.

    A row of /proc/net/tcp begins with a number, both addresses as hexadecimal address:port and the
    state, 01 for an established one; its tenth column is the inode of the socket, or 0 if no process
    has it open, as an established one has none before the server accepts it.
    """
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()]
    ends = f":{theirs:04X}", f":{ours:04X}"
    return any((row[1][-5:], row[2][-5:]) == ends and (row[3] == "01" or row[9] != "0") for row in rows)
