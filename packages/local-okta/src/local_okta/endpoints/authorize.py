"""`/v1/authorize`: starts a sign-in, or uses the browser's session."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from local_okta.authorization_request import (
    AuthorizationError,
    AuthorizationRequest,
    check_request,
    find_return_address,
)
from local_okta.authorization_response import send_code, send_error
from local_okta.cookies import session_of
from local_okta.endpoints.sign_in import second_factor_page, sign_in_page
from local_okta.protocol import form_pairs
from local_okta.state import CurrentOkta, LocalOkta

router = APIRouter()


@router.api_route("/v1/authorize", methods=["GET", "POST"])
async def authorize(request: Request, okta: CurrentOkta) -> Response:
    """Return a page to sign in on, or send the application a code or an error."""
    is_get = request.method == "GET"
    pairs = request.query_params.multi_items() if is_get else await form_pairs(request)
    client, address = find_return_address(okta.clients, pairs)
    try:
        return _respond(request, okta, check_request(client, address, pairs))
    except AuthorizationError as error:
        return send_error(okta, address, error)


def _respond(request: Request, okta: LocalOkta, asked: AuthorizationRequest) -> Response:
    may_ask = "none" not in asked.prompts
    session = session_of(request, okta)
    if session is None or not asked.accepts_sign_in(session.auth_time, okta.switches.now()):
        if may_ask:
            return sign_in_page(request, okta, asked)
        raise AuthorizationError("login_required", "There is no session, or its sign-in is too old.")
    if asked.needs_second_factor and not session.second_factor:
        if may_ask:
            return second_factor_page(request, okta, asked, session.person)
        raise AuthorizationError("interaction_required", "The sign-in needs a second factor.")
    return send_code(okta, asked, session)
