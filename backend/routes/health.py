"""Probes: is the process alive, and can it verify tokens?"""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Request, status
from fastapi.responses import JSONResponse
from fastapi_okta_auth import PUBLIC, Okta
from pydantic import BaseModel

router = APIRouter(tags=["Health"])


class Alive(BaseModel):
    """The process responds."""

    status: Literal["alive"]


class Ready(BaseModel):
    """Tokens can be verified; `degraded` means that the last refresh of the signing keys failed."""

    status: Literal["ready", "degraded"]


class NotReady(BaseModel):
    """Tokens cannot be verified yet."""

    status: Literal["no signing keys"]


NOT_READY: Final[dict[int | str, dict[str, Any]]] = {
    503: {"model": NotReady, "description": "There are no signing keys"}
}


@router.get("/healthz", summary="Liveness probe", openapi_extra=PUBLIC)
async def healthz() -> Alive:
    """Return 200 while the process is alive."""
    return Alive(status="alive")


def _okta(request: Request) -> Okta:
    okta: Okta = request.scope["okta"]
    return okta


@router.get(
    "/readyz", summary="Readiness probe", openapi_extra=PUBLIC, response_model=Ready, responses=NOT_READY
)
async def readyz(okta: Annotated[Okta, Depends(_okta)]) -> Ready | JSONResponse:
    """Return 200 while there are signing keys of any issuer, else 503."""
    if not okta.ready:
        body = NotReady(status="no signing keys").model_dump()
        return JSONResponse(body, status.HTTP_503_SERVICE_UNAVAILABLE)
    return Ready(status="degraded" if okta.degraded else "ready")
