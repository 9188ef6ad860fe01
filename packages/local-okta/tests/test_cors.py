"""CORS: the configured origins may call every endpoint, other origins none."""

from collections.abc import Iterator

import httpx
import pytest
from local_okta.app import create_app
from local_okta.config import Config
from local_okta.serving import bind, running, serving
from local_okta.state import LocalOkta
from local_okta_browser import APP_ORIGIN, Browser, assert_refused

ENDPOINTS = [
    ("GET", "/.well-known/openid-configuration"),
    ("GET", "/v1/keys"),
    ("POST", "/v1/token"),
    ("GET", "/v1/userinfo"),
    ("POST", "/v1/introspect"),
    ("POST", "/v1/revoke"),
    ("POST", "/v1/authorize"),
]
HEADERS_OF_CLIENTS = (
    "authorization",
    "content-type",
    "dpop",
    "x-okta-user-agent-extended",
    "x-requested-with",
)
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": ",".join(HEADERS_OF_CLIENTS),
}


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://localhost:8000"])
@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_allowed_origin_gets_cors_headers(browser: Browser, method: str, path: str, origin: str) -> None:
    """Every response, errors too, allows the origin and exposes the challenge and the nonce."""
    response = browser.request(method, path, headers={"Origin": origin})
    assert response.headers["access-control-allow-origin"] == origin
    assert "Origin" in response.headers["vary"]
    assert response.headers["access-control-expose-headers"] == "WWW-Authenticate, DPoP-Nonce"


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:3001", "null"])
@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_other_origin_gets_no_cors_headers(browser: Browser, method: str, path: str, origin: str) -> None:
    """Another origin is not allowed."""
    response = browser.request(method, path, headers={"Origin": origin})
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("path", [path for _, path in ENDPOINTS])
def test_preflight_of_an_allowed_origin_is_accepted(browser: Browser, path: str) -> None:
    """A preflight with the headers of okta-auth-js and Swagger UI allows all of them."""
    response = browser.options(path, headers={"Origin": APP_ORIGIN, **PREFLIGHT})
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == APP_ORIGIN
    allowed = {name.strip().lower() for name in response.headers["access-control-allow-headers"].split(",")}
    assert set(HEADERS_OF_CLIENTS) <= allowed


def test_preflight_of_another_origin_is_refused(browser: Browser) -> None:
    """A preflight of another origin gets a 400 that allows no origin."""
    response = browser.options("/v1/token", headers={"Origin": "https://evil.example", **PREFLIGHT})
    assert response.status_code == 400
    assert "access-control-allow-origin" not in response.headers


def test_session_request_with_cookies_is_allowed(browser: Browser) -> None:
    """okta-auth-js may send the session cookie, which `session.exists()` needs, and DELETE."""
    preflight = {**PREFLIGHT, "Access-Control-Request-Method": "DELETE"}
    response = browser.options(browser.sessions_url, headers={"Origin": APP_ORIGIN, **preflight})
    assert response.status_code == 200
    assert response.headers["access-control-allow-credentials"] == "true"
    assert "DELETE" in response.headers["access-control-allow-methods"]


def test_session_is_for_trusted_origins_alone() -> None:
    """The origin of a redirect URI may get tokens, but not use the session until it is trusted."""
    with running(Config(cors_origins=())) as okta, Browser(okta) as browser:
        headers = {"Origin": APP_ORIGIN, **PREFLIGHT}
        assert browser.options("/v1/token", headers=headers).status_code == 200
        session = browser.options(browser.sessions_url, headers=headers)
        assert session.status_code == 400
        assert "access-control-allow-origin" not in session.headers


def test_tokens_are_for_origins_of_redirect_uris_alone() -> None:
    """A trusted origin that no redirect URI of the client has gets no tokens."""
    origin = "http://localhost:4000"
    with running(Config(cors_origins=(origin,))) as okta, Browser(okta) as browser:
        browser.headers["Origin"] = origin
        response = browser.exchange(browser.code())
        assert_refused(response, "access_denied")
        assert "redirect_uri" in response.json()["error_description"]
        browser.headers["Origin"] = APP_ORIGIN
        assert browser.exchange(browser.code()).status_code == 200


def test_404_has_cors_headers(browser: Browser) -> None:
    """A 404 allows the origin too."""
    response = browser.get("/v1/nothing", headers={"Origin": APP_ORIGIN})
    assert response.status_code == 404
    assert response.headers["access-control-allow-origin"] == APP_ORIGIN


def test_outage_has_cors_headers(browser: Browser, local_okta: LocalOkta) -> None:
    """The 503 of an outage allows the origin too."""
    local_okta.switches.start_outage(None)
    response = browser.get("/v1/keys", headers={"Origin": APP_ORIGIN})
    assert response.status_code == 503
    assert response.headers["access-control-allow-origin"] == APP_ORIGIN


@pytest.fixture
def failing_server() -> Iterator[str]:
    """A server with a route that raises."""
    app = create_app()

    async def fail() -> None:
        raise ZeroDivisionError

    app.add_api_route("/fail", fail)
    with bind("127.0.0.1", 0) as listener, serving(app, listener):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_500_has_cors_headers_and_no_details(failing_server: str) -> None:
    """A 500 allows the origin and does not name the cause."""
    response = httpx.get(f"{failing_server}/fail", headers={"Origin": APP_ORIGIN})
    assert (response.status_code, response.json()) == (500, {"error": "server_error"})
    assert response.headers["access-control-allow-origin"] == APP_ORIGIN
    assert response.headers["cache-control"] == "no-store"
