"""OktaJWTMiddleware: no request gets past it without a good token, unless its route is public."""

import asyncio
import logging
from collections.abc import Iterable

from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from .bearer import bearer_token
from .errors import OktaAuthError
from .public import public_routes
from .refusal import refuse
from .verifier import OktaTokenVerifier

_log = logging.getLogger(__name__)
# A logger of its own, to be switched off where something else logs scope["refusal"].
_refusals = logging.getLogger(f"{__package__}.refusals")


class OktaJWTMiddleware:
    """Pure ASGI middleware for HTTP and WebSockets; the caller becomes `request.user`.

    Deny by default: what is not public needs a token, whether a route for it exists or
    not. The public routes are read from `routes` when the application starts, so that
    those added after the middleware count too. `metadata_url` is told to those refused.
    """

    def __init__(
        self, app: ASGIApp, verifier: OktaTokenVerifier, routes: Iterable[BaseRoute], metadata_url: str = ""
    ) -> None:
        self.app = app
        self.verifier = verifier
        self.metadata_url = metadata_url
        self.public = public_routes(routes)
        _log.info("public without a token: %s", ", ".join(sorted(" ".join(route) for route in self.public)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on with its Principal in `scope["user"]`, or refuse it (`scope["refusal"]`)."""
        # As the router does it: a mounted or proxied application's prefix is not part of its paths.
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        if scope["type"] == "lifespan" or (scope.get("method"), path) in self.public:
            await self.app(scope, receive, send)
            return
        try:
            token = bearer_token(scope["headers"])
            scope["user"] = self.verifier.remembered(token) or await self.verifier.verify(token)
            # Requests that came together are all verified before the first of them is routed: so
            # either code finds itself in the processor's caches (docs/decisions/0010).
            await asyncio.sleep(0)
            # Inside, because a route's dependencies refuse too; what else a route raises passes by.
            await self.app(scope, receive, send)
        except OktaAuthError as error:
            method = scope.get("method", "WEBSOCKET")
            # Not the error: its frames hold the scope, a circle that only the garbage collector could break.
            scope["refusal"] = {"reason": error.reason, "kid": error.kid, "client": error.client}
            _refusals.log(
                error.log_level, "refused %s %r: %s, kid %r", method, scope["path"], error.reason, error.kid
            )
            await refuse(error, self.metadata_url, scope, receive, send)
