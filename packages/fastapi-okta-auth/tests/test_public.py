"""Which routes are public, and which declarations stop the start."""

from collections.abc import Callable

import anyio
import pytest
from fastapi import APIRouter, FastAPI, WebSocket
from fastapi_okta_auth import PUBLIC, PublicRouteError, public
from fastapi_okta_auth.public import PublicRoutes
from local_okta.state import LocalOkta
from okta_support.app import app_for, settings_for
from starlette.endpoints import HTTPEndpoint
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Message, Receive, Scope, Send


async def endpoint() -> None:
    """Do nothing."""


@public
async def public_socket(socket: WebSocket) -> None:
    """Do nothing, publicly."""
    await socket.accept()
    await socket.close()


async def socket_endpoint(socket: WebSocket) -> None:
    """Do nothing; requires a token."""


async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
    """Do nothing, as a mounted application."""
    await Response("open")(scope, receive, send)


def http(path: str, method: str = "GET", root_path: str = "") -> Scope:
    """Return the scope of an HTTP request."""
    return {"type": "http", "method": method, "path": path, "root_path": root_path}


def ws(path: str) -> Scope:
    """Return the scope of a WebSocket."""
    return {"type": "websocket", "path": path}


def test_http_route_is_public_for_its_methods_and_head() -> None:
    """A route is public with its router's prefix, for its own methods and for HEAD where it has GET."""
    router = APIRouter()
    router.add_api_route("/a", endpoint, methods=["GET", "POST"], openapi_extra=PUBLIC)
    router.add_api_route("/b", endpoint, openapi_extra={"security": [{"x": []}]})
    router.add_api_route("/c", endpoint)
    app = FastAPI(openapi_url=None)
    app.include_router(router, prefix="/v1")
    routes = PublicRoutes(app.routes)
    assert list(routes) == ["GET,POST /v1/a"]
    assert all(http("/v1/a", method) in routes for method in ("GET", "HEAD", "POST"))
    refused = [http("/v1/a", "PUT"), http("/v1/a/"), http("/a"), http("/v1/b"), http("/v1/c"), ws("/v1/a")]
    assert not any(scope in routes for scope in refused)


def test_path_parameters_of_a_public_route() -> None:
    """A public path with parameters is public for the paths that its router matches, and no others."""
    app = FastAPI(openapi_url=None)
    app.add_api_route("/items/{number:int}", endpoint, openapi_extra=PUBLIC)
    app.add_api_route("/files/{path:path}", endpoint, openapi_extra=PUBLIC)
    routes = PublicRoutes(app.routes)
    assert all(http(path) in routes for path in ("/items/7", "/files/a", "/files/a/b"))
    assert not any(http(path) in routes for path in ("/items/x", "/items/7/x", "/items", "/file"))
    assert http("/items/7", "POST") not in routes


def test_websocket_and_mount_are_public_by_decorator() -> None:
    """A WebSocket is public without its path being public over HTTP, a mount with all its paths."""
    app = FastAPI(openapi_url=None)
    app.add_api_websocket_route("/feed/{name}", public_socket)
    app.add_api_websocket_route("/news", public_socket)
    app.add_api_websocket_route("/private", socket_endpoint)
    app.mount("/static", public(asgi))
    app.mount("/own", asgi)
    routes = PublicRoutes(app.routes)
    assert all(scope in routes for scope in (ws("/feed/a"), ws("/news"), ws("/static/x")))
    assert all(http(path, "PUT") in routes for path in ("/static/", "/static/a", "/static/a/b"))
    refused = [ws("/private"), ws("/own/x"), http("/own/x"), http("/static"), http("/statics"), http("/news")]
    assert not any(scope in routes for scope in refused)
    assert http("/news", "WEBSOCKET") not in routes


@pytest.mark.parametrize(
    ("path", "root_path", "found"),
    [
        ("/v1/a", "/v1", True),
        ("/a", "/v1", True),
        ("/v1x/a", "/v1", False),
        ("/v/a/a", "/v/a", True),
        ("/aa", "/a", False),
        ("/v1", "/v1", False),
    ],
)
def test_root_path_is_removed_as_the_router_does(path: str, root_path: str, found: bool) -> None:  # noqa: FBT001 - a parameter
    """Behind a prefix, the public paths are those without the prefix."""
    app = FastAPI(openapi_url=None)
    app.add_api_route("/a", endpoint, openapi_extra=PUBLIC)
    assert (http(path, root_path=root_path) in PublicRoutes(app.routes)) is found


