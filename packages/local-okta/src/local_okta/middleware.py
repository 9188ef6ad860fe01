"""Faults that can be switched on, and what they do to responses; CORS, and fixed headers of each response."""

import asyncio
import math
import time
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local_okta.config import Config

CORS: Final[dict[str, Any]] = {
    # okta-auth-js sends the session cookie to /api/v1/sessions/me.
    "allow_credentials": True,
    "allow_methods": ["GET", "POST", "DELETE"],
    # okta-auth-js sends x-okta-user-agent-extended, Swagger UI x-requested-with.
    "allow_headers": [
        "authorization",
        "content-type",
        "dpop",
        "x-okta-user-agent-extended",
        "x-requested-with",
    ],
    "expose_headers": ["WWW-Authenticate", "DPoP-Nonce"],
}


@dataclass
class Switches:
    """Faults that are switched on. `skew`, `delay` and `token_lifetime` are in seconds."""

    token_lifetime: int
    skew: int = 0
    delay: float = 0
    _outage_ends: float = -math.inf

    def now(self) -> int:
        """Return the time in seconds since 1970, with the skew added."""
        return int(time.time()) + self.skew

    def start_outage(self, seconds: float | None) -> None:
        """Return 503 for `seconds`, or until the reset if None."""
        self._outage_ends = math.inf if seconds is None else time.monotonic() + seconds

    def reset(self, token_lifetime: int) -> None:
        """End the outage, the delay and the skew, and set the token lifetime."""
        self._outage_ends = -math.inf
        self.skew = 0
        self.delay = 0
        self.token_lifetime = token_lifetime

    @property
    def outage(self) -> bool:
        """Whether every endpoint returns 503."""
        return time.monotonic() < self._outage_ends


class OriginsMiddleware:
    """CORS. Trusted origins may call everything, those of the applications all but Okta's own API."""

    def __init__(self, app: ASGIApp, config: Config) -> None:
        self.own_api = CORSMiddleware(app, config.cors_origins, **CORS)
        self.other = CORSMiddleware(app, [*config.cors_origins, *config.app_origins], **CORS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application with the CORS of the path."""
        cors = self.own_api if scope.get("path", "").startswith("/api/v1/") else self.other
        await cors(scope, receive, send)


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
