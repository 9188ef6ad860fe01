"""CORS: the configured origins may call everything, no other may."""

from collections.abc import Iterator

import httpx
import pytest

from local_okta.app import create_app
from local_okta.serving import bind, serving
from local_okta.state import LocalOkta
from tests.local_okta.browser import APP_ORIGIN, Browser

ENDPOINTS = [
    ("GET", "/.well-known/openid-configuration"),
    ("GET", "/v1/keys"),
    ("POST", "/v1/token"),
    ("GET", "/v1/userinfo"),
    ("POST", "/v1/introspect"),
    ("POST", "/v1/revoke"),
]
HEADERS_OF_CLIENTS = ("authorization", "content-type", "x-okta-user-agent-extended", "x-requested-with")
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": ",".join(HEADERS_OF_CLIENTS),
}


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://localhost:8000"])
@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_allowed_origin(browser: Browser, method: str, path: str, origin: str) -> None:
    """Every endpoint, refusals included, names the allowed origin and exposes the challenge."""
    answer = browser.request(method, path, headers={"Origin": origin})
    assert answer.headers["access-control-allow-origin"] == origin
    assert "Origin" in answer.headers["vary"]
    assert answer.headers["access-control-expose-headers"] == "WWW-Authenticate"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:3001", "null"])
@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_foreign_origin(browser: Browser, method: str, path: str, origin: str) -> None:
    """A foreign origin is not named."""
    answer = browser.request(method, path, headers={"Origin": origin})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", [path for _, path in ENDPOINTS])
def test_preflight(browser: Browser, path: str) -> None:
    """A preflight with the headers of okta-auth-js and Swagger UI is answered with what it asks for."""
    answer = browser.options(path, headers={"Origin": APP_ORIGIN, **PREFLIGHT})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == APP_ORIGIN
    allowed = {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}
    assert set(HEADERS_OF_CLIENTS) <= allowed


def test_foreign_preflight(browser: Browser) -> None:
    """A preflight of a foreign origin is refused and names no origin."""
    answer = browser.options("/v1/token", headers={"Origin": "https://evil.example", **PREFLIGHT})
    assert answer.status_code == 400
    assert "access-control-allow-origin" not in answer.headers


def test_unknown_path(browser: Browser) -> None:
    """A 404 carries the header too."""
    answer = browser.get("/v1/nothing", headers={"Origin": APP_ORIGIN})
    assert answer.status_code == 404
    assert answer.headers["access-control-allow-origin"] == APP_ORIGIN


def test_outage(browser: Browser, okta: LocalOkta) -> None:
    """The 503 of an outage carries the header too."""
    okta.switches.start_outage(None)
    answer = browser.get("/v1/keys", headers={"Origin": APP_ORIGIN})
    assert answer.status_code == 503
    assert answer.headers["access-control-allow-origin"] == APP_ORIGIN


@pytest.fixture
def failing_server() -> Iterator[str]:
    """A server with a route that raises."""
    app = create_app()

    async def fail() -> None:
        raise ZeroDivisionError

    app.add_api_route("/fail", fail)
    with bind("127.0.0.1", 0) as taken, serving(app, taken):
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_server_error(failing_server: str) -> None:
    """A 500 is readable for the allowed origin and tells nothing of the cause."""
    answer = httpx.get(f"{failing_server}/fail", headers={"Origin": APP_ORIGIN})
    assert (answer.status_code, answer.json()) == (500, {"error": "server_error"})
    assert answer.headers["access-control-allow-origin"] == APP_ORIGIN
    assert answer.headers["cache-control"] == "no-store"
