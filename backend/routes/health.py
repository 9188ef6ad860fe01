"""Probes: is the process alive, and can it verify tokens?"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status

from backend.okta import PUBLIC, SigningKeys

router = APIRouter()


@router.get("/healthz", openapi_extra=PUBLIC)
async def healthz() -> dict[str, str]:
    """Answer while the process lives (liveness probe)."""
    return {"status": "alive"}


def _keys(request: Request) -> SigningKeys:
    keys: SigningKeys = request.app.state.keys
    return keys


@router.get("/readyz", openapi_extra=PUBLIC)
async def readyz(response: Response, keys: Annotated[SigningKeys, Depends(_keys)]) -> dict[str, str]:
    """Answer 200 while signing keys are held, 503 before (readiness probe)."""
    if not keys.ready:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        return {"status": "no signing keys"}
    return {"status": "degraded" if keys.degraded else "ready"}
