"""Property tests: no input makes the running service return a 5xx, log a traceback or log much.

NO_5XX_EXAMPLES is how many inputs each test generates, 120 unless set.
"""

import json
import os
import socket
import struct
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

import jwt
import pytest
from fastapi_okta_auth import LOGOUT_PATH
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from local_okta.config import API_CLIENT_ID, API_CLIENT_SECRET
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.dpop import API, dpop_headers, dpop_key, raw_proof
from okta_support.tokens import sign_raw

from backend.routes.payslip import TWO_FACTORS
from tests.support.raw import statuses
from tests.support.service import Service, running, wait_for

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("short_log")]
MAX_LOG_BYTES: Final = 1024
ROUTES: Final = (
    ("GET", "/"), ("GET", "/hello/Ada"), ("GET", "/me"), ("GET", "/reports?limit=1&cursor=9"), ("POST", "/reports"),
    ("GET", "/reports/1"), ("DELETE", "/reports/1"), ("POST", "/reports/1/approve"), ("GET", "/admin"),
    ("GET", "/payslip"), ("GET", "/ws/hello"), ("GET", "/nothing"), ("GET", "/healthz"), ("GET", "/docs"),
    ("GET", "/openapi.json"), ("GET", "/.well-known/oauth-protected-resource"), ("POST", LOGOUT_PATH),
)  # fmt: skip
METHODS: Final = (
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "PROPFIND",
    "M-SEARCH",
    "get",
)
# What one field requires is wrong in another one.
POOL: Final = (
    "", "RSA", "EC", "OKP", "oct", "P-256", "P-384", "P-521", "secp256k1", "Ed25519", "RS256", "RS512", "ES256",
    "ES384", "ES512", "HS256", "PS256", "EdDSA", "none", "dpop+jwt", "at+jwt", "AQAB", "AA", "a", "=", "\0", "\n",
    "\x7f", "\ud800", "é", "\N{GRINNING FACE}" * 300, "\0" * 600, "a" * 4000, "GET", "POST", "get", "\N{LATIN SMALL LETTER DOTLESS I}",
    f"{API}/me", f"{API}/", API, "//", "/me", "http:///me", "http://xn--/", "http://xn--a.example/", "http://[::1",
    "http://[v1.a]/me", "http://a:99999/", "http://a:b/", "http://u:p@localhost:8000/me", "http://localhost:8000/%zz",
    "ws://localhost:8000/ws/hello", "http://localhost:8000/\ud800", "http://\u2100.example/", "urn:okta:loa:2fa:any",
)  # fmt: skip
HEADERS: Final = (
    "Accept", "Accept-Encoding", "Access-Control-Request-Headers", "Access-Control-Request-Method",
    "Access-Control-Request-Private-Network", "Authorization", "Content-Encoding", "Content-Type", "Cookie", "DPoP",
    "Expect", "Forwarded", "Host", "Idempotency-Key", "If-Modified-Since", "If-None-Match", "If-Range", "Origin",
    "Range", "Referer", "traceparent", "tracestate", "Upgrade", "User-Agent", "Via", "X-Forwarded-For",
    "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Forwarded-Proto", "X-HTTP-Method-Override", "X-Request-ID",
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(POOL) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(POOL), inner, max_size=3),
    max_leaves=6,
)
NUMBERS = st.sampled_from(
    (0, -1, 1, 2**31, 2**63, 2**64, 10**400, 1e308, -1e308, 0.5, float("nan"), float("inf"))
)
VALUES = st.sampled_from(POOL) | NUMBERS | JSON
ABSENT: Final = object()
examples = settings(
    max_examples=int(os.environ.get("NO_5XX_EXAMPLES", "120")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def changes(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Draw new values of some members, or their absence."""
    return st.dictionaries(st.sampled_from(names), VALUES | st.just(ABSENT), max_size=3)


def changed(members: dict[str, Any], drawn: dict[str, Any]) -> dict[str, Any]:
    """Return `members` with the changes in `drawn`."""
    return {name: value for name, value in {**members, **drawn}.items() if value is not ABSENT}


TOKEN_CLAIMS = changes(
    "iss", "aud", "exp", "nbf", "iat", "sub", "cid", "client_id", "act", "uid", "scp", "scope", "groups", "acr",
    "auth_time", "cnf", "jti", "ver",
)  # fmt: skip
TOKEN_HEADER = changes("alg", "kid", "typ", "crit", "b64", "jwk", "jku", "x5u", "x5c")
PROOF_HEADER = changes("typ", "alg", "jwk", "crit", "b64", "kid")
PROOF_KEY = changes("kty", "crv", "x", "y", "n", "e", "d", "k", "alg", "use", "key_ops")
PROOF_CLAIMS = changes("htm", "htu", "ath", "iat", "exp", "nbf", "jti", "nonce")
FIELD_VALUES = st.one_of(
    st.sampled_from(POOL).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(
        (b"application/json", b"text/plain; charset=x", b"multipart/form-data; boundary=", b"gzip;q=0")
    ),
    st.sampled_from(
        (b"http://localhost:3000", b"null", b"websocket", b"bytes=0-1,5-", b"bytes=9-1", b"*", b'W/"a"')
    ),
    st.binary(max_size=40),
)
FIELDS = st.lists(st.tuples(st.sampled_from(HEADERS), FIELD_VALUES), max_size=5)
SEGMENTS = st.sampled_from(
    (b"hello", b"reports", b"me", b"docs", b"ws", b"..", b".", b"%2e%2e", b"%00", b"%ff", b"%zz", b"")
)
TARGETS = st.one_of(
    st.sampled_from([path.encode() for _, path in ROUTES]),
    st.lists(
        SEGMENTS
        | st.binary(max_size=12)
        | st.sampled_from((b"%00" * 300, b"%F0%9F%98%80" * 300, b"9" * 5000)),
        max_size=4,
    ).map(lambda parts: b"/" + b"/".join(parts)),
    st.binary(max_size=30),
)
BODIES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        (b"[" * 100_000, b'{"title":' * 5000, b"1" * 10_000, b'"\\ud800"', b'{"a":1,"a":2}', b"\xff\xfe")
    ),
    changes("title", "amount", "currency").map(
        lambda drawn: json.dumps(
            changed({"title": "Train", "amount": "48.20", "currency": "EUR"}, drawn)
        ).encode()
    ),
    VALUES.map(lambda value: json.dumps(value).encode()),
)


@pytest.fixture(scope="module")
def service(local_okta_server: LocalOkta, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service with every part on, under gunicorn."""
    variables = {
        "DPOP": "allowed",
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('data')}/app.db",
        "INTROSPECTION_CLIENT_ID": API_CLIENT_ID,
        "INTROSPECTION_CLIENT_SECRET": API_CLIENT_SECRET,
        "UNIVERSAL_LOGOUT_ISSUER": local_okta_server.org,
        "OKTA_CLIENT_ID": "0oalocalspa,0oalocalservice",
        "LOG_FORMAT": "json",
        "WEB_CONCURRENCY": "1",
    }
    with running(local_okta_server, **variables) as service:
        wait_for(lambda: service.status("/readyz") == 200)
        # FastAPI prints a warning about two routes of the test application when it writes this.
        assert service.status("/openapi.json") == 200
        yield service


@pytest.fixture
def short_log(service: Service) -> Iterator[None]:
    """Check what the service has logged during a test: no traceback, no 5xx, at most 1 KB for each request."""
    before = len(service.log)
    yield
    exchange(service.url, request(fields=[("X-Request-ID", b"the-last-request")]))
    wait_for(lambda: "the-last-request" in service.log[before:])
    log = service.log[before:]
    assert "Traceback" not in log
    assert '"status":5' not in log
    sizes, requests = Counter[str](), Counter[str]()
    lines = log.rstrip("\n").split("\n")
    for number, line in enumerate(lines):
        assert line.startswith("{"), lines[number - 1 : number + 2]
        fields = json.loads(line)
        identity = fields.get("request_id", f"line {number}")
        sizes[identity] += len(line.encode())
        requests[identity] += "duration_ms" in fields  # generated requests may share an id
    for identity, size in sizes.items():
        allowed = MAX_LOG_BYTES * max(1, requests[identity])
        assert size <= allowed, [line for line in lines if identity in line]


def request(
    method: str = "GET",
    target: bytes = b"/",
    fields: list[tuple[str, bytes]] | None = None,
    body: bytes = b"",
) -> bytes:
    """Return a request as bytes, with exactly this target and these fields."""
    named = {name for name, _ in fields or ()}
    host = [] if "Host" in named else [("Host", b"localhost:8000")]
    length = [("Content-Length", str(len(body)).encode())] if body else []
    lines = [
        f"{name}: ".encode() + value
        for name, value in [*host, *(fields or ()), *length, ("Connection", b"close")]
    ]
    return b"\r\n".join((method.encode() + b" " + target + b" HTTP/1.1", *lines, b"", body))


def frame(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    """Return a masked WebSocket frame (RFC 6455 section 5.2), with the mask 0."""
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else struct.pack("!BH", 0xFE, len(payload))
    return bytes([0x80 * final | opcode]) + size + bytes(4) + payload


def exchange(url: str, sent: bytes, then: bytes = b"") -> bytes:
    """Send a request, and `then` if it opened a WebSocket; return what came back."""
    host, port = url.removeprefix("http://").split(":")
    received = b""
    with socket.create_connection((host, int(port)), timeout=12) as connection, suppress(ConnectionError):
        connection.sendall(sent)
        while data := connection.recv(65536):
            received += data
            if then and b"\r\n\r\n" in received and statuses(received)[:1] == [101]:
                connection.sendall(then)
                connection.shutdown(socket.SHUT_WR)  # a frame may announce more than follows
                then = b""
    return received


def check(service: Service, sent: bytes, then: bytes = b"") -> None:
    """Check that the response is no 5xx. Without one, the connection was closed on a malformed request."""
    received = statuses(exchange(service.url, sent, then))
    assert all(status < 500 for status in received), received


HANDSHAKE: Final = [
    ("Upgrade", b"websocket"),
    ("Sec-WebSocket-Key", b"AAAAAAAAAAAAAAAAAAAAAA=="),
    ("Sec-WebSocket-Version", b"13"),
]


def handshake(path: str, fields: list[tuple[str, bytes]]) -> bytes:
    """Return the handshake of a WebSocket, with these fields in addition to its own."""
    wire = request("GET", path.encode(), [*HANDSHAKE, *fields])
    return wire.replace(b"Connection: close", b"Connection: Upgrade, close")


def authorized(token: str) -> list[tuple[str, bytes]]:
    """Return the field of a Bearer token."""
    return [("Authorization", f"Bearer {token}".encode())]


def test_longest_line(service: Service, okta_token: OktaToken) -> None:
    """Everything that a caller chooses for the log is as long as it can be."""
    for number, text in enumerate(("x", "'", '"', "\\", "\0", "\N{GRINNING FACE}")):
        token = okta_token(headers={"kid": text * 300}, cid=text * 300)
        fields = [*authorized(token), ("X-Request-ID", str(number).encode() * 64)]
        check(service, request("PROPFIND", b"/" + quote(text * 300).encode(), fields))


def half(path: str, token: str) -> bytes:
    """Return the beginning of a POST request."""
    return request("POST", path.encode(), authorized(token), b"{" * 10)[:-5]


def test_client_that_leaves(service: Service, okta_token: OktaToken) -> None:
    """A client ends its connection in the middle of a body, or while a WebSocket's route sends to it."""
    token = okta_token(scp=["reports:write"])
    host, port = service.url.removeprefix("http://").split(":")
    for sent in (
        half("/caller", token),
        half("/reports", token),
        half(LOGOUT_PATH, token),
        handshake("/ws/endless", authorized(token)),
    ):
        with socket.create_connection((host, int(port)), timeout=12) as connection:
            connection.sendall(sent)
            time.sleep(0.2)  # the route begins to read or to send


@examples
@given(
    method=st.sampled_from(METHODS) | st.text(max_size=8),
    target=TARGETS,
    fields=FIELDS,
    body=BODIES,
    known=st.booleans(),
)
def test_any_request(
    *,
    service: Service,
    okta_token: OktaToken,
    method: str,
    target: bytes,
    fields: list[tuple[str, bytes]],
    body: bytes,
    known: bool,
) -> None:
    """Any method, target, fields and body, with a valid token or without."""
    try:
        method.encode()
    except UnicodeEncodeError:
        return
    token = authorized(okta_token()) if known else []
    check(service, request(method, target, [*token, *fields], body))


@examples
@given(route=st.sampled_from(ROUTES), claims=TOKEN_CLAIMS, header=TOKEN_HEADER, bound=st.booleans())
def test_any_token(
    *, service: Service, local_okta: LocalOkta, okta_token: OktaToken, route: tuple[str, str], claims: dict[str, Any],
    header: dict[str, Any], bound: bool,
) -> None:  # fmt: skip
    """Any claims and header in a token with a valid signature, with a valid proof or without."""
    method, path = route
    key = dpop_key()
    valid = local_okta.keys.verify(
        okta_token(
            scp=["reports:read", "reports:write", "reports:approve"],
            groups=["Admins"],
            acr=TWO_FACTORS,
            dpop=key if bound else None,
        )
    )
    kid = local_okta.keys.published[0].kid
    payload, first = changed(valid, claims), changed({"alg": "RS256", "kid": kid}, header)
    token = sign_raw(local_okta, json.dumps(payload).encode(), json.dumps(first).encode())
    proof = key.proof(method, f"{API}{path.partition('?')[0]}", token)
    sent = dpop_headers(token, proof).items() if bound else [("Authorization", f"Bearer {token}")]
    fields = [(name, value.encode()) for name, value in sent]
    wire = request(method, path.encode(), fields, b"{}" if method == "POST" else b"")
    if path.startswith("/ws/"):
        wire = handshake(path, fields)
    check(service, wire, frame(8, b""))


@examples
@given(
    algorithm=st.sampled_from(("ES256", "RS256", "ES512")), header=PROOF_HEADER, jwk=PROOF_KEY, claims=PROOF_CLAIMS,
    websocket=st.booleans(),
)  # fmt: skip
def test_any_proof(
    *, service: Service, okta_token: OktaToken, algorithm: str, header: dict[str, Any], jwk: dict[str, Any],
    claims: dict[str, Any], websocket: bool,
) -> None:  # fmt: skip
    """Any header, key and claims of a DPoP proof with a valid signature."""
    key = dpop_key(algorithm)
    token = okta_token(dpop=key)
    path = "/ws/hello" if websocket else "/me"
    valid = jwt.decode(key.proof("GET", f"{API}{path}", token), options={"verify_signature": False})
    members = changed({"typ": "dpop+jwt", "alg": algorithm, "jwk": changed(key.jwk, jwk)}, header)
    proof = raw_proof(key, members, changed(valid, claims))
    fields = [(name, value.encode()) for name, value in dpop_headers(token, proof).items()]
    wire = handshake(path, fields) if websocket else request("GET", path.encode(), fields)
    check(service, wire, frame(8, b""))


@examples
@given(
    fields=FIELDS,
    body=BODIES,
    kind=st.sampled_from((b"application/json", b"", b"text/plain", b"application/x-www-form-urlencoded")),
)
def test_any_report(
    *, service: Service, okta_token: OktaToken, fields: list[tuple[str, bytes]], body: bytes, kind: bytes
) -> None:
    """Any body of a report, from a caller who may submit one."""
    token = authorized(okta_token(scp=["reports:write"]))
    check(service, request("POST", b"/reports", [*token, ("Content-Type", kind), *fields], body))


PROTOCOLS = st.lists(
    st.sampled_from(
        (b"bearer", b"graphql-transport-ws", b"{token}", b"", b"a b", b"\xff", b"Bearer", b"x" * 20_000)
    )
    | st.binary(max_size=8),
    max_size=4,
)
FRAMES = st.lists(
    st.tuples(
        st.integers(0, 15),
        st.sampled_from(POOL).map(lambda text: text.encode("utf-8", "surrogatepass"))
        | st.binary(max_size=200),
        st.booleans(),
    )
    | st.binary(max_size=20),
    max_size=4,
)


@examples
@given(protocols=PROTOCOLS, fields=FIELDS, frames=FRAMES, in_header=st.booleans())
def test_any_websocket(
    *,
    service: Service,
    okta_token: OktaToken,
    protocols: list[bytes],
    fields: list[tuple[str, bytes]],
    frames: list[Any],
    in_header: bool,
) -> None:
    """Any subprotocols, fields and frames of a WebSocket."""
    token = okta_token()
    offered = b", ".join(protocols).replace(b"{token}", token.encode())
    own = authorized(token) if in_header else []
    sent = [*own, *([("Sec-WebSocket-Protocol", offered)] if protocols else []), *fields]
    messages = b"".join(
        item if isinstance(item, bytes) else frame(item[0], item[1], final=item[2]) for item in frames
    )
    check(service, handshake("/ws/hello", sent), messages + frame(8, b""))
