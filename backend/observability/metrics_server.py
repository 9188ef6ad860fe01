"""Serve the metrics for Prometheus at a separate address."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from socketserver import ThreadingMixIn
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

from backend.observability.worker_metrics import channel_to_master, sent_over, worker_metrics

MAX_CONNECTIONS: Final = 16
IDLE_SECONDS: Final = 10.0

_log = logging.getLogger(__name__)


def start_metrics_server(address: str) -> None:
    """Serve the metrics of all workers at `address` (host:port); call it in gunicorn's `when_ready`."""
    registry = CollectorRegistry()
    registry.register(worker_metrics())
    _start(address, registry)


@contextmanager
def metrics_server(registry: CollectorRegistry, address: str) -> Iterator[None]:
    """Serve `registry` at `address` until the block ends; a gunicorn worker sends it to its master."""
    if (channel := channel_to_master()) is not None:
        with sent_over(channel, registry):
            yield
    else:
        stop = _start(address, registry)
        try:
            yield
        finally:
            stop()


def _start(address: str, registry: CollectorRegistry) -> Callable[[], None]:
    """Start the server and return the function that stops it. If it cannot start, log why and continue."""
    host, _, port = address.rpartition(":")
    server_class = _IPv6Server if host.startswith("[") else _Server
    try:
        server = make_server(host.strip("[]"), int(port), make_wsgi_app(registry), server_class, _Handler)
    except OSError as error:
        _log.error("metrics are not served at %s: %s", address, error)
        return lambda: None
    thread = threading.Thread(target=server.serve_forever, name="metrics server", daemon=True)
    thread.start()
    _log.info("metrics are served at http://%s/metrics", address)

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop


class _Server(ThreadingMixIn, WSGIServer):
    """One thread per connection, at most MAX_CONNECTIONS: one more closes the oldest."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._connections: dict[socket.socket, None] = {}  # oldest first
        self._lock = threading.Lock()
        super().__init__(*args, **kwargs)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            if len(self._connections) >= MAX_CONNECTIONS:
                oldest = next(iter(self._connections))
                del self._connections[oldest]
                with suppress(OSError):  # its client has closed it
                    oldest.shutdown(socket.SHUT_RDWR)
            self._connections[request] = None
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, *_: Any) -> None:
        """Ignore a connection that ended early: it was idle, or the client disconnected."""


class _IPv6Server(_Server):
    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    timeout = IDLE_SECONDS

    def log_message(self, *_: Any) -> None:
        """Keep scrapes out of the log."""
