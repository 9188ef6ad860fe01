"""The last column of the limits page says what `uvicorn` without our worker does, in a run.

Each row returns what its cell has to say. All rows run at once, because some take a minute.
"""

import re
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Final

import pytest
from local_okta.state import LocalOkta

from backend.server.connection import MAX_CONNECTIONS
from tests.support.dead import CLIENTS, FACTOR, HEALTH, Dead
from tests.support.greedy import KINDS, connect, frame
from tests.support.pages import ROOT
from tests.support.plain_uvicorn import CLOSE, HOST, POST, Plain, get, plain_uvicorn
from tests.support.raw import send, statuses

pytestmark = [pytest.mark.long, pytest.mark.slow, pytest.mark.timeout(300)]

PAGE = (ROOT / "docs/reference/server-limits.md").read_text()
DASH = "\N{EN DASH}"
SLACK_SECONDS = 5
UNREAD_BYTES = 20_000_000  # more than the buffers of both ends take

SLOW: Final = b"GET /slow?seconds=%d HTTP/1.1\r\n" + HOST + b"\r\n"


def target(plain: Plain) -> str:
    """Send longer and longer ones."""
    sizes = (size for size in (8, 64, 512) if plain.refuses(get("/" + "a" * (size * 1024 - 10))) == "no")
    return f"{max(sizes)} KiB"


def trailer_fields(plain: Plain) -> str:
    """Send one, and look for it among the names that the application sees."""
    sent = POST + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Trailer: a\r\n\r\n"
    return "no: they become header fields" if b'"x-trailer"' in send(plain.url, sent) else "yes"


def upgrade(plain: Plain) -> str:
    """Send a body with the header section, and later."""
    body = get("/healthz")
    head = POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: %d\r\n\r\n" % len(body)
    dropped = b'"body":""' in send(plain.url, head + body)
    with connect(plain.url) as connection:
        connection.sendall(head)
        connection.recv(4096)
        connection.sendall(body)
        parsed = b"alive" in b"".join(iter(lambda: connection.recv(4096), b""))
    return "no: the body is dropped or parsed as a request" if dropped and parsed else "yes"


def tunnel(plain: Plain) -> str:
    """Ask for one, and for the path of a route."""
    to_host, to_path = (
        plain.refuses(b"CONNECT %b HTTP/1.1\r\n" % to + HOST + CLOSE + b"\r\n") for to in (b"x:443", b"/")
    )
    return "no: a path is routed" if (to_host, to_path) == ("yes", "no") else to_path


def pipelined(plain: Plain) -> str:
    """Send a hundred while the first is in progress."""
    return (
        "no" if statuses(send(plain.url, SLOW % 1 + HEALTH * 100 + get("/healthz"))) == [200] * 102 else "yes"
    )


def invalid_request(plain: Plain) -> str:
    """Send one while another is in progress."""
    return "yes" if 200 in statuses(send(plain.url, SLOW % 1 + b"invalid\r\n\r\n")) else "no"


def members(plain: Plain) -> str:
    """Offer a thousand subprotocols."""
    with plain.websocket(fields=b"Sec-WebSocket-Protocol: %b\r\n" % (b"a," * 1000)) as connection:
        return "no" if statuses(connection.recv(4096)) == [101] else "yes"


def malformed_handshake(plain: Plain) -> str:
    """Look for the subprotocol that is none in the response."""
    with plain.websocket(fields=b'Sec-WebSocket-Protocol: "secret\r\n') as connection:
        return "no: the text quotes it" if b'"secret' in connection.recv(4096) else "yes"


def message(plain: Plain) -> str:
    """Send larger and larger ones."""
    return f"{max(mib for mib in (1, 16, 64) if plain.greets(frame(0x81, bytes(mib * 2**20))))} MiB"


def fragments(plain: Plain) -> str:
    """Send a message in ten thousand frames."""
    greeted = plain.greets(frame(0x01), *[frame(0x00, b"a" * 10)] * 10_000, frame(0x80))
    return "no" if greeted else "yes"


def compression(plain: Plain) -> str:
    """Send 16 MB of zeros in 16 KB."""
    offer = b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=12\r\n"
    sent = KINDS["compressed message"].repeated
    assert len(sent) < 17_000
    return "offered: 16 KB may become 16 MiB" if plain.greets(sent, fields=offer) else "not offered"


