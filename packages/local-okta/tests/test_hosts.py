"""The Host header: names of this machine and configured names only (DNS rebinding)."""

from collections.abc import Iterator

import httpx
import pytest
from local_okta.app import create_app
from local_okta.config import Config
from local_okta.serving import bind, serve, serving
from local_okta.state import LocalOkta
from local_okta_browser import Browser

PATHS = ["/", "/local", "/oauth2/default/v1/keys", "/oauth2/default/v1/authorize", "/api/v1/sessions/me"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "192.0.2.7:9000", "a b", ""])
def test_other_host_is_refused(local_okta: LocalOkta, host: str, path: str) -> None:
    """A request that names another host gets a 400, without CORS headers."""
    url = local_okta.issuer.removesuffix("/oauth2/default") + path
    response = httpx.get(url, headers={"Host": host, "Origin": "http://localhost:3000"})
    assert response.status_code == 400
    assert "access-control-allow-origin" not in response.headers


def test_other_host_cannot_use_the_switches(local_okta: LocalOkta) -> None:
    """A page of a rebound host name cannot post to the switches, though its Origin equals its Host."""
    url = local_okta.issuer.removesuffix("/oauth2/default") + "/local/outage"
    headers = {"Host": "evil.example", "Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}
    assert httpx.post(url, headers=headers).status_code == 400
    assert not local_okta.switches.outage


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:9000", "127.0.0.1:9000", "[::1]:9000"])
def test_loopback_host_is_accepted(browser: Browser, host: str) -> None:
    """The names of the loopback interface are accepted, with any port."""
    assert browser.get("/v1/keys", headers={"Host": host}).status_code == 200


@pytest.fixture(scope="module")
def configured_url() -> Iterator[str]:
    """A server with an issuer and an allowed host of other names."""
    config = Config(issuer="https://okta.example/oauth2/default", allowed_hosts=("local-okta",))
    with serve(create_app(config)) as url:
        yield url


@pytest.mark.parametrize(
    ("host", "status"),
    [("okta.example", 200), ("local-okta:9000", 200), ("tasks.local-okta", 400), ("evil.example", 400)],
)
def test_configured_hosts_are_accepted(configured_url: str, host: str, status: int) -> None:
    """The issuer's host and the allowed hosts are accepted; containers use the latter."""
    response = httpx.get(f"{configured_url}/oauth2/default/v1/keys", headers={"Host": host})
    assert response.status_code == status


def test_server_listens_on_ipv6() -> None:
    """A server on ::1 accepts requests that name it."""
    try:
        listener = bind("::1", 0)
    except OSError:
        pytest.skip("this machine has no IPv6")
    port = listener.getsockname()[1]
    app = create_app(Config(issuer=f"http://[::1]:{port}/oauth2/default"))
    with listener, serving(app, listener):
        assert httpx.get(f"http://[::1]:{port}/oauth2/default/v1/keys").status_code == 200
