"""HTTP/1.1 as gunicorn's workers serve it: uvicorn's protocol, with limits."""

import math
import os
import re
from asyncio import BaseTransport, Transport
from typing import TYPE_CHECKING, Final, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from backend.server.connection import MAX_CONNECTIONS, Connection, log_refused

if TYPE_CHECKING:
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

MAX_TARGET_BYTES: Final = 8 * 1024
# Header and trailer fields together. The middleware limits `Authorization` to 16 KiB.
MAX_FIELDS_BYTES: Final = 32 * 1024
MAX_FIELDS: Final = 100
# Requests that may wait on one connection while an earlier one is under way.
MAX_PIPELINED: Final = 16
# For a whole header section, and for the rest of a body after its response.
HEADER_SECONDS: Final = 10
# Between two parts of a body that the application waits for.
BODY_SECONDS: Final = 20

# websockets parses the handshake again, and reads its limit for a line from this variable.
os.environ.setdefault("WEBSOCKETS_MAX_LINE_LENGTH", str(2 * MAX_FIELDS_BYTES))

# RFC 9112 section 3.2: uri-host [ ":" port ], or empty.
_HOST: Final = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?")
# Fields of a handshake that websockets parses member by member, which takes longer than all the rest.
_LISTS: Final = (b"connection", b"sec-websocket-protocol")


class LimitedProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn serves it, with the limits above.

    A request over a limit gets 400, and the connection closes. The parser calls the `on_…`
    methods; an exception in one of them makes the request invalid.
    """

    _in_header = False
    _in_body = False
    _refused = False
    _fields = 0
    _fields_bytes = 0
    _unparsed_bytes = 0
    _running: RequestResponseCycle | None = None
    _deadline = math.inf

    def connection_made(self, transport: BaseTransport) -> None:
        """Start to read, or refuse the connection if there are too many."""
        super().connection_made(cast("Transport", Connection(cast("Transport", transport), self)))
        self._deadline = self.loop.time() + HEADER_SECONDS
        if len(self.connections) > MAX_CONNECTIONS:
            self.transport.abort()
            log_refused(self.loop.time())

    def connection_lost(self, exc: Exception | None) -> None:
        """Notify the application; uvicorn does so only for the last of several pipelined requests."""
        super().connection_lost(exc)
        if self._running is not None:
            self._running.disconnected = True
            self._running.message_event.set()

    def end_if_overdue(self, now: float) -> None:
        """Abort if the client takes too long to send what it has begun. Called once a second."""
        under_way = self.cycle is not None and not self.cycle.response_complete
        if under_way and (self.flow.read_paused or self.cycle.waiting_for_100_continue):
            self._deadline = now + BODY_SECONDS  # the client waits for the application
        elif now > self._deadline and (self._in_body or not under_way):
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Parse `data`, unless an earlier part was invalid."""
        if self._refused:
            return
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None
            self._deadline = self.loop.time() + HEADER_SECONDS
        # The parser buffers a field until it is complete.
        self._unparsed_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            # Other messages may contain the URL.
            ours = type(error.__context__) is ValueError
            self._refuse(str(error.__context__) if ours else "syntax error")
        else:
            if self._unparsed_bytes > MAX_FIELDS_BYTES:
                self._refuse("fields too large")

    def on_message_begin(self) -> None:
        """Start a request. Raises ValueError if too many wait."""
        if len(self.pipeline) >= MAX_PIPELINED:
            raise ValueError("too many pipelined requests")
        super().on_message_begin()
        self._in_header, self._in_body = True, False
        self._fields = self._fields_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Add a part of the request target. Raises ValueError if the whole is too long."""
        self._unparsed_bytes = 0
        super().on_url(url)
        if len(self.url) > MAX_TARGET_BYTES:
            raise ValueError("request target too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header field; ignore a trailer field. Raises ValueError over a limit."""
        self._unparsed_bytes = 0
        self._fields += 1
        self._fields_bytes += len(name) + len(value)
        if self._fields > MAX_FIELDS or self._fields_bytes > MAX_FIELDS_BYTES:
            raise ValueError("fields too large")
        # RFC 9110 section 6.5.1: a trailer field is never merged into the header section.
        if not self._in_body:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start the response. Raises ValueError without one valid `Host` field; HTTP/1.0 requires none."""
        hosts = [value for name, value in self.headers if name == b"host"]
        valid = len(hosts) == 1 and _HOST.fullmatch(hosts[0]) is not None
        if not valid and (hosts or self.parser.get_http_version() != "1.0"):
            raise ValueError("missing, repeated or invalid Host")
        self._in_header, self._in_body = False, True
        if self.parser.should_upgrade():  # the parser stops here; _upgrade decides
            return
        super().on_headers_complete()
        self._deadline = self.loop.time() + BODY_SECONDS
        if not self.pipeline:
            self._running = self.cycle

    def on_body(self, body: bytes) -> None:
        """Add a part of the body, which the application limits."""
        self._unparsed_bytes = 0
        if not self.cycle.response_complete:
            self._deadline = self.loop.time() + BODY_SECONDS
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request."""
        self._in_body = False
        if not self.parser.should_upgrade():
            super().on_message_complete()
            self._deadline = math.inf

    def on_response_complete(self) -> None:
        """Start the next request. What the client has begun to send must end soon (RFC 9112 section 9.6)."""
        if self._in_header or self._in_body:
            self._deadline = self.loop.time() + HEADER_SECONDS
        self._running = self.pipeline[-1][0] if self.pipeline else None
        super().on_response_complete()

    def _upgrade(self, rest: bytes) -> None:
        """Open a WebSocket, or ignore the upgrade and parse the request without `Upgrade`.

        `rest` follows the header section. uvicorn would drop the body, or parse it as the next
        request (uvicorn issue 2722, httptools issue 124).
        """
        method, version = self.parser.get_method(), self.parser.get_http_version()
        if method == b"CONNECT":
            self._refuse("CONNECT is not supported")
        elif method == b"GET" and version == "1.1" and self._is_handshake():
            self.handle_websocket_upgrade()
        else:
            fields = [b"%b: %b\r\n" % field for field in self.headers if field[0] != b"upgrade"]
            head = b"%b %b HTTP/%b\r\n%b\r\n" % (method, self.url, version.encode(), b"".join(fields))
            self.parser = httptools.HttpRequestParser(self)
            self.data_received(head + rest)

    def _is_handshake(self) -> bool:
        has_body = any(
            name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
            for name, value in self.headers
        )
        upgrades = [value.lower() for name, value in self.headers if name == b"upgrade"]
        return not has_body and upgrades == [b"websocket"]

    def handle_websocket_upgrade(self) -> None:
        """Pass the connection to the WebSocket protocol. What that cannot parse gets 400."""
        lists = b",".join(value for name, value in self.headers if name in _LISTS)
        if self.cycle is not None and not self.cycle.response_complete:
            self._refuse("WebSocket handshake while a request is under way")
        elif lists.count(b",") >= MAX_FIELDS:
            self._refuse("fields too large")
        else:
            self.scope["method"] = "GET"
            super().handle_websocket_upgrade()
            protocol = cast("WebSocketsSansIOProtocol", self.transport.get_protocol())
            if not protocol.handshake_initiated:
                self._refuse("invalid WebSocket handshake")

    def _refuse(self, reason: str) -> None:
        """Stop parsing, and close after the responses under way; send 400 if there is none."""
        self._refused = True
        self.logger.warning("invalid request: %s", reason)
        cycle = self.cycle
        if cycle is not None and not self._in_body and not cycle.response_complete:
            cycle.keep_alive = False
        elif cycle is not None and self._in_body and (self.pipeline or cycle.response_started):
            self.transport.close()
        else:
            self.send_400_response("Invalid HTTP request received.")
