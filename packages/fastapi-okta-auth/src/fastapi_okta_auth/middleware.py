"""OktaJWTMiddleware: every request needs a valid token, unless its route is public."""

import logging
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from typing import Any, Final

from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from . import telemetry
from .credentials import keep_token
from .dpop.nonces import add_nonce
from .errors import OktaAuthError, www_authenticate
from .explain import recording, with_those_not_reached
from .frontend import is_hidden
from .okta import Okta
from .openapi import required_checks, requires_introspection
from .public import PublicRouteError, PublicRoutes
from .revocation import watched
from .settings import SettingsError
from .websocket import BEARER_SUBPROTOCOL, WebSocketSession, take_subprotocol_token

POLICY_VIOLATION: Final = 1008
MAX_PATH: Final = 256

_log: Final = logging.getLogger(__package__)


class OktaJWTMiddleware:
    """Pure ASGI middleware for HTTP and WebSockets; the caller becomes `request.user`.

    Denies by default: every path needs a token, even if no route exists for it. Add it above
    CORSMiddleware, so that CORS is the outer one: a preflight carries no token, and a browser must
    be able to read a refusal.

    Args:
        app: The next ASGI application.
        okta: Verifies the tokens; without it, one with the settings of the environment.
        public_frontend: The path of `app.frontend`, such as `/`. GET and HEAD of this path, and of
            paths below it, need no token where no route or mount matches, with any method.
    """

    def __init__(self, app: ASGIApp, okta: Okta | None = None, public_frontend: str = "") -> None:
        self.app = app
        self._public_frontend = public_frontend
        self._fault: Exception | None = None
        self._public: PublicRoutes | None = None
        try:
            self.okta = okta or Okta()
        except SettingsError as error:  # a server would swallow it here
            self._fault = error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application with the caller in `scope["user"]`, or refuse (`scope["refusal"]`)."""
        if scope["type"] == "lifespan":
            await self._run_lifespan(scope, receive, send)
        elif self._fault is not None:
            raise self._fault  # a server without a lifespan
        elif self.okta.settings.explain_checks:
            with recording() as scope["checks"]:
                await self._call(scope, receive, send)
        else:
            await self._call(scope, receive, send)

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._call_http(scope, receive, send)
        else:
            await self._call_websocket(scope, receive, send)

    async def _run_lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application's lifespan with Okta open; a fault ends the start, with one line."""
        fault = self._fault
        opened = AsyncExitStack()

        async def checked_send(message: Message) -> None:
            nonlocal fault
            match message["type"]:
                case "lifespan.startup.complete":
                    try:  # now, because the application may add routes while it starts
                        self._read_routes(scope)
                    except PublicRouteError as error:
                        fault = error
                        raise
                case "lifespan.startup.failed" if fault is not None:
                    message = {**message, "message": str(fault)}  # in place of a traceback
                case "lifespan.shutdown.complete":
                    await opened.aclose()  # the server may end before what follows the message
            await send(message)

        if fault is None:
            try:
                await opened.enter_async_context(self.okta)
            except (SettingsError, RuntimeError) as error:
                fault = error
        if fault is not None:
            await send({"type": "lifespan.startup.failed", "message": str(fault)})
            raise fault
        async with opened:
            await self.app(scope, receive, checked_send)

    def _read_routes(self, scope: Scope) -> PublicRoutes:
        if "app" not in scope:
            raise PublicRouteError("OktaJWTMiddleware cannot find the routes: use app.add_middleware")
        self._public = PublicRoutes(scope["app"].routes, self._public_frontend)
        _log.info("public without a token: %s", "; ".join(sorted(self._public)))
        self._warn_of_cors(scope["app"])
        if self.okta.introspection is None and requires_introspection(scope["app"]):
            _log.warning("a route requires an active token, and gets 503: set INTROSPECTION_CLIENT_ID")
        return self._public

    def _warn_of_cors(self, app: Any) -> None:
        classes = [middleware.cls for middleware in getattr(app, "user_middleware", ())]  # outermost first
        if type(self) in classes and CORSMiddleware in classes[classes.index(type(self)) :]:
            _log.warning(
                "CORSMiddleware is inside OktaJWTMiddleware, so browsers cannot call this API: move the line"
                " add_middleware(OktaJWTMiddleware, ...) above add_middleware(CORSMiddleware, ...)"
            )

    def _public_routes(self, scope: Scope) -> PublicRoutes:
        return self._public or self._read_routes(scope)

    def _is_admitted(self, scope: Scope) -> bool:
        return scope.get("okta") is self.okta and "user" in scope

    async def _admit(self, scope: Scope, offered: bytes | None = None) -> None:
        """Put the caller into `scope`, unless the route is public or this Okta has done so further out."""
        if self._is_admitted(scope):
            return
        scope["okta"] = self.okta
        if scope not in self._public_routes(scope):
            scope["user"] = await self.okta.authenticate(scope, offered)

    async def _call_http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        def watched_send(message: Message) -> Awaitable[None]:
            nonlocal started
            started = True
            if nonce := scope.get("dpop_nonce"):
                add_nonce(message, nonce)
            return send(message)

        try:
            await self._admit(scope)
            await self._app_for(scope)(scope, receive, watched_send)
        except OktaAuthError as error:
            if started:
                raise  # the server logs it and ends the connection
            await self._refuse(error, scope, receive, send)

    def _app_for(self, scope: Scope) -> ASGIApp:
        if is_hidden(scope) and self._public_routes(scope).in_frontend(scope):
            return JSONResponse({"detail": "Not Found"}, 404)  # FastAPI would serve the file
        return self.app

    async def _call_websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            offered = None if self._is_admitted(scope) else take_subprotocol_token(scope)
            await self._admit(scope, offered)
        except OktaAuthError as error:
            await self._refuse(error, scope, receive, send)
            return
        if "user" not in scope:
            await self.app(scope, receive, send)
            return
        if offered is not None:
            keep_token(scope, offered)
        expires_at = scope["user"].expires_at + self.okta.leeway
        subprotocol = None if offered is None else BEARER_SUBPROTOCOL
        session = WebSocketSession(receive, send, expires_at, subprotocol)
        with watched(scope["user"], self.okta.revoked_users, session.end):
            await self._run_session(session, scope, receive, send)

    async def _run_session(
        self, session: WebSocketSession, scope: Scope, receive: Receive, send: Send
    ) -> None:
        try:
            await session.run(self.app, scope)
        except OktaAuthError as error:
            if session.closed:
                raise
            if session.accepted:
                self._record(error, scope)
                await session.close(POLICY_VIOLATION, error.code)
            else:
                await self._refuse(error, scope, receive, send)

    async def _refuse(self, error: OktaAuthError, scope: Scope, receive: Receive, send: Send) -> None:
        self._record(error, scope)
        # A WebSocket gets the response if the server supports denial responses, else it is
        # closed before it is accepted.
        if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
            await self._refusal(error, scope)(scope, receive, send)
        else:
            await WebSocketClose(POLICY_VIOLATION, error.code)(scope, receive, send)

    def _refusal(self, error: OktaAuthError, scope: Scope) -> Response:
        """Build the HTTP response for `error`: status, body and challenge (RFC 6750 section 3)."""
        schemes = self.okta.schemes(scope, error)
        headers = {"Cache-Control": "no-store", **error.headers}
        if error.challenge is not None:
            url = self.okta.metadata_url(scope["path"])
            headers["WWW-Authenticate"] = www_authenticate(error.challenge, url, schemes)
        if error.retry_after is not None:
            headers["Retry-After"] = str(error.retry_after)
        text = error.text_for(*(scheme.name for scheme in schemes))
        body: dict[str, object] = {"error": text, "code": error.code}
        if self.okta.settings.explain_checks:
            required = required_checks(scope["app"], scope.get("method", ""), scope["path"])
            checks = with_those_not_reached(scope["checks"], required)
            body["checks"] = [check.model_dump() for check in checks]
        return JSONResponse(body, error.status, headers)

    def _record(self, error: OktaAuthError, scope: Scope) -> None:
        # Not the error itself: its traceback refers to the scope, and only the garbage collector
        # frees such a cycle.
        details = {"kid": error.kid, "client": error.client, "required": error.required}
        scope["refusal"] = {"code": error.code, **details}
        telemetry.refused(error.code)
        if self.okta.log_refusals:
            shown = "".join(f", {name} {value}" for name, value in details.items() if value)
            method, path = scope.get("method", "WEBSOCKET"), scope["path"][:MAX_PATH]
            _log.log(error.log_level, "refused %s %r: %s%s", method, path, error.code, shown)
