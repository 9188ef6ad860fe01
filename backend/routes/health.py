"""Probes: is the process alive, and can it verify tokens and read its data?

While a worker drains, backend/server/draining.py responds to `/readyz` instead.
"""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Request, status
from fastapi.responses import JSONResponse
from fastapi_okta_auth import PUBLIC, Okta
from pydantic import BaseModel

from backend.database import Database, Status
from backend.revocation import Revocations

router = APIRouter(tags=["Health"])


class Alive(BaseModel):
    """The process responds."""

    status: Literal["alive"]


class Ready(BaseModel):
    """Tokens can be verified; `degraded` means that the last refresh of something failed."""

    status: Literal["ready", "degraded"]


class NotReady(BaseModel):
    """Tokens cannot be verified yet, or the database was never reached or lacks a migration."""

    status: Literal[
        "no signing keys", "database not reached", "database not migrated", "revoked users not read"
    ]


NOT_READY: Final[dict[int | str, dict[str, Any]]] = {
    503: {"model": NotReady, "description": "There are no signing keys, or no database"}
}


@router.get("/healthz", summary="Liveness probe", openapi_extra=PUBLIC)
async def healthz() -> Alive:
    """Return 200 while the process is alive."""
    return Alive(status="alive")


def _okta(request: Request) -> Okta:
    okta: Okta = request.scope["okta"]
    return okta


def _database(request: Request) -> Status:
    database: Database | None = getattr(request.app.state, "database", None)  # None without a lifespan
    return database.status if database else "not reached"


def _revocations(request: Request) -> str:
    revocations: Revocations | None = getattr(request.app.state, "revocations", None)
    return revocations.status if revocations else "not read"


@router.get(
    "/readyz", summary="Readiness probe", openapi_extra=PUBLIC, response_model=Ready, responses=NOT_READY
)
async def readyz(
    okta: Annotated[Okta, Depends(_okta)],
    database: Annotated[Status, Depends(_database)],
    revocations: Annotated[str, Depends(_revocations)],
) -> Ready | JSONResponse:
    """Return 200 while there are signing keys of any issuer and once the database was reached, else 503."""
    if not okta.ready:
        return _not_ready("no signing keys")
    if database in {"not reached", "not migrated"}:
        return _not_ready(f"database {database}")
    if revocations == "not read":
        return _not_ready("revoked users not read")
    degraded = okta.degraded or "degraded" in {database, revocations}
    return Ready(status="degraded" if degraded else "ready")


def _not_ready(reason: str) -> JSONResponse:
    return JSONResponse({"status": reason}, status.HTTP_503_SERVICE_UNAVAILABLE)
