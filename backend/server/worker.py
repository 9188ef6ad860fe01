"""The worker that gunicorn runs: uvicorn's, with limits on what a request holds beside its body."""

import logging
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn_worker import UvicornWorker

from backend.server.draining import DrainMiddleware

MAX_TARGET_BYTES: Final = 8 * 1024
# The middleware refuses more than 16 KiB of Authorization, and in its own words.
MAX_FIELDS_BYTES: Final = 32 * 1024


class LimitedProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it, which by itself takes a header of any size.

    A request target over MAX_TARGET_BYTES, or header and trailer fields over
    MAX_FIELDS_BYTES together, are answered with 400 and the end of the connection
    (RFC 9110 section 5.4). The parser calls the methods named `on_…`; what they raise
    becomes that answer.
    """

    _fields_bytes = 0
    _unfinished_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Parse `data`; end the connection where a single field goes on and on."""
        # A field is kept in the parser until it is complete, where nothing else counts it.
        self._unfinished_bytes += len(data)
        super().data_received(data)
        if self._unfinished_bytes > MAX_FIELDS_BYTES:
            self.send_400_response("Invalid HTTP request received.")

    def on_message_begin(self) -> None:
        """Count anew for a new request."""
        super().on_message_begin()
        self._fields_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request target. Raises ValueError where the whole is too long."""
        self._unfinished_bytes = 0
        super().on_url(url)
        if len(self.url) > MAX_TARGET_BYTES:
            raise ValueError("request target too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header or trailer field. Raises ValueError where all together are too large."""
        self._unfinished_bytes = 0
        self._fields_bytes += len(name) + len(value)
        if self._fields_bytes > MAX_FIELDS_BYTES:
            raise ValueError("fields too large")
        super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body, which the application limits if it reads it."""
        self._unfinished_bytes = 0
        super().on_body(body)


class Worker(UvicornWorker):
    """Serves with LimitedProtocol, drains, and logs as the application was told to."""

    CONFIG_KWARGS: dict[str, Any] = {"loop": "uvloop", "http": LimitedProtocol}  # noqa: RUF012 -- as inherited

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The base class has just tied uvicorn's messages to handlers of gunicorn.
        logger = logging.getLogger("uvicorn.error")
        logger.handlers, logger.propagate = [], True

    def load_wsgi(self) -> None:
        """Load the application, and let it drain."""
        super().load_wsgi()
        self.wsgi: DrainMiddleware = DrainMiddleware(self.wsgi)
