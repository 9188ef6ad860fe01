"""A public frontend, by `app.frontend` or by a mount at /: what needs no token, and what it never opens."""

import asyncio
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from fastapi import APIRouter, FastAPI, WebSocket
from fastapi.responses import PlainTextResponse
from fastapi.staticfiles import StaticFiles
from fastapi.testclient import TestClient
from fastapi_okta_auth import Okta, OktaJWTMiddleware, PublicRouteError, public
from fastapi_okta_auth.doctor.route import check_route
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.app import settings_for
from okta_support.requests import bearer
from starlette.types import Message, Scope

# FastAPI has `app.frontend` since 0.138.
KINDS: Final = ["frontend", "mount"] if hasattr(FastAPI, "frontend") else ["mount"]
NAVIGATION: Final = {"Accept": "text/html"}
NOT_FOUND: Final = b'{"detail":"Not Found"}'
HIDDEN: Final = ("/.env", "/.git/config", "/assets/.env", "/a/../.env", "/..", "/a/\\.env", "//.env")


class Answer(NamedTuple):
    """What came back; status 0 for a WebSocket that was closed before it was accepted."""

    status: int
    body: bytes = b""


def ask(
    app: FastAPI, method: str, path: str, headers: dict[str, str] | None = None, root: str = ""
) -> Answer:
    """Return the answer to a request with exactly this path; the method WEBSOCKET opens a WebSocket."""
    fields = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    scope: Scope = {"path": path, "root_path": root, "query_string": b"", "headers": fields}
    scope.update({"type": "websocket"} if method == "WEBSOCKET" else {"type": "http", "method": method})
    answer = Answer(0)
    messages = ["websocket.connect" if method == "WEBSOCKET" else "http.request"]

    async def receive() -> Message:
        if not messages:  # a client that waits for the response
            await asyncio.sleep(60)
        return {"type": messages.pop()}

    async def send(message: Message) -> None:
        nonlocal answer
        answer = Answer(
            message.get("status", 101 if message["type"] == "websocket.accept" else answer.status),
            answer.body + message.get("body", b""),
        )

    asyncio.run(app(scope, receive, send))
    return answer


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build, with files and links that must not be served."""
    folder = tmp_path_factory.mktemp("build")
    outside = folder / "outside"
    files = {"dist/index.html": "page", "dist/a/b": "file", "dist/api": "file", "dist/assets/app.js": "file"}
    secrets = ("dist/.env", "dist/.git/config", "dist/assets/.env", "outside/x")
    for name, text in {**files, **dict.fromkeys(secrets, "secret")}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "dist/link").symlink_to(outside / "x")
    (folder / "dist/folder").symlink_to(outside)
    return folder / "dist"


def serve(app: FastAPI, kind: str, dist: Path, okta: Okta) -> FastAPI:
    """Add the middleware and the frontend, which is public."""
    app.add_middleware(OktaJWTMiddleware, okta=okta, public_frontend="/" if kind == "frontend" else "")
    if kind == "frontend":
        app.frontend("/", directory=dist)
    else:
        app.mount("/", public(StaticFiles(directory=dist, html=True)))
    return app


@pytest.fixture
def okta(local_okta: LocalOkta) -> Okta:
    """What the applications share."""
    return Okta(settings_for(local_okta))


async def declared() -> str:
    """Answer as a route."""
    return "declared"


async def accept(websocket: WebSocket) -> None:
    """Accept anyone."""
    await websocket.accept()


def api_app() -> FastAPI:
    """An API with a router, a mounted application and a WebSocket."""
    app = FastAPI(openapi_url=None)
    router = APIRouter(prefix="/api")
    router.add_api_route("/mine", declared)
    router.add_api_route("/items", declared, methods=["POST"])
    router.add_api_route("/items/{number:int}", declared, methods=["POST"])
    app.include_router(router)
    app.mount("/files", PlainTextResponse("declared"))
    return app


@pytest.mark.parametrize("kind", KINDS)
def test_files_and_pages_need_no_token(kind: str, dist: Path, okta: Okta) -> None:
    """The start page, assets and HEAD are served; a page of the app only for a navigation, by FastAPI."""
    app = serve(api_app(), kind, dist, okta)
    assert ask(app, "GET", "/") == (200, b"page")
    assert ask(app, "GET", "/assets/app.js") == (200, b"file")
    assert ask(app, "HEAD", "/assets/app.js") == (200, b"")
    assert ask(app, "GET", "/assets/old.js") == (404, NOT_FOUND)
    assert ask(app, "GET", "/reports/7") == (404, NOT_FOUND)
    page = (200, b"page") if kind == "frontend" else (404, NOT_FOUND)
    assert ask(app, "GET", "/reports/7", NAVIGATION) == page


PROTECTED: Final = [
    ("GET", "/api/mine"), ("HEAD", "/api/mine"), ("GET", "/api/mine/"), ("POST", "/api/mine"), ("GET", "/api/items"),
    ("GET", f"/api/items/{'9' * 5000}"), ("GET", "/files/x"), ("GET", "/files"), ("POST", "/reports/7"),
    ("OPTIONS", "/"), ("get", "/"), ("PUT", "/assets/app.js"), ("WEBSOCKET", "/"), ("WEBSOCKET", "/api/mine"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), PROTECTED)
@pytest.mark.parametrize("kind", KINDS)
def test_everything_else_needs_a_token(kind: str, method: str, path: str, dist: Path, okta: Okta) -> None:
    """A route keeps its rule for every method and for its redirect; a mount and a WebSocket do as well."""
    app = serve(api_app(), kind, dist, okta)
    for root in ("", "/v1"):
        answer = ask(app, method, root + path, NAVIGATION, root)
        assert answer.status == (0 if method == "WEBSOCKET" else 401)


@pytest.mark.parametrize("kind", KINDS)
def test_a_host_needs_a_token(kind: str, dist: Path, okta: Okta) -> None:
    """Its application responds to every path, so nothing of it is the frontend's."""
    app = api_app()
    app.host("admin.example.com", PlainTextResponse("declared"))
    serve(app, kind, dist, okta)
    assert ask(app, "GET", "/", {"Host": "admin.example.com"}).status == 401
    assert ask(app, "GET", "/", {"Host": "www.example.com"}).status == 200


