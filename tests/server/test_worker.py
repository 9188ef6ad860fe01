"""The limits of gunicorn's workers, through raw sockets."""

import json
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken

from backend.server.connection import MAX_CONNECTIONS
from tests.support.greedy import connect, frame, resident_bytes
from tests.support.raw import send, statuses
from tests.support.service import Service, running, wait_for


@pytest.fixture(scope="module")
def url(shared: Service) -> str:
    """The URL of the service."""
    return shared.url


@pytest.fixture(scope="module")
def shared(local_okta_server: LocalOkta) -> Iterator[Service]:
    """One service with one worker."""
    with running(local_okta_server, WEB_CONCURRENCY="1") as service:
        yield service


def get(path: str, *fields: bytes, host: bytes = b"Host: x\r\n") -> bytes:
    """Return a GET request that closes the connection."""
    return b"GET %b HTTP/1.1\r\n%bConnection: close\r\n%b\r\n" % (path.encode(), host, b"".join(fields))


HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = get("/healthz")
POST = b"POST /caller HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        pytest.param([get("/caller?" + "a" * 8_100)], 200, id="target"),
        pytest.param([get("/caller?" + "a" * 8_200)], 400, id="target too long"),
        pytest.param([get("/caller", b"X: ", b"a" * 32_000, b"\r\n")], 200, id="field"),
        pytest.param([get("/caller", b"X: ", b"a" * 33_000, b"\r\n")], 400, id="field too large"),
        pytest.param([get("/caller", b"X: a\r\n" * 98)], 200, id="100 fields"),
        pytest.param([get("/caller", b"X: a\r\n" * 99)], 400, id="101 fields"),
        pytest.param([get("/caller", b"a:\r\n" * 32_000)], 400, id="32,000 short fields"),
        pytest.param([get("/caller", b"X: %b\r\n" % (b"a" * 700) * 50)], 400, id="fields too large together"),
        pytest.param(
            [b"GET / HTTP/1.1\r\nHost: x\r\nX: ", *[b"a" * 65_536] * 40], 400, id="field without end"
        ),
        pytest.param([b"\r\n" * 32_768], 400, id="empty lines without end"),
        pytest.param(
            [CHUNKED, b"2\r\nhi\r\n0\r\nX: ", *[b"a" * 65_536] * 40], 400, id="trailer field without end"
        ),
        pytest.param([CHUNKED, b"2\r\nhi\r\n0\r\n" + b"X: a\r\n" * 99 + b"\r\n"], 400, id="trailers"),
        pytest.param([CHUNKED, b"2;", *[b"a" * 65_536] * 40], 400, id="chunk extension without end"),
    ],
)
def test_requests_over_a_limit_are_rejected(url: str, parts: list[bytes], status: int) -> None:
    """A request up to each limit gets 200, and one beyond it 400 and the end of the connection."""
    assert statuses(send(url, *parts)) == [status]


@pytest.mark.parametrize(
    ("size", "status"), [(1024 * 1024, 200), (1024 * 1024 + 1, 413)], ids=["up to", "beyond"]
)
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_body_is_limited(url: str, framing: str, size: int, status: int) -> None:
    """A body up to 1 MiB is read; more gets 413, and what follows on the connection is served."""
    body = b"a" * size
    if framing == "length":
        parts = [POST + b"Content-Length: %d\r\n\r\n" % size, body]
    else:
        pieces = [body[start : start + 65_535] for start in range(0, size, 65_535)]
        parts = [CHUNKED, *[b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces], b"0\r\n\r\n"]
    received = send(url, *parts, LAST)
    assert statuses(received) == [status, 200]


def test_limits_apply_to_each_request(url: str) -> None:
    """Requests on one connection do not add up."""
    large = HEALTH.replace(b"\r\n\r\n", b"\r\nX: %b\r\n\r\n" % (b"a" * 20_000))
    assert statuses(send(url, large, large, large, LAST)) == [200] * 4


@pytest.mark.parametrize("pieces", [1, 2])
def test_trailer_fields_never_become_header_fields(url: str, pieces: int) -> None:
    """Neither this request nor the next one has a field of the trailer section (RFC 9110 section 6.5.1)."""
    trailers = [
        b"Authorization: Bearer x\r\n",
        b"X-Forwarded-For: 203.0.113.7\r\n",
        b"X-Forwarded-Proto: https\r\n",
        b"X-Request-ID: 0123456789abcdef\r\n",
    ]
    parts = [CHUNKED + b"2\r\nhi\r\n0\r\n", b"".join(trailers) + b"\r\n" + get("/caller")]
    received = send(url, *(parts if pieces == 2 else [b"".join(parts)]))
    assert statuses(received) == [200, 200]
    assert b"0123456789abcdef" not in received
    assert re.findall(rb'\{"host.*?\}', received) == [
        b'{"host":"127.0.0.1","scheme":"http","names":["host","transfer-encoding"],"body":"hi"}',
        b'{"host":"127.0.0.1","scheme":"http","names":["connection","host"],"body":""}',
    ]


