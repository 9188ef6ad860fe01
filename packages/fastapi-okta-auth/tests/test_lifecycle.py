"""The middleware opens and closes Okta with the application, and reports faults of the settings and routes."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI, WebSocket
from fastapi.middleware.cors import CORSMiddleware
from fastapi.testclient import TestClient
from fastapi_okta_auth import PUBLIC, CurrentUser, Okta, OktaJWTMiddleware, OptionalUser, SettingsError
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.requests import bearer
from starlette.types import Message, Receive, Scope, Send


def okta_for(local_okta: LocalOkta) -> Okta:
    """Return an Okta that accepts the tokens of the local one."""
    return Okta(issuer=local_okta.issuer, client_id="0oalocalspa")


def protected(okta: Okta | None = None) -> FastAPI:
    """Return an application with a protected and a public route."""
    app = FastAPI(openapi_url=None)
    app.add_middleware(OktaJWTMiddleware, okta=okta)

    @app.get("/mine")
    async def mine(user: CurrentUser) -> str | None:
        return user.user_id

    @app.get("/maybe", openapi_extra=PUBLIC)
    async def maybe(user: OptionalUser) -> str | None:
        return user.user_id if user else "nobody"

    return app


def test_the_line_of_the_tutorial_is_enough(
    local_okta: LocalOkta, okta_token: OktaToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an argument the settings come from the environment."""
    monkeypatch.setenv("OKTA_ISSUER", local_okta.issuer)
    monkeypatch.setenv("OKTA_CLIENT_ID", "0oalocalspa")
    app = FastAPI()
    app.add_middleware(OktaJWTMiddleware)
    app.add_api_route("/mine", lambda: "mine")
    with TestClient(app) as client:
        assert client.get("/mine").status_code == 401
        assert client.get("/mine", headers=bearer(okta_token())).json() == "mine"


def test_application_can_start_again(local_okta: LocalOkta, okta_token: OktaToken) -> None:
    """A second `with TestClient(app)`, in another event loop, works as the first."""
    app = protected(okta_for(local_okta))
    for _ in range(2):
        with TestClient(app) as client:
            assert client.get("/mine", headers=bearer(okta_token())).status_code == 200


