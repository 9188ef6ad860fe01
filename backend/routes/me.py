"""What the API knows of its caller."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from backend.okta import CurrentUser

router = APIRouter()


class Me(BaseModel):
    """The caller; `expiry` in seconds since the epoch."""

    subject: str
    client: str = Field(validation_alias="client_id")
    scopes: tuple[str, ...]
    groups: tuple[str, ...]
    expiry: int = Field(validation_alias="expires_at")


@router.get("/me")
async def me(user: CurrentUser) -> Me:
    """Tell the caller who the token says it is."""
    return Me.model_validate(user, from_attributes=True)