def unread(plain: Plain) -> str:
    """Send pings for as long as they are read, without reading the answers."""
    sent, rest = 0, memoryview(frame(0x89, b"a" * 125) * (UNREAD_BYTES // 100))
    with plain.websocket() as connection, suppress(TimeoutError):
        connection.recv(4096)
        connection.settimeout(SLACK_SECONDS)
        while sent < UNREAD_BYTES:
            sent += connection.send(rest[sent : sent + 65_536])
    return "no" if sent >= UNREAD_BYTES else "yes"


def open_too_long(plain: Plain, *names: str) -> str:
    """Return `no` if all connections are open after the page's limit."""
    clients = [CLIENTS[name] for name in names]
    with ThreadPoolExecutor(len(names)) as pool:
        watch = [pool.submit(plain.seconds, client, client.limit + SLACK_SECONDS) for client in clients]
    seconds = {name: future.result() for name, future in zip(names, watch, strict=True)}
    print(seconds)
    still = [seconds[name] > CLIENTS[name].limit + SLACK_SECONDS for name in names]
    return "no" if all(still) else f"{seconds}"


def ends_after(plain: Plain, client: Dead, seconds: int) -> str:
    """Return this number of seconds if the connection ends then."""
    measured = plain.seconds(client, FACTOR * seconds)
    return f"{seconds if seconds <= measured < FACTOR * seconds else measured} s"


def rest_of_a_body(plain: Plain) -> str:
    """Send nothing more, and send more."""
    silent = ends_after(plain, CLIENTS["half a body after the response"], 5)
    sending = open_too_long(plain, "a body without end after the response")
    return f"{silent} if nothing more comes, else {sending}"


def ping(plain: Plain) -> str:
    """Send pings, and answer none."""
    client = CLIENTS["pongs"]
    return "yes" if plain.seconds(client, FACTOR * client.limit) < FACTOR * client.limit else "no"


def expired_token(plain: Plain) -> str:
    """Read, and do not read."""
    with plain.websocket(lifetime=2) as connection:
        connection.recv(4096)
        told = b"token has expired" in connection.recv(4096)
    unread = open_too_long(plain, "messages of an expired token")
    return "only if the client reads" if told and unread == "no" else f"{told} {unread}"


def connections(plain: Plain) -> str:
    """Open more."""
    with ExitStack() as stack:
        kept = [stack.enter_context(connect(plain.url)) for _ in range(MAX_CONNECTIONS + 20)]
        for connection in kept:
            connection.sendall(HEALTH)
        return "no" if all(connection.recv(4096) for connection in kept) else "yes"


def blocked_loop(plain: Plain) -> str:
    """Block it for longer, and call another route."""
    with connect(plain.url) as blocking:
        blocking.sendall(get("/hang"))
        time.sleep(15 + SLACK_SECONDS)
        with connect(plain.url) as other:
            other.sendall(get("/healthz"))
            other.settimeout(SLACK_SECONDS)
            try:
                return "yes" if other.recv(4096) else "no"
            except TimeoutError:
                return "no"


def draining(plain: Plain) -> str:
    """Stop it during a request that takes longer than that."""
    with connect(plain.url) as connection:
        connection.settimeout(60)
        connection.sendall(SLOW % (15 + SLACK_SECONDS))
        connection.recv(4096)
        plain.process.send_signal(signal.SIGTERM)
        received = b"".join(iter(lambda: connection.recv(4096), b""))
    return "no" if b"done" in received else "yes"


LONG_FIELD: Final = b"X: %b\r\n" % (b"a" * 1_000_000)
LONG_BODY: Final = POST + CLOSE + b"Content-Length: 1048577\r\n\r\n" + bytes(1_048_577)
HEADERS: Final = "nothing", "half a header section", "a header section without end", "empty lines"
Row = Callable[[Plain], str]
# The rows of one server. The last ones leave no server for others.
SERVERS: Final[tuple[dict[str, Row], ...]] = (
    {
        "request target": target,
        "header and trailer fields": lambda plain: plain.refuses(get("/caller", LONG_FIELD)),
        "number of header": lambda plain: plain.refuses(get("/caller", b"X: a\r\n" * 10_000)),
        "`Host`": lambda plain: plain.refuses(
            *(get("/caller", host=host) for host in (HOST + HOST, b"", b"Host: a b/\r\n"))
        ),
        "trailer fields": trailer_fields,
        "`Upgrade`": upgrade,
        "`CONNECT`": tunnel,
        "request body": lambda plain: plain.refuses(LONG_BODY),
        "pipelined requests": pipelined,
        "invalid request": invalid_request,
        "members of the lists": members,
        "WebSocket handshake": malformed_handshake,
        "WebSocket message": message,
        "frames of one": fragments,
        "compression": compression,
        "reading from a client": unread,
    },
    {
        "a header section": lambda plain: open_too_long(plain, *HEADERS),
        "the rest of a body": rest_of_a_body,
        "the next part of a body": lambda plain: open_too_long(plain, "half a body"),
        "a response, a stream": lambda plain: open_too_long(plain, "a response", "messages", "a close frame"),
        "an answer to a WebSocket ping": ping,
        "an answer to a close frame": lambda plain: ends_after(
            plain, CLIENTS["the answer to a close frame"], 10
        ),
        "a WebSocket whose token": expired_token,
        "an idle connection": lambda plain: ends_after(plain, Dead(HEALTH, 5), 5),
    },
    {"connections": connections},
    {"a blocked event loop": blocked_loop},
    {"requests in progress after draining": draining},
)
ROWS: Final = [what for rows in SERVERS for what in rows]


@pytest.fixture(scope="module")
def results(local_okta_server: LocalOkta) -> Iterator[dict[str, Future[str]]]:
    """What each row's cell has to say."""
    with ExitStack() as stack, ThreadPoolExecutor(len(ROWS)) as pool:
        results: dict[str, Future[str]] = {}
        for rows in SERVERS:
            plain = stack.enter_context(plain_uvicorn(local_okta_server))
            results |= {what: pool.submit(row, plain) for what, row in rows.items()}
        yield results


def cells() -> dict[str, str]:
    """Return the last cell of each row that has one, by the first."""
    rows = re.findall(r"^\| (.*?) \|.*\| (.*?) \|$", PAGE, re.MULTILINE)
    return {what: cell for what, cell in rows if what != "what" and cell != DASH}


@pytest.mark.parametrize("what", ROWS)
def test_cell_says_what_happens(results: dict[str, Future[str]], what: str) -> None:
    """It has the limit, has another one, or has none."""
    [cell] = [cell for name, cell in cells().items() if name.startswith(what)]
    assert results[what].result() == cell


def test_every_cell_was_run() -> None:
    """A row that no test runs has a dash."""
    assert [name for name in cells() if not any(name.startswith(what) for what in ROWS)] == []
