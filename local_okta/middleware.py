"""What every answer has in common: fixed headers, and 503 during an outage."""

import asyncio

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local_okta.state import Switches


class FixedHeadersMiddleware:
    """Keeps every answer out of caches and its address out of `Referer`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to its answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Cache-Control"] = "no-store"
                headers["Referrer-Policy"] = "no-referrer"
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        await self.app(scope, receive, send_with_headers)


class OutageMiddleware:
    """Answers all but `/local` late, or with 503, while the switches say so."""

    def __init__(self, app: ASGIApp, switches: Switches) -> None:
        self.app = app
        self.switches = switches

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 503 in its place."""
        if scope["type"] != "http" or scope["path"].startswith("/local"):
            await self.app(scope, receive, send)
            return
        await asyncio.sleep(self.switches.delay)
        if self.switches.outage:
            await JSONResponse({"error": "temporarily_unavailable"}, 503)(scope, receive, send)
        else:
            await self.app(scope, receive, send)
