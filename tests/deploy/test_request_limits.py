"""The limits on requests and connections of the deployment page, in real nginx."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken

from tests.support.api import NO_TLS, bearer
from tests.support.proxies import nginx_as_documented
from tests.support.service import running, wait_for

pytestmark = pytest.mark.slow

CONNECTIONS = 100


@pytest.fixture(scope="module")
def url(local_okta_server: LocalOkta, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of nginx with the limits, in front of the service."""
    folder = tmp_path_factory.mktemp("nginx")
    with (
        running(local_okta_server, WEB_CONCURRENCY="1") as service,
        nginx_as_documented(folder, service.url, limited=True) as url,
    ):
        yield url


def client(url: str, address: str, token: str | None = None) -> httpx.Client:
    """Return a client at an address of its own, 127.0.0.0/8, which nginx counts."""
    transport = httpx.HTTPTransport(verify=NO_TLS, local_address=address)
    return httpx.Client(base_url=url, headers=bearer(token) if token else {}, transport=transport)


def status(url: str, address: str, token: str | None = None) -> int:
    """Return the status of one request."""
    with client(url, address, token) as one:
        return one.get("/hello/Ada").status_code


def first_limited(caller: httpx.Client) -> httpx.Response:
    """Send requests, of which at most 50 a second are allowed, until nginx limits one."""
    responses = (caller.get("/hello/Ada") for _ in range(10_000))
    return next(response for response in responses if response.status_code == 429)


def test_one_token_is_limited_and_another_from_its_address_is_not(url: str, okta_token: OktaToken) -> None:
    """Two people behind one address: the first uses up a share of their own."""
    first, second = okta_token(), okta_token()
    with client(url, "127.0.0.11", first) as caller:
        assert caller.get("/hello/Ada").status_code == 200
        first_limited(caller)
    assert status(url, "127.0.0.11", second) == 200


def test_one_address_is_limited_and_another_is_not(url: str) -> None:
    """Requests without a token count for their address."""
    with client(url, "127.0.0.12") as caller:
        assert caller.get("/hello/Ada").status_code == 401
        first_limited(caller)
    assert status(url, "127.0.0.13") == 401


def test_app_can_read_the_refusal(url: str) -> None:
    """The response says when to come back, and a page of the app may read it."""
    with client(url, "127.0.0.14") as caller:
        response = first_limited(caller)
    assert response.json() == {"error": "Too Many Requests", "code": "rate_limited"}
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Retry-After"] == "1"
    assert response.headers["Access-Control-Allow-Origin"] == "https://app.example.com"
    assert response.headers["Access-Control-Expose-Headers"] == "Retry-After"


def test_connections_of_one_address_are_limited(url: str) -> None:
    """The address that waits for too many responses gets no more until it closes one."""
    host, port = url.removeprefix("http://").split(":")
    with ExitStack() as stack:
        for _ in range(CONNECTIONS):
            one = socket.create_connection((host, int(port)), source_address=("127.0.0.15", 0))
            stack.enter_context(one).sendall(b"GET /slow?seconds=60 HTTP/1.1\r\nHost: x\r\n\r\n")
            assert one.recv(4096).startswith(b"HTTP/1.1 200 ")
        time.sleep(1)  # the rate of the address allows the next one
        assert status(url, "127.0.0.15") == 429
        assert status(url, "127.0.0.16") == 401
    wait_for(lambda: status(url, "127.0.0.15") == 401)
