"""Flow control that uvicorn's protocols lack: between the transport of a connection and its protocol."""

import asyncio
import logging
from collections import deque
from typing import Final

# In a worker. By default, Linux lets a process open 1,024 files.
MAX_CONNECTIONS: Final = 800
# The most that one read parses. Requests fit; the smallest chunks of a body take about 5 ms.
READ_BYTES: Final = 16 * 1024
# The same for WebSockets: 73 of the smallest messages, each of which a route may answer.
READ_FRAMES_BYTES: Final = 512
# How long a WebSocket that closes may take to send what is left.
CLOSE_SECONDS: Final = 1

_log: Final = logging.getLogger(__name__)
_logged: Final[list[float]] = []
_buffer: Final = memoryview(bytearray(READ_BYTES))
_waiting: Final[deque["Connection"]] = deque()


class Connection(asyncio.BufferedProtocol):
    """Stands between `transport`, as its protocol, and uvicorn's `protocol`, as its transport.

    A client that sends without a break is read once in each turn of the event loop, one such client
    in a turn, so that others wait for one read at most. Nothing is read while the client does not
    read: what it sends, pings for example, would be answered into memory.
    """

    def __init__(self, transport: asyncio.Transport, protocol: asyncio.Protocol) -> None:
        self._transport = transport
        self._protocol = protocol
        self._view = _buffer
        self._holds: set[str] = set()
        self._loop = asyncio.get_running_loop()
        # Called for each response: as fast as without this class.
        self.write = transport.write
        self.is_closing = transport.is_closing
        self.get_extra_info = transport.get_extra_info
        self.abort = transport.abort
        transport.set_protocol(self)

    def get_buffer(self, _: int) -> memoryview:
        """Return where to read to; each read is parsed before the next one."""
        return self._view

    def buffer_updated(self, nbytes: int) -> None:
        """Parse a read. After a full one, the next waits for a turn."""
        self._protocol.data_received(bytes(self._view[:nbytes]))
        if nbytes == len(self._view):
            self._hold("turn")
            _waiting.append(self)
            if len(_waiting) == 1:
                self._loop.call_soon(_next_turn, self._loop)

    def pause_writing(self) -> None:
        """Stop reading while the client does not read."""
        self._hold("client")
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """Read again."""
        self._protocol.resume_writing()
        self.release("client")

    def eof_received(self) -> bool | None:
        """Tell the protocol that the client sends no more."""
        return self._protocol.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the protocol that the connection has ended."""
        self._protocol.connection_lost(exc)

    def pause_reading(self) -> None:
        """Stop reading until the protocol asks for more."""
        self._hold("protocol")

    def resume_reading(self) -> None:
        """Read again."""
        self.release("protocol")

    def set_protocol(self, protocol: asyncio.Protocol) -> None:
        """Replace the HTTP protocol by that of a WebSocket."""
        self._protocol = protocol
        self._view = _buffer[:READ_FRAMES_BYTES]

    def get_protocol(self) -> asyncio.Protocol:
        """Return uvicorn's protocol."""
        return self._protocol

    def close(self) -> None:
        """Close once everything is written; a WebSocket after CLOSE_SECONDS in any case."""
        self._transport.close()
        if self._view is not _buffer:
            self._loop.call_later(CLOSE_SECONDS, self._transport.abort)

    def _hold(self, reason: str) -> None:
        if not self._holds and not self._transport.is_closing():
            self._transport.pause_reading()
        self._holds.add(reason)

    def release(self, reason: str) -> None:
        """Read again, unless there is another reason to wait."""
        if reason in self._holds:
            self._holds.discard(reason)
            if not self._holds and not self._transport.is_closing():
                self._transport.resume_reading()


def _next_turn(loop: asyncio.AbstractEventLoop) -> None:
    _waiting.popleft().release("turn")
    if _waiting:
        loop.call_soon(_next_turn, loop)


def log_refused(now: float) -> None:
    """Log that a connection beyond MAX_CONNECTIONS is refused, once a minute at most."""
    if not _logged or now - _logged[0] >= 60:
        _logged[:] = [now]
        _log.warning("refusing new connections: %d are open", MAX_CONNECTIONS)
