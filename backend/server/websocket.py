"""WebSockets as uvicorn serves them, with limits on what a connection holds."""

from contextlib import suppress
from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidHandshake
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request

# A message may come in this many frames; ws_max_size counts their bytes, and empty ones have none.
MAX_FRAGMENTS: Final = 1024
# How long a client may take to answer a close frame.
CLOSE_SECONDS: Final = 5.0


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """Ends a connection whose message has no end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.close_timeout = CLOSE_SECONDS

    def data_received(self, data: bytes) -> None:
        """Parse `data`. A client waits for the response to its handshake (RFC 6455 section 4.1)."""
        if self.handshake_initiated and not self.handshake_complete:
            self.transport.abort()
        else:
            super().data_received(data)

    def handle_connect(self, event: Request) -> None:
        """Begin a valid handshake. LimitedProtocol refuses others: the library's text quotes their fields."""
        with suppress(InvalidHandshake):
            self.conn.process_request(event)
            super().handle_connect(event)

    def handle_cont(self, event: Frame) -> None:
        """Add a fragment to the message."""
        if len(self.frames) < MAX_FRAGMENTS:
            super().handle_cont(event)
        elif not self.close_sent:
            self.conn.fail(CloseCode.MESSAGE_TOO_BIG)
            self.handle_parser_exception()
