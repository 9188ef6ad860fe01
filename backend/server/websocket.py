"""WebSockets as uvicorn serves them, except for its log."""

import logging
from typing import Any, Final

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_log: Final = logging.getLogger("uvicorn.error.websocket")
# The access log has a line for each WebSocket, and unlike uvicorn's INFO lines no query string.
_log.setLevel(logging.WARNING)


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """Treats a denial response as the end of the handshake; uvicorn logs an ERROR (uvicorn issue 3138)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = self.conn.logger = _log

    async def send(self, message: ASGISendEvent) -> None:
        """Send `message`; the last part of a denial response completes the handshake."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True
