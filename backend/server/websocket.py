"""WebSockets as uvicorn serves them, with limits on what a connection holds."""

from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame

# A message may come in this many frames; ws_max_size counts their bytes, and empty ones have none.
MAX_FRAGMENTS: Final = 1024


# How long a client may take to answer a close frame.
CLOSE_SECONDS: Final = 5.0


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """Ends a connection whose message has no end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.close_timeout = CLOSE_SECONDS

    def handle_cont(self, event: Frame) -> None:
        """Add a fragment to the message."""
        if len(self.frames) < MAX_FRAGMENTS:
            super().handle_cont(event)
        elif not self.close_sent:
            self.conn.fail(CloseCode.MESSAGE_TOO_BIG)
            self.handle_parser_exception()
