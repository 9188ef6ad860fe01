"""Universal Logout: Okta says that every token of a user must be refused from now on."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Request, status
from fastapi_okta_auth import LOGOUT_PATH, PUBLIC

from backend.errors import Detail, TokenRefusal
from backend.revocation import Revocations

router = APIRouter(tags=["Universal Logout"])

# Anyone can send a body, and it is read before the JWT is verified.
MAX_BODY_BYTES: Final = 16 * 1024
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": TokenRefusal, "description": "The body names no user"},
    401: {"model": TokenRefusal, "description": "The JWT is not one of the configured Okta org"},
    404: {"model": Detail, "description": "Universal Logout is off"},
    503: {"model": TokenRefusal, "description": "The request cannot be verified or stored now"},
}


def _revocations(request: Request) -> Revocations:
    revocations: Revocations = request.app.state.revocations
    return revocations


@router.post(
    LOGOUT_PATH,
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Revoke a user's tokens",
    openapi_extra=PUBLIC,
    max_body_size=MAX_BODY_BYTES,
    responses=RESPONSES,
)
async def global_token_revocation(
    request: Request, revocations: Annotated[Revocations, Depends(_revocations)]
) -> None:
    """Record the user whom a signed request of Okta's Universal Logout names, known here or not."""
    if revocations.logout is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND)
    verified = await revocations.logout.verify(request.scope["headers"], await request.body())
    await revocations.store(verified)
