"""A copy of the repository to run `make` in, and terminals."""

import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.support.pages import ROOT
from tests.support.processes import environment, log_printed

REAL_ORG = {"OKTA_ISSUER": "https://acme.okta.com/oauth2/default", "OKTA_CLIENT_ID": "0oa1"}
READY = "Ctrl-C stops everything."


def copy_repository(folder: Path) -> Path:
    """Copy what `make run` needs to `folder`, with the environment of this Python as its .venv."""
    for name in ("backend", "dev", "packages", "requirements"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "Makefile", folder)
    (folder / "frontend").symlink_to(ROOT / "frontend")
    (folder / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (folder / ".venv" / name).symlink_to(Path(sys.prefix) / name)
    (folder / ".venv/.dev").touch()
    (folder / ".venv/.path").write_text(str(folder))
    return folder


class Terminal:
    """`make run` in a separate terminal."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.pid, self.screen = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe("make", ["make", "run"], environment(**variables))  # noqa: S606 - no shell is needed
        self.output = ""
        self.status: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.status is None:
            self.press_ctrl_c()

    def wait_for(self, text: str, seconds: float = 30) -> None:
        """Read the screen until it shows `text`."""
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
        """Read the screen until nothing writes to it any more; return the exit status of make."""
        deadline = time.monotonic() + seconds
        with suppress(OSError):  # Linux raises EIO when the other end of a terminal is closed
            while True:
                assert time.monotonic() < deadline, f"something still runs in the terminal: {self.output}"
                if select.select([self.screen], [], [], 0.1)[0]:
                    self.output += os.read(self.screen, 65536).decode()
        os.close(self.screen)
        # The curl command to try contains a token, and is no log.
        log_printed(re.sub(r"curl .*", "", self.output))
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status


def make(folder: Path, target: str, arguments: str = "") -> str:
    """Return the command that runs a make target in `folder`."""
    return f"make -sC {shlex.quote(str(folder))} {target} {arguments}"


def shell(command: str, **variables: str) -> str:
    """Run `command` in another terminal, in another folder; return what it prints."""
    done = subprocess.run(
        command, shell=True, cwd="/", env=environment(**variables), capture_output=True, text=True, check=True
    )
    return done.stdout
