"""The caller, as the API sees it."""

from fastapi import APIRouter
from fastapi_okta_auth import CurrentUser
from pydantic import BaseModel, Field

router = APIRouter(tags=["Caller"])


class Me(BaseModel):
    """The caller, as the access token describes it.

    `user_id` is Okta's stable id of the user, `subject` the login, which can change.
    `expiry` and `auth_time` (the sign-in) are in seconds since the epoch; `actor` is the
    subject that acts for the caller (RFC 8693 section 4.1).
    """

    user_id: str | None = Field(examples=["00u1b2c3d4e5f6"])
    subject: str = Field(examples=["user@example.com"])
    issuer: str = Field(examples=["http://localhost:9000/oauth2/default"])
    client: str = Field(examples=["0oalocalspa"])
    actor: str | None = Field(examples=[None])
    scopes: tuple[str, ...] = Field(examples=[["openid", "reports:read"]])
    groups: tuple[str, ...] = Field(examples=[["Everyone", "Admins"]])
    expiry: int = Field(examples=[1_780_000_000])
    acr: str | None = Field(examples=["urn:okta:loa:2fa:any"])
    auth_time: int | None = Field(examples=[1_779_996_400])


@router.get("/me", summary="Describe the caller")
async def me(user: CurrentUser) -> Me:
    """Return what the access token says about the caller; any valid token will do."""
    acr, auth_time = user.claims.get("acr"), user.claims.get("auth_time")
    return Me(
        user_id=user.user_id,
        subject=user.subject,
        issuer=user.issuer,
        client=user.client_id,
        actor=user.actor,
        scopes=user.scopes,
        groups=user.groups,
        expiry=user.expires_at,
        acr=acr if isinstance(acr, str) else None,
        auth_time=auth_time if type(auth_time) is int else None,
    )
