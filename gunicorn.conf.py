"""How gunicorn runs the API. `gunicorn` in this folder reads this file by itself.

Its environment: WEB_CONCURRENCY (workers), FORWARDED_ALLOW_IPS (addresses or networks of
the proxies in front, separated by commas) and DRAIN_SECONDS; docs/deployment.md has more.
"""

import atexit
import contextlib
import math
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from backend import drain
from backend.settings import Settings, SettingsError


def cpus(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """How many CPUs this process may use: those it may run on, or its cgroup's quota rounded up."""
    available = len(os.sched_getaffinity(0))
    try:
        if (cgroup / "cpu.max").exists():
            quota, period = (cgroup / "cpu.max").read_text().split()
        else:
            quota = (cgroup / "cpu/cpu.cfs_quota_us").read_text()
            period = (cgroup / "cpu/cpu.cfs_period_us").read_text()
        limit = math.ceil(int(quota) / int(period))
    except (OSError, ValueError):  # no cgroup, or "max" for no quota
        return available
    return min(limit, available) if limit > 0 else available


def refuse_to_start(fault: str) -> NoReturn:
    """End the process as wrong settings do: one line, EX_CONFIG."""
    print(fault, file=sys.stderr)
    sys.exit(78)


wsgi_app = "backend.main:app"
bind = "0.0.0.0:8000"
worker_class = "backend.worker.Worker"
if "WEB_CONCURRENCY" not in os.environ:  # gunicorn reads that itself
    workers = cpus()

# Wrong settings end the start, where a worker of its own would be started again and again.
# It also lets the workers share the memory that the code takes.
preload_app = True

# A worker whose event loop stands still for so many seconds is killed and replaced.
timeout = 15
worker_tmp_dir = "/dev/shm"  # its heartbeat is a file: in memory, so that no disk can delay it

# Longer than proxies keep a connection (60 s is usual), so that it is never us who close it
# while they send the next request.
keepalive = 75

# SIGTERM: DRAIN_SECONDS of serving while /readyz says 503, then up to graceful_timeout for what
# is under way. Whoever stops the container has to wait for the sum.
drain_seconds = os.environ.get("DRAIN_SECONDS") or "5"
if not drain_seconds.isdecimal():
    refuse_to_start("DRAIN_SECONDS: must be whole seconds; 5 suits most")
graceful_timeout = 15

# X-Forwarded-For and X-Forwarded-Proto count only from these.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS") or "127.0.0.1"
if "*" in forwarded_allow_ips:
    refuse_to_start("FORWARDED_ALLOW_IPS: * would believe every caller; name the proxies' networks")

# gunicorn's own lines go where the application's go, in the same form.
logconfig_dict = {"loggers": {"gunicorn.error": {"level": "NOTSET", "handlers": [], "propagate": True}}}

control_socket_disable = True


def metrics_folder() -> str:
    """Make the folder where the workers keep their metrics; it goes when this process ends."""
    folder, master = tempfile.mkdtemp(prefix="metrics-", dir=worker_tmp_dir), os.getpid()

    def remove() -> None:
        if os.getpid() == master:  # a worker inherits this
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


try:
    metrics_address = Settings.load().metrics_address
except SettingsError:  # told when the application is loaded
    metrics_address = ""
# prometheus_client looks for it once, when the application imports it. A reload comes by here again.
if metrics_address and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = metrics_folder()


def when_ready(server: Any) -> None:
    """Let SIGTERM drain before gunicorn handles it; a second one cuts that short."""

    def stop(_: int, frame: FrameType | None) -> None:
        server.signal(signal.SIGTERM, frame)

    def admit_no_more(_: int, __: FrameType | None) -> None:
        for listener in server.LISTENERS:
            drain.admit_no_more(listener.sock)
        signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, 0.2)  # to accept what is connected, and read what it sent

    def begin_drain(_: int, __: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGALRM, admit_no_more)
        drain.begin()
        signal.setitimer(signal.ITIMER_REAL, float(drain_seconds) or 0.001)

    signal.signal(signal.SIGTERM, begin_drain)
    if metrics_address:
        from backend.exporter import serve_workers  # noqa: PLC0415 -- after its folder is named

        serve_workers(metrics_address)


def on_reload(_: Any) -> None:
    """Log as before: gunicorn has just set logging up anew, and the application is not loaded again."""
    from backend.logs import configure_logging  # noqa: PLC0415 -- it imports the metrics, too

    with contextlib.suppress(SettingsError):
        configure_logging(Settings.load())


def child_exit(_: Any, worker: Any) -> None:
    """Keep the counts of a worker that has ended, and nothing else of its metrics."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from backend.exporter import forget_worker  # noqa: PLC0415 -- as above

        forget_worker(worker.pid)
