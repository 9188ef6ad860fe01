"""A refusal on the wire, for HTTP and for WebSockets."""

from functools import lru_cache
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
    if scope["type"] == "http":
        response = _made_before(type(error), *error.args)  # type: ignore[arg-type] # a class is hashable
        # The list is copied, because the CORS middleware adds to it.
        headers = list(response.raw_headers)
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})
    elif "websocket.http.response" in scope.get("extensions", {}):
        await refusal(error)(scope, receive, send)
    else:
        await WebSocketClose(POLICY_VIOLATION, error.reason)(scope, receive, send)


async def refuse_in_route(_: Any, error: Exception) -> Response:
    """Exception handler for a refusal that a route or one of its dependencies raises."""
    assert isinstance(error, OktaAuthError)  # noqa: S101 - registered for this class alone
    return refusal(error)


@lru_cache(maxsize=128)
def _made_before(kind: type[OktaAuthError], *arguments: Any) -> Response:
    # A flood of refusals should cost less than the requests that it displaces.
    return refusal(kind(*arguments))
