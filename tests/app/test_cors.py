"""CORS: every response has its headers, and preflights need no token."""

from typing import Any

import httpx
import pytest
from local_okta.testing import OktaToken

from tests.support.api import APP_ORIGIN, bearer


def preflight(
    api: httpx.Client, origin: str, path: str = "/hello/Ada", headers: str = "authorization"
) -> httpx.Response:
    """Return the headers of a preflight for a GET request with a token."""
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": headers}
    return api.options(path, headers={"Origin": origin, **asked})


@pytest.mark.parametrize("path", ["/", "/hello/Ada", "/me", "/nothing", "/boom"])
def test_preflight_needs_no_token(api: httpx.Client, path: str) -> None:
    """A preflight from an allowed origin gets 200 without a token, and may be cached."""
    response = preflight(api, APP_ORIGIN, path, "authorization, content-type, dpop")
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == APP_ORIGIN
    assert {"Authorization", "Content-Type", "DPoP"} <= set(
        response.headers["Access-Control-Allow-Headers"].split(", ")
    )
    assert "GET" in response.headers["Access-Control-Allow-Methods"]
    assert response.headers["Access-Control-Max-Age"] == "600"
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert "Origin" in response.headers["Vary"]


def test_preflight_from_the_public_network_is_allowed(api: httpx.Client) -> None:
    """A page on another network may call the API (Private Network Access), if its origin is allowed."""
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Private-Network": "true"}
    response = api.options("/", headers={"Origin": APP_ORIGIN, **asked})
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Private-Network"] == "true"
    assert api.options("/", headers={"Origin": "https://evil.example.com", **asked}).status_code == 400


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example.com", "http://localhost:3001", "null", "http://localhost:3000.evil.example.com"],
)
def test_other_origin_gets_no_cors_headers(api: httpx.Client, okta_token: OktaToken, origin: str) -> None:
    """A response to another origin has no CORS headers, with a token or without."""
    assert preflight(api, origin).status_code == 400
    for response in (
        preflight(api, origin),
        api.get("/", headers={"Origin": origin}),
        api.get("/", headers={"Origin": origin, **bearer(okta_token())}),
    ):
        assert "Access-Control-Allow-Origin" not in response.headers
        assert "Origin" in response.headers["Vary"]


def test_options_without_preflight_headers_needs_a_token(api: httpx.Client) -> None:
    """OPTIONS without preflight headers needs a token like any other method."""
    assert api.options("/").status_code == 401
    assert api.options("/", headers={"Origin": APP_ORIGIN}).status_code == 401
    assert api.options("/", headers={"Access-Control-Request-Method": "GET"}).status_code == 401


@pytest.mark.parametrize(
    ("path", "claims", "status"),
    [
        ("/", {}, 200),
        ("/", {"exp": 1}, 401),
        ("/reports", {}, 403),
        ("/nothing", {}, 404),
        ("/hello", {}, 404),
        ("/boom", {}, 500),
    ],
)
def test_every_response_is_readable_by_the_app(
    api: httpx.Client, okta_token: OktaToken, path: str, claims: dict[str, Any], status: int
) -> None:
    """The app's origin can read every response, including the challenge."""
    response = api.get(path, headers={"Origin": APP_ORIGIN, **bearer(okta_token(**claims))})
    assert response.status_code == status
    assert_readable(response)


def test_refusal_without_a_token_is_readable(api: httpx.Client) -> None:
    """The app's origin can read the 401 of a request without a token."""
    response = api.get("/", headers={"Origin": APP_ORIGIN})
    assert response.status_code == 401
    assert_readable(response)


def test_503_is_readable(keyless_url: str, okta_token: OktaToken) -> None:
    """The app's origin can read a 503 and its `Retry-After`."""
    response = httpx.get(f"{keyless_url}/", headers={"Origin": APP_ORIGIN, **bearer(okta_token())})
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) >= 1
    assert_readable(response)


def assert_readable(response: httpx.Response) -> None:
    """Check that the response has the headers that a browser requires."""
    assert response.headers["Access-Control-Allow-Origin"] == APP_ORIGIN
    assert {"WWW-Authenticate", "DPoP-Nonce", "Retry-After", "X-Request-ID"} <= set(
        response.headers["Access-Control-Expose-Headers"].split(", ")
    )
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert response.headers["Vary"] == "Origin"


def test_response_without_an_origin_varies_by_origin(api: httpx.Client, okta_token: OktaToken) -> None:
    """A response to a request without an origin has `Vary: Origin`, for caches."""
    assert api.get("/").headers["Vary"] == "Origin"
    assert api.get("/", headers=bearer(okta_token())).headers["Vary"] == "Origin"
    assert api.get("/healthz").headers["Vary"] == "Origin"
