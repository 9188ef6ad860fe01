"""Build the application: lifespan, middleware in order, routers."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from starlette.middleware.errors import ServerErrorMiddleware

from backend.observability.access_log import AccessLogMiddleware
from backend.observability.metrics import Metrics
from backend.observability.metrics_server import exported
from backend.observability.tracing import redact_spans
from backend.okta import (
    Expected,
    Observer,
    OktaJWTMiddleware,
    OktaTokenVerifier,
    SigningKeys,
    add_resource_metadata,
    metadata_url,
)
from backend.routes import demo, health, hello, me
from backend.routes.docs import add_docs
from backend.settings import Settings

CORS_MAX_AGE_SECONDS: Final = 600


def create_app(settings: Settings) -> FastAPI:
    """Build the application for `settings`; its keys are fetched once it starts."""
    metrics = Metrics() if settings.metrics_address else None
    keys = SigningKeys(settings.jwks_uris[settings.okta_issuer[0]], observer=metrics)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        redact_spans()
        with exported(metrics, settings.metrics_address):
            async with keys:
                # What the start has made stays; searching it for garbage would hold requests up.
                gc.freeze()
                yield

    app = FastAPI(
        title="FastAPI with Okta",
        lifespan=lifespan,
        # Its own documentation pages load their scripts from elsewhere; add_docs has its own.
        openapi_url=None,
        # Metrics and logs are ours, which hold no token; of OpenTelemetry's signals traces are made.
        telemetry={"metrics": False, "logs": False},
    )
    app.state.keys = keys

    # The last one added is the first to see a request. CORS answers first, or a browser could
    # neither send its preflight nor read a refusal; the log sees all that is answered.
    app.add_middleware(
        OktaJWTMiddleware,
        verifier=verifier_for(settings, keys, metrics),
        routes=app.routes,
        metadata_url=metadata_url(settings.resource_url),
    )
    app.add_middleware(ServerErrorMiddleware, handler=internal_server_error)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["*"],
        # Named: Starlette would answer * with whatever headers a page asks for.
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=["WWW-Authenticate", "Retry-After", "X-Request-ID"],
        max_age=CORS_MAX_AGE_SECONDS,
    )
    app.add_middleware(AccessLogMiddleware, metrics=metrics)

    app.include_router(hello.router)
    app.include_router(me.router)
    app.include_router(demo.router)
    app.include_router(health.router)
    add_resource_metadata(app, settings.resource_url, settings.okta_issuer[0])
    if settings.docs_enabled:
        add_docs(app, settings)
    return app


def verifier_for(
    settings: Settings, keys: SigningKeys, observer: Observer | None = None
) -> OktaTokenVerifier:
    """The verifier that `settings` describe, on `keys`."""
    expected = Expected(
        issuer=settings.okta_issuer[0],
        audience=settings.okta_audience[0],
        client_ids=frozenset(settings.okta_client_id),
        leeway=settings.okta_leeway,
    )
    return OktaTokenVerifier(expected, keys, observer=observer)


async def internal_server_error(_: Request, __: Exception) -> JSONResponse:
    """Answer an exception in a route: the caller gets no detail, the server logs it."""
    return JSONResponse({"error": "Internal Server Error"}, status_code=500)
