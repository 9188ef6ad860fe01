"""Ctrl-C for this process alone."""

import contextlib
import os
import signal
from collections.abc import Iterator


@contextlib.contextmanager
def own_foreground_group() -> Iterator[None]:
    """Take the terminal for a process group of our own, as a shell does for a job.

    Otherwise Ctrl-C would reach `make` too, and make calls that a failure however well
    its recipe ends. Without a terminal, or in the background of one, nothing changes.
    """
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        yield
        return
    before = os.tcgetpgrp(terminal)
    if before != os.getpgrp():
        os.close(terminal)
        yield
        return
    # Stopping this group would leave make waiting in the foreground for good.
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    with contextlib.suppress(PermissionError):  # the leader of a session has its own group already
        os.setpgid(0, 0)
    os.tcsetpgrp(terminal, os.getpgrp())
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.tcsetpgrp(terminal, before)
        os.close(terminal)
