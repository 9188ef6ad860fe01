"""A credential belongs to one server: each secret is seen by its own server alone, and logged nowhere."""

import base64
import logging
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from urllib.parse import unquote_plus

import httpx
import pytest
from fastapi import FastAPI
from local_okta.keys import KeyRing
from local_okta.serving import serve
from local_okta.testing import person_claims
from okta_support.dpop import API, dpop_headers, dpop_key
from okta_support.redis_server import redis_server
from okta_support.requests import bearer, wait_until_ready
from starlette.requests import Request
from starlette.responses import JSONResponse

from backend.routes.reports import MAX_ID
from backend.settings import Settings
from tests.support.api import app_for

CLIENT_SECRET = "the+client/secret of the first issuer"
REDIS_PASSWORD = "the-password-of-the-replay-store"
PROXY_PASSWORD = "the-password-of-the-proxy"
NONCE_SECRETS = ("the-newest-secret-of-the-nonces-1", "the-oldest-secret-of-the-nonces-2")
SECRETS = {
    "introspection": CLIENT_SECRET,
    "redis": REDIS_PASSWORD,
    "proxy": PROXY_PASSWORD,
    "newest nonce": NONCE_SECRETS[0],
    "oldest nonce": NONCE_SECRETS[1],
}
OWNERS = {
    "introspection": {"first"},
    "redis": {"redis"},
    "proxy": {"proxy"},
    "newest nonce": set[str](),
    "oldest nonce": set[str](),
}
APPROVER = {"scp": ["reports:approve"], "groups": ["Admins"]}


class Seen:
    """What each server has received, Basic credentials decoded."""

    def __init__(self) -> None:
        self.by_server: dict[str, str] = {}

    def add(self, server: str, text: str) -> None:
        """Record that `server` has received `text`."""
        for basic in re.findall(r"(?i)basic ([\w+/=]+)", text):
            text += unquote_plus(base64.b64decode(basic).decode())
        self.by_server[server] = self.by_server.get(server, "") + text

    def servers(self, secret: str) -> set[str]:
        """Return the servers that have received `secret`."""
        return {server for server, text in self.by_server.items() if secret in text}


@contextmanager
def issuer(name: str, seen: Seen) -> Iterator[tuple[str, KeyRing]]:
    """Serve the keys of an issuer and an introspection endpoint; yield its URL and its keys."""
    keys, app = KeyRing(), FastAPI(openapi_url=None)

    async def record(request: Request) -> JSONResponse:
        body = unquote_plus((await request.body()).decode())
        seen.add(name, f"{request.url} {request.headers!r} {body}\n")
        is_keys = request.url.path.endswith("/keys")
        return JSONResponse(keys.jwks() if is_keys else {"active": True})

    app.add_route("/{path:path}", record, methods=["GET", "POST"])
    with serve(app) as url:
        yield f"{url}/oauth2/{name}", keys


@contextmanager
def recording(name: str, seen: Seen, target: str = "") -> Iterator[str]:
    """Pass connections on to `target`, or close them after the first bytes; yield the address."""
    host, _, port = target.partition(":")

    class Connection(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError), ExitStack() as stack:
                upstream = (
                    stack.enter_context(socket.create_connection((host, int(port)))) if target else None
                )
                while data := self.request.recv(65536):
                    seen.add(name, data.decode("latin-1"))
                    if upstream is None:
                        return
                    upstream.sendall(data)
                    self.request.sendall(upstream.recv(65536))

    class Server(ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Connection) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def with_proof(url: str, token: str, nonce: str | None = None) -> httpx.Response:
    """Send a request with a new proof."""
    proof = dpop_key().proof("GET", f"{API}/me", token, nonce=nonce)
    return httpx.get(f"{url}/me", headers=dpop_headers(token, proof))


def test_each_secret_is_seen_by_its_own_server_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, log_lines: list[bytes]
) -> None:
    """Two issuers, a third behind a proxy, Redis, and callers of both: no secret and no token goes astray."""
    seen, responses, logged_before = Seen(), list[httpx.Response](), len(log_lines)
    with ExitStack() as stack:
        first, first_keys = stack.enter_context(issuer("first", seen))
        other, other_keys = stack.enter_context(issuer("other", seen))
        redis = stack.enter_context(redis_server(tmp_path))
        redis.stop()
        redis.start("--requirepass", REDIS_PASSWORD)
        store = stack.enter_context(recording("redis", seen, redis.address))
        proxy = stack.enter_context(recording("proxy", seen))
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:{PROXY_PASSWORD}@{proxy}")
        settings = Settings(
            okta_issuer=f"{first},{other},https://third.okta.com/oauth2/default",
            okta_client_id="0oalocalspa",
            introspection_client_id="0oaapi",
            introspection_client_secret=CLIENT_SECRET,
            dpop="allowed",
            dpop_replay_store=f"redis://:{REDIS_PASSWORD}@{store}/0",
            dpop_nonce_secrets=",".join(NONCE_SECRETS),
        )
        caplog.set_level(logging.DEBUG)
        url = stack.enter_context(serve(app_for(settings)))
        wait_until_ready(url)
        own = first_keys.sign({**person_claims(first), **APPROVER})
        foreign = other_keys.sign({**person_claims(other), **APPROVER})
        bound = other_keys.sign({**person_claims(other), "cnf": {"jkt": dpop_key().jkt}})
        responses += [
            httpx.post(f"{url}/reports/{MAX_ID}/approve", headers=bearer(token)) for token in (own, foreign)
        ]
        responses.append(with_proof(url, bound))
        responses.append(with_proof(url, bound, responses[-1].headers["DPoP-Nonce"]))
        redis.stop()
        responses.append(with_proof(url, bound, responses[-2].headers["DPoP-Nonce"]))
    assert [response.status_code for response in responses] == [404, 403, 401, 200, 503]
    assert {name: seen.servers(secret) for name, secret in SECRETS.items()} == OWNERS
    assert (seen.servers(own), seen.servers(foreign), seen.servers(bound)) == ({"first"}, set(), set())
    public = "".join(f"{response.headers!r}{response.text}" for response in responses)
    public += b"".join(log_lines[logged_before:]).decode() + "".join(map(str, caplog.messages))
    assert not [name for name, secret in SECRETS.items() if secret in public]
