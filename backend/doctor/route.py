"""Check what a route requires, by a request to the application itself, whose handlers do nothing."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import FastAPI, Response
from fastapi.routing import iter_route_contexts
from starlette.types import Message

from backend.app import create_app
from backend.doctor.report import Result, amber, green, red
from backend.settings import Settings


async def check_route(settings: Settings, route: str, token: str | None) -> Result:
    """Return whether `route`, like `GET /reports`, accepts `token`, or what it requires of one.

    The middleware and the route's dependencies run, the route's handler does not.
    """
    method, _, path = route.strip().partition(" ")
    app = create_app(settings.model_copy(update={"metrics_address": ""}))
    required = _required_scopes(app, method.upper(), path.strip())
    if required is None:
        return red("route", f"there is no {route}", "write method and path, like GET /reports")
    _replace_handlers(app)
    with _no_log():
        async with app.router.lifespan_context(app):
            status, refusal = await _request(app, method.upper(), path.strip(), token)
    if token is None:
        if status < 400:
            return green("route", f"{route} is public")
        scopes = f" with scope {' '.join(required)}" if required else ""
        return green("route", f"{route} requires a token{scopes}; check one with --token -")
    return _verdict(route, status, refusal, required)


def _verdict(route: str, status: int, refusal: dict[str, Any], required: list[str]) -> Result:
    lacking = refusal.get("required") or ""
    if status == 403:
        remedy = (
            "request this scope for the token, and allow it in Okta (Security > API > Access Policies)"
            if lacking.startswith("scope")
            else "add it to the person, and to the token (Okta: Directory > Groups; Security > API > Claims)"
        )
        return red("route", f"{route} returns 403: it requires {lacking}", remedy)
    if status == 401:
        finding = f"{route} returns 401: {refusal.get('reason')}"
        wanted = re.findall(r'\b(?:acr_values|max_age)="[^"]*"', refusal["challenge"])
        if wanted:
            return red("route", finding, f"sign in again with {' and '.join(wanted)}")
        return red("route", finding, "get a new token")
    if status >= 500:
        finding = f"{route} not checked: a dependency failed with {status}"
        return amber("route", finding, "fix what is red above; else look at the service's log")
    scopes = f", which has its scope {' '.join(required)}" if required else ""
    return green("route", f"{route} accepts the token{scopes}")


def _required_scopes(app: FastAPI, method: str, path: str) -> list[str] | None:
    """Return the scopes that the route requires, or None if there is no such route."""
    for context in iter_route_contexts(app.routes):
        regex = getattr(context, "path_regex", None)
        if regex is not None and regex.match(path) and method in (context.methods or ()):
            operation = app.openapi()["paths"].get(context.path_format, {}).get(method.lower(), {})
            demands = [scopes for demand in operation.get("security", []) for scopes in demand.values()]
            return sorted({scope for scopes in demands for scope in scopes})
    return None


def _replace_handlers(app: FastAPI) -> None:
    async def nothing(**_: object) -> Response:
        return Response(status_code=204)

    for context in iter_route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)
        if dependant is not None:
            dependant.call = nothing


@contextmanager
def _no_log() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


async def _request(app: FastAPI, method: str, path: str, token: str | None) -> tuple[int, dict[str, Any]]:
    """Send a request without a body; return its status, and reason and challenge of a refusal."""
    statuses: list[int] = []
    challenges: list[str] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])
            challenges.extend(
                value.decode() for name, value in message["headers"] if name == b"www-authenticate"
            )

    headers = [(b"host", b"localhost")]
    if token is not None:
        headers.append((b"authorization", f"Bearer {token}".encode()))
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http",
        "method": method, "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": headers, "client": ("127.0.0.1", 0), "server": ("localhost", 80), "state": {},
    }  # fmt: skip
    try:
        await app(scope, receive, send)
    except Exception:  # noqa: BLE001 - a dependency that needs what a request has
        return 500, {}
    return statuses[0], {**scope.get("refusal", {}), "challenge": ", ".join(challenges)}
