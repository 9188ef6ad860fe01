"""`/v1/userinfo` (OpenID Connect Core §5.3)."""

from typing import Any

from fastapi import APIRouter, Request

from local_okta.dpop import proof_key
from local_okta.protocol import OAuthError
from local_okta.state import CurrentOkta, LocalOkta
from local_okta.tokens import ActiveToken, find_active, profile_claims

router = APIRouter()


@router.api_route("/v1/userinfo", methods=["GET", "POST"])
async def userinfo(request: Request, okta: CurrentOkta) -> dict[str, Any]:
    """Return the claims about an access token's person; `sub` is the uid, as in the ID token.

    Without a token the 401 has no error code (RFC 6750 §3.1). A token without the scope
    `openid` gets a 403.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() not in {"bearer", "dpop"}:
        raise _refusal(401, "invalid_token", "No access token.", "Bearer")
    found = find_active(okta, token.strip())
    if found is None or not found.is_access_token:
        description = "The access token is invalid."
        raise _refusal(401, "invalid_token", description, 'Bearer error="invalid_token"')
    _check_binding(request, okta, found, scheme.lower(), token.strip())
    session = found.grant.session
    if session is None or "openid" not in found.scopes:
        challenge = 'Bearer error="insufficient_scope", scope="openid"'
        raise _refusal(403, "insufficient_scope", "The scope openid is required.", challenge)
    return {"sub": session.person.uid, **profile_claims(session.person, found.scopes)}


def _check_binding(request: Request, okta: LocalOkta, found: ActiveToken, scheme: str, token: str) -> None:
    """Require the proof of a bound token's key, and the scheme that fits the token (RFC 9449 §7)."""
    jkt = None
    if scheme == "dpop":
        jkt = proof_key(request, okta, "/v1/userinfo", needs_nonce=False, token=token)
    if jkt != found.grant.jkt:
        description = "The access token is bound to another DPoP key, or to none."
        raise _refusal(401, "invalid_token", description, 'DPoP error="invalid_token"')


def _refusal(status: int, error: str, description: str, challenge: str) -> OAuthError:
    return OAuthError(error, description, status=status, headers={"WWW-Authenticate": challenge})
