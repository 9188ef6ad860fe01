"""Fixed headers for every response, and 503s during an outage."""

import asyncio

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local_okta.state import Switches


class FixedHeadersMiddleware:
    """Keeps every response out of caches, and its URL out of other sites' `Referer`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application and add the headers to its response."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Cache-Control"] = "no-store"
                # Under no-referrer a browser would send the start page's forms with `Origin: null`.
                headers["Referrer-Policy"] = "same-origin"
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        await self.app(scope, receive, send_with_headers)


class OutageMiddleware:
    """Delays responses, or replaces them with a 503, except for the start page and the switches."""

    def __init__(self, app: ASGIApp, switches: Switches) -> None:
        self.app = app
        self.switches = switches

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application, or return a 503 in its place."""
        if scope["type"] != "http" or scope["path"] == "/" or scope["path"].startswith("/local"):
            await self.app(scope, receive, send)
            return
        await asyncio.sleep(self.switches.delay)
        if self.switches.outage:
            await JSONResponse({"error": "temporarily_unavailable"}, 503)(scope, receive, send)
        else:
            await self.app(scope, receive, send)