@pytest.mark.parametrize("pieces", [1, 2])
@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(b"Connection: Upgrade\r\nUpgrade: h2c\r\n", id="h2c"),
        pytest.param(b"Connection: close, Upgrade\r\nUpgrade: h2c\r\n", id="h2c and close"),
        pytest.param(b"Connection: Upgrade\r\nUpgrade: websocket\r\n", id="websocket with POST"),
    ],
)
def test_body_of_an_ignored_upgrade_belongs_to_its_request(url: str, fields: bytes, pieces: int) -> None:
    """An upgrade to anything but a WebSocket is ignored; the body is not parsed as a request."""
    parts = [POST + fields + b"Content-Length: %d\r\n\r\n" % len(HEALTH), HEALTH]
    if b"close" not in fields:
        parts[1] += LAST
    received = send(url, *(parts if pieces == 2 else [b"".join(parts)]))
    assert statuses(received) == ([200] if b"close" in fields else [200, 200])
    assert rb'"body":"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"' in received


def test_chunked_body_of_an_ignored_upgrade_is_read(url: str) -> None:
    """The upgrade is ignored, whatever frames the body."""
    upgrade = CHUNKED.replace(b"Host", b"Connection: Upgrade\r\nUpgrade: h2c\r\nHost")
    received = send(url, upgrade + b"2\r\nhi\r\n0\r\n\r\n" + LAST)
    assert statuses(received) == [200, 200]
    assert b'"body":"hi"' in received


def test_websocket_handshake_with_a_body_is_an_ordinary_request(url: str) -> None:
    """A handshake has no body, so the upgrade is ignored."""
    handshake = HANDSHAKE.replace(b"/ws", b"/caller") + b"Content-Length: 2\r\n\r\nhi"
    received = send(url, handshake + LAST)
    assert statuses(received) == [200, 200]
    assert b'"body":"hi"' in received


@pytest.mark.parametrize(
    ("head", "status"),
    [
        pytest.param(HANDSHAKE + b"X: " + b"a" * 31_000 + b"\r\n", 101, id="field"),
        pytest.param(HANDSHAKE + b"X: " + b"a" * 33_000 + b"\r\n", 400, id="field too large"),
        pytest.param(HANDSHAKE.replace(b"/ws", b"/ws?" + b"a" * 8_100), 101, id="target"),
        pytest.param(HANDSHAKE.replace(b"/ws", b"/ws?" + b"a" * 8_200), 400, id="target too long"),
        pytest.param(HANDSHAKE + b"X: a\r\n" * 94, 101, id="100 fields"),
        pytest.param(HANDSHAKE + b"X: a\r\n" * 95, 400, id="101 fields"),
        pytest.param(HANDSHAKE.replace(b"Host: x\r\n", b""), 400, id="no Host"),
        pytest.param(HANDSHAKE.replace(b"GET /ws", b"GET /\xff"), 400, id="target not ASCII"),
        pytest.param(HANDSHAKE + b"X: a\r\n b\r\n", 400, id="folded field"),
        pytest.param(HANDSHAKE.replace(b"/1.1", b"/1.0").replace(b"/ws", b"/caller"), 200, id="HTTP/1.0"),
    ],
)
def test_websocket_handshake_has_the_same_limits(
    url: str, okta_token: OktaToken, head: bytes, status: int
) -> None:
    """A handshake up to each limit opens a WebSocket, and one beyond it gets 400."""
    authorized = head.replace(b"Host", b"Authorization: Bearer %b\r\nHost" % okta_token().encode(), 1)
    if b"Host" not in head:
        authorized = head
    assert statuses(send(url, authorized + b"\r\n", until=b"hello")) == [status]


