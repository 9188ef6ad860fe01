"""How gunicorn serves the API: `gunicorn` in this folder reads this file. docs/deployment.md says why.

gunicorn runs this file again after SIGHUP, in the same process.
"""

import atexit
import os
import shutil
import signal
import tempfile
from contextlib import suppress
from typing import Any

from backend.server.settings import GRACE_SECONDS, load_or_exit
from backend.settings import Settings, SettingsError

settings = load_or_exit()

wsgi_app = "backend.main:app"
bind = "0.0.0.0:8000"
worker_class = "backend.server.worker.Worker"
workers = settings.web_concurrency
forwarded_allow_ips = settings.forwarded_allow_ips  # whose X-Forwarded-For and X-Forwarded-Proto count
preload_app = True  # invalid settings end the start, and workers share the memory of the code
timeout = 15  # a worker whose event loop blocks for longer is replaced
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # the heartbeat waits for no disk
keepalive = 75  # longer than proxies keep a connection, so that we never close one under their request
graceful_timeout = settings.drain_seconds + GRACE_SECONDS + 1  # then gunicorn kills the workers
logconfig_dict = {"loggers": {"gunicorn.error": {"level": "NOTSET", "handlers": [], "propagate": True}}}
control_socket_disable = True  # it requires a home directory, which the container lacks

if settings.metrics_address and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    folder, master = tempfile.mkdtemp(prefix="metrics-", dir=worker_tmp_dir), os.getpid()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    atexit.register(lambda: shutil.rmtree(folder if os.getpid() == master else "", ignore_errors=True))


def when_ready(_: Any) -> None:
    """Serve the metrics of all workers. gunicorn calls this in the master, before it starts a worker."""
    # SIGUSR2 would start a second master, on the same sockets and METRICS_ADDRESS.
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    if settings.metrics_address:
        from backend.observability.metrics_server import serve_workers  # noqa: PLC0415 -- after its folder is set

        serve_workers(settings.metrics_address)


def on_reload(server: Any) -> None:
    """Replace the workers after SIGHUP, without draining: the server stays ready."""
    from backend.observability.logging import configure_logging  # noqa: PLC0415 -- it imports the metrics

    with suppress(SettingsError):  # gunicorn has reset logging
        configure_logging(Settings.load())
    server.kill_workers(signal.SIGHUP)


def child_exit(_: Any, worker: Any) -> None:
    """Remove a worker's gauges and add up its counters. gunicorn calls this in the master."""
    if settings.metrics_address:
        from backend.observability.metrics_server import forget_worker  # noqa: PLC0415 -- as above

        forget_worker(worker.pid)
