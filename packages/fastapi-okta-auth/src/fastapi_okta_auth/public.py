"""Find the routes that are declared public. Every other request needs a token."""

import functools
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar

import fastapi.routing
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import Scope

from .frontend import Frontend

_P = ParamSpec("_P")
_T = TypeVar("_T")

PUBLIC: Final[dict[str, Any]] = {"security": []}
"""Declares an HTTP route public: `@router.get("/status", openapi_extra=PUBLIC)`.

In OpenAPI an empty list removes the security of the whole document from one operation.
"""

_MARK: Final = "__okta_public__"
# Convertors whose values have no slash; any other, such as `path`, may span several segments.
_ONE_SEGMENT: Final = re.compile(r"\{\w+(:(str|int|float|uuid))?\}")


# FastAPI before 0.137 copies the routes of included routers into the application, and has no contexts.
route_contexts: Final[Callable[[Sequence[BaseRoute]], Iterator[Any]]] = getattr(
    fastapi.routing, "iter_route_contexts", iter
)
"""Return each route with the prefix and the dependencies of the routers that include it."""


def public(target: Callable[_P, Awaitable[_T]]) -> Callable[_P, Awaitable[_T]]:
    """Declare a WebSocket endpoint, or a mounted application with all its paths, public.

    `@app.websocket("/feed")` above `@public`, or `app.mount("/static", public(StaticFiles(…)))`.
    A mount at `/` is a frontend: GET and HEAD of paths that nothing else matches are public.
    An HTTP route says `openapi_extra=PUBLIC` instead, which the OpenAPI document shows.
    """

    @functools.wraps(target, updated=())
    async def marked(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        return await target(*args, **kwargs)

    setattr(marked, _MARK, True)
    return marked


class PublicRouteError(ValueError):
    """A public declaration that could open another route, or that has no effect."""


class PublicRoutes:
    """The public routes among `routes`, and a frontend; iterating gives a description of each.

    Raises PublicRouteError if another route could respond to a request for a public path.
    """

    def __init__(self, routes: Sequence[BaseRoute], frontend: str = "") -> None:
        entries = [_Entry.of(context) for context in route_contexts(list(routes))]
        self._frontends: list[Frontend] = []
        self._exact: set[tuple[str | None, str]] = set()
        self._patterns: list[tuple[frozenset[str | None] | None, re.Pattern[str]]] = []
        self._descriptions: list[str] = []
        if frontend:
            _check_not_mounted(frontend, routes)
            self._add_frontend(frontend, routes)
        for position, entry in enumerate(entries):
            if not entry.public:
                continue
            if entry.root_mount is not None:
                _check_last(entry.root_mount, routes)
                self._add_frontend("/", routes, entry.root_mount)
            else:
                _check_ahead(entry, entries[:position])
                _check_behind(entry, entries[position + 1 :])
                self._add_route(entry)

    def __contains__(self, scope: Scope) -> bool:
        """Whether the request of `scope` is for a public route."""
        method = scope.get("method")  # None for a WebSocket
        # The prefix of a mounted or proxied application is not part of its routes' paths.
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if (method, path) in self._exact:
            return True
        matching = (methods for methods, regex in self._patterns if regex.match(path))
        return any(methods is None or method in methods for methods in matching) or self.in_frontend(scope)

    def in_frontend(self, scope: Scope) -> bool:
        """Whether only a frontend responds to the request of `scope`."""
        return any(scope in frontend for frontend in self._frontends)

    def _add_route(self, entry: "_Entry") -> None:
        self._descriptions.append(entry.description)
        if entry.methods is None or "{" in entry.path:
            self._patterns.append((entry.methods, entry.regex))
        else:
            self._exact |= {(method, entry.path) for method in entry.methods}

    def _add_frontend(self, path: str, routes: Sequence[BaseRoute], mount: BaseRoute | None = None) -> None:
        if not path.startswith("/"):
            raise PublicRouteError(f"public_frontend is a path such as /, not {path!r}")
        self._frontends.append(Frontend(path, routes, mount))
        self._descriptions.append(f"GET,HEAD {path.rstrip('/')}/* that no route matches")

    def __iter__(self) -> Iterator[str]:
        return iter(self._descriptions)


class _Entry(NamedTuple):
    """A route as the router sees it; methods None means every request, None in methods a WebSocket."""

    path: str
    regex: re.Pattern[str]
    methods: frozenset[str | None] | None
    public: bool
    own_methods: frozenset[str | None] | None
    root_mount: Mount | None = None

    @classmethod
    def of(cls, context: Any) -> "_Entry":
        route = getattr(context, "original_route", context)
        if not isinstance(route, Route | WebSocketRoute | Mount):
            # A Host route or a custom class, which may respond to any path.
            name = f"{type(route).__name__} {getattr(route, 'host', '')}".rstrip()
            return cls(name, re.compile(""), None, public=False, own_methods=None)
        path, regex = str(context.path), context.path_regex
        if isinstance(route, Mount):
            at_root = route if path == "" else None
            return cls(path + "/{path:path}", regex, None, hasattr(route.app, _MARK), None, at_root)
        if isinstance(route, WebSocketRoute):
            only = frozenset({None})
            return cls(path, regex, only, hasattr(route.endpoint, _MARK), only)
        if hasattr(route.endpoint, _MARK):
            raise PublicRouteError(
                f"{path} is an HTTP route: declare it with openapi_extra=PUBLIC, not @public"
            )
        own = None if context.methods is None else frozenset[str | None](context.methods)
        extra = getattr(context, "openapi_extra", None) or {}
        # RFC 9110 section 9.3.2: HEAD is GET without the body.
        methods = own | {"HEAD"} if own is not None and "GET" in own else own
        return cls(path, regex, methods, extra.get("security") == [], own)

    @property
    def description(self) -> str:
        if self.methods is None:
            return self.path.removesuffix("{path:path}") + ("*" if "{path:path}" in self.path else "")
        methods = sorted(method or "WEBSOCKET" for method in self.own_methods or ())
        return f"{','.join(methods)} {self.path}"


def _check_not_mounted(frontend: str, routes: Sequence[BaseRoute]) -> None:
    if any(isinstance(route, Mount) and route.path == frontend.rstrip("/") for route in routes):
        raise PublicRouteError(
            f"public_frontend has no effect: a mount at {frontend} matches all paths below it. Declare"
            f" the mount public instead: app.mount({frontend!r}, public(...))"
        )


def _check_last(mount: Mount, routes: Sequence[BaseRoute]) -> None:
    if mount is not routes[-1]:
        raise PublicRouteError("the public mount at / hides what is declared after it: declare it last")


def _check_ahead(entry: _Entry, ahead: list[_Entry]) -> None:
    for other in ahead:
        if other.public or not _share_a_method(entry.methods, other.own_methods):
            continue
        if _share_a_path(entry, other):
            raise PublicRouteError(
                f"public route {entry.description} is declared after {other.description}, which may answer"
                " in its place without a token: declare the public route first, or give it a path that"
                " the other does not match"
            )


def _check_behind(entry: _Entry, behind: list[_Entry]) -> None:
    # HEAD is implied: a later route with HEAD would respond to it without a token.
    implied = (entry.methods or frozenset()) - (entry.own_methods or frozenset())
    for other in behind:
        if not other.public and _share_a_method(implied, other.own_methods) and _share_a_path(entry, other):
            raise PublicRouteError(
                f"public route {entry.description} implies HEAD, which {other.description} would answer"
                " without a token: make that route public too, or give it another path"
            )


def _share_a_method(one: frozenset[str | None] | None, other: frozenset[str | None] | None) -> bool:
    if one is None or other is None:
        return one is None or len(one) > 0
    return not one.isdisjoint(other)


def _share_a_path(one: _Entry, other: _Entry) -> bool:
    """Whether some path may match both; where both have parameters, True in case of doubt."""
    if other.regex.pattern == "":
        return True
    if "{" not in one.path:
        return other.regex.match(one.path) is not None
    if "{" not in other.path:
        return one.regex.match(other.path) is not None
    return _segments_overlap(one.path, other.path)


def _segments_overlap(one: str, other: str) -> bool:
    for a, b in zip_longest(one.split("/"), other.split("/")):
        if a is None or b is None:
            return False
        if _spans_segments(a) or _spans_segments(b):
            return True
        if a != b and "{" not in a and "{" not in b:
            return False
    return True


def _spans_segments(segment: str) -> bool:
    return "{" in _ONE_SEGMENT.sub("", segment)
