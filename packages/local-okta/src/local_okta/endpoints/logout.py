"""`/v1/logout` (OpenID Connect RP-Initiated Logout 1.0)."""

from urllib.parse import urlencode

import jwt
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from local_okta.config import Client
from local_okta.cookies import end_session
from local_okta.pages import page
from local_okta.protocol import PageError, given, repeated
from local_okta.state import CurrentOkta, LocalOkta

router = APIRouter()


@router.get("/v1/logout")
async def logout(request: Request, okta: CurrentOkta) -> Response:
    """End the browser's session and redirect to the application's registered address.

    Like Okta, it requires `id_token_hint`. Without an ID token, an application deletes
    the session at `/api/v1/sessions/me`.
    """
    pairs = request.query_params.multi_items()
    if repeated(pairs):
        raise PageError("A parameter is given more than once.")
    parameters = given(pairs)
    client = _client_of_hint(okta, parameters.get("id_token_hint", ""))
    target = parameters.get("post_logout_redirect_uri")
    if target is not None and target not in client.post_logout_redirect_uris:
        msg = "The post_logout_redirect_uri is not one of the application's sign-out redirect URIs."
        raise PageError(msg)
    response = _response(target, parameters.get("state"))
    end_session(request, response, okta)
    return response


def _client_of_hint(okta: LocalOkta, hint: str) -> Client:
    # An expired hint is valid: people sign out in tabs that stayed open overnight.
    try:
        claims = okta.keys.verify(hint)
    except jwt.InvalidTokenError as error:
        msg = (
            "The id_token_hint is not an ID token signed with a current key. After a restart "
            "of the local Okta, go back to the application and sign in again."
        )
        raise PageError(msg) from error
    client = okta.clients.get(str(claims.get("aud")))
    if client is None or claims.get("iss") != okta.issuer:
        raise PageError("The id_token_hint is not an ID token of one of the applications.")
    return client


def _response(target: str | None, state: str | None) -> Response:
    if target is None:
        return page("signed_out.html")
    query = f"?{urlencode({'state': state})}" if state is not None else ""
    return RedirectResponse(target + query, 302)
