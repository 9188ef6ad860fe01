"""The whole application. A server loads `app`; tests call `create_app` with settings of their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi_okta_auth import Okta, OktaJWTMiddleware
from pydantic import BaseModel
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.errors import ServerErrorMiddleware

from backend import NAME
from backend.database import Database
from backend.errors import add_error_handlers, internal_server_error
from backend.observability.access_log import AccessLogMiddleware
from backend.observability.logging import configure_logging
from backend.observability.tracing import exporting, set_otel_variables
from backend.revocation import Revocations
from backend.routes import admin, health, live, logout, me, payslip, reports
from backend.server.head import HeadMiddleware
from backend.settings import Settings, load_or_exit


class Message(BaseModel):
    """A text for the caller."""

    message: str


def create_app(settings: Settings) -> FastAPI:
    """Build the application for `settings`."""
    database = Database(settings.database_url)
    revocations = Revocations(settings, database)
    okta = Okta(settings, log_refusals=False, revoked_users=revocations.users)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # Open what requests share here: a pool, a client. It closes after the last request.
        async with exporting(app), database.lifespan(app), revocations.lifespan(app):
            yield

    app = FastAPI(
        title=NAME,
        lifespan=lifespan,
        servers=[{"url": settings.resource_url}],
        # Client generators use the operation id as the name of the method.
        generate_unique_id_function=lambda route: route.name,
        openapi_url=None,  # okta.add_docs serves it, without a CDN
        redirect_slashes=False,  # a redirect would use the Host header
        # Logs would export exception messages, which may quote a token.
        telemetry={"logs": False, "operation_spans": False},
    )
    add_error_handlers(app)

    # Each one runs around those above it. CORS stands below the token check, because a preflight
    # carries no token and a browser must be able to read a refusal.
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=1024 * 1024)  # a route can have its own
    app.add_middleware(HeadMiddleware)
    app.add_middleware(OktaJWTMiddleware, okta=okta)
    app.add_middleware(ServerErrorMiddleware, handler=internal_server_error)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["*"],
        # By name: with * Starlette allows every header that a page requests.
        allow_headers=["Authorization", "Content-Type", "DPoP", "Idempotency-Key", *settings.cors_headers],
        expose_headers=["DPoP-Nonce", "Retry-After", "WWW-Authenticate", "X-Request-ID"],
        allow_private_network=True,
    )
    app.add_middleware(AccessLogMiddleware)

    # Every route needs a valid token, unless it declares itself public.
    @app.get("/", tags=["Hello"], summary="Check that the token is valid")
    async def index() -> Message:
        """Return a fixed message; any valid token will do."""
        return Message(message="Congratulations, FastAPI this side.")

    @app.get("/hello/{name}", tags=["Hello"], summary="Greet a name")
    async def hello(name: str) -> Message:
        """Return a greeting for the name in the path."""
        return Message(message=f"Hello, {name}")

    app.include_router(me.router)
    app.include_router(reports.router)
    app.include_router(admin.router)
    app.include_router(payslip.router)
    app.include_router(live.router)
    app.include_router(health.router)
    app.include_router(logout.router)
    okta.add_metadata(app)
    if settings.docs_enabled:
        okta.add_docs(app)
    return app


settings = load_or_exit(Settings)
configure_logging(settings)
set_otel_variables(Settings.variables())
app = create_app(settings)
