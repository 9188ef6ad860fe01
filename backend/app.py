"""Build the application: lifespan, middleware in order, routers."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from fastapi_okta_auth import (
    OktaJWTMiddleware,
    OktaTokenVerifier,
    SigningKeys,
    TokenRequirements,
    VerifierHooks,
    add_resource_metadata,
    metadata_url,
)
from starlette.middleware.errors import ServerErrorMiddleware

from backend.observability.access_log import AccessLogMiddleware
from backend.observability.tracing import redact_spans
from backend.optional_checks import dpop_for, introspection_for
from backend.routes import admin, health, hello, me, payslip, reports
from backend.routes.docs import add_docs
from backend.routes.head import HeadMiddleware
from backend.routes.openapi import complete_openapi
from backend.settings import Settings

CORS_MAX_AGE_SECONDS: Final = 600


def create_app(settings: Settings) -> FastAPI:
    """Build the application for `settings`; it fetches signing keys when it starts."""
    metrics = None
    if settings.metrics_address:
        from backend.observability.metrics import Metrics  # noqa: PLC0415 - slow to import

        metrics = Metrics()
    keys = {
        issuer: SigningKeys(
            url,
            hooks=metrics and metrics.key_hooks(issuer),
        )
        for issuer, url in settings.jwks_uris.items()
    }
    dpop, introspection = dpop_for(settings), introspection_for(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            redact_spans()
            if metrics is not None:
                stack.enter_context(metrics.served(settings.metrics_address))
            for issuer_keys in keys.values():
                await stack.enter_async_context(issuer_keys)
            if dpop is not None:
                await stack.enter_async_context(dpop)
            if introspection is not None:
                await stack.enter_async_context(introspection)
            yield

    app = FastAPI(
        title="FastAPI with Okta",
        lifespan=lifespan,
        servers=[{"url": settings.resource_url}],
        # Client generators use the operation id as the name of the method.
        generate_unique_id_function=lambda route: route.name,
        # FastAPI's own pages load scripts from a CDN; add_docs serves local copies.
        openapi_url=None,
        # A redirect would use the Host header, and lose the path that a proxy has removed.
        redirect_slashes=False,
        # Only traces come from OpenTelemetry: the service's own logs and metrics hold no token.
        telemetry={"metrics": False, "logs": False},
    )
    app.state.keys = tuple(keys.values())
    app.state.introspection = introspection

    # The last one added runs first: the access log sees every response, and CORS runs before the
    # token check, so that preflights need no token and browsers can read refusals.
    app.add_middleware(HeadMiddleware)
    app.add_middleware(
        OktaJWTMiddleware,
        verifier=verifier_for(
            settings,
            keys,
            metrics,
        ),
        routes=app.routes,
        metadata_url=metadata_url(settings.resource_url),
        dpop=dpop,
    )
    app.add_middleware(ServerErrorMiddleware, handler=internal_server_error)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["*"],
        # Listed by name: with * Starlette allows every header that a page requests.
        allow_headers=[
            "Authorization",
            "Content-Type",
            "DPoP",
        ],
        expose_headers=[
            "DPoP-Nonce",
            "Retry-After",
            "WWW-Authenticate",
            "X-Request-ID",
        ],
        allow_private_network=True,
        max_age=CORS_MAX_AGE_SECONDS,
    )
    app.add_middleware(
        AccessLogMiddleware,
        count=None if metrics is None else metrics.request,
    )

    app.include_router(hello.router)
    app.include_router(me.router)
    app.include_router(reports.router)
    app.include_router(admin.router)
    app.include_router(payslip.router)
    app.include_router(health.router)
    complete_openapi(
        app,
        settings.okta_issuer[0],
        dpop,
    )
    add_resource_metadata(
        app,
        settings.resource_url,
        *settings.okta_issuer,
        **({} if dpop is None else dpop.metadata),
    )
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
    """Return a 500 without details; the server logs the exception."""
    return JSONResponse({"error": "Internal Server Error"}, status_code=500)
