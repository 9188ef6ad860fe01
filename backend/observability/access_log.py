"""Log one line per request, and give each request an id."""

import logging
import random
import re
import time
from collections.abc import Awaitable
from contextvars import ContextVar
from typing import Any, Final

from fastapi_okta_auth import Principal
from opentelemetry import trace
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

request_id: Final = ContextVar("request_id", default="-")
"""The id of the current request; `-` outside of a request."""

HEADER: Final = b"x-request-id"
PREFLIGHT_REFUSED: Final = "preflight_refused"
_VALID_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_TOKEN: Final = re.compile(r"eyJ[\w.-]{16,}")
_MAX_PATH: Final = 256
_MAX_ORIGIN: Final = 64
_FIRST_MESSAGES: Final = ("http.response.start", "websocket.http.response.start", "websocket.accept")
_PROBES: Final = frozenset({"/healthz", "/readyz"})

_log = logging.getLogger(__name__)


class AccessLogMiddleware:
    """Pure ASGI middleware that logs each request once it is over.

    It is the outermost middleware, so that it sees every response. `X-Request-ID` is accepted from
    the request if it has 1 to 64 letters, digits, `.`, `_` or `-`, and generated if not. The
    response returns it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application, then log the request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        identity = _accepted_id(scope) or f"{random.getrandbits(64):016x}"
        # Never reset, so that lines that the server logs after the request have its id too.
        request_id.set(identity)
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
            self._finish(scope, status, time.perf_counter() - started, identity)

    def _finish(self, scope: Scope, status: int, seconds: float, identity: str) -> None:
        refusal = scope.get("refusal") or _refused_preflight(scope, status)
        level = _level(scope, status)
        if _log.isEnabledFor(level):
            details = _details(scope, refusal)
            request = {
                "request_id": identity,
                "method": scope.get("method", "WEBSOCKET"),
                "path": without_token(scope["path"])[:_MAX_PATH],
                "status": status,
                "duration_ms": round(seconds * 1000, 1),
            }
            text = "".join(f" {name}={value!r}" for name, value in details.items())
            message = "{method} {path!r} {status} {duration_ms} ms".format_map(request) + text
            _log.log(level, "%s", message, extra=request | details)


def without_token(path: str) -> str:
    """Replace everything in `path` that looks like a JWT by `[token]`."""
    return _TOKEN.sub("[token]", path)


def _accepted_id(scope: Scope) -> str | None:
    sent = next((value for name, value in scope["headers"] if name == HEADER), b"")
    return sent.decode() if _VALID_ID.fullmatch(sent) else None


def _details(scope: Scope, refusal: dict[str, Any]) -> dict[str, str]:
    """Return the fields after the duration: the code of a refusal, and the caller."""
    details = dict(refusal)
    user = scope.get("user")
    if isinstance(user, Principal):
        details |= {
            "kid": user.kid,
            "client": user.client_id,
            "user_id": user.user_id,
            "subject": user.subject,
        }
    if scope.get("client"):
        details["client_address"] = scope["client"][0]
    if "fastapi.telemetry" in scope:  # set where traces are recorded
        details["trace_id"] = trace.format_trace_id(trace.get_current_span().get_span_context().trace_id)
    return {name: value for name, value in details.items() if value}


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
