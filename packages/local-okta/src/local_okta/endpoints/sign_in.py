"""The sign-in page, and the page that stands for a second factor."""

import logging
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import Response

from local_okta.authorization_request import AuthorizationRequest, UnmetRequirementsError
from local_okta.authorization_response import send_code, send_error
from local_okta.config import PEOPLE, Person, origin_of, person_by_login
from local_okta.cookies import add_sign_in, set_sign_in_cookie, start_session, take_sign_in
from local_okta.pages import page
from local_okta.protocol import PageError, form_parameters
from local_okta.state import CurrentOkta, LocalOkta, PendingSignIn, Session

log = logging.getLogger(__name__)
router = APIRouter()


@router.post("/signin")
async def sign_in(request: Request, okta: CurrentOkta) -> Response:
    """Sign in the person chosen on the sign-in page, or ask them for the second factor."""
    form = await form_parameters(request)
    asked = take_sign_in(request, okta, form.get("request")).asked
    person = person_by_login(form.get("login", ""))
    if person is None:
        raise PageError("Nobody has this login.")
    if asked.needs_second_factor:
        return second_factor_page(request, okta, asked, person)
    return _finish(request, okta, asked, Session(person, okta.switches.now()))


@router.post("/second-factor")
async def second_factor(request: Request, okta: CurrentOkta) -> Response:
    """Finish the sign-in if the person approves it on the second page."""
    form = await form_parameters(request)
    pending = take_sign_in(request, okta, form.get("request"))
    if pending.person is None:
        raise PageError("Choose a person first.")
    if form.get("factor") != "approve":
        return send_error(okta, pending.asked.return_address, UnmetRequirementsError())
    session = Session(pending.person, okta.switches.now(), second_factor=True)
    return _finish(request, okta, pending.asked, session)


def sign_in_page(request: Request, okta: LocalOkta, asked: AuthorizationRequest) -> Response:
    """Return the page with one button for each person."""
    return _page(request, okta, PendingSignIn(asked), "sign_in.html", "/signin")


def second_factor_page(
    request: Request, okta: LocalOkta, asked: AuthorizationRequest, person: Person
) -> Response:
    """Return the page that stands for a second factor."""
    pending = PendingSignIn(asked, person)
    return _page(request, okta, pending, "second_factor.html", "/second-factor")


def _page(request: Request, okta: LocalOkta, pending: PendingSignIn, template: str, action: str) -> Response:
    one_time_value, browser = add_sign_in(request, okta, pending)
    response = page(
        template,
        # Browsers apply form-action to the redirect that follows the form, too.
        form_action=("'self'", origin_of(pending.asked.return_address.redirect_uri)),
        action=urlsplit(okta.issuer).path + action,
        request=one_time_value,
        asked=pending.asked,
        person=pending.person,
        people=PEOPLE,
    )
    set_sign_in_cookie(response, okta, browser)
    return response


def _finish(request: Request, okta: LocalOkta, asked: AuthorizationRequest, session: Session) -> Response:
    log.info("%s signed in for %s", session.person.login, asked.client_id)
    response = send_code(okta, asked, session)
    start_session(request, response, okta, session)
    return response
