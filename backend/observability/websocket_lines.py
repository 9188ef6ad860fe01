"""A filter for what uvicorn logs about WebSockets: the access log already has one line for each."""

import logging
from typing import Final

LEFT_OUT: Final = {
    # These contain the query string.
    '%s - "WebSocket %s" [accepted]',
    '%s - "WebSocket %s" 403',
    '%s - "WebSocket %s" %d',
    "connection open",
    "connection closed",
    "connection rejected (%d %s)",
    # An ERROR for each denial response (uvicorn issue 3138).
    "ASGI callable returned without completing handshake.",
    # A traceback for a client's text that is not UTF-8; the connection closes with 1007.
    "Invalid UTF-8 sequence received from client.",
}
"""The messages of `uvicorn.error` that do not pass, before their arguments are filled in."""


class WebSocketLines(logging.Filter):
    """Leaves out what repeats the access log, under every server that runs uvicorn."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether `record` passes."""
        return record.msg not in LEFT_OUT
