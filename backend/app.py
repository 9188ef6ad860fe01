"""Build the application: lifespan, middleware in order, routers."""

import gc
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
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
    OktaJWTMiddleware,
    OktaTokenVerifier,
    SigningKeys,
    TokenRequirements,
    VerifierHooks,
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
    keys = {issuer: SigningKeys(url, hooks=metrics) for issuer, url in settings.jwks_uris.items()}

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        redact_spans()
        with exported(metrics, settings.metrics_address):
            async with AsyncExitStack() as stack:
                for issuer_keys in keys.values():
                    await stack.enter_async_context(issuer_keys)
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
    app.state.keys = tuple(keys.values())

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
    settings: Settings, keys: Mapping[str, SigningKeys], hooks: VerifierHooks | None = None
) -> OktaTokenVerifier:
    """Build the token verifier from `settings` and the signing keys of each issuer."""
    requirements = TokenRequirements(
        issuers=frozenset(keys),
        audiences=frozenset(settings.okta_audience),
        client_ids=frozenset(settings.okta_client_id),
        leeway=settings.okta_leeway,
    )
    return OktaTokenVerifier(requirements, keys, hooks=hooks)


async def internal_server_error(_: Request, __: Exception) -> JSONResponse:
    """Answer an exception in a route: the caller gets no detail, the server logs it."""
    return JSONResponse({"error": "Internal Server Error"}, status_code=500)