class AnyRoute(BaseRoute):
    """A custom route class without a path."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:  # noqa: ARG002 - the router's signature
        """Match every request."""
        return Match.FULL, {}


def add_public(app: FastAPI, path: str = "/a") -> None:
    """Add a public route."""
    app.add_api_route(path, endpoint, openapi_extra=PUBLIC)


AHEAD: dict[str, Callable[[FastAPI], None]] = {
    "path with a parameter": lambda app: app.add_api_route("/{anything}", endpoint),
    "same path": lambda app: app.add_api_route("/a", endpoint),
    "HEAD of the same path": lambda app: app.add_api_route("/a", endpoint, methods=["HEAD"]),
    "every method of the same path": lambda app: app.router.routes.append(Route("/a", HTTPEndpoint)),
    "mount at the root": lambda app: app.mount("/", asgi),
    "host": lambda app: app.host("admin.example.com", asgi),
    "class without a path": lambda app: app.router.routes.append(AnyRoute()),
}


@pytest.mark.parametrize("ahead", AHEAD)
def test_route_before_a_public_path_stops_the_start(ahead: str) -> None:
    """A route that could respond to a public path without a token is an error that says how to fix it."""
    app = FastAPI(openapi_url=None)
    AHEAD[ahead](app)
    add_public(app)
    with pytest.raises(PublicRouteError, match=r"/a is declared after .*: declare the public route first"):
        PublicRoutes(app.routes)


@pytest.mark.parametrize(
    "behind", [name for name in AHEAD if name != "HEAD of the same path" and "every" not in name]
)
def test_route_after_a_public_path_is_allowed(behind: str) -> None:
    """The router takes the first match, so the public route responds."""
    app = FastAPI(openapi_url=None)
    add_public(app)
    AHEAD[behind](app)
    if behind not in ("mount at the root", "host", "class without a path"):
        assert http("/a") in PublicRoutes(app.routes)


def test_protected_head_after_a_public_get_stops_the_start() -> None:
    """HEAD is public where GET is, so no later route may respond to it."""
    app = FastAPI(openapi_url=None)
    add_public(app)
    app.add_api_route("/{b}", endpoint, methods=["HEAD"])
    with pytest.raises(PublicRouteError, match="implies HEAD"):
        PublicRoutes(app.routes)


@pytest.mark.parametrize(
    ("protected", "declared", "conflict"),
    [
        ("/a/me", "/a/{b}", True),
        ("/a/me", "/a/{b:int}", False),
        ("/{a}/me", "/a/{b}", True),
        ("/{a}/x/{c}", "/a/y/{c}", False),
        ("/{rest:path}", "/a/{b}", True),
        ("/a/{b}/c", "/a/{b}", False),
        ("/x/{b}", "/a/{rest:path}", False),
    ],
)
def test_overlap_of_paths_with_parameters(protected: str, declared: str, conflict: bool) -> None:  # noqa: FBT001 - a parameter
    """Two paths conflict if one request could match both, or if that is not certain."""
    app = FastAPI(openapi_url=None)
    app.add_api_route(protected, endpoint)
    add_public(app, declared)
    if conflict:
        with pytest.raises(PublicRouteError):
            PublicRoutes(app.routes)
    else:
        assert len(list(PublicRoutes(app.routes))) == 1


def test_websocket_before_a_public_http_route_is_allowed() -> None:
    """A WebSocket and an HTTP route can have the same path."""
    app = FastAPI(openapi_url=None)
    app.add_api_websocket_route("/status", socket_endpoint)
    add_public(app, "/status")
    routes = PublicRoutes(app.routes)
    assert http("/status") in routes
    assert ws("/status") not in routes


def test_decorator_on_an_http_route_stops_the_start() -> None:
    """The OpenAPI document would not show it, so an HTTP route must declare PUBLIC."""
    app = FastAPI(openapi_url=None)
    app.add_api_route("/a", public(endpoint))
    with pytest.raises(PublicRouteError, match="openapi_extra=PUBLIC"):
        PublicRoutes(app.routes)


def test_start_logs_the_public_routes_that_were_added_after_the_middleware(
    local_okta: LocalOkta, caplog: pytest.LogCaptureFixture
) -> None:
    """One line at the start says what is public."""
    app = app_for(settings_for(local_okta))
    app.add_api_route("/late", endpoint, openapi_extra=PUBLIC)

    async def start() -> None:
        async def receive() -> Message:
            return {"type": "lifespan.startup" if not sent else "lifespan.shutdown"}

        async def send(message: Message) -> None:
            sent.append(message["type"])

        sent: list[str] = []
        await app({"type": "lifespan"}, receive, send)

    with caplog.at_level("INFO", "fastapi_okta_auth"):
        anyio.run(start)
    [line] = [record.getMessage() for record in caplog.records if "public without" in record.getMessage()]
    assert {"GET /healthz", "GET /readyz", "GET /late"} <= set(line.partition(": ")[2].split("; "))
