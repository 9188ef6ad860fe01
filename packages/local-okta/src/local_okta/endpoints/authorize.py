"""`/v1/authorize`: from the request over the sign-in pages to the response.

A sign-in under way needs a one-time value in the form and the browser's cookie, so that no
other site can post the form.
"""

import logging
import secrets
import time
from typing import Final
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from local_okta.authorization_request import (
    AuthorizationError,
    AuthorizationRequest,
    ReturnAddress,
    UnmetRequirementsError,
    check_request,
    find_return_address,
)
from local_okta.config import Person, origin_of
from local_okta.endpoints.sessions import session_of, set_cookie, start_session
from local_okta.pages import page
from local_okta.protocol import PageError, form_pairs, form_parameters
from local_okta.state import CODE_LIFETIME, Code, CurrentOkta, Grant, LocalOkta, PendingSignIn, Session

SIGN_IN_COOKIE: Final = "local_okta_sign_in"

log = logging.getLogger(__name__)
router = APIRouter()


@router.api_route("/v1/authorize", methods=["GET", "POST"])
async def authorize(request: Request, okta: CurrentOkta) -> Response:
    """Return a page to sign in on, or send the application a code or an error."""
    is_get = request.method == "GET"
    pairs = request.query_params.multi_items() if is_get else await form_pairs(request)
    client, address = find_return_address(okta.clients, pairs)
    try:
        return _respond(request, okta, check_request(okta.config, client, address, pairs))
    except AuthorizationError as error:
        return _send_error(okta, address, error)


@router.post("/signin")
async def sign_in(request: Request, okta: CurrentOkta) -> Response:
    """Sign in the person chosen on the sign-in page, or ask them for the second factor."""
    form = await form_parameters(request)
    asked = _take_sign_in(request, okta, form.get("request")).asked
    person = okta.person_by_login(form.get("login"))
    if person is None:
        raise PageError("Nobody has this login.")
    return _sign_in(request, okta, asked, person)


@router.post("/second-factor")
async def second_factor(request: Request, okta: CurrentOkta) -> Response:
    """Finish the sign-in if the person approves it on the second page."""
    form = await form_parameters(request)
    pending = _take_sign_in(request, okta, form.get("request"))
    if pending.person is None:
        raise PageError("Choose a person first.")
    if form.get("factor") != "approve":
        return _send_error(okta, pending.asked.return_address, UnmetRequirementsError())
    session = Session(pending.person, okta.switches.now(), second_factor=True)
    return _finish(request, okta, pending.asked, session)


def _respond(request: Request, okta: LocalOkta, asked: AuthorizationRequest) -> Response:
    may_ask = "none" not in asked.prompts
    session, hinted = session_of(request, okta), okta.person_by_login(asked.login_hint)
    if session and hinted and session.person.uid != hinted.uid:
        session = None
    if session is None or not asked.accepts_sign_in(session.auth_time, okta.switches.now()):
        if not may_ask:
            raise AuthorizationError("login_required", "There is no session, or its sign-in is too old.")
        if hinted and "login" not in asked.prompts:
            return _sign_in(request, okta, asked, hinted)
        return _sign_in_page(request, okta, asked)
    if asked.needs_second_factor and not session.second_factor:
        if may_ask:
            return _second_factor_page(request, okta, asked, session.person)
        raise AuthorizationError("interaction_required", "The sign-in needs a second factor.")
    return _send_code(okta, asked, session)


def _sign_in(request: Request, okta: LocalOkta, asked: AuthorizationRequest, person: Person) -> Response:
    if asked.needs_second_factor:
        return _second_factor_page(request, okta, asked, person)
    return _finish(request, okta, asked, Session(person, okta.switches.now()))


def _finish(request: Request, okta: LocalOkta, asked: AuthorizationRequest, session: Session) -> Response:
    log.info("%s signed in for %s", session.person.login, asked.client_id)
    response = _send_code(okta, asked, session)
    start_session(request, response, okta, session)
    return response


def _sign_in_page(request: Request, okta: LocalOkta, asked: AuthorizationRequest) -> Response:
    """Return the page with one button for each person."""
    return _page(request, okta, PendingSignIn(asked), "sign_in.html", "/signin")


def _second_factor_page(
    request: Request, okta: LocalOkta, asked: AuthorizationRequest, person: Person
) -> Response:
    """Return the page that stands for a second factor."""
    pending = PendingSignIn(asked, person)
    return _page(request, okta, pending, "second_factor.html", "/second-factor")


def _page(request: Request, okta: LocalOkta, pending: PendingSignIn, template: str, action: str) -> Response:
    browser = request.cookies.get(SIGN_IN_COOKIE) or secrets.token_urlsafe(32)
    path = urlsplit(okta.issuer).path
    response = page(
        template,
        # Browsers apply form-action to the redirect that follows the form, too.
        form_action=("'self'", origin_of(pending.asked.return_address.redirect_uri)),
        action=path + action,
        request=okta.sign_ins.add((browser, pending)),
        asked=pending.asked,
        person=pending.person,
        people=okta.people,
    )
    set_cookie(response, okta, SIGN_IN_COOKIE, browser, path=path)
    return response


def _take_sign_in(request: Request, okta: LocalOkta, one_time_value: str | None) -> PendingSignIn:
    """Return the sign-in of a form and remove it; raise `PageError` if another browser started it."""
    browser, pending = okta.sign_ins.pop(one_time_value) or ("", None)
    cookie = request.cookies.get(SIGN_IN_COOKIE, "")
    if pending is None or not secrets.compare_digest(browser.encode(), cookie.encode()):
        raise PageError("This sign-in page has expired. Go back to the application and try again.")
    return pending


def _send_code(okta: LocalOkta, asked: AuthorizationRequest, session: Session) -> Response:
    """Send the application a code for tokens of the person who signed in (RFC 6749 §4.1.2)."""
    code = Code(
        grant=Grant(asked.client_id, asked.scopes, session, acr=asked.acr),
        redirect_uri=asked.return_address.redirect_uri,
        code_challenge=asked.code_challenge,
        nonce=asked.nonce,
        expires=time.monotonic() + CODE_LIFETIME,
    )
    return _send(okta, asked.return_address, {"code": okta.codes.add(code)})


def _send_error(okta: LocalOkta, address: ReturnAddress, error: AuthorizationError) -> Response:
    """Log the error and send it to the application (RFC 6749 §4.1.2.1)."""
    log.info("authorize refused: %s: %s", error.error, error.description)
    return _send(okta, address, {"error": error.error, "error_description": error.description})


def _send(okta: LocalOkta, address: ReturnAddress, response: dict[str, str]) -> Response:
    """Send parameters to the application in the response mode that it chose."""
    if address.state is not None:
        response["state"] = address.state
    if address.response_mode == "okta_post_message":
        return page(
            "post_message.html",
            frame_ancestors=sorted(okta.config.app_origins),
            response=response,
            origin=origin_of(address.redirect_uri),
        )
    if address.response_mode == "form_post":
        return page(
            "form_post.html",
            form_action=[origin_of(address.redirect_uri)],
            response=response,
            redirect_uri=address.redirect_uri,
        )
    separator = "#" if address.response_mode == "fragment" else "?"
    return RedirectResponse(f"{address.redirect_uri}{separator}{urlencode(response)}", 302)
