"""Start servers so that they can be stopped together."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

STOP_SECONDS: Final = 10


def start(command: Sequence[str | Path], cwd: Path | None = None) -> subprocess.Popen[bytes]:
    """Start `command` in a new session, so that Ctrl-C does not reach it; `stop` does."""
    return subprocess.Popen(command, cwd=cwd, start_new_session=True)


def stop(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    """Stop `processes` and their children; kill those that still run after STOP_SECONDS."""
    processes = list(processes)
    for process in processes:
        _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal(process, signal.SIGKILL)
            process.wait()


def _signal(leader: subprocess.Popen[bytes], number: signal.Signals) -> None:
    # To the whole group: PyPI's `node`, for one, is a wrapper that does not pass signals on.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader.pid, number)


def in_use(port: int) -> bool:
    """Return whether something listens on `port` of this machine, by IPv4 or IPv6."""
    try:
        socket.create_connection(("localhost", port), timeout=1).close()
    except OSError:
        return False
    return True
