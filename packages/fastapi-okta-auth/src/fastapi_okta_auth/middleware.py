"""OktaJWTMiddleware: every request needs a valid token, unless its route is public."""

import logging
from collections.abc import Awaitable, Iterable

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from .challenge import BEARER, Scheme, www_authenticate
from .credentials import bearer_token
from .dpop import DPoP
from .errors import InvalidToken, OktaAuthError, Reason
from .nonce import sending_nonce
from .principal import Principal
from .public import PublicRouteError, PublicRoutes
from .request_token import any_credentials, keep_token
from .verifier import OktaTokenVerifier
from .websocket import BEARER_SUBPROTOCOL, WebSocketSession, take_subprotocol_token

POLICY_VIOLATION = 1008

_log = logging.getLogger(__name__)
# A separate logger, so that an application can turn it off if its access log has scope["refusal"].
_refusals = logging.getLogger(f"{__package__}.refusals")


class OktaJWTMiddleware:
    """Pure ASGI middleware for HTTP and WebSockets; the caller becomes `request.user`.

    Denies by default: every path needs a token, even if no route exists for it.

    Args:
        app: The next ASGI application.
        verifier: Verifies the tokens.
        routes: The routes of the application, such as `app.routes`. They are read when the
            application starts, so routes added after the middleware count too.
        metadata_url: Added to challenges as `resource_metadata` (RFC 9728 section 5.1), if set.
    """

    def __init__(
        self,
        app: ASGIApp,
        verifier: OktaTokenVerifier,
        routes: Iterable[BaseRoute],
        metadata_url: str = "",
        dpop: DPoP | None = None,  # verifies DPoP proofs; without it only Bearer tokens are accepted
    ) -> None:
        self.app = app
        self.verifier = verifier
        self.metadata_url = metadata_url
        self.dpop = dpop
        self._routes = routes
        self._public: PublicRoutes | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application with the caller in `scope["user"]`, or refuse (`scope["refusal"]`)."""
        if scope["type"] == "lifespan":
            await self._start(scope, receive, send)
            return
        if scope in (self._public or self._read_routes()):
            await self.app(scope, receive, send)
            return
        try:
            offered = take_subprotocol_token(scope) if scope["type"] == "websocket" else None
            user, send = await self._authenticate(offered, scope, send)
        except OktaAuthError as error:
            await self._refuse(error, scope, receive, send)
            return
        scope["user"] = user
        if offered is not None:
            keep_token(scope, offered)
        if scope["type"] == "http":
            await self._call_http(scope, receive, send)
        else:
            session = WebSocketSession(
                receive,
                send,
                user.expires_at + self.verifier.requirements.leeway,
                None if offered is None else BEARER_SUBPROTOCOL,
            )
            await self._call_websocket(session, scope, receive, send)

    async def _authenticate(self, offered: bytes | None, scope: Scope, send: Send) -> tuple[Principal, Send]:
        """Return the caller, and `send` as the response should use it."""
        if self.dpop is not None:
            return await self._bearer_or_dpop(self.dpop, offered, scope, send)
        return await self._bearer(offered or bearer_token(scope["headers"])), send

    async def _bearer(self, token: bytes) -> Principal:
        user = self.verifier.get_cached(token) or await self.verifier.verify(token)
        # RFC 7800: the sender must prove possession of the key, which a bearer token cannot.
        if "cnf" in user.claims:
            raise InvalidToken(Reason.BOUND)
        return user

    async def _bearer_or_dpop(
        self, dpop: DPoP, offered: bytes | None, scope: Scope, send: Send
    ) -> tuple[Principal, Send]:
        scheme, token = any_credentials(scope["headers"], offered)
        proof = dpop.proof(scheme, scope["headers"])
        if proof is None:
            return await self._bearer(token), send
        user = self.verifier.get_cached(token) or await self.verifier.verify(token)
        nonce = await dpop.check(proof, scope, token, user.claims)
        return user, send if nonce is None else sending_nonce(send, nonce)

    async def _start(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._read_routes()
        except PublicRouteError as error:
            # The server logs this message and does not start.
            await send({"type": "lifespan.startup.failed", "message": str(error)})
        else:
            await self.app(scope, receive, send)

    def _read_routes(self) -> PublicRoutes:
        self._public = PublicRoutes(self._routes)
        _log.info("public without a token: %s", "; ".join(sorted(self._public)))
        return self._public

    async def _call_http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        def watched_send(message: Message) -> Awaitable[None]:
            nonlocal started
            started = True
            return send(message)

        try:
            await self.app(scope, receive, watched_send)
        except OktaAuthError as error:  # raised by a dependency
            if started:
                raise  # the server logs it and ends the connection
            await self._refuse(error, scope, receive, send)

    async def _call_websocket(
        self, session: WebSocketSession, scope: Scope, receive: Receive, send: Send
    ) -> None:
        try:
            await session.run(self.app, scope)
        except OktaAuthError as error:
            if session.closed:
                raise
            if session.accepted:
                _record(error, scope)
                await session.close(POLICY_VIOLATION, error.reason)
            else:
                await self._refuse(error, scope, receive, send)

    async def _refuse(self, error: OktaAuthError, scope: Scope, receive: Receive, send: Send) -> None:
        _record(error, scope)
        schemes: tuple[Scheme, ...] = (BEARER,)
        if self.dpop is not None:
            schemes = self.dpop.schemes(scope["headers"], error)
        # A WebSocket gets the response if the server supports denial responses, else it is
        # closed before it is accepted.
        if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
            await _refusal(error, self.metadata_url, schemes)(scope, receive, send)
        else:
            await WebSocketClose(POLICY_VIOLATION, error.reason)(scope, receive, send)


def _refusal(error: OktaAuthError, metadata_url: str, schemes: tuple[Scheme, ...]) -> Response:
    """Build the HTTP response for `error`: status, body and challenge (RFC 6750 section 3)."""
    headers = {"Cache-Control": "no-store", **error.headers}
    if error.challenge is not None:
        headers["WWW-Authenticate"] = www_authenticate(error.challenge, metadata_url, schemes)
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    text = error.text_for(*(scheme.name for scheme in schemes))
    return JSONResponse({"error": text}, error.status, headers)


def _record(error: OktaAuthError, scope: Scope) -> None:
    # Not the error itself: its traceback refers to the scope, and only the garbage collector
    # frees such a cycle.
    details = {"kid": error.kid, "client": error.client, "required": error.required}
    scope["refusal"] = {"reason": error.reason, **details}
    shown = "".join(f", {name} {value}" for name, value in details.items() if value)
    method = scope.get("method", "WEBSOCKET")
    _refusals.log(error.log_level, "refused %s %r: %s%s", method, scope["path"], error.reason, shown)
