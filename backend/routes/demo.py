"""Two routes that not every caller may use: one wants a scope, the other a group."""

from typing import Annotated

from fastapi import APIRouter, Depends, Security

from backend.okta import Principal, current_user, in_group, require
from backend.routes.openapi import FORBIDDEN

router = APIRouter(responses=FORBIDDEN)


@router.get("/reports")
async def reports(
    user: Annotated[Principal, Security(current_user, scopes=["reports:read"])],
) -> dict[str, list[str] | str]:
    """List the reports; the token must carry the scope `reports:read`."""
    return {"reports": ["Quarterly figures"], "read_by": user.subject}


@router.get("/admin")
async def admin(user: Annotated[Principal, Depends(require(in_group("Admins")))]) -> dict[str, str]:
    """Greet an administrator; the caller must be in the group `Admins`."""
    return {"message": f"Hello, administrator {user.subject}"}