def test_values_in_code_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not given comes from the environment."""
    monkeypatch.setenv("OKTA_ISSUER", "https://one.okta.com/oauth2/default")
    monkeypatch.setenv("OKTA_CLIENT_ID", "0oa1")
    settings = Okta(issuer=["https://two.okta.com/oauth2/default"], leeway=5).settings
    assert settings.okta_issuer == ("https://two.okta.com/oauth2/default",)
    assert (settings.okta_client_id, settings.okta_leeway) == (("0oa1",), 5)


def test_invalid_value_in_code_is_one_line() -> None:
    """The constructor says what to write instead."""
    with pytest.raises(
        SettingsError, match=r"^OKTA_ISSUER: ends in a slash; write https://a.okta.com/oauth2/x$"
    ):
        Okta(issuer="https://a.okta.com/oauth2/x/", client_id="0oa1")


def test_missing_settings_end_the_start_with_one_line_each() -> None:
    """Not the constructor, where a server would swallow the fault."""
    missing = pytest.raises(SettingsError, match=r"OKTA_ISSUER: missing.*\nOKTA_CLIENT_ID: missing")
    with missing, TestClient(protected()):
        pass


def test_ambiguous_public_route_ends_the_start(local_okta: LocalOkta) -> None:
    """TestClient raises the sentence that a server prints."""
    app = FastAPI(openapi_url=None)
    app.add_middleware(OktaJWTMiddleware, okta=okta_for(local_okta))
    app.add_api_route("/{rest:path}", lambda rest: rest)
    app.add_api_route("/late", lambda: None, openapi_extra=PUBLIC)
    with pytest.raises(ValueError, match="public route GET /late is declared after"), TestClient(app):
        pass


def test_route_that_a_lifespan_adds_can_be_public(local_okta: LocalOkta) -> None:
    """The routes are read once the application has started; Okta is open before and closed after its lifespan."""
    okta, opened = okta_for(local_okta), []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.add_api_route("/added", lambda: "added", openapi_extra=PUBLIC)
        opened.append(okta.keys[local_okta.issuer])
        yield

    app = FastAPI(openapi_url=None, lifespan=lifespan)
    app.add_middleware(OktaJWTMiddleware, okta=okta)
    with TestClient(app) as client:
        assert client.get("/added").json() == "added"
    assert opened


def test_own_lifespan_that_fails_closes_okta(local_okta: LocalOkta, okta_token: OktaToken) -> None:
    """Its exception is raised, and the next start works."""
    faults = [ZeroDivisionError("mine")]

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if faults:
            raise faults.pop()
        yield

    app = FastAPI(openapi_url=None, lifespan=lifespan)
    app.add_middleware(OktaJWTMiddleware, okta=okta_for(local_okta))
    app.add_api_route("/mine", lambda: "mine")
    with pytest.raises(ZeroDivisionError, match="mine"), TestClient(app):
        pass
    with TestClient(app) as client:
        assert client.get("/mine", headers=bearer(okta_token())).status_code == 200


def test_requests_without_a_lifespan(
    local_okta: LocalOkta, okta_token: OktaToken, caplog: pytest.LogCaptureFixture
) -> None:
    """No token is 401, a public route responds, and a token is 503 with one line that says what to do."""
    client = TestClient(protected(okta_for(local_okta)))
    assert client.get("/mine").status_code == 401
    assert client.get("/maybe").json() == "nobody"
    for _ in range(3):
        response = client.get("/mine", headers=bearer(okta_token()))
        assert (response.status_code, response.json()["code"]) == (503, "not_started")
    [line] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "use `with TestClient(app)`" in line.getMessage()


@pytest.mark.anyio
async def test_okta_belongs_to_one_event_loop(local_okta: LocalOkta) -> None:
    """A second loop would wait for tasks of the first."""
    okta = okta_for(local_okta)

    async def open_it() -> None:
        async with okta:
            pass

    async with okta, okta:
        with pytest.raises(RuntimeError, match="open in another event loop"):
            await asyncio.to_thread(asyncio.run, open_it())


def test_mounted_application(local_okta: LocalOkta, okta_token: OktaToken) -> None:
    """Its lifespan does not run, so its parent opens Okta; without that, the line says so."""
    okta = okta_for(local_okta)
    parent = FastAPI(openapi_url=None, lifespan=okta.lifespan)
    parent.mount("/api", protected(okta))
    with TestClient(parent) as client:
        assert client.get("/api/mine").status_code == 401
        assert client.get("/api/mine", headers=bearer(okta_token())).status_code == 200


def test_parent_and_mounted_application_with_the_same_okta(
    local_okta: LocalOkta, okta_token: OktaToken
) -> None:
    """What the outer middleware verified is not verified again; a WebSocket's token is taken out once."""
    okta = okta_for(local_okta)
    inner, outer = protected(okta), protected(okta)

    @inner.websocket("/socket")
    async def socket(connection: WebSocket, user: CurrentUser) -> None:
        await connection.accept()
        await connection.send_text(user.subject)
        await connection.close()

    outer.mount("/inner", inner)
    with TestClient(outer) as client:
        assert client.get("/inner/mine").status_code == 401
        assert client.get("/inner/mine", headers=bearer(okta_token())).status_code == 200
        with client.websocket_connect("/inner/socket", subprotocols=["bearer", okta_token()]) as connection:
            assert connection.receive_text() == "ada@example.com"


@pytest.mark.anyio
async def test_application_without_routes_is_refused(local_okta: LocalOkta) -> None:
    """Around anything but a Starlette application the middleware cannot know what is public."""

    async def bare(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "lifespan.startup.complete"})

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    with pytest.raises(ValueError, match=r"use app\.add_middleware"):
        await OktaJWTMiddleware(bare, okta_for(local_okta))({"type": "lifespan"}, receive, send)


