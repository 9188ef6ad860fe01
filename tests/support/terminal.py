"""Terminals: one for `make run`, and others beside it."""

import os
import pty
import re
import select
import subprocess
import time
from contextlib import suppress
from typing import Self

from tests.support.pages import ROOT
from tests.support.processes import environment, log_printed

REAL_ORG = {"OKTA_ISSUER": "https://dev-1.okta.com/oauth2/default", "OKTA_CLIENT_ID": "0oa1"}
PORTS = (8000, 9000)


class Terminal:
    """`make run` in a terminal of its own."""

    def __init__(self, **variables: str) -> None:
        self.pid, self.screen = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            os.execvpe("make", ["make", "run"], environment(**variables))  # noqa: S606 - no shell is wanted
        self.output = ""
        self.status: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.status is None:
            self.press_ctrl_c()

    def wait_for(self, text: str, seconds: float = 30) -> None:
        """Read the screen until `text` stands on it."""
        deadline = time.monotonic() + seconds
        while text not in self.output:
            assert time.monotonic() < deadline, self.output
            if select.select([self.screen], [], [], 0.1)[0]:
                self.output += os.read(self.screen, 65536).decode()

    def press_ctrl_c(self) -> int:
        """Press Ctrl-C; return the exit status of make."""
        os.write(self.screen, b"\x03")
        return self.exit_status()

    def exit_status(self, seconds: float = 30) -> int:
        """Read the screen to its end, when nothing writes to it any more; return the exit status of make."""
        deadline = time.monotonic() + seconds
        with suppress(OSError):  # Linux says EIO where a terminal's other end is closed
            while True:
                assert time.monotonic() < deadline, f"something still runs in the terminal: {self.output}"
                if select.select([self.screen], [], [], 0.1)[0]:
                    self.output += os.read(self.screen, 65536).decode()
        os.close(self.screen)
        # The curl to try is printed with a token, and is no log.
        log_printed(re.sub(r"curl .*", "", self.output))
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status


def shell(command: str) -> str:
    """Run `command` in another terminal, somewhere else; return what it prints."""
    done = subprocess.run(
        command, shell=True, cwd="/", env=environment(), capture_output=True, text=True, check=True
    )
    return done.stdout
