"""Processes that tests start: their environment and their output."""

import logging
import os
import threading
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from tests.support.pages import ROOT

_log = logging.getLogger(__name__)


def environment(**variables: str) -> dict[str, str]:
    """Return the environment without settings of the service, plus `variables`."""
    names = ("PATH", "HOME", "LANG", "NODE_EXTRA_CA_CERTS")
    kept = {name: value for name, value in os.environ.items() if name in names}
    return {**kept, **variables}


@cache
def _temporary_folder() -> TemporaryDirectory[str]:
    folder = TemporaryDirectory(prefix="service-")
    for name in ("backend", "gunicorn.conf.py", "pyproject.toml", "tests"):
        (Path(folder.name) / name).symlink_to(ROOT / name)
    return folder


def project_folder() -> Path:
    """Return a folder with the code and without `.env`, to start servers in."""
    return Path(_temporary_folder().name)


def log_printed(text: str) -> None:
    """Log what a process printed, so that the token watch searches it too."""
    _log.debug("%s", text)


class Output:
    """What a process prints to `stream`, read and logged line by line."""

    def __init__(self, stream: IO[str] | None) -> None:
        assert stream is not None
        self._lines: list[str] = []
        self._stream = stream
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def text(self) -> str:
        """What it printed so far, without what was taken."""
        return "".join(self._lines)

    def take(self) -> str:
        """Return the text, and forget it."""
        lines = self._lines.copy()
        del self._lines[: len(lines)]
        return "".join(lines)

    def _read(self) -> None:
        with self._stream as lines:
            for line in lines:
                log_printed(line)
                self._lines.append(line)

    def wait_for_end(self) -> None:
        """Wait until the process has closed the stream."""
        self._reader.join()
