"""The steps of a browser and of a client at the local Okta."""

import base64
import hashlib
import html
import json
import re
import secrets
import ssl
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import httpx
from local_okta.config import SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET, SPA_CLIENT_ID, origin_of
from local_okta.state import LocalOkta

REDIRECT_URI = "http://localhost:3000/login/callback"
APP_ORIGIN = "http://localhost:3000"

# Created once: loading the certificates takes longer than a test.
_TLS = ssl.create_default_context()


class Browser(httpx.Client):
    """An HTTP client with cookies that follows no redirect; paths are below the issuer."""

    def __init__(self, okta: LocalOkta) -> None:
        super().__init__(base_url=okta.issuer, timeout=10, verify=_TLS)
        self.okta = okta
        self.verifier = secrets.token_urlsafe(48)
        self.sessions_url = f"{origin_of(okta.issuer)}/api/v1/sessions/me"

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def authorize(self, **changes: str | None) -> httpx.Response:
        """Ask for a code; `changes` replaces parameters, None leaves one out."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        parameters = {
            "client_id": SPA_CLIENT_ID,
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "scope": "openid profile email",
            "state": "the-state",
            "nonce": "the-nonce",
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
            **changes,
        }
        return self.get("/v1/authorize", params={k: v for k, v in parameters.items() if v is not None})

    def choose(self, sign_in_page: httpx.Response, login: str = "ada@example.com") -> httpx.Response:
        """Press a person's button on the sign-in page."""
        return self.post("/signin", data={"request": hidden_request(sign_in_page), "login": login})

    def sign_in(self, login: str = "ada@example.com", **changes: str | None) -> httpx.Response:
        """Ask for a code and choose a person, even with a session; return the response."""
        page = self.authorize(**{"prompt": "login", **changes})
        return self.choose(page, login)

    def approve(self, second_page: httpx.Response, factor: str = "approve") -> httpx.Response:
        """Press a button on the page that takes the place of a second factor."""
        return self.post("/second-factor", data={"request": hidden_request(second_page), "factor": factor})

    def code(self, login: str = "ada@example.com", **changes: str | None) -> str:
        """Return an authorization code."""
        return redirect_parameters(self.sign_in(login, **changes))["code"]

    def exchange(self, code: str, *, dpop: str | None = None, **changes: str | None) -> httpx.Response:
        """Exchange a code for tokens, with a DPoP proof if given."""
        form = {
            "grant_type": "authorization_code",
            "client_id": SPA_CLIENT_ID,
            "redirect_uri": REDIRECT_URI,
            "code": code,
            "code_verifier": self.verifier,
            **changes,
        }
        data = {name: value for name, value in form.items() if value is not None}
        return self.post("/v1/token", data=data, headers={"DPoP": dpop} if dpop else {})

    def tokens(self, login: str = "ada@example.com", **changes: str | None) -> dict[str, Any]:
        """Sign a person in and return the token response."""
        response = self.exchange(self.code(login, **changes))
        assert response.status_code == 200, response.text
        return json_object(response)

    def refresh(self, refresh_token: str, **form: str) -> httpx.Response:
        """Use a refresh token."""
        grant = {"grant_type": "refresh_token", "client_id": SPA_CLIENT_ID, "refresh_token": refresh_token}
        return self.post("/v1/token", data={**grant, **form})

    def client_credentials(self, **changes: str | None) -> httpx.Response:
        """Ask for a token of the service client, its credentials in the form."""
        form = {
            "grant_type": "client_credentials",
            "client_id": SERVICE_CLIENT_ID,
            "client_secret": SERVICE_CLIENT_SECRET,
            "scope": "reports:read",
            **changes,
        }
        return self.post("/v1/token", data={k: v for k, v in form.items() if v is not None})

    def introspect(self, token: str, client_id: str = SPA_CLIENT_ID) -> dict[str, Any]:
        """Introspect a token, as okta-auth-js does."""
        response = self.post("/v1/introspect", data={"token": token}, headers=bare_basic(client_id))
        assert response.status_code == 200, response.text
        return json_object(response)

    def userinfo(self, access_token: str) -> httpx.Response:
        """Request the claims about a token's person."""
        return self.get("/v1/userinfo", headers={"Authorization": f"Bearer {access_token}"})


def hidden_request(sign_in_page: httpx.Response) -> str:
    """Return the one-time value in the sign-in form."""
    found = re.search(r'name="request" value="([^"]+)"', sign_in_page.text)
    assert found, sign_in_page.text
    return html.unescape(found[1])


def bare_basic(client_id: str) -> dict[str, str]:
    """Return the Authorization header that okta-auth-js sends: the client id without a colon."""
    return {"Authorization": f"Basic {base64.b64encode(client_id.encode()).decode()}"}


def redirect_parameters(response: httpx.Response) -> dict[str, str]:
    """Return the parameters in the query of a redirect to the application."""
    assert response.status_code == 302, response.text
    location = response.headers["location"]
    assert location.startswith(f"{REDIRECT_URI}?"), location
    return dict(parse_qsl(urlsplit(location).query))


def json_object(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object in a body."""
    body = response.json()
    assert isinstance(body, dict)
    return body


def assert_refused(response: httpx.Response, error: str, status: int = 400) -> None:
    """Check for an error of RFC 6749 §5.2 that is not cached."""
    assert response.status_code == status
    assert response.json().keys() == {"error", "error_description"}
    assert response.json()["error"] == error
    assert response.headers["cache-control"] == "no-store"


def decoded(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a JWT's header and claims without verifying it."""
    header, claims, _ = token.split(".")
    return _decoded_part(header), _decoded_part(claims)


def _decoded_part(part: str) -> dict[str, Any]:
    value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert isinstance(value, dict)
    return value
