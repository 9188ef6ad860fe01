"""How gunicorn serves the API.

`gunicorn` in this folder reads this file, and runs it again after SIGHUP, in the same process.
"""

import os
import signal
import sys
from contextlib import suppress
from typing import Any

from fastapi_okta_auth import SettingsError

from backend.observability.logging import configure_logging
from backend.server.settings import GRACE_SECONDS, ServerSettings
from backend.settings import EX_CONFIG, Settings, load_or_exit

SEVERAL_WORKERS = (
    "DPOP_REPLAY_STORE: required for several workers, or each would accept a proof once; "
    "set it to a redis:// URL, or WEB_CONCURRENCY to 1"
)

settings = load_or_exit(ServerSettings)

wsgi_app = "backend.main:app"
bind = "0.0.0.0:8000"
worker_class = "backend.server.worker.Worker"
workers = settings.web_concurrency
forwarded_allow_ips = settings.forwarded_allow_ips  # proxies whose X-Forwarded-For and -Proto are trusted
preload_app = True  # invalid settings end the start, and workers share the memory of the code
timeout = 15  # a worker whose event loop blocks for longer is replaced
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # no disk delays the heartbeat
keepalive = 75  # longer than proxies keep a connection, so that we never close one under their request
graceful_timeout = settings.drain_seconds + GRACE_SECONDS + 1  # then gunicorn kills the workers
logconfig_dict = {"loggers": {"gunicorn.error": {"level": "NOTSET", "handlers": [], "propagate": True}}}
control_socket_disable = True  # it requires a home directory, which the container lacks


def on_starting(server: Any) -> None:
    """End the start if the workers would not share the used DPoP proofs. gunicorn calls this first."""
    api = load_or_exit(Settings)
    if api.dpop != "off" and not api.dpop_replay_store.get_secret_value() and server.cfg.workers > 1:
        print(SEVERAL_WORKERS, file=sys.stderr)
        raise SystemExit(EX_CONFIG)


def when_ready(_: Any) -> None:
    """Prepare the master. gunicorn calls this in it, before it starts a worker."""
    # SIGUSR2 would start a second master, on the same sockets.
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)


def on_reload(server: Any) -> None:
    """Replace the workers after SIGHUP, without draining: new ones accept connections at once."""
    with suppress(SettingsError):  # gunicorn has reset logging
        configure_logging(Settings.load())
    server.kill_workers(signal.SIGHUP)
