"""`/v1/revoke` (RFC 7009)."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from local_okta.issuing import find_active
from local_okta.protocol import authenticate_client, form_parameters, required
from local_okta.state import CurrentOkta

router = APIRouter()


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
