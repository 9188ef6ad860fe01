"""Requests as bytes, for what no HTTP client sends."""

import re
import socket
from contextlib import suppress


def send(url: str, *parts: bytes, until: bytes | None = None) -> bytes:
    """Send `parts`, one TCP segment each, to `url`; return the response, up to the end or to `until`."""
    host, port = url.removeprefix("http://").split(":")
    received = b""
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(ConnectionError):  # closed before the end
            for part in parts:
                connection.sendall(part)
        with suppress(ConnectionError):
            while data := connection.recv(65536):
                received += data
                if until is not None and until in received:
                    break
    return received


def statuses(received: bytes) -> list[int]:
    """Return the status of each response in `received`."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]
