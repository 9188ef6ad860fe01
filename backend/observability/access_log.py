"""Log one line per request, and give each request an id."""

import logging
import random
import re
import time
from collections.abc import Awaitable
from typing import Any, Final
from urllib.parse import quote

import structlog
from fastapi_okta_auth import Principal
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

HEADER: Final = b"x-request-id"
PREFLIGHT_REFUSED: Final = "preflight_refused"
_VALID_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_MAX_PATH: Final = 256
_MAX_USER_ID: Final = 64
# What a line can show as it is. JSON would write six characters for a control character.
_PRINTABLE: Final = " !#$%&'()*+,/:;<=>?@[]^`{|}"
_MAX_ORIGIN: Final = 64
_FIRST_MESSAGES: Final = ("http.response.start", "websocket.http.response.start", "websocket.accept")
_PROBES: Final = frozenset({"/healthz", "/readyz"})


class AccessLogMiddleware:
    """Pure ASGI middleware that logs each request once it is over, refused or not.

    It is the outermost middleware, so that it sees every response. `X-Request-ID` is accepted from
    the request if it has 1 to 64 letters, digits, `.`, `_` or `-`, and generated if not. The
    response returns it, and every line that is logged during the request has it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._log = structlog.get_logger(__name__).bind()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application, then log the request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        identity = _accepted_id(scope) or f"{random.getrandbits(64):016x}"
        # Never reset, so that lines that the server logs after the request have its id too.
        bind_contextvars(request_id=identity)
        status = 500  # what the server sends if the application sends nothing

        def send_with_id(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] in _FIRST_MESSAGES:
                status = message.get("status", 101)
                message["headers"] = [*message.get("headers", ()), (HEADER, identity.encode())]
            elif message["type"] == "websocket.close" and status == 500:
                status = 403
            return send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            level = _level(scope, status)
            if self._log.is_enabled_for(level):
                fields = _fields(scope, status, time.perf_counter() - started)
                self._log.log(level, f"{fields['method']} {fields['path']!r} {status}", **fields)


def _accepted_id(scope: Scope) -> str | None:
    sent = next((value for name, value in scope["headers"] if name == HEADER), b"")
    return sent.decode() if _VALID_ID.fullmatch(sent) else None


def _fields(scope: Scope, status: int, seconds: float) -> dict[str, Any]:
    """Return the request, the refusal or the caller, and the client's address; nothing that is empty."""
    fields = {
        "method": scope.get("method", "WEBSOCKET"),
        "path": _shown(scope["path"], _MAX_PATH),
        "route": _route(scope),
        "status": status,
        "duration_ms": round(seconds * 1000, 1),
        **(scope.get("refusal") or _refused_preflight(scope, status)),
    }
    user = scope.get("user")
    if isinstance(user, Principal):
        user_id = user.user_id and _shown(user.user_id, _MAX_USER_ID)
        fields |= {"kid": user.kid, "client": user.client_id, "user_id": user_id}
    if client := scope.get("client"):
        fields["client_address"] = client[0]
    return {name: value for name, value in fields.items() if value is not None}


def _shown(text: str, length: int) -> str:
    """Percent-encode what is not printable ASCII in `text`, as in a URL, and cut it at `length`."""
    return quote(text[:length], safe=_PRINTABLE, errors="replace")[:length]


def _route(scope: Scope) -> str | None:
    """Return the path as the route declares it, with the prefixes of its routers; None if none matches."""
    # FastAPI has no public name for the prefix of an included router. A WebSocket's context has no path.
    context = scope.get("fastapi", {}).get("effective_route_context")
    return getattr(context, "path_format", "") or getattr(scope.get("route"), "path_format", None)


def _refused_preflight(scope: Scope, status: int) -> dict[str, str]:
    if status != 400 or scope.get("method") != "OPTIONS":
        return {}
    headers = Headers(scope=scope)
    if "access-control-request-method" not in headers:
        return {}
    return {"code": PREFLIGHT_REFUSED, "origin": headers.get("origin", "")[:_MAX_ORIGIN]}


def _level(scope: Scope, status: int) -> int:
    if scope["path"] in _PROBES:  # which return 503 at every start, until the keys are fetched
        return logging.INFO if status >= 400 else logging.DEBUG
    return logging.WARNING if status >= 500 else logging.INFO
