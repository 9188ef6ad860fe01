"""The worker that gunicorn runs: uvicorn's, with limits and draining."""

import logging
import socket
import sys
from collections.abc import Iterable
from typing import Any, Final

from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]  # gunicorn has no annotations
from uvicorn_worker import UvicornWorker

from backend.server.draining import DrainingServer, DrainMiddleware
from backend.server.protocol import LimitedProtocol
from backend.server.settings import GRACE_SECONDS, settings_of_now
from backend.server.websocket import WebSocketProtocol

WRITE_SECONDS: Final = 20
"""How long a client may read nothing of what is sent to it; then the kernel ends the connection."""


class Worker(UvicornWorker):
    """Serves with LimitedProtocol, drains, and logs through the application's handlers."""

    CONFIG_KWARGS: dict[str, Any] = {  # noqa: RUF012 -- as inherited
        "http": LimitedProtocol,
        "ws": WebSocketProtocol,
        "ws_per_message_deflate": False,  # a small message may inflate to a thousand times its size
        "ws_max_size": 64 * 1024,
        "timeout_graceful_shutdown": GRACE_SECONDS,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The base class attaches gunicorn's handlers.
        logger = logging.getLogger("uvicorn.error")
        logger.handlers, logger.propagate = [], True

    async def _serve(self) -> None:
        self.config.app = DrainMiddleware(self.wsgi)
        drain_seconds = settings_of_now.last.server.drain_seconds
        server = DrainingServer(self.config, drain_seconds, master=self.ppid)
        # Sockets, not gunicorn's wrappers: uvloop would close each of those twice, and gunicorn log that.
        sockets = [listener.sock for listener in self.sockets]
        limit_unread_writes(sockets)
        await server.serve(sockets=sockets)
        if not server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)


def limit_unread_writes(listeners: Iterable[socket.socket]) -> None:
    """End connections whose client has acknowledged nothing for WRITE_SECONDS (tcp(7), TCP_USER_TIMEOUT).

    An accepted connection inherits the option from its listener. It also counts for a client that
    is there and does not read. Only Linux has it.
    """
    for listener in listeners:
        if sys.platform == "linux" and listener.family != socket.AF_UNIX:
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, WRITE_SECONDS * 1000)
