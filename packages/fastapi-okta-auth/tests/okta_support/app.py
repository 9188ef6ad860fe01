"""The application under test: a route for each kind of requirement."""

from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request, Response, Security, WebSocket
from fastapi.middleware.cors import CORSMiddleware
from fastapi_okta_auth import (
    PUBLIC,
    CurrentUser,
    Okta,
    OktaJWTMiddleware,
    OktaSettings,
    Origins,
    Principal,
    active_token,
    current_user,
    in_group,
    require,
    signed_in,
)
from local_okta.config import API_CLIENT_ID, API_CLIENT_SECRET
from local_okta.state import LocalOkta

router = APIRouter()


class Settings(OktaSettings):
    """The settings of the application under test."""

    cors_origins: Origins = ("http://localhost:3000",)


def settings_for(okta: LocalOkta, **changes: object) -> Settings:
    """Return settings that accept the tokens of `okta`."""
    values = {
        "okta_issuer": okta.issuer,
        "okta_client_id": "0oalocalspa,0oalocalservice",
        "introspection_client_id": API_CLIENT_ID,
        "introspection_client_secret": API_CLIENT_SECRET,
    }
    return Settings(**{**values, **changes})  # type: ignore[arg-type] # by pydantic-settings


def app_for(settings: Settings) -> FastAPI:
    """Create the application."""
    okta = Okta(settings)
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.add_middleware(OktaJWTMiddleware, okta=okta)
    app.add_middleware(CORSMiddleware, allow_origins=settings.cors_origins)
    app.include_router(router)
    okta.add_metadata(app)
    okta.add_docs(app)
    return app


@router.get("/")
async def index() -> str:
    """Greet anyone with a token."""
    return "Hello"


@router.get("/hello/{name}")
async def hello(name: str) -> str:
    """Greet a name."""
    return f"Hello, {name}"


@router.get("/me")
async def me(user: CurrentUser) -> dict[str, str]:
    """Return the caller."""
    return {"subject": user.subject}


@router.get("/reports")
async def reports(
    user: Annotated[Principal, Security(current_user, scopes=["reports:read"])],
) -> dict[str, str]:
    """Require a scope."""
    return {"read_by": user.subject}


@router.post("/reports/{number}/approve", dependencies=[Security(active_token, scopes=["reports:approve"])])
async def approve(number: int) -> int:
    """Require a scope and an active token."""
    return number


@router.get("/admin", dependencies=[Depends(require(in_group("Admins")))])
async def admin() -> None:
    """Require a group."""


@router.get("/payslip", dependencies=[Depends(signed_in("urn:okta:loa:2fa:any", max_age=300))])
async def payslip() -> None:
    """Require a recent sign-in with two factors."""


@router.post("/items")
async def items() -> str:
    """Accept any body."""
    return "written"


@router.websocket("/ws")
async def greet(socket: WebSocket, user: CurrentUser) -> None:
    """Greet the caller."""
    await socket.accept()
    await socket.send_text(f"Hello, {user.subject}")
    await socket.close()


@router.get("/healthz", openapi_extra=PUBLIC)
async def healthz() -> str:
    """Respond to anyone."""
    return "alive"


@router.get("/readyz", openapi_extra=PUBLIC)
async def readyz(request: Request, response: Response) -> dict[str, str]:
    """Say whether there are keys, and whether the last fetch failed."""
    okta: Okta = request.scope["okta"]
    response.status_code = 200 if okta.ready else 503
    return {"status": "degraded" if okta.degraded else "ready"}
