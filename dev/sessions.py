"""Processes that lead a session of their own, so that a signal reaches them from here alone."""

import contextlib
import os
import signal
import subprocess


def end_session(leader: subprocess.Popen[bytes]) -> None:
    """Send SIGTERM to all of the session that `leader` leads.

    To it alone would not do: PyPI's `node`, for one, is a wrapper that the real one outlives.
    """
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader.pid, signal.SIGTERM)
