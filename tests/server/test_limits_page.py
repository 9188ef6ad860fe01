"""The page about the server's limits has the limits of the code."""

import re

import pytest

from backend.server import connection, protocol, websocket
from backend.server.settings import GRACE_SECONDS
from backend.server.worker import WRITE_SECONDS, Worker
from tests.support.pages import ROOT

PAGE = (ROOT / "docs/reference/server-limits.md").read_text()
KIB = 1024


@pytest.mark.parametrize(
    ("what", "limit"),
    [
        ("request target", f"{protocol.MAX_TARGET_BYTES // KIB} KiB"),
        ("header and trailer fields", f"{protocol.MAX_FIELDS_BYTES // KIB} KiB"),
        ("number of header", f"{protocol.MAX_FIELDS}"),
        ("members of the lists", f"{protocol.MAX_FIELDS}"),
        ("pipelined requests", f"{protocol.MAX_PIPELINED} waiting"),
        ("WebSocket message", f"{Worker.CONFIG_KWARGS['ws_max_size'] // KIB} KiB"),
        ("frames of one", f"{websocket.MAX_FRAGMENTS:,}"),
        (
            "one read",
            f"{connection.READ_BYTES // KIB} KiB, {connection.READ_FRAMES_BYTES} bytes of a WebSocket",
        ),
        ("a header section", f"{protocol.HEADER_SECONDS} s"),
        ("the rest of a body", f"{protocol.HEADER_SECONDS} s"),
        ("the next part of a body", f"{protocol.BODY_SECONDS} s"),
        ("a response, a stream", f"{WRITE_SECONDS} s"),
        ("an answer to a close frame", f"{websocket.CLOSE_SECONDS:.0f} s"),
        ("connections", f"{connection.MAX_CONNECTIONS},"),
        ("requests in progress after draining", f"{GRACE_SECONDS} s"),
    ],
)
def test_row_has_the_limit_of_the_code(what: str, limit: str) -> None:
    """Each row with a number begins with the constant's value."""
    [row] = re.findall(rf"^\| {re.escape(what)}[^|]*\| ([^|]*) \|", PAGE, re.MULTILINE)
    assert row.startswith(limit)
