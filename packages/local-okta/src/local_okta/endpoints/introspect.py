"""`/v1/introspect` (RFC 7662) and `/v1/revoke` (RFC 7009)."""

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from local_okta.protocol import authenticate_client, form_parameters, required
from local_okta.state import CurrentOkta
from local_okta.tokens import ActiveToken, find_active

COPIED_CLAIMS: Final = ("iss", "aud", "jti", "sub", "uid", "iat", "exp", "cnf", "act")

router = APIRouter()


@router.post("/v1/introspect")
async def introspect(request: Request, okta: CurrentOkta) -> dict[str, Any]:
    """Return whether a token is active, and what it says.

    A client introspects its own tokens; the API's client introspects every client's.
    """
    form = await form_parameters(request)
    client = authenticate_client(okta.clients, request, form)
    found = find_active(okta, required(form, "token"))
    if found is None or not (client.introspects_all or found.grant.client_id == client.client_id):
        return {"active": False}
    return _description(found)


@router.post("/v1/revoke")
async def revoke(request: Request, okta: CurrentOkta) -> Response:
    """Revoke a client's own token; return 200 with an empty body for any token.

    As in Okta, revoking a refresh token ends its access tokens, but not the reverse.
    """
    form = await form_parameters(request)
    client = authenticate_client(okta.clients, request, form)
    found = find_active(okta, required(form, "token"))
    if found and found.grant.client_id == client.client_id:
        okta.revoke(form["token"])
    return Response()


def _description(found: ActiveToken) -> dict[str, Any]:
    response: dict[str, Any] = {"active": True, "client_id": found.grant.client_id}
    response |= {name: found.claims[name] for name in COPIED_CLAIMS if name in found.claims}
    if found.scopes:
        response["scope"] = " ".join(found.scopes)
    if found.is_access_token:
        response["token_type"] = "DPoP" if "cnf" in found.claims else "Bearer"
    if found.grant.session:
        response["username"] = found.grant.session.person.login
    return response
