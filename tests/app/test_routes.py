"""What each route answers to a good token."""

import time

import httpx
import pytest

from local_okta.pytest_plugin import OktaToken
from local_okta.serving import serve
from local_okta.state import LocalOkta
from tests.support.api import app_for, bearer, settings_for


def test_index(api: httpx.Client, okta_token: OktaToken) -> None:
    """The tutorial's first route answers with the tutorial's text."""
    answer = api.get("/", headers=bearer(okta_token()))
    assert answer.status_code == 200
    assert answer.json() == {"message": "Congratulations, FastAPI this side."}


def test_hello(api: httpx.Client, okta_token: OktaToken) -> None:
    """The tutorial's second route greets the name in its path."""
    answer = api.get("/hello/Ada", headers=bearer(okta_token()))
    assert (answer.status_code, answer.json()) == (200, {"message": "Hello, Ada"})


def test_me(api: httpx.Client, okta_token: OktaToken) -> None:
    """/me tells subject, client, scopes, groups and expiry of the token."""
    exp = int(time.time()) + 100
    token = okta_token(sub="grace@example.com", scp=["openid", "reports:read"], groups=["Admins"], exp=exp)
    assert api.get("/me", headers=bearer(token)).json() == {
        "subject": "grace@example.com",
        "client": "0oalocalspa",
        "scopes": ["openid", "reports:read"],
        "groups": ["Admins"],
        "expiry": exp,
    }


def test_me_of_a_service(api: httpx.Client, okta_token: OktaToken) -> None:
    """A client that acts for itself has no groups, and no scopes where the claim is no list."""
    token = okta_token(
        cid="0oalocalservice", sub="0oalocalservice", groups=None, scp="reports:read", uid=None
    )
    body = api.get("/me", headers=bearer(token)).json()
    assert (body["subject"], body["scopes"], body["groups"]) == ("0oalocalservice", [], [])


def test_scheme_in_any_case(api: httpx.Client, okta_token: OktaToken) -> None:
    """The scheme's name is not case-sensitive."""
    assert api.get("/", headers={"Authorization": f"bEARER {okta_token()}"}).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/docs", "/docs/oauth2-redirect", "/openapi.json"])
def test_public(api: httpx.Client, path: str) -> None:
    """A public route answers without a token, and with a bad one."""
    assert api.get(path).status_code == 200
    assert api.get(path, headers=bearer("not.a.token")).status_code == 200


def test_unknown_path_with_a_token(api: httpx.Client, okta_token: OktaToken) -> None:
    """A caller with a good token is told that a path does not exist."""
    assert api.get("/nothing", headers=bearer(okta_token())).status_code == 404


def test_every_route_is_closed_unless_public(okta: LocalOkta, api: httpx.Client) -> None:
    """Without a token, only the routes of the contract's public list answer."""
    public = {"/healthz", "/readyz", "/docs", "/docs/oauth2-redirect", "/openapi.json"}
    public |= {"/.well-known/oauth-protected-resource"}
    public |= {f"/docs/{name}" for name in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png")}
    app = app_for(settings_for(okta))
    paths = {*public, *app.openapi()["paths"], "/items", "/boom", "/nothing", "/docs/nothing", "/healthz/"}
    for path in paths:
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"):
            answer = api.request(method, path)
            if method == "GET" and path in public:
                assert answer.status_code == 200, path
            else:
                assert answer.status_code == 401, (method, path)


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
def test_public_paths_have_no_second_spelling(api_url: str, path: str) -> None:
    """No other spelling of a public path gets past the middleware."""
    with httpx.Client() as client:
        request = client.build_request("GET", api_url)
        request.url = request.url.copy_with(raw_path=path.encode())
        assert client.send(request).status_code == 401


def test_docs_can_be_turned_off(okta: LocalOkta) -> None:
    """DOCS_ENABLED=false leaves no documentation, not even a public path."""
    with serve(app_for(settings_for(okta, docs_enabled=False))) as url:
        for path in ("/docs", "/openapi.json", "/docs/swagger-ui.css", "/redoc"):
            assert httpx.get(url + path).status_code == 401
