"""Draining: after SIGTERM a worker keeps serving while load balancers move traffic elsewhere."""

import asyncio
import logging
import math
import os
import signal
import threading
from collections.abc import Awaitable, Generator
from contextlib import contextmanager
from typing import Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn import Config, Server

from backend.server.protocol import LimitedProtocol

FAST_STOP_SECONDS: Final = 1
"""How long SIGQUIT lets requests under way continue; gunicorn kills workers after two seconds."""

draining: Final = threading.Event()
"""Set while this process drains."""

_log: Final = logging.getLogger(__name__)


class DrainingServer(Server):
    """A uvicorn server that serves for `drain_seconds` after SIGTERM, and ends when `master` is gone.

    gunicorn's master sends SIGTERM, SIGHUP (see gunicorn.conf.py) and, for its own SIGINT and
    SIGQUIT, SIGQUIT.
    """

    def __init__(self, config: Config, drain_seconds: int, *, master: int) -> None:
        super().__init__(config)
        self._drain_seconds = drain_seconds
        self._master = master
        self._stop_at = math.inf

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Handle signals in the event loop, where logging is safe."""
        loop = asyncio.get_running_loop()
        # gunicorn's reload sends SIGHUP, then SIGTERM; if both are pending, SIGTERM is handled first.
        # So draining starts one step of the loop later, when SIGHUP has been handled too.
        loop.add_signal_handler(signal.SIGTERM, loop.call_soon, self.drain)
        loop.add_signal_handler(signal.SIGHUP, self.stop)
        loop.add_signal_handler(signal.SIGQUIT, self.stop_fast)
        # Ctrl-C reaches all processes of a terminal; the master sends SIGQUIT.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        yield

    def drain(self) -> None:
        """Start draining. A second call does nothing: systemd also signals each process."""
        if not self.should_exit and not draining.is_set():
            draining.set()
            self._stop_at = asyncio.get_running_loop().time() + self._drain_seconds
            _log.info("draining: /readyz returns 503, the listener closes in %d s", self._drain_seconds)

    def stop(self) -> None:
        """Stop accepting connections, finish the requests under way, and end."""
        self.should_exit = True

    def stop_fast(self) -> None:
        """Stop, and cancel requests under way after FAST_STOP_SECONDS, or at once if already stopping."""
        self.config.timeout_graceful_shutdown = FAST_STOP_SECONDS
        self.force_exit = self.should_exit
        self.stop()

    async def on_tick(self, counter: int) -> bool:
        """End overdue connections, and return whether to stop; uvicorn calls this ten times a second."""
        if counter % 10 == 0:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, LimitedProtocol):
                    connection.end_if_overdue(now)
        if os.getppid() != self._master:
            _log.warning("stopping: the gunicorn master process is gone")
            return True
        return await super().on_tick(counter) or asyncio.get_running_loop().time() >= self._stop_at


class DrainMiddleware:
    """Pure ASGI middleware: while this process drains, `/readyz` returns 503 and responses close."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to the readiness probe, or pass the request on."""
        if not draining.is_set() or scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        def closing_send(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":  # RFC 9110 section 7.6.1
                message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            return send(message)

        probed = scope["path"] == "/readyz"
        app = JSONResponse({"status": "draining"}, 503) if probed else self.app
        await app(scope, receive, closing_send)