@pytest.mark.parametrize("path", HIDDEN)
@pytest.mark.parametrize("kind", KINDS)
def test_hidden_files_are_not_found(
    kind: str, path: str, dist: Path, okta: Okta, okta_token: OktaToken
) -> None:
    """A file or folder that starts with a dot is not there, with a token either."""
    with TestClient(serve(api_app(), kind, dist, okta)) as client:
        for headers in (NAVIGATION, bearer(okta_token()), {}):
            assert ask(client.app, "GET", path, headers) == (404, NOT_FOUND)  # type: ignore[arg-type] # it is the app


@pytest.mark.parametrize("path", ["/link", "/folder/x"])
@pytest.mark.parametrize("kind", KINDS)
def test_links_out_of_the_folder_are_not_followed(kind: str, path: str, dist: Path, okta: Okta) -> None:
    """FastAPI and Starlette see to it; a navigation gets the app's page as for any missing file."""
    app = serve(api_app(), kind, dist, okta)
    assert ask(app, "GET", path) == (404, NOT_FOUND)
    assert b"secret" not in ask(app, "GET", path, NAVIGATION).body


@pytest.mark.parametrize("kind", KINDS)
def test_well_known_is_a_route(kind: str, dist: Path, okta: Okta) -> None:
    """The metadata is public as before."""
    app = api_app()
    okta.add_metadata(app)
    assert ask(serve(app, kind, dist, okta), "GET", "/.well-known/oauth-protected-resource").status == 200


def test_route_added_after_the_start_keeps_its_rule(okta: Okta) -> None:
    """The routes are asked at each request."""
    app = api_app()
    app.add_middleware(OktaJWTMiddleware, okta=okta, public_frontend="/")
    with TestClient(app):
        assert ask(app, "GET", "/late").status == 404
        app.add_api_route("/late", declared)
        assert ask(app, "GET", "/late").status == 401


def test_frontend_below_a_path(okta: Okta) -> None:
    """Only the path and what is below it are public."""
    app = api_app()
    app.add_middleware(OktaJWTMiddleware, okta=okta, public_frontend="/app/")
    assert [ask(app, "GET", path).status for path in ("/app", "/app/", "/app/x")] == [404] * 3
    assert [ask(app, "GET", path).status for path in ("/", "/apple", "/x/app")] == [401] * 3
    assert ask(app, "GET", "/v1/app/x", root="/v1").status == 404
    assert ask(app, "GET", "/app/x", root="/app").status == 401


def test_mount_before_a_route_stops_the_start(dist: Path, okta: Okta) -> None:
    """It would respond in place of what is declared after it."""
    app = serve(FastAPI(openapi_url=None), "mount", dist, okta)
    app.add_api_route("/late", declared)
    with pytest.raises(PublicRouteError, match="declare it last"), TestClient(app):
        pass


