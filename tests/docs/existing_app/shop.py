"""A typical app, after the steps of "Add it to an existing FastAPI app"."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import APIRouter, FastAPI, WebSocket
from fastapi.middleware.cors import CORSMiddleware
from fastapi.staticfiles import StaticFiles
from okta_auth import (
    PUBLIC,
    CurrentUser,
    OktaJWTMiddleware,
    OktaTokenVerifier,
    SigningKeys,
    TokenRequirements,
    public,
)

orders = APIRouter(prefix="/orders", tags=["orders"])


@orders.get("/{number}")
async def order(number: int, user: CurrentUser) -> dict[str, int | str]:
    """Return an order of the caller."""
    return {"order": number, "owner": user.subject}


def create_app() -> FastAPI:
    """Build the app: its own lifespan, routers, CORS, docs, health check, static files and WebSocket."""
    issuer = os.environ["OKTA_ISSUER"]
    keys = {issuer: SigningKeys(f"{issuer}/v1/keys")}
    requirements = TokenRequirements(
        issuers=frozenset({issuer}),
        audiences=frozenset({"api://default"}),
        client_ids=frozenset({"0oalocalspa"}),
        leeway=60,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with keys[issuer]:
            yield

    app = FastAPI(title="Shop", lifespan=lifespan)
    app.add_middleware(OktaJWTMiddleware, verifier=OktaTokenVerifier(requirements, keys), routes=app.routes)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["https://shop.example.com"],
        allow_methods=["*"],
        allow_headers=["Authorization"],
    )
    app.include_router(orders)
    app.mount("/static", public(StaticFiles(directory=Path(__file__).parent / "static")))

    @app.get("/health", openapi_extra=PUBLIC)
    async def health() -> dict[str, str]:
        return {"status": "up"}

    @app.websocket("/events")
    async def events(websocket: WebSocket, user: CurrentUser) -> None:
        await websocket.accept("bearer")
        await websocket.send_text(user.subject)
        await websocket.close()

    return app
