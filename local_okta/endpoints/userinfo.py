"""`/v1/userinfo` (OpenID Connect Core §5.3)."""

from typing import Any

from fastapi import APIRouter, Request

from local_okta.claims import profile_claims
from local_okta.issuing import find_active
from local_okta.protocol import OAuthError
from local_okta.state import CurrentOkta

router = APIRouter()


@router.api_route("/v1/userinfo", methods=["GET", "POST"])
async def userinfo(request: Request, okta: CurrentOkta) -> dict[str, Any]:
    """Tell about the person of an access token; `sub` is the uid, as in the ID token.

    Without a token the 401 names no error (RFC 6750 §3.1); a token without the scope
    `openid` gets a 403.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise _refusal(401, "invalid_token", "No access token.", "Bearer")
    found = find_active(okta, token.strip())
    if found is None or not found.is_access_token:
        description = "The access token is invalid."
        raise _refusal(401, "invalid_token", description, 'Bearer error="invalid_token"')
    session, scopes = found.grant.session, tuple(found.claims["scp"])
    if session is None or "openid" not in scopes:
        challenge = 'Bearer error="insufficient_scope", scope="openid"'
        raise _refusal(403, "insufficient_scope", "The scope openid is required.", challenge)
    return {"sub": session.person.uid, **profile_claims(session.person, scopes)}


def _refusal(status: int, error: str, description: str, challenge: str) -> OAuthError:
    return OAuthError(error, description, status=status, headers={"WWW-Authenticate": challenge})
