"""The application: OAuth endpoints below the issuer's path, switches under `/local`."""

from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from local_okta.config import Config
from local_okta.endpoints import authorize, discovery, introspect, sessions, start_page, token, userinfo
from local_okta.middleware import FixedHeadersMiddleware, OriginsMiddleware, OutageMiddleware
from local_okta.protocol import (
    OAuthError,
    PageError,
    oauth_error_handler,
    page_error_handler,
    server_error_handler,
)
from local_okta.state import LocalOkta

ISSUER_ENDPOINTS = (authorize, discovery, introspect, sessions, token, userinfo)
OTHER_ROUTERS = (
    discovery.org_router,
    sessions.sessions_router,
    start_page.router,
    start_page.switches_router,
)


def create_app(config: Config | None = None) -> FastAPI:
    """Build a local Okta with a new signing key; its state is `app.state.okta`."""
    okta = LocalOkta(config or Config())
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        middleware=_middleware(okta),
        exception_handlers={OAuthError: oauth_error_handler, PageError: page_error_handler},
    )
    app.state.okta = okta
    for endpoint in ISSUER_ENDPOINTS:
        app.include_router(endpoint.router, prefix=urlsplit(okta.issuer).path)
    for router in OTHER_ROUTERS:
        app.include_router(router)
    return app


def _middleware(okta: LocalOkta) -> list[Middleware]:
    return [
        # Against DNS rebinding: another site's name that resolves to this machine gets a 400.
        Middleware(TrustedHostMiddleware, allowed_hosts=okta.config.hosts, www_redirect=False),
        # CORS wraps the rest, so that 500s and outages carry its headers too.
        Middleware(OriginsMiddleware, config=okta.config),
        Middleware(FixedHeadersMiddleware),
        Middleware(ServerErrorMiddleware, handler=server_error_handler),
        Middleware(OutageMiddleware, switches=okta.switches),
    ]
