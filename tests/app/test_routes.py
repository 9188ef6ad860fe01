"""What each route returns for a valid token, and which routes are public."""

import time
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi_okta_auth import LOGOUT_PATH
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.support.api import Lines, app_for, bearer, settings_for

PUBLIC_PATHS = {
    "/healthz",
    "/readyz",
    "/.well-known/oauth-protected-resource",
    "/openapi.json",
    "/docs",
    "/docs/oauth2-redirect",
}


def test_websocket_greets_each_name(api_url: str, okta_token: OktaToken) -> None:
    """Each text message is a name, and gets a greeting."""
    url = api_url.replace("http", "ws", 1) + "/ws/hello"
    with connect(url, additional_headers=bearer(okta_token())) as socket:
        for name in ("Ada", "Grace", ""):
            socket.send(name)
            assert socket.recv() == f"Hello, {name}"


def test_websocket_closes_on_a_binary_message(
    api_url: str, okta_token: OktaToken, caplog: pytest.LogCaptureFixture
) -> None:
    """A binary message is data that the route cannot accept (RFC 6455 section 7.4.1): no error is logged."""
    url = api_url.replace("http", "ws", 1) + "/ws/hello"
    with connect(url, additional_headers=bearer(okta_token())) as socket:
        socket.send(b"Ada")
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1003
    assert not [record for record in caplog.records if record.name == "uvicorn.error" and record.exc_info]