def test_refused_websocket_logs_the_access_line_only(shared: Service) -> None:
    """A refused handshake is no error of the server, and its query string is not logged."""
    received = send(shared.url, HANDSHAKE.replace(b"/ws", b"/ws?secret") + b"\r\n")
    assert statuses(received) == [401]
    [identity] = re.findall(r"(?i)x-request-id: (\w+)", received.decode())
    wait_for(lambda: identity in shared.log, 5)
    [line] = [json.loads(line) for line in shared.log.splitlines() if identity in line]
    assert line["event"] == "WEBSOCKET '/ws' 401"
    assert "secret" not in shared.log


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param(get("/healthz", host=b""), 400, id="missing"),
        pytest.param(get("/healthz", host=b"Host: x\r\nHost: x\r\n"), 400, id="repeated"),
        pytest.param(get("/healthz", host=b"Host: x\r\nHOST: y\r\n"), 400, id="repeated in another case"),
        pytest.param(get("/healthz", host=b"Host: x y\r\n"), 400, id="with a space"),
        pytest.param(get("/healthz", host=b"Host: user@x\r\n"), 400, id="with a user"),
        pytest.param(get("/healthz", host=b"Host: x/y\r\n"), 400, id="with a path"),
        pytest.param(get("/healthz", host=b"Host: [::1]:8000\r\n"), 200, id="IPv6 and port"),
        pytest.param(get("/healthz", host=b"Host: api_1.example.com:8000\r\n"), 200, id="name and port"),
        pytest.param(get("/healthz", host=b"Host:\r\n"), 200, id="empty"),
        pytest.param(b"GET /healthz HTTP/1.0\r\n\r\n", 200, id="missing in HTTP/1.0"),
        pytest.param(b"GET /healthz HTTP/1.0\r\nHost: x\r\nHost: x\r\n\r\n", 400, id="repeated in HTTP/1.0"),
    ],
)
def test_request_has_one_valid_host(url: str, request_: bytes, status: int) -> None:
    """A missing, repeated or invalid `Host` gets 400 (RFC 9112 section 3.2)."""
    assert statuses(send(url, request_)) == [status]


@pytest.mark.parametrize(
    "field",
    [
        b"Sec-WebSocket-Protocol: bearer;%b",
        b"Sec-WebSocket-Protocol: bearer %b",
        b'Sec-WebSocket-Protocol: bearer, "%b"',
        b"Sec-WebSocket-Protocol: bearer, %b/",
        b"Sec-WebSocket-Key: %b",
        b"Sec-WebSocket-Version: %b",
        b"Connection: Upgrade, %b a",
    ],
)
def test_refused_handshake_is_not_quoted(url: str, okta_token: OktaToken, field: bytes) -> None:
    """A malformed field of a handshake, which may contain a token, gets a fixed text."""
    token = okta_token().encode()
    name = field.partition(b":")[0]
    fields = [line for line in HANDSHAKE.split(b"\r\n") if not line.startswith(name)]
    received = send(url, b"\r\n".join([*fields[:-1], field % token, b"", b""]))
    assert statuses(received) == [400]
    assert received.endswith(b"\r\n\r\nInvalid HTTP request received.")
    assert token[:20] not in received


@pytest.mark.parametrize(
    ("field", "status"),
    [
        (b"Sec-WebSocket-Protocol: " + b", ".join([b"a"] * 99), 401),  # and one in `Connection`
        (b"Sec-WebSocket-Protocol: " + b", ".join([b"a"] * 100), 400),
        (b"Connection: Upgrade" + b", a" * 100, 400),
    ],
)
def test_members_of_the_lists_of_a_handshake_are_limited(url: str, field: bytes, status: int) -> None:
    """The library takes 6 us for each of them, in a handshake that needs no token."""
    assert statuses(send(url, HANDSHAKE + field + b"\r\n\r\n")) == [status]


