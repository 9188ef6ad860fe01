"""A route for one group."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi_okta_auth import Principal, in_group, require

from backend.routes.hello import Message
from backend.routes.openapi import FORBIDDEN

router = APIRouter(tags=["Admin"])


@router.get("/admin", summary="Greet an administrator", responses=FORBIDDEN)
async def admin(user: Annotated[Principal, Depends(require(in_group("Admins")))]) -> Message:
    """Return a greeting; requires the group `Admins`."""
    return Message(message=f"Hello, administrator {user.subject}")