def test_websocket_client_may_leave_before_the_reply(
    api_url: str, okta_token: OktaToken, lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    """A client that sends names and closes the connection at once causes no error in the log."""
    url = api_url.replace("http", "ws", 1) + "/ws/hello"
    with connect(url, additional_headers=bearer(okta_token())) as socket:
        for _ in range(8):
            socket.send("Ada")
    assert lines(1)
    assert not [record for record in caplog.records if record.name == "uvicorn.error" and record.exc_info]


def test_me_describes_a_person(api: httpx.Client, local_okta: LocalOkta, okta_token: OktaToken) -> None:
    """/me returns what the token says about a person."""
    now = int(time.time())
    token = okta_token(
        sub="grace@example.com",
        scp=["openid", "reports:read"],
        groups=["Admins"],
        exp=now + 100,
        acr="urn:okta:loa:2fa:any",
        auth_time=now - 5,
    )
    assert api.get("/me", headers=bearer(token)).json() == {
        "user_id": "00ulocalada",
        "subject": "grace@example.com",
        "issuer": local_okta.issuer,
        "client": "0oalocalspa",
        "actor": None,
        "scopes": ["openid", "reports:read"],
        "groups": ["Admins"],
        "expiry": now + 100,
        "acr": "urn:okta:loa:2fa:any",
        "auth_time": now - 5,
    }


def test_me_describes_a_service(api: httpx.Client, okta_token: OktaToken) -> None:
    """A client that acts for itself has no groups and no sign-in."""
    token = okta_token(cid="0oalocalservice", sub="0oalocalservice", groups=None, auth_time=None, scp=["a"])
    body = api.get("/me", headers=bearer(token)).json()
    assert (body["subject"], body["scopes"], body["groups"]) == ("0oalocalservice", ["a"], [])
    assert (body["actor"], body["acr"], body["auth_time"]) == (None, None, None)


def test_me_names_the_actor(api: httpx.Client, okta_token: OktaToken) -> None:
    """The actor is the subject of the outermost `act` claim (RFC 8693 section 4.1)."""
    token = okta_token(act={"sub": "0oalocalservice", "act": {"sub": "another"}})
    assert api.get("/me", headers=bearer(token)).json()["actor"] == "0oalocalservice"


@pytest.mark.parametrize(
    "claims",
    [{"acr": 5}, {"auth_time": "now"}, {"auth_time": True}, {"act": "x"}, {"act": {"sub": 1}}],
    ids=str,
)
def test_me_ignores_claims_of_another_type(
    api: httpx.Client, okta_token: OktaToken, claims: dict[str, Any]
) -> None:
    """A claim of an unexpected type is null, not an exception."""
    response = api.get("/me", headers=bearer(okta_token(**claims)))
    assert response.status_code == 200
    names = {"act": "actor"}
    assert [response.json()[names.get(name, name)] for name in claims] == [None]


def test_payslip_requires_two_factors(api: httpx.Client, okta_token: OktaToken) -> None:
    """A sign-in with one factor does not return the payslip."""
    assert api.get("/payslip", headers=bearer(okta_token())).status_code in (401, 403)
    token = okta_token(acr="urn:okta:loa:2fa:any", auth_time=int(time.time()))
    assert api.get("/payslip", headers=bearer(token)).json() == {
        "month": "2026-06",
        "gross": 4200,
        "net": 2780,
        "currency": "EUR",
        "for": "ada@example.com",
    }


def test_admin_greets_members_of_the_group(api: httpx.Client, okta_token: OktaToken) -> None:
    """A caller in the group Admins gets a greeting."""
    response = api.get("/admin", headers=bearer(okta_token(groups=["Admins"])))
    assert response.json() == {"message": "Hello, administrator ada@example.com"}


@pytest.mark.parametrize("path", sorted(PUBLIC_PATHS))
def test_public_route_ignores_credentials(api: httpx.Client, path: str) -> None:
    """A public route responds without a token, and with an invalid one."""
    assert api.get(path).status_code == 200
    assert api.get(path, headers=bearer("not.a.token")).status_code == 200


def test_unknown_path_needs_a_token_too(api: httpx.Client, okta_token: OktaToken) -> None:
    """Only a caller with a valid token learns that a path does not exist."""
    assert api.get("/nothing").status_code == 401
    response = api.get("/nothing", headers=bearer(okta_token()))
    assert (response.status_code, response.json()) == (404, {"detail": "Not Found"})


def test_other_methods_are_not_allowed(api: httpx.Client, okta_token: OktaToken) -> None:
    """A method that a path does not have is a 405 that names the methods it has."""
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE"):
        response = api.request(method, "/hello/Ada", headers=bearer(okta_token()))
        assert (response.status_code, response.headers["Allow"]) == (405, "GET"), method
    for method in ("GET", "HEAD"):
        response = api.request(method, "/reports/1/approve", headers=bearer(okta_token()))
        assert (response.status_code, response.headers["Allow"]) == (405, "POST"), method
    for path, allowed in (("/reports", "GET, POST"), ("/reports/1", "DELETE, GET")):
        response = api.put(path, headers=bearer(okta_token()))
        assert (response.status_code, response.headers["Allow"]) == (405, allowed), path


def test_exception_in_a_route_is_a_500_without_detail(api: httpx.Client, okta_token: OktaToken) -> None:
    """The caller learns the request's id and nothing about the exception."""
    response = api.get("/boom", headers={"X-Request-ID": "my-id", **bearer(okta_token())})
    assert (response.status_code, response.json()) == (500, {"error": "Internal Server Error"})
    assert response.headers["X-Request-ID"] == "my-id"
    assert "secret detail" not in response.text


@pytest.mark.parametrize("path", [*sorted(PUBLIC_PATHS), "/", "/hello/Ada", "/me", "/reports", "/nothing"])
@pytest.mark.parametrize("authenticated", [True, False], ids=["with-token", "without-token"])
def test_head_returns_the_headers_of_get(
    api: httpx.Client,
    okta_token: OktaToken,
    path: str,
    authenticated: bool,  # noqa: FBT001 - by pytest
) -> None:
    """HEAD has the status and the headers of GET and no body (RFC 9110 section 9.3.2)."""
    headers = {"X-Request-ID": "same", **(bearer(okta_token()) if authenticated else {})}
    get, head = api.get(path, headers=headers), api.head(path, headers=headers)
    for response in (get, head):
        del response.headers["Date"]
    assert (head.status_code, head.headers, head.content) == (get.status_code, get.headers, b"")


def test_head_is_logged_with_its_caller(api: httpx.Client, okta_token: OktaToken, lines: Lines) -> None:
    """The access log has the real method, and the caller."""
    api.head("/me", headers=bearer(okta_token()))
    [line] = lines(1)
    assert (line["event"], line["route"]) == ("HEAD '/me' 200", "/me")
    assert line["user_id"] == "00ulocalada"


def test_head_of_a_stream_has_no_body(local_okta: LocalOkta, okta_token: OktaToken) -> None:
    """The connection stays usable after HEAD for a route whose length is unknown."""
    app: FastAPI = app_for(settings_for(local_okta))

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(iter(["one", "two"]))

    with serve(app) as url, httpx.Client(base_url=url, headers=bearer(okta_token())) as client:
        assert client.head("/stream").content == b""
        assert client.get("/stream").text == "onetwo"


def test_every_route_needs_a_token_unless_public(local_okta: LocalOkta, api: httpx.Client) -> None:
    """Without a token, only the public routes respond, and only to GET and HEAD."""
    app = app_for(settings_for(local_okta))
    paths = {
        *PUBLIC_PATHS,
        *app.openapi()["paths"],
        "/items",
        "/nothing",
        "/docs/nothing",
        "/healthz/",
    }
    for path in paths:
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"):
            public = method in ("GET", "HEAD") and path in PUBLIC_PATHS
            expected = 200 if public else 401
            if (method, path) == ("POST", LOGOUT_PATH):
                expected = 404  # Universal Logout is off
            assert api.request(method, path).status_code == expected, (method, path)


@pytest.mark.parametrize(
    "path",
    [
        "//healthz",
        "/healthz/../me",
        "/healthz%2f..%2fme",
        "/HEALTHZ",
        "/docs/../me",
        "/healthz;x",
        "/healthz%00",
        "/%68ealthz/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_public_paths_have_one_spelling(api_url: str, method: str, path: str) -> None:
    """Another spelling of a public path needs a token."""
    with httpx.Client() as client:
        request = client.build_request(method, api_url)
        request.url = request.url.copy_with(raw_path=path.encode())
        assert client.send(request).status_code == 401


@pytest.mark.parametrize("path", ["/docs/", "/reports/", "/hello/Ada/"])
def test_trailing_slash_is_not_redirected(api: httpx.Client, okta_token: OktaToken, path: str) -> None:
    """A redirect would take its host from the request, and would leave a path that a proxy removed."""
    headers = {"Host": "evil.example.com", **bearer(okta_token())}
    assert api.get(path, headers=headers).status_code == 404


def test_docs_can_be_turned_off(local_okta: LocalOkta) -> None:
    """DOCS_ENABLED=false leaves no documentation and no public path for it."""
    with serve(app_for(settings_for(local_okta, docs_enabled=False))) as url:
        for path in ("/docs", "/openapi.json", "/docs/assets/swagger-ui.css", "/redoc"):
            assert httpx.get(url + path).status_code == 401
