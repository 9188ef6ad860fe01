"""How gunicorn runs the API. `gunicorn` in this folder reads this file by itself.

The variables that it reads are explained in docs/configuration.md. gunicorn runs this file
again for SIGHUP, in the same process.
"""

import atexit
import contextlib
import math
import os
import re
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from backend.server import draining as drain
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
worker_class = "backend.server.worker.Worker"
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
if re.fullmatch("[0-9]{1,4}", drain_seconds) is None:
    refuse_to_start("DRAIN_SECONDS: must be whole seconds, 9999 at most; 5 suits most")
graceful_timeout = 15

# X-Forwarded-For and X-Forwarded-Proto count only from these. gunicorn checks their form.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS") or "127.0.0.1"
for proxy in forwarded_allow_ips.split(","):
    if proxy.strip() in ("*", "0.0.0.0/0", "::/0"):
        refuse_to_start(f"FORWARDED_ALLOW_IPS: {proxy} believes every caller; name the proxies' networks")

# gunicorn's own lines go where the application's go, in the same form.
logconfig_dict = {"loggers": {"gunicorn.error": {"level": "NOTSET", "handlers": [], "propagate": True}}}

# Its home would be the user's, which the container's has not, and nothing here asks it.
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
# prometheus_client looks for it once, when the application imports it, which is not yet. It has to stay
# the same for good: after SIGHUP the workers are others, and the process that adds them up is not.
if metrics_address and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = metrics_folder()


def when_ready(server: Any) -> None:
    """Let SIGTERM drain before gunicorn handles it; a second one cuts that short.

    gunicorn calls this once, when it listens and before it forks the first worker.
    """

    def stop(_: int, frame: FrameType | None) -> None:
        server.signal(signal.SIGTERM, frame)

    def admit_no_more(_: int, __: FrameType | None) -> None:
        if not server.systemd:  # whose sockets outlive this process, and serve the next one
            for listener in server.LISTENERS:
                drain.admit_no_more(listener.sock)
        signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, 0.2)  # to accept what is connected, and read what it sent

    def begin_drain(_: int, __: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGALRM, admit_no_more)
        drain.begin()
        signal.setitimer(signal.ITIMER_REAL, float(drain_seconds) or 0.001)  # 0 would be never

    signal.signal(signal.SIGTERM, begin_drain)
    # It starts a second master on the same sockets and METRICS_ADDRESS; draining closes them for both.
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    if metrics_address:
        from backend.observability.metrics_server import serve_workers  # noqa: PLC0415 -- after its folder is named

        serve_workers(metrics_address)


def on_reload(_: Any) -> None:
    """After SIGHUP log as before: gunicorn has set logging up anew, and keeps the loaded application."""
    from backend.observability.logging import configure_logging  # noqa: PLC0415 -- it imports the metrics, too

    with contextlib.suppress(SettingsError):
        configure_logging(Settings.load())


def child_exit(_: Any, worker: Any) -> None:
    """Keep the counts of a worker that has ended, and nothing else of its metrics.

    gunicorn calls this in the master, once for each worker, however it ended.
    """
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from backend.observability.metrics_server import forget_worker  # noqa: PLC0415 -- as above

        forget_worker(worker.pid)
