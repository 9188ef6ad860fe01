"""WebSockets: a token from a browser, and an end to the connection when the token no longer counts."""

import asyncio
import time
from contextlib import suppress
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
# How long the close frame may take then. The server closes the connection, whatever the client reads.
CLOSE_SECONDS: Final = 1.0
_MAX_SECONDS: Final = 10 * 365 * 24 * 3600.0


def take_subprotocol_token(scope: Scope) -> bytes | None:
    """Return the token of `new WebSocket(url, ["bearer", token])`, and remove both from `scope`.

    Browsers cannot set headers on a WebSocket. Other subprotocols may stand before and after the
    pair; the route sees those. Returns None if `bearer` is not offered. Raises MalformedHeader if no
    token follows `bearer`, if it is offered twice, or if there is an `Authorization` header too.
    """
    offered: list[str] = scope.get("subprotocols") or []
    if BEARER_SUBPROTOCOL not in offered:
        return None
    # Removed first, so that no log or exception can show the token.
    _offer_to_route(scope, [])
    position = offered.index(BEARER_SUBPROTOCOL)
    others = offered[:position] + offered[position + 2 :]
    if len(others) != len(offered) - 2 or BEARER_SUBPROTOCOL in others:
        raise MalformedHeader
    if any(name == b"authorization" for name, _ in scope["headers"]):
        raise MalformedHeader
    token = offered[position + 1].encode()
    if len(token) > MAX_HEADER_BYTES:
        raise InvalidToken(Reason.TOO_LARGE)
    check_token_text(token)
    _offer_to_route(scope, others)
    return token


def _offer_to_route(scope: Scope, subprotocols: list[str]) -> None:
    scope["subprotocols"] = subprotocols
    headers = [item for item in scope["headers"] if item[0] != b"sec-websocket-protocol"]
    if subprotocols:
        headers.append((b"sec-websocket-protocol", ", ".join(subprotocols).encode()))
    scope["headers"] = headers


class WebSocketSession:
    """One connection: runs the application until it ends, until the token expires or until `end`.

    Args:
        receive: The server's receive.
        send: The server's send.
        expires_at: When the token expires, leeway included, in seconds since the epoch.
        subprotocol: The subprotocol to select if the route selects none; None if the token came in a header.
    """

    def __init__(self, receive: Receive, send: Send, expires_at: float, subprotocol: str | None) -> None:
        self._receive = receive
        self._send = send
        now = time.time()
        remaining = min(expires_at, now + _MAX_SECONDS) - now  # an integer can be too large for a float
        self._deadline = asyncio.get_running_loop().time() + remaining
        self._reason = EXPIRED_REASON
        self._running: asyncio.Timeout | None = None
        self._receiving: asyncio.Timeout | None = None
        self._closing: asyncio.Task[None] | None = None
        self._subprotocol = subprotocol
        self.accepted = False
        self.closed = False

    def end(self, reason: str) -> None:
        """Treat the token as expired from now on, for `reason`; close at once, whatever the route does."""
        if self._expired():
            return
        self._deadline, self._reason = asyncio.get_running_loop().time(), reason
        self._closing = asyncio.create_task(self._close_expired())
        if self._receiving is not None:
            self._receiving.reschedule(self._deadline)
        if self._running is not None:
            self._running.reschedule(self._deadline + CLOSE_SECONDS)

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        """Run `app` and let its exceptions propagate."""
        try:
            async with asyncio.timeout_at(self._deadline + GRACE_SECONDS) as self._running:
                await app(scope, self.receive, self.send)
        except TimeoutError:
            if self._running is None or not self._running.expired():
                raise
            await self._close_expired()
        except WebSocketDisconnect:
            if not self._expired():
                raise
        finally:
            self._running = None
            if self._closing is not None:
                await self._closing

    async def receive(self) -> Message:
        """Receive a message, or a disconnect when the token expires."""
        try:
            async with asyncio.timeout_at(self._deadline) as self._receiving:
                message = await self._receive()
        except TimeoutError:
            await self.close(EXPIRED, self._reason)
            return {"type": "websocket.disconnect", "code": EXPIRED, "reason": self._reason}
        finally:
            self._receiving = None
        self.closed = self.closed or message["type"] == "websocket.disconnect"
        return message

    async def send(self, message: Message) -> None:
        """Send a message; raises OSError, as servers do after a disconnect, if the token has expired."""
        kind = message["type"]
        if kind == "websocket.close":
            await self.close(message.get("code", 1000), message.get("reason") or "")
            return
        if self._expired():
            await self.close(EXPIRED, self._reason)
            raise OSError(self._reason)
        if kind == "websocket.accept":
            self.accepted = True
            message["subprotocol"] = message.get("subprotocol") or self._subprotocol
        elif kind == "websocket.http.response.start":
            self.closed = True
        await self._send(message)

    async def close(self, code: int, reason: str) -> None:
        """Close the connection, unless it is closed already."""
        if not self.closed:
            self.closed = True
            await self._send({"type": "websocket.close", "code": code, "reason": reason})

    async def _close_expired(self) -> None:
        # The server waits with the close frame while the client does not read, which may be for ever.
        with suppress(TimeoutError, OSError):  # OSError: the client is gone
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.close(EXPIRED, self._reason)

    def _expired(self) -> bool:
        return asyncio.get_running_loop().time() >= self._deadline
