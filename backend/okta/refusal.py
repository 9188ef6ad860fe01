"""A refusal on the wire, for HTTP and for WebSockets."""

from functools import lru_cache
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from .errors import OktaAuthError

POLICY_VIOLATION = 1008


def refusal(error: OktaAuthError, metadata_url: str = "") -> Response:
    """The HTTP answer that `error` stands for: status, body and challenge (RFC 6750 section 3).

    `metadata_url` is told in the challenge (RFC 9728 section 5.1), if it is not empty.
    """
    headers = {"Cache-Control": "no-store"}
    if error.challenge is not None:
        pointer = f', resource_metadata="{metadata_url}"' if metadata_url else ""
        headers["WWW-Authenticate"] = error.challenge + pointer
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return JSONResponse({"error": error.text}, error.status, headers)


async def refuse(error: OktaAuthError, metadata_url: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse the request of `scope`; `metadata_url` as for refusal.

    A WebSocket gets the HTTP answer where the server can deny a handshake with one, and
    is closed before it is accepted where it cannot.
    """
    if scope["type"] == "http":
        response = _made_before(type(error), metadata_url, *error.args)  # type: ignore[arg-type] # a class is hashable
        # The list is copied, because the CORS middleware adds to it.
        headers = list(response.raw_headers)
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})
    elif "websocket.http.response" in scope.get("extensions", {}):
        await refusal(error, metadata_url)(scope, receive, send)
    else:
        await WebSocketClose(POLICY_VIOLATION, error.reason)(scope, receive, send)


@lru_cache(maxsize=128)
def _made_before(kind: type[OktaAuthError], metadata_url: str, *arguments: Any) -> Response:
    # A flood of refusals should cost less than the requests that it displaces.
    return refusal(kind(*arguments), metadata_url)
