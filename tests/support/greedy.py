"""Clients that send one thing as fast as they can, and what that does to other callers."""

import os
import select
import socket
import statistics
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # the clients' process imports this module, and needs no application
    from tests.support.service import Service

CONNECTIONS: Final = 3
_BLOCK: Final = 60_000  # bytes in one call
_MASK: Final = bytes(4)

_CHUNKED: Final = b"Host: x\r\nTransfer-Encoding: chunked\r\n\r\n"
HANDSHAKE: Final = (
    b"GET /ws/hello HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Authorization: Bearer %b\r\n"
)


def frame(first: int, payload: bytes = b"") -> bytes:
    """Return a masked frame with `first` as its first byte (RFC 6455 section 5.2); the mask changes nothing."""
    size = len(payload)
    if size < 126:
        return bytes([first, 0x80 | size]) + _MASK + payload
    length = b"\xfe" + size.to_bytes(2) if size < 65_536 else b"\xff" + size.to_bytes(8)
    return bytes([first]) + length + _MASK + payload


def _deflated() -> bytes:
    deflate = zlib.compressobj(9, wbits=-12)
    return deflate.compress(bytes(16_000_000)) + deflate.flush(zlib.Z_SYNC_FLUSH)[:-4]


@dataclass(frozen=True)
class Kind:
    """One thing that a client can send: the start of a connection, and what follows without end."""

    start: bytes
    repeated: bytes = b""
    reads: bool = True
    first: bytes = b""  # once, after a handshake


KINDS: Final = {
    "header": Kind(b"GET / HTTP/1.1\r\nHost: x\r\n", b"a:\r\n"),
    "empty line": Kind(b"", b"\r\n"),
    "chunk": Kind(b"POST /caller HTTP/1.1\r\n" + _CHUNKED, b"1\r\na\r\n"),
    "large chunk": Kind(b"POST /caller HTTP/1.1\r\n" + _CHUNKED, b"8000\r\n%b\r\n" % (b"a" * 0x8000)),
    "chunk after the response": Kind(b"POST /hello/Ada HTTP/1.1\r\n" + _CHUNKED, b"1\r\na\r\n"),
    "chunk extension": Kind(b"POST /caller HTTP/1.1\r\n" + _CHUNKED, b"1;a=b\r\na\r\n"),
    "pipelined request": Kind(b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
    "pipelined request, unread": Kind(b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", reads=False),
    "refused handshake": Kind(HANDSHAKE.replace(b"%b", b"x") + b"\r\n"),
    "refused subprotocol": Kind(
        HANDSHAKE.replace(b"%b", b"x") + b"Sec-WebSocket-Protocol: a,%b(\r\n\r\n" % (b" " * 30_000)
    ),
    "message": Kind(HANDSHAKE + b"\r\n", frame(0x81, b"a")),
    "message, unread": Kind(HANDSHAKE + b"\r\n", frame(0x81, b"a"), reads=False),
    "large message": Kind(HANDSHAKE + b"\r\n", frame(0x81, b"a" * 60_000)),
    "compressed message": Kind(
        HANDSHAKE + b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=12\r\n\r\n",
        frame(0xC1, _deflated()),
    ),
    "empty fragment": Kind(HANDSHAKE + b"\r\n", frame(0x00), first=frame(0x01)),
    "fragment": Kind(HANDSHAKE + b"\r\n", frame(0x00, b"a"), first=frame(0x01)),
    "ping": Kind(HANDSHAKE + b"\r\n", frame(0x89)),
    "ping, unread": Kind(HANDSHAKE + b"\r\n", frame(0x89, b"a" * 125), reads=False),
    "pong": Kind(HANDSHAKE + b"\r\n", frame(0x8A)),
}


def connect(url: str) -> socket.socket:
    """Return a connection to `url`."""
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def _send(url: str, kind: Kind, token: str) -> None:
    block = kind.repeated * max(1, _BLOCK // len(kind.repeated)) if kind.repeated else b""
    start = kind.start.replace(b"%b", token.encode())
    while True:
        with suppress(OSError), connect(url) as connection:
            connection.sendall(start)
            if kind.start.startswith(HANDSHAKE):
                connection.recv(4096)
                connection.sendall(kind.first)
            _send_without_end(connection, block, reads=kind.reads)


def _send_without_end(connection: socket.socket, block: bytes, *, reads: bool) -> None:
    connection.settimeout(0)
    rest = memoryview(block)
    while True:
        readable, writable, _ = select.select(
            [connection] if reads else [], [connection] if block else [], []
        )
        if readable and not connection.recv(1_000_000):
            return
        if writable:
            rest = rest[connection.send(rest) :] or memoryview(block)


@dataclass
class Effect:
    """What a flood did: waits of another caller in seconds, growth and log in bytes, workers that ended."""

    waits: list[float] = field(default_factory=list)
    failed: int = 0
    grown: int = 0
    logged: int = 0
    ended: int = 0

    def __str__(self) -> str:
        """Return one row of a table."""
        return (
            f"median {statistics.median(self.waits) * 1000:.0f} ms, longest {max(self.waits) * 1000:.0f} ms, "
            f"failed {self.failed} of {len(self.waits)}, "
            f"memory {self.grown / 1e6:+.0f} MB, log {self.logged / 1000:.1f} KB, workers ended {self.ended}"
        )


def effect_of(service: "Service", url: str, kind: Kind, token: str, seconds: float) -> Effect:
    """Return what `CONNECTIONS` greedy clients at `url` do to another caller and to the worker of `service`."""
    before, log_before = service.workers(), len(service.log)
    memory = sum(map(resident_bytes, before))
    effect = Effect()
    with flooding(url, kind, token):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            started = time.monotonic()
            effect.failed += not _healthy(url)
            effect.waits.append(time.monotonic() - started)
            effect.grown = max(effect.grown, sum(map(resident_bytes, before)) - memory)
            time.sleep(0.01)
    effect.logged = len(service.log) - log_before
    effect.ended = len(before - service.workers())
    return effect


def _healthy(url: str) -> bool:
    try:
        with connect(url) as connection:
            connection.settimeout(60)
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return connection.recv(4096).startswith(b"HTTP/1.1 200 ")
    except OSError:
        return False


@contextmanager
def flooding(url: str, kind: Kind, token: str) -> Iterator[None]:
    """Run `CONNECTIONS` greedy clients in a process of their own until the block ends."""
    context = get_context("spawn")
    begun = context.Event()
    process = context.Process(target=_flood, args=(url, kind, token, begun), daemon=True)
    process.start()
    assert begun.wait(30)
    try:
        yield
    finally:
        process.kill()
        process.join()


def _flood(url: str, kind: Kind, token: str, begun: Event) -> None:
    threads = [threading.Thread(target=_send, args=(url, kind, token)) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    begun.set()


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process (proc(5), statm); 0 if it has ended."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
