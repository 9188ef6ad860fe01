"""How gunicorn serves the API.

`gunicorn` in this folder reads this file, and runs it again after SIGHUP, in the same process.
"""

import gc
import importlib
import logging
import os
import signal
import sys
from typing import Any

from backend.observability.logging import configure_logging
from backend.server.settings import GRACE_SECONDS, settings_of_now
from backend.settings import EX_CONFIG

settings = settings_of_now.load()

wsgi_app = "backend.main:app"
worker_class = "backend.server.worker.Worker"
workers = settings.server.web_concurrency
forwarded_allow_ips = settings.server.forwarded_allow_ips  # whose X-Forwarded-For and -Proto are trusted
preload_app = True  # invalid settings end the start, and workers share the memory of the code
timeout = 15  # a worker whose event loop blocks for longer is replaced
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # no disk delays the heartbeat
keepalive = 75  # longer than proxies keep a connection, so that we never close one under their request
graceful_timeout = settings.server.drain_seconds + GRACE_SECONDS + 1  # then gunicorn kills the workers
logconfig_dict = {"loggers": {"gunicorn.error": {"level": "NOTSET", "handlers": [], "propagate": True}}}
control_socket_disable = True  # it requires a home directory, which the container lacks

SEVERAL_WORKERS = "DPOP_REPLAY_STORE: required for several workers, or each would accept a proof once"


def on_starting(server: Any) -> None:
    """End the start if the workers would not share the used DPoP proofs. gunicorn calls this first."""
    if settings.one_worker and server.cfg.workers > 1:
        print(f"{SEVERAL_WORKERS}; set it to a redis:// URL, or WEB_CONCURRENCY to 1", file=sys.stderr)
        raise SystemExit(EX_CONFIG)


def nworkers_changed(server: Any, new: int, old: int | None) -> None:
    """Keep one worker after SIGTTIN or a reload if others would not share the used DPoP proofs."""
    if settings.one_worker and new > 1 and old is not None:
        configure_logging(settings.api)  # a reload has reset it
        logging.getLogger("gunicorn.error").error("%s; one worker stays", SEVERAL_WORKERS)
        server.cfg.set("workers", 1)
        server.num_workers = 1


def when_ready(_: Any) -> None:
    """Prepare the master. gunicorn calls this in it, before it starts a worker."""
    # SIGUSR2 would start a second master, on the same sockets.
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    gc.freeze()  # collections in the workers skip what they share, which would copy it


def on_reload(server: Any) -> None:
    """Replace the workers after SIGHUP, without draining: new ones accept connections at once.

    The application is built anew with the settings of now, unless they are invalid.
    """
    configure_logging(settings.api)  # gunicorn has reset it
    if settings_of_now.valid:
        importlib.reload(importlib.import_module(server.app.app_uri.partition(":")[0]))
        server.app.callable = None  # the workers load it from the module
    server.kill_workers(signal.SIGHUP)
