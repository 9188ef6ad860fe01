"""A route for one group."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi_okta_auth import Principal, in_group, require
from pydantic import BaseModel, Field

router = APIRouter(tags=["Admin"])


class Greeting(BaseModel):
    """A greeting for the caller."""

    message: str = Field(examples=["Hello, administrator user@example.com"])


@router.get("/admin", summary="Greet an administrator")
async def admin(user: Annotated[Principal, Depends(require(in_group("Admins")))]) -> Greeting:
    """Return a greeting; requires the group `Admins`."""
    return Greeting(message=f"Hello, administrator {user.subject}")
