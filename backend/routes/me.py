"""What the API knows about its caller."""

from fastapi import APIRouter
from pydantic import BaseModel

from backend.okta import CurrentUser

router = APIRouter(tags=["Caller"])


class Me(BaseModel):
    """The caller, as the access token describes it.

    `expiry` and `auth_time` (the sign-in) are in seconds since the epoch; `actor` is the
    subject that acts for the caller (RFC 8693 section 4.1).
    """

    subject: str
    client: str
    actor: str | None
    scopes: tuple[str, ...]
    groups: tuple[str, ...]
    expiry: int
    acr: str | None
    auth_time: int | None


@router.get("/me", summary="Describe the caller")
async def me(user: CurrentUser) -> Me:
    """Return what the access token says about the caller; any valid token will do."""
    acr, auth_time = user.claims.get("acr"), user.claims.get("auth_time")
    return Me(
        subject=user.subject,
        client=user.client_id,
        actor=user.actor,
        scopes=user.scopes,
        groups=user.groups,
        expiry=user.expires_at,
        acr=acr if isinstance(acr, str) else None,
        auth_time=auth_time if type(auth_time) is int else None,
    )
