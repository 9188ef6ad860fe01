"""Probes: is the process alive, and can it verify tokens?"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status

from backend.okta import PUBLIC, SigningKeys

router = APIRouter()


@router.get("/healthz", openapi_extra=PUBLIC)
async def healthz() -> dict[str, str]:
    """Answer while the process lives (liveness probe)."""
    return {"status": "alive"}


def _keys(request: Request) -> tuple[SigningKeys, ...]:
    keys: tuple[SigningKeys, ...] = request.app.state.keys
    return keys


@router.get("/readyz", openapi_extra=PUBLIC)
async def readyz(
    response: Response, keys: Annotated[tuple[SigningKeys, ...], Depends(_keys)]
) -> dict[str, str]:
    """Return 200 while there are signing keys of any issuer, else 503 (readiness probe)."""
    if not any(issuer.ready for issuer in keys):
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        return {"status": "no signing keys"}
    degraded = any(issuer.degraded or not issuer.ready for issuer in keys)
    return {"status": "degraded" if degraded else "ready"}