@pytest.mark.parametrize("inside", [True, False])
def test_cors_inside_of_the_token_check_is_a_warning(
    local_okta: LocalOkta, caplog: pytest.LogCaptureFixture, *, inside: bool
) -> None:
    """A preflight would be refused, and a browser could not read a refusal."""
    app = FastAPI(openapi_url=None)
    if inside:
        app.add_middleware(CORSMiddleware, allow_origins=["http://localhost:3000"])
    app.add_middleware(OktaJWTMiddleware, okta=okta_for(local_okta))
    if not inside:
        app.add_middleware(CORSMiddleware, allow_origins=["http://localhost:3000"])
    with TestClient(app):
        pass
    lines = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert [line.partition(",")[0] for line in lines] == [
        "CORSMiddleware is inside OktaJWTMiddleware"
    ] * inside


@pytest.mark.parametrize(
    ("token", "status", "body"),
    [
        (None, 200, "nobody"),
        ("valid", 200, "00ulocalada"),
        ("expired", 401, "expired"),
        ("malformed", 401, "malformed"),
    ],
)
def test_optional_user(
    local_okta: LocalOkta, okta_token: OktaToken, token: str | None, status: int, body: str
) -> None:
    """A public route sees the caller of a valid token, nobody without one, and an invalid one is refused."""
    tokens = {"valid": okta_token(uid="00ulocalada"), "expired": okta_token(exp=1), "malformed": "a.b.c"}
    with TestClient(protected(okta_for(local_okta))) as client:
        response = client.get("/maybe", headers=bearer(tokens[token]) if token else {})
    assert response.status_code == status
    assert body in (response.json(), response.json().get("code") if status == 401 else None)
    assert ("WWW-Authenticate" in response.headers) == (status == 401)


def test_public_route_ignores_a_token_that_it_does_not_ask_for(local_okta: LocalOkta) -> None:
    """A health check with an expired token still responds."""
    app = protected(okta_for(local_okta))
    app.add_api_route("/healthz", lambda: "alive", openapi_extra=PUBLIC)
    with TestClient(app) as client:
        assert client.get("/healthz", headers=bearer("a.b.c")).json() == "alive"


def test_docs_replace_those_of_fastapi(local_okta: LocalOkta) -> None:
    """`FastAPI()` has pages that load scripts from a CDN; `add_docs` serves others, without a token."""
    app = FastAPI(title="Shop")
    okta = okta_for(local_okta)
    app.add_middleware(OktaJWTMiddleware, okta=okta)
    okta.add_docs(app)
    with TestClient(app) as client:
        page = client.get("/docs")
        assert (page.status_code, "cdn" in page.text, "<title>Shop</title>" in page.text) == (
            200,
            False,
            True,
        )
        assert client.get("/openapi.json").json()["components"]["securitySchemes"].keys() == {
            "okta",
            "bearer",
        }
        assert client.get("/redoc").status_code == 401


def test_metadata_of_a_path(local_okta: LocalOkta) -> None:
    """Only added paths have metadata (RFC 9728 section 3.1), and a refusal names the nearest."""
    app = protected(okta := okta_for(local_okta))
    okta.add_metadata(app, path="/mcp")
    url = "http://localhost:8000/.well-known/oauth-protected-resource/mcp"
    with TestClient(app) as client:
        document = client.get("/.well-known/oauth-protected-resource/mcp").json()
        assert document["resource"] == "http://localhost:8000/mcp"
        assert "scopes_supported" not in document  # no route requires one
        for path in ("/mcp", "/mcp/messages"):
            assert f'resource_metadata="{url}"' in client.get(path).headers["WWW-Authenticate"]
        for path in ("/mine", "/mcpx", "/.well-known/oauth-protected-resource"):
            assert "resource_metadata" not in client.get(path).headers["WWW-Authenticate"]


@pytest.mark.anyio
async def test_transport_without_a_server(local_okta: LocalOkta, okta_token: OktaToken) -> None:
    """`async with okta` takes the place of the lifespan that ASGITransport does not run."""
    okta = okta_for(local_okta)
    transport = httpx.ASGITransport(protected(okta))
    async with okta, httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get("/mine", headers=bearer(okta_token()))).status_code in (200, 503)
        while not okta.ready:  # noqa: ASYNC110 - a test polls
            await asyncio.sleep(0.01)
        assert (await client.get("/mine", headers=bearer(okta_token()))).status_code == 200
