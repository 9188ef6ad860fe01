"""HTTP/1.1 as gunicorn's workers serve it: uvicorn's protocol, with limits."""

import os
import re
from typing import TYPE_CHECKING, Final, cast

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from backend.server.draining import draining

if TYPE_CHECKING:
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

MAX_TARGET_BYTES: Final = 8 * 1024
# Header and trailer fields together. The middleware limits `Authorization` to 16 KiB.
MAX_FIELDS_BYTES: Final = 32 * 1024
MAX_FIELDS: Final = 100
# Requests that may wait on one connection while an earlier one is under way.
MAX_PIPELINED: Final = 16

# websockets parses the handshake again, and reads its limit for a line from this variable.
os.environ.setdefault("WEBSOCKETS_MAX_LINE_LENGTH", str(2 * MAX_FIELDS_BYTES))

# RFC 9112 section 3.2: uri-host [ ":" port ], or empty.
_HOST: Final = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?")


class LimitedProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn serves it, with the limits above.

    A request over a limit gets 400, and the connection closes. The parser calls the `on_…`
    methods; an exception in one of them makes the request invalid.
    """

    _in_body = False
    _refused = False
    _fields = 0
    _fields_bytes = 0
    _unparsed_bytes = 0
    _running: RequestResponseCycle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Notify the application; uvicorn does so only for the last of several pipelined requests."""
        super().connection_lost(exc)
        if self._running is not None:
            self._running.disconnected = True
            self._running.message_event.set()

    def data_received(self, data: bytes) -> None:
        """Parse `data`, unless an earlier part was invalid."""
        if self._refused:
            return
        self._unset_keepalive_if_required()
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
        self._in_body = False
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
        super().on_headers_complete()
        self._in_body = True
        if draining.is_set() and not self.parser.should_upgrade():
            self.cycle.keep_alive = False

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_body(self, body: bytes) -> None:
        """Add a part of the body, which the application limits."""
        self._unparsed_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request."""
        super().on_message_complete()
        self._in_body = False

    def _should_upgrade(self) -> bool:
        # The parser stops after the header section of each upgrade request; _upgrade decides.
        return True

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
        return not has_body and super()._should_upgrade()

    def handle_websocket_upgrade(self) -> None:
        """Pass the connection to the WebSocket protocol. What that cannot parse gets 400."""
        if self.cycle is not None and not self.cycle.response_complete:
            self._refuse("WebSocket handshake while a request is under way")
            return
        super().handle_websocket_upgrade()
        protocol = cast("WebSocketsSansIOProtocol", self.transport.get_protocol())
        if not protocol.handshake_initiated:
            self._refuse("WebSocket handshake that websockets cannot parse")

    def _refuse(self, reason: str) -> None:
        """Stop parsing, and close after the responses under way; send 400 if there is none."""
        self._refused = True
        self.logger.warning("invalid request: %s", reason)
        cycle = self.cycle
        if cycle is None or (cycle.response_complete and not self._in_body):
            self.send_400_response("Invalid HTTP request received.")
        elif not self._in_body:
            cycle.keep_alive = False
        elif self.pipeline or cycle.response_started:
            self.transport.close()
        else:
            self.send_400_response("Invalid HTTP request received.")
