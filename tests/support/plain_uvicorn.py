"""uvicorn as anybody starts it, without our worker."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from local_okta.state import LocalOkta
from local_okta.testing import person_claims

from tests.support.api import free_address, wait_until_ready
from tests.support.dead import Dead, seconds_open
from tests.support.greedy import connect
from tests.support.processes import environment, project_folder
from tests.support.raw import send, statuses

HOST: Final = b"Host: x\r\n"
CLOSE: Final = b"Connection: close\r\n"
POST: Final = b"POST /caller HTTP/1.1\r\n" + HOST


def get(path: str, *fields: bytes, host: bytes = HOST) -> bytes:
    """Return a GET request that closes the connection."""
    return b"GET %b HTTP/1.1\r\n%b\r\n" % (path.encode(), b"".join([host, CLOSE, *fields]))


@dataclass(frozen=True)
class Plain:
    """A running uvicorn."""

    url: str
    process: subprocess.Popen[bytes]
    okta: LocalOkta

    def token(self, lifetime: int = 600) -> str:
        """Return a token for `lifetime` seconds."""
        return self.okta.keys.sign(person_claims(self.okta.issuer) | {"exp": int(time.time()) + lifetime})

    def refuses(self, *requests: bytes) -> str:
        """Return `yes` if each of these connections ends with a 400 or 413, else `no`."""
        last = [statuses(send(self.url, sent))[-1:] for sent in requests]
        return "yes" if all(status in ([400], [413]) for status in last) else "no"

    @contextmanager
    def websocket(self, lifetime: int = 600, fields: bytes = b"") -> Iterator[socket.socket]:
        """Open a WebSocket that greets each message."""
        with connect(self.url) as connection:
            connection.settimeout(60)
            connection.sendall(
                b"GET /ws/hello HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                b"Authorization: Bearer %b\r\n%b\r\n" % (self.token(lifetime).encode(), fields)
            )
            yield connection

    def greets(self, *frames: bytes, fields: bytes = b"") -> bool:
        """Return whether the frames of one message are answered with a message."""
        with self.websocket(fields=fields) as connection, suppress(ConnectionError):
            connection.recv(4096)
            for sent in frames:
                connection.sendall(sent)
            return connection.recv(1)[0] & 0x0F == 1
        return False

    def seconds(self, client: Dead, at_most: float) -> float:
        """Return how long the connection of `client` stays open."""
        return seconds_open(self.url, client, self.token(client.lifetime), at_most)


@contextmanager
def plain_uvicorn(okta: LocalOkta) -> Iterator[Plain]:
    """Run uvicorn as anybody starts it, until the block ends."""
    host, _, port = free_address().partition(":")
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "tests.support.deployed_app:app",
        "--host",
        host,
        "--port",
        port,
    ]
    settings = {"OKTA_ISSUER": okta.issuer, "OKTA_CLIENT_ID": "0oalocalspa", "OKTA_LEEWAY": "0"}
    with subprocess.Popen(
        command, cwd=project_folder(), env=environment(**settings), stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_until_ready(f"http://{host}:{port}")
            yield Plain(f"http://{host}:{port}", process, okta)
        finally:
            process.kill()
