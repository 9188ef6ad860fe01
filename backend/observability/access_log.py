"""One line for each request, under an id that the caller may choose and is told."""

import asyncio
import logging
import random
import re
import time
from collections.abc import Awaitable, Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Final, NamedTuple

from opentelemetry import trace
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.observability.metrics import PREFLIGHT_REFUSED, Metrics
from backend.okta import Principal
from backend.okta.errors import MAX_SHOWN

request_id: Final = ContextVar("request_id", default="-")
"""The id of the request under way, `-` outside of one."""

HEADER: Final = b"x-request-id"
_ACCEPTED_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# What looks like a JWT: a client may have put its token into the path.
_TOKEN: Final = re.compile(r"eyJ[\w.-]{16,}")
_MAX_PATH: Final = 256
_PROBES: Final = frozenset({"/healthz", "/readyz"})
# The messages that begin an answer, with the status of the one that names none.
_BEGINNINGS: Final = {"http.response.start": 0, "websocket.http.response.start": 0, "websocket.accept": 101}

_log = logging.getLogger(__name__)


class AccessLogMiddleware:
    """Pure ASGI middleware, the first to see a request, so that every answer of the others is logged.

    `X-Request-ID` is taken from the request if it holds up to 64 letters, digits, `.`, `_`
    and `-`, and made up if not; the answer carries it. `metrics` are told of each request.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics | None = None) -> None:
        self.app = app
        self.metrics = metrics
        self._ended: list[_Ended] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on; count and log it once it is over."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        identity = _identity(scope)
        # Not reset: what the server logs after the request, it logs in the same context.
        request_id.set(identity)
        header = (HEADER, identity.encode())
        status = 500  # the server's own answer, where the application gives none

        def send_with_id(message: Message) -> Awaitable[None]:
            nonlocal status
            kind = message["type"]
            if kind in _BEGINNINGS:
                status = message.get("status") or _BEGINNINGS[kind]
                message["headers"] = [*message.get("headers", ()), header]
            elif kind == "websocket.close" and status == 500:
                status = 403
            return send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            self._end(scope, status, time.perf_counter() - started, identity)

    def _end(self, scope: Scope, status: int, seconds: float, identity: str) -> None:
        level = _level(scope, status)
        if self.metrics is None and not _log.isEnabledFor(level):
            return
        # Together, once the event loop has been round: under load that costs half.
        if not self._ended:
            asyncio.get_running_loop().call_soon(self._tell)
        self._ended.append(_Ended(scope, status, seconds, identity, level, _trace_id(scope)))

    def _tell(self) -> None:
        ended, self._ended = self._ended, []
        lines = []
        for request in ended:
            who, text = _who(request)
            if self.metrics is not None:
                self.metrics.request(request.scope, request.status, request.seconds, who.get("reason"))
            if _log.isEnabledFor(request.level):
                lines.append((request, who, text))
        if lines:
            # One, to copy: a record finds out each time where in the code it was made.
            pattern = _log.makeRecord(_log.name, logging.INFO, "access_log.py", 0, "", (), None)
            for line in lines:
                _log.handle(_record(pattern, *line, more=line is not lines[-1]))


class _Ended(NamedTuple):
    scope: Scope
    status: int
    seconds: float
    identity: str
    level: int
    trace_id: str | None


def without_token(path: str) -> str:
    """Return `path` with `[token]` for what looks like one."""
    return _TOKEN.sub("[token]", path) if "eyJ" in path else path


def _identity(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == HEADER and _ACCEPTED_ID.fullmatch(value):
            return str(value, "ascii")
    return f"{random.getrandbits(64):016x}"


def _trace_id(scope: Scope) -> str | None:
    if "fastapi.telemetry" not in scope:  # set where traces are made
        return None
    return trace.format_trace_id(trace.get_current_span().get_span_context().trace_id)


def _who(request: _Ended) -> tuple[Mapping[str, str], str]:
    """What is known of a request beside its result, who sent it and why it was refused; as text too."""
    scope = request.scope
    user, refusal = scope.get("user"), scope.get("refusal")
    if isinstance(user, Principal) and refusal is None and request.trace_id is None:
        return _caller(user.kid, user.client_id, user.subject)
    known: dict[str, str | None] = {}
    if refusal is not None:
        known = dict(refusal)
    elif request.status == 400 and scope.get("method") == "OPTIONS":
        known = _refused_preflight(scope)
    if isinstance(user, Principal):
        known |= {"kid": user.kid, "client": user.client_id, "subject": user.subject}
    return _with_text({**known, "trace_id": request.trace_id})


@lru_cache(1024)
def _caller(kid: str, client: str, subject: str) -> tuple[Mapping[str, str], str]:
    return _with_text({"kid": kid, "client": client, "subject": subject})


def _with_text(known: Mapping[str, str | None]) -> tuple[Mapping[str, str], str]:
    present = {name: value for name, value in known.items() if value}
    return present, "".join([f" {name}={value!r}" for name, value in present.items()])


def _refused_preflight(scope: Scope) -> dict[str, str | None]:
    headers = Headers(scope=scope)
    if "access-control-request-method" not in headers:
        return {}
    return {"reason": PREFLIGHT_REFUSED, "origin": headers.get("origin", "")[:MAX_SHOWN]}


def _level(scope: Scope, status: int) -> int:
    if scope["path"] in _PROBES:
        return logging.DEBUG
    return logging.WARNING if status >= 500 else logging.INFO


def _record(
    pattern: logging.LogRecord, request: _Ended, who: Mapping[str, str], text: str, *, more: bool
) -> logging.LogRecord:
    method, status = request.scope.get("method", "WEBSOCKET"), request.status
    path = without_token(request.scope["path"])[:_MAX_PATH]
    milliseconds = round(request.seconds * 1000, 1)
    record = logging.LogRecord.__new__(logging.LogRecord)
    fields = record.__dict__ = vars(pattern).copy()
    fields["levelno"] = request.level
    fields["levelname"] = logging.getLevelName(request.level)
    fields["msg"] = f"{method} {path!r} {status} {milliseconds} ms{text}"
    fields["request_id"] = request.identity
    fields["method"] = method
    fields["path"] = path
    fields["status"] = status
    fields["duration_ms"] = milliseconds
    fields["more"] = more
    fields.update(who)
    return record