@pytest.mark.parametrize(
    "sent", [b"x", frame(0x81, b"a" * 1000), frame(0x88)], ids=["junk", "messages", "close"]
)
def test_data_before_the_response_to_a_handshake_ends_the_connection(
    url: str, shared: Service, sent: bytes
) -> None:
    """A client must wait (RFC 6455 section 4.1). What it sends is not parsed, and the log has one line."""
    before, identity = len(shared.log), f"early-{len(sent)}"
    named = HANDSHAKE + f"X-Request-ID: {identity}\r\n\r\n".encode()
    send(url, named + sent * (40_000 // len(sent)))
    wait_for(lambda: identity in shared.log)
    assert shared.log.count(identity) == 1
    assert '"level":"error"' not in shared.log[before:]


def test_compression_is_not_offered(url: str, okta_token: OktaToken) -> None:
    """A small compressed message could fill the memory."""
    head = HANDSHAKE.replace(b"Host", b"Authorization: Bearer %b\r\nHost" % okta_token().encode(), 1)
    received = send(url, head + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n", until=b"hello")
    assert statuses(received) == [101]
    assert b"deflate" not in received


@pytest.mark.parametrize(
    ("frames", "too_large"),
    [
        pytest.param([frame(0x81, b"a" * 65_535)], False, id="message"),
        pytest.param([frame(0x01, b"a" * 65_535), frame(0x80, b"aa")], True, id="message too large"),
        pytest.param([frame(0x01), *[frame(0x00)] * 1_022, frame(0x80)], False, id="1,024 frames"),
        pytest.param([frame(0x01), *[frame(0x00)] * 1_023, frame(0x80)], True, id="1,025 frames"),
    ],
)
def test_messages_are_limited(
    url: str, okta_token: OktaToken, frames: list[bytes], *, too_large: bool
) -> None:
    """A message up to each limit is received, and one beyond it closes with 1009."""
    head = HANDSHAKE.replace(b"/ws", b"/ws/hello")
    head = head.replace(b"Host", b"Authorization: Bearer %b\r\nHost" % okta_token().encode(), 1)
    with connect(url) as connection:
        connection.sendall(head + b"\r\n")
        assert b" 101 " in connection.recv(4096)
        connection.sendall(b"".join(frames))
        received = connection.recv(4096)
    assert (received[:1], received[2:4] == (1009).to_bytes(2)) == (
        b"\x88" if too_large else b"\x81",
        too_large,
    )


def ask(connection: socket.socket) -> list[int]:
    """Send a request on an open connection; return the status of its whole response."""
    connection.sendall(HEALTH)
    received = b""
    while not received.endswith(b"}"):
        received += connection.recv(4096)
    return statuses(received)


def test_connections_are_limited(local_okta_server: LocalOkta) -> None:
    """Beyond the limit new connections are refused, open ones are served, and the log says so once."""
    with running(local_okta_server, WEB_CONCURRENCY="1") as service, ExitStack() as stack:
        kept = []
        for _ in range(MAX_CONNECTIONS):
            kept.append(stack.enter_context(connect(service.url)))
            assert ask(kept[-1]) == [200]
        for _ in range(20):
            assert send(service.url, HEALTH) == b""
        assert ask(kept[0]) == [200]
        assert service.log.count(f"refusing new connections: {MAX_CONNECTIONS} are open") == 1
        kept.pop().close()
        wait_for(lambda: statuses(send(service.url, LAST)) == [200], 5)


def test_connect_is_rejected(url: str) -> None:
    """The server opens no tunnels."""
    assert statuses(send(url, b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n")) == [400]


def test_a_few_pipelined_requests_are_served(url: str) -> None:
    """Responses come in the order of the requests."""
    assert statuses(send(url, HEALTH * 7 + get("/nothing") + HEALTH)) == [200] * 7 + [401]


def test_connection_closes_after_too_many_pipelined_requests(url: str) -> None:
    """One request is under way and 16 wait; the rest of the connection is not read."""
    assert statuses(send(url, HEALTH * 1_000)) == [200] * 17
    assert statuses(send(url, (POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n") * 1_000)) == [200] * 17


@pytest.mark.parametrize("second", [b"BAD\r\n\r\n", HANDSHAKE + b"\r\n"], ids=["invalid", "websocket"])
def test_invalid_request_does_not_overtake_the_response_under_way(url: str, second: bytes) -> None:
    """A pipelined request that cannot be served ends the connection after the earlier response."""
    slow = b"GET /slow?seconds=0.3 HTTP/1.1\r\nHost: x\r\n\r\n"
    received = send(url, slow + second)
    assert statuses(received) == [200]
    assert received.endswith(b"done\n\r\n0\r\n\r\n")


def test_disconnect_ends_the_request_under_way_while_another_waits(shared: Service) -> None:
    """A disconnected client does not occupy the worker until the response would be complete."""
    before = len(shared.log)
    send(shared.url, b"GET /slow?seconds=600 HTTP/1.1\r\nHost: x\r\n\r\n" + HEALTH, until=b"\r\n\r\n")
    wait_for(lambda: "GET '/slow' 200" in shared.log[before:], 10)
    assert "Exception" not in shared.log[before:]


def test_endless_pipelining_does_not_grow_the_worker(shared: Service) -> None:
    """Requests that a client sends without reading responses first are not held in memory."""
    [pid] = shared.workers()
    before = resident_bytes(pid)
    for _ in range(5):
        send(shared.url, *[HEALTH * 4_000] * 50)
    assert resident_bytes(pid) - before < 20_000_000
