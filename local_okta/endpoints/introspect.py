"""`/v1/introspect` (RFC 7662) and `/v1/revoke` (RFC 7009)."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from local_okta.issuing import ActiveToken, find_active
from local_okta.protocol import OAuthError, authenticate_client, form_parameters
from local_okta.state import CurrentOkta, LocalOkta

router = APIRouter()


@router.post("/v1/introspect")
async def introspect(request: Request, okta: CurrentOkta) -> dict[str, Any]:
    """Tell a client whether a token of its own is active, and what it says."""
    found = await _own_token(request, okta)
    if found is None:
        return {"active": False}
    copied = ("iss", "aud", "jti", "sub", "uid", "iat", "exp")
    answer: dict[str, Any] = {"active": True, "client_id": found.grant.client_id}
    answer |= {name: found.claims[name] for name in copied if name in found.claims}
    if "scp" in found.claims:
        answer["scope"] = " ".join(found.claims["scp"])
    if found.is_access_token:
        answer |= {"token_type": "Bearer"}
    if found.grant.session:
        answer["username"] = found.grant.session.person.login
    return answer


@router.post("/v1/revoke")
async def revoke(request: Request, okta: CurrentOkta) -> Response:
    """Revoke a client's own token; 200 with an empty body whatever the token is.

    As in Okta, a refresh token takes its access tokens with it, an access token goes alone.
    """
    found = await _own_token(request, okta)
    if found and okta.issued.pop(found.handle) is None:
        found.grant.ended = True
    return Response()


async def _own_token(request: Request, okta: LocalOkta) -> ActiveToken | None:
    form = await form_parameters(request)
    client = authenticate_client(okta.clients, request, form)
    if "token" not in form:
        raise OAuthError("invalid_request", "The parameter token is missing.")
    found = find_active(okta, form["token"])
    return found if found and found.grant.client_id == client.client_id else None
