"""The response to a refused request: status, challenge, body."""

import asyncio
import gc
import socket
import weakref
from typing import Any

import httpx
import pytest
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.app import app_for, settings_for
from okta_support.in_process import started
from okta_support.requests import DEAD_JWKS_URI, METADATA, bearer
from starlette.types import Message

MALFORMED = "Unauthorized request: Authorization must be one header of the form Bearer <token>"


def test_challenge_without_credentials_has_no_error(api: httpx.Client) -> None:
    """Without credentials the challenge names no error (RFC 6750 section 3.1)."""
    response = api.get("/hello/Ada")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"' + METADATA
    assert response.json()["error"] == "Unauthorized Access"
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "value", ["Basic dXNlcjpwYXNz", "Negotiate YII=", "Bearer-ish abc", "a.b.c", "BearerX", "Bearer\tabc"]
)
def test_unsupported_scheme_gets_a_challenge_without_error(api: httpx.Client, value: str) -> None:
    """A scheme other than Bearer counts as no credentials: the challenge has no error."""
    response = api.get("/", headers={"Authorization": value})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"' + METADATA
    assert response.json()["error"] == "Unauthorized scheme: use Bearer"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
@pytest.mark.parametrize("spaces", [" ", "   "], ids=["one space", "three spaces"])
@pytest.mark.parametrize(
    "whitespace", ["%s", " %s", "%s ", "%s\t", "\t %s  "], ids=["none", "before", "after", "tab", "around"]
)
def test_bearer_in_any_case_with_any_whitespace(
    api: httpx.Client, okta_token: OktaToken, scheme: str, spaces: str, whitespace: str
) -> None:
    """One or more spaces may follow the scheme, and whitespace around the value is not part of it."""
    value = whitespace % f"{scheme}{spaces}{okta_token()}"
    with socket.create_connection((api.base_url.host, api.base_url.port or 80)) as connection:
        # A raw socket, because HTTP clients refuse to send such whitespace.
        head = f"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: {value}\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "bearer", "Bearer a b", "Bearer a\tb", "Bearer a.b.c, Bearer d", "Bearer \xe9"],
    ids=repr,
)
def test_malformed_authorization_header_is_a_400(api: httpx.Client, value: str) -> None:
    """A header that is not `Bearer <token>` is a malformed request, not an invalid token."""
    response = api.get("/", headers=[(b"Authorization", value.encode("latin-1"))])
    assert response.status_code == 400
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_request"' + METADATA
    assert response.json()["error"] == MALFORMED


def test_repeated_authorization_header_is_rejected(api: httpx.Client, okta_token: OktaToken) -> None:
    """Two Authorization headers are refused, even if both have a valid token."""
    token = f"Bearer {okta_token()}"
    response = api.get("/", headers=[("Authorization", token), ("Authorization", token)])
    assert (response.status_code, response.json()["error"]) == (400, MALFORMED)


def test_invalid_token_is_a_401_with_its_reason(api: httpx.Client, okta_token: OktaToken) -> None:
    """An invalid token gets invalid_token, with the same reason in challenge and body."""
    response = api.get("/", headers=bearer(okta_token(exp=1)))
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == (
        'Bearer realm="api", error="invalid_token", error_description="token has expired"' + METADATA
    )
    assert response.json()["error"] == "Unauthorized token or token has expired"


def test_authorization_over_16_kib_is_refused(api: httpx.Client) -> None:
    """An Authorization value over 16 KiB is refused; one of exactly 16 KiB is parsed."""
    largest = "Bearer " + "a" * (16 * 1024 - len("Bearer "))
    response = api.get("/", headers={"Authorization": largest})
    assert response.json()["error"] == "Unauthorized token or token is not a signed JWT"
    response = api.get("/", headers={"Authorization": largest + "a"})
    assert (response.status_code, response.json()["error"]) == (
        401,
        "Unauthorized token or token is too large",
    )


def test_missing_scope_is_a_403_that_names_it(api: httpx.Client, okta_token: OktaToken) -> None:
    """A token without the required scope gets 403, and the challenge names the scope."""
    response = api.get("/reports", headers=bearer(okta_token()))
    assert response.status_code == 403
    assert response.headers["WWW-Authenticate"] == (
        'Bearer realm="api", error="insufficient_scope", scope="reports:read"' + METADATA
    )
    assert response.json()["error"] == "Forbidden"
    assert api.get("/reports", headers=bearer(okta_token(scp=["reports:read"]))).status_code == 200


def test_missing_group_is_forbidden_without_a_challenge(
    api: httpx.Client, okta_token: OktaToken, caplog: pytest.LogCaptureFixture
) -> None:
    """No new token would help, so there is no challenge; the log names the group, the response does not."""
    response = api.get("/admin", headers=bearer(okta_token(person="grace")))
    assert response.status_code == 403
    assert "WWW-Authenticate" not in response.headers
    assert response.json()["error"] == "Forbidden"
    assert "Admins" not in str(response.headers)
    assert "refused GET '/admin': forbidden, required group 'Admins'" in caplog.text
    assert api.get("/admin", headers=bearer(okta_token(groups=["Admins"]))).status_code == 200


def test_token_outside_the_header_is_ignored(api: httpx.Client, okta_token: OktaToken) -> None:
    """A token in the query, a cookie or a form is ignored (RFC 6750 sections 2.2 and 2.3)."""
    token = okta_token()
    assert api.get("/", params={"access_token": token}).status_code == 401
    assert api.get("/", headers={"Cookie": f"access_token={token}"}).status_code == 401
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert api.post("/items", content=f"access_token={token}", headers=form).status_code == 401


class Marker:
    """An object that a weak reference can refer to."""


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("value", "claims", "jwks_uri", "status"),
    [
        ("", {}, "", 401),
        ("Basic x", {}, "", 401),
        ("Bearer a b", {}, "", 400),
        ("Bearer a.b.c", {}, "", 401),
        ("Bearer {}", {"exp": 1}, "", 401),
        ("Bearer {}AAAA", {}, "", 401),
        ("Bearer {}", {}, DEAD_JWKS_URI, 503),
        ("Bearer {}", {"groups": []}, "", 403),
    ],
)
async def test_refused_request_is_freed_at_once(
    local_okta: LocalOkta,
    okta_token: OktaToken,
    value: str,
    claims: dict[str, Any],
    jwks_uri: str,
    status: int,
) -> None:
    """A refused request is freed by reference counting, so that a flood does not fill the memory."""
    app = app_for(settings_for(local_okta, okta_jwks_uri=jwks_uri))
    value = value.format(okta_token(**claims))
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        sent.append(message)

    marker = Marker()
    freed = weakref.ref(marker)
    scope = {
        "type": "http", "method": "GET", "path": "/admin", "query_string": b"", "marker": marker,
        "headers": [(b"authorization", value.encode())] if value else [],
    }  # fmt: skip
    async with started(app):
        gc.disable()
        try:
            await app(scope, receive, send)
            del scope, marker
            await asyncio.sleep(0)  # let what was scheduled run
            assert freed() is None
        finally:
            gc.enable()
    assert sent[0]["status"] == status
