"""A limit on request bodies, for routes that read the whole body into memory."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# As nginx's client_max_body_size on the deployment page.
MAX_BODY_BYTES: Final = 1024 * 1024


class BodyLimitMiddleware:
    """Pure ASGI middleware: a body over MAX_BODY_BYTES gets 413 from the application that reads it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count the body while the application reads it."""
        received = 0

        async def limited_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY_BYTES:
                raise HTTPException(413)
            return message

        await self.app(scope, limited_receive if scope["type"] == "http" else receive, send)
