"""The application: every endpoint under the issuer's path, the switches under `/local`."""

from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.errors import ServerErrorMiddleware

from local_okta.config import Config
from local_okta.endpoints import (
    authorize,
    discovery,
    introspect,
    logout,
    switches,
    token,
    userinfo,
)
from local_okta.middleware import FixedHeadersMiddleware, OutageMiddleware
from local_okta.protocol import (
    OAuthError,
    PageError,
    oauth_error_handler,
    page_error_handler,
    server_error_handler,
)
from local_okta.state import LocalOkta

ENDPOINTS = (authorize, discovery, introspect, logout, token, userinfo)


def create_app(config: Config | None = None) -> FastAPI:
    """Build a local Okta with a fresh signing key; its state is `app.state.okta`."""
    okta = LocalOkta(config or Config())
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        middleware=_middleware(okta),
        exception_handlers={OAuthError: oauth_error_handler, PageError: page_error_handler},
    )
    app.state.okta = okta
    for endpoint in ENDPOINTS:
        app.include_router(endpoint.router, prefix=urlsplit(okta.issuer).path)
    app.include_router(switches.router)
    return app


def _middleware(okta: LocalOkta) -> list[Middleware]:
    # CORS is outermost so that a 500 and an outage carry its headers too.
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=okta.config.cors_origins,
            allow_methods=["GET", "POST"],
            # The last two are okta-auth-js's and Swagger UI's own.
            allow_headers=[
                "authorization",
                "content-type",
                "x-okta-user-agent-extended",
                "x-requested-with",
            ],
            expose_headers=["WWW-Authenticate"],
        ),
        Middleware(FixedHeadersMiddleware),
        Middleware(ServerErrorMiddleware, handler=server_error_handler),
        Middleware(OutageMiddleware, switches=okta.switches),
    ]
