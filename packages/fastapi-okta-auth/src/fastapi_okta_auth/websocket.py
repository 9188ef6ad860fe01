"""WebSockets: a token from a browser, and an end to the connection when the token expires."""

import asyncio
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from .credentials import MAX_HEADER_BYTES, check_token_text
from .errors import InvalidToken, MalformedHeader, Reason

BEARER_SUBPROTOCOL: Final = "bearer"
EXPIRED: Final = 3000  # "Unauthorized" in the IANA registry of close codes
EXPIRED_REASON: Final = "token has expired"
# A route that neither receives nor sends does not notice the expiry; it is cancelled after this time.
GRACE_SECONDS: Final = 5.0
_MAX_SECONDS: Final = 10 * 365 * 24 * 3600.0


def take_subprotocol_token(scope: Scope) -> bytes | None:
    """Return the token of `new WebSocket(url, ["bearer", token])`, and remove it from `scope`.

    Browsers cannot set headers on a WebSocket. Returns None if `bearer` is not offered.
    Raises MalformedHeader if the offer has another form, or if there is an `Authorization` header too.
    """
    offered = scope.get("subprotocols") or []
    if BEARER_SUBPROTOCOL not in offered:
        return None
    # Removed, so that no route, log or exception can show the token.
    scope["subprotocols"] = [BEARER_SUBPROTOCOL]
    headers = [item for item in scope["headers"] if item[0] != b"sec-websocket-protocol"]
    scope["headers"] = [*headers, (b"sec-websocket-protocol", BEARER_SUBPROTOCOL.encode())]
    if len(offered) != 2 or offered[0] != BEARER_SUBPROTOCOL:
        raise MalformedHeader
    if any(name == b"authorization" for name, _ in headers):
        raise MalformedHeader
    token = str(offered[1]).encode()
    if len(token) > MAX_HEADER_BYTES:
        raise InvalidToken(Reason.TOO_LARGE)
    check_token_text(token)
    return token


class WebSocketSession:
    """One connection: runs the application until it ends or until the token expires.

    Args:
        receive: The server's receive.
        send: The server's send.
        expires_at: When the token expires, leeway included, in seconds since the epoch.
        subprotocol: The subprotocol to select, if the token came in one.
    """

    def __init__(self, receive: Receive, send: Send, expires_at: float, subprotocol: str | None) -> None:
        self._receive = receive
        self._send = send
        remaining = min(expires_at - time.time(), _MAX_SECONDS)
        self._deadline = asyncio.get_running_loop().time() + remaining
        self._subprotocol = subprotocol
        self.accepted = False
        self.closed = False

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        """Run `app` and let its exceptions propagate."""
        try:
            async with asyncio.timeout_at(self._deadline + GRACE_SECONDS) as grace:
                await app(scope, self.receive, self.send)
        except TimeoutError:
            if not grace.expired():
                raise
            await self.close(EXPIRED, EXPIRED_REASON)
        except WebSocketDisconnect:
            if not self._expired():
                raise

    async def receive(self) -> Message:
        """Receive a message, or a disconnect when the token expires."""
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            await self.close(EXPIRED, EXPIRED_REASON)
            return {"type": "websocket.disconnect", "code": EXPIRED, "reason": EXPIRED_REASON}
        self.closed = self.closed or message["type"] == "websocket.disconnect"
        return message

    async def send(self, message: Message) -> None:
        """Send a message; raises OSError, as servers do after a disconnect, if the token has expired."""
        kind = message["type"]
        if kind == "websocket.close":
            await self.close(message.get("code", 1000), message.get("reason") or "")
            return
        if self._expired():
            await self.close(EXPIRED, EXPIRED_REASON)
            raise OSError(EXPIRED_REASON)
        if kind == "websocket.accept":
            self.accepted = True
            if self._subprotocol is not None:
                message["subprotocol"] = self._subprotocol
        elif kind == "websocket.http.response.start":
            self.closed = True
        await self._send(message)

    async def close(self, code: int, reason: str) -> None:
        """Close the connection, unless it is closed already."""
        if not self.closed:
            self.closed = True
            await self._send({"type": "websocket.close", "code": code, "reason": reason})

    def _expired(self) -> bool:
        return asyncio.get_running_loop().time() >= self._deadline
