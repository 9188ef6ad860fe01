"""HEAD for every route that responds to GET."""

from starlette.types import ASGIApp, Receive, Scope, Send


class HeadMiddleware:
    """Routes HEAD requests as GET; the server sends the headers without the body (RFC 9110 section 9.3.2).

    FastAPI adds no HEAD to a GET route. Add this middleware first, closest to the router, so that
    the others see the real method. A route declared with `@router.head` is never called.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, a HEAD request as GET."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        # A copy: the server does not send the body if the method in its own scope is HEAD.
        get = {**scope, "method": "GET"}
        try:
            await self.app(get, receive, send)
        finally:
            scope.update(get, method="HEAD")  # with the route, for metrics
