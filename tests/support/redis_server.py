"""A Redis or Valkey server for the tests, on a free port."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.api import free_address

NAMES = ("valkey-server", "redis-server")


class RedisServer:
    """A server that can be stopped and started again at the same address, empty."""

    def __init__(self, program: str, folder: Path) -> None:
        self.address = free_address()
        self.url = f"redis://{self.address}/0"
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """Start it, and wait until it accepts connections."""
        host, port = self.address.split(":")
        command = [
            self._program,
            "--bind",
            host,
            "--port",
            port,
            "--save",
            "",
            "--appendonly",
            "no",
            *options,
        ]
        self._process = subprocess.Popen(command, cwd=self._folder, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection((host, int(port)), 1).close()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Stop it if it is running."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def redis_server(folder: Path) -> Iterator[RedisServer]:
    """Run a server. If none is installed, skip the test, or fail it in CI."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        message = "valkey-server or redis-server is required: apt-get install valkey-server"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    server = RedisServer(program, folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
