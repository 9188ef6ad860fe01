"""A refusal on the wire, for HTTP and for WebSockets."""

from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from .errors import OktaAuthError

POLICY_VIOLATION = 1008


def refusal(error: OktaAuthError) -> Response:
    """The HTTP answer that `error` stands for: status, body and challenge (RFC 6750 section 3)."""
    headers = {"Cache-Control": "no-store"}
    if error.challenge is not None:
        headers["WWW-Authenticate"] = error.challenge
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return JSONResponse({"error": error.text}, error.status, headers)


async def refuse(error: OktaAuthError, scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse the request of `scope`.

    A WebSocket gets the HTTP answer where the server can deny a handshake with one, and
    is closed before it is accepted where it cannot.
    """
    if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
        await refusal(error)(scope, receive, send)
    else:
        await WebSocketClose(POLICY_VIOLATION, error.reason)(scope, receive, send)


async def refuse_in_route(_: Any, error: Exception) -> Response:
    """Exception handler for a refusal that a route or one of its dependencies raises."""
    assert isinstance(error, OktaAuthError)  # noqa: S101 - registered for this class alone
    return refusal(error)