def test_frontend_must_be_a_path(okta: Okta) -> None:
    """A folder's name stops the start."""
    app = FastAPI()
    app.add_middleware(OktaJWTMiddleware, okta=okta, public_frontend="dist")
    with pytest.raises(PublicRouteError, match="a path such as /, not 'dist'"), TestClient(app):
        pass


@pytest.mark.parametrize("path", ["/", "/app"])
def test_frontend_behind_a_mount_stops_the_start(dist: Path, okta: Okta, path: str) -> None:
    """A mount matches every path below it, so each page of the frontend would need a token."""
    app = FastAPI()
    app.add_middleware(OktaJWTMiddleware, okta=okta, public_frontend=path)
    app.mount(path, StaticFiles(directory=dist, html=True))
    with pytest.raises(PublicRouteError, match="Declare the mount public"), TestClient(app):
        pass


def test_start_and_doctor_say_what_is_public(
    dist: Path, okta: Okta, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has one line, and the doctor knows a page."""
    app = serve(api_app(), "mount", dist, okta)
    with caplog.at_level("INFO", "fastapi_okta_auth"):
        ask(app, "GET", "/")
    assert "public without a token: GET,HEAD /* that no route matches" in caplog.text
    assert asyncio.run(check_route(okta, app, "GET /x", None)).finding == "GET /x is public"


SEGMENTS: Final = ("a", "b", "api", "A", "", "assets", "index.html", ".env", "..", "link", "folder", "x", "7")
PATTERN: Final = st.lists(
    st.sampled_from(("a", "b", "api", "{}", "{:int}", "{:path}")), min_size=1, max_size=3
)
PATH: Final = st.lists(st.sampled_from(SEGMENTS), max_size=4).map(lambda parts: "/" + "/".join(parts))
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")


def pattern_of(parts: list[str], end: str) -> str:
    """Return a path whose parameters have names."""
    named = [part.replace("{", f"{{p{index}") for index, part in enumerate(parts)]
    return "/" + "/".join(named) + end


ROUTES: Final = st.lists(
    st.tuples(
        st.sampled_from(("route", "router", "socket", "mount", "host")),
        st.builds(pattern_of, PATTERN, st.sampled_from(("", "/"))),
        st.lists(st.sampled_from(METHODS), min_size=1, max_size=2, unique=True),
    ),
    max_size=4,
)


def declare(app: FastAPI, kind: str, path: str, methods: list[str]) -> None:
    """Add a route of this kind; it requires a token because it does not say that it is public."""
    if kind == "route":
        app.add_api_route(path, declared, methods=methods)
    elif kind == "router":
        router = APIRouter(prefix="/api")
        router.add_api_route(path, declared, methods=methods)
        app.include_router(router)
    elif kind == "socket":
        app.add_api_websocket_route(path, accept)
    elif kind == "mount":
        app.mount(path.replace(":path", ""), PlainTextResponse("declared"))
    else:
        app.host("admin.example.com", PlainTextResponse("declared"))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    routes=ROUTES,
    method=st.sampled_from((*METHODS, "WEBSOCKET")),
    path=PATH,
    root=st.sampled_from(("", "/v1")),
    headers=st.fixed_dictionaries(
        {}, optional={"Accept": st.just("text/html"), "Host": st.sampled_from(("admin.example.com", "x"))}
    ),
)
def test_no_declared_route_becomes_public(
    *, kind: str, dist: Path, okta: Okta, routes: Any, method: str, path: str, root: str, headers: dict[str, str]
) -> None:  # fmt: skip
    """Without a token, what the router alone answers is refused; the rest is the frontend's, for GET and HEAD.

    The same routes without a frontend and without the middleware say whether the router answers: its own
    404 means that no route, mount or redirect does.
    """
    bare, app = FastAPI(openapi_url=None), FastAPI(openapi_url=None)
    for route in routes:
        declare(bare, *route)
        declare(app, *route)
    serve(app, kind, dist, okta)
    unmatched = method in ("GET", "HEAD") and ask(bare, method, root + path, headers, root) in UNMATCHED
    answer = ask(app, method, root + path, headers, root)
    assert b"secret" not in answer.body
    if not unmatched:
        assert answer.status == (0 if method == "WEBSOCKET" else 401)
    elif "/." in path:
        assert answer == (404, NOT_FOUND)
    else:
        assert answer.status in (200, 307, 404)
        assert b"declared" not in answer.body


UNMATCHED: Final = (Answer(404, NOT_FOUND), Answer(404, b""))
