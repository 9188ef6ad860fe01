"""The worker that gunicorn runs: uvicorn's, with limits and draining."""

import logging
import sys
from typing import Any

from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]  # gunicorn has no annotations
from uvicorn_worker import UvicornWorker

from backend.server.draining import DrainingServer, DrainMiddleware
from backend.server.protocol import LimitedProtocol
from backend.server.settings import GRACE_SECONDS, ServerSettings


class Worker(UvicornWorker):
    """Serves with LimitedProtocol, drains, and logs through the application's handlers."""

    CONFIG_KWARGS: dict[str, Any] = {  # noqa: RUF012 -- as inherited
        "http": LimitedProtocol,
        "ws": "backend.server.websocket:WebSocketProtocol",
        "timeout_graceful_shutdown": GRACE_SECONDS,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The base class attaches gunicorn's handlers.
        logger = logging.getLogger("uvicorn.error")
        logger.handlers, logger.propagate = [], True

    async def _serve(self) -> None:
        self.config.app = DrainMiddleware(self.wsgi)
        server = DrainingServer(self.config, ServerSettings.load().drain_seconds, master=self.ppid)
        # Sockets, not gunicorn's wrappers: uvloop would close each of those twice, and gunicorn log that.
        await server.serve(sockets=[listener.sock for listener in self.sockets])
        if not server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)
