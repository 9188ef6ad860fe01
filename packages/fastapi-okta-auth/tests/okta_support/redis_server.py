"""A Redis or Valkey server for the tests, on a free port."""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest

from okta_support.requests import free_address

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

    def command(self, *words: str) -> None:
        """Send a command, and wait for its reply."""
        host, port = self.address.split(":")
        with socket.create_connection((host, int(port)), 5) as connection:
            connection.sendall(" ".join(words).encode() + b"\r\n")
            reply = connection.recv(1000)
            assert not reply.startswith(b"-"), reply

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


class Proxy(ThreadingTCPServer):
    """Passes connections on to `target`, and closes one in place of the first reply to `lose`."""

    daemon_threads = True

    def __init__(self, target: str, lose: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.address = f"127.0.0.1:{self.server_address[1]}"
        self.target = target
        self.lose = lose
        self.lost = 0


class _Connection(BaseRequestHandler):
    server: Proxy

    def handle(self) -> None:
        host, port = self.server.target.split(":")
        with socket.create_connection((host, int(port))) as upstream:
            while data := self.request.recv(65536):
                upstream.sendall(data)
                reply = upstream.recv(65536)
                if self.server.lose and self.server.lose in data and not self.server.lost:
                    self.server.lost += 1
                    return
                self.request.sendall(reply)


@contextmanager
def _served(proxy: Proxy) -> Iterator[Proxy]:
    with proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield proxy
        proxy.shutdown()


def losing_proxy(target: str, lose: bytes) -> AbstractContextManager[Proxy]:
    """Serve a proxy that drops the connection after the server has run the first command with `lose` in it."""
    return _served(Proxy(target, lose))


def switching_proxy(target: str) -> AbstractContextManager[Proxy]:
    """Serve a proxy whose new connections go to its `target`, as a name does that a failover moves."""
    return _served(Proxy(target, b""))
