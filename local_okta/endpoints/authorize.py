"""`/v1/authorize` and the sign-in page: who is it, and may the application know?"""

import logging
import secrets
import time
from typing import Final
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from local_okta.authorization_request import (
    AuthorizationRequest,
    AuthorizeError,
    ReturnAddress,
    check_request,
    find_return_address,
)
from local_okta.config import PEOPLE, origin_of, person_by_login
from local_okta.pages import page
from local_okta.protocol import PageError, form_parameters
from local_okta.state import CODE_LIFETIME, SIGN_IN_LIFETIME, Code, CurrentOkta, Grant, LocalOkta, Session

SESSION_COOKIE: Final = "local_okta_session"
SIGN_IN_COOKIE: Final = "local_okta_sign_in"

log = logging.getLogger(__name__)
router = APIRouter()


@router.get("/v1/authorize")
async def authorize(request: Request, okta: CurrentOkta) -> Response:
    """Answer an authorization request, by the sign-in page if nobody is signed in."""
    pairs = request.query_params.multi_items()
    client, back = find_return_address(okta.clients, pairs)
    try:
        asked = check_request(client, back, pairs)
    except AuthorizeError as error:
        return _send_error(okta, back, error.error, error.description)
    session = okta.sessions.get(request.cookies.get(SESSION_COOKIE))
    if session and asked.prompt != "login":
        return _send_code(okta, asked, session)
    if asked.prompt == "none":
        description = "Nobody is signed in, and the prompt is none."
        return _send_error(okta, back, "login_required", description)
    return _sign_in_page(request, okta, asked)


@router.post("/signin")
async def sign_in(request: Request, okta: CurrentOkta) -> Response:
    """Take the choice made on the sign-in page, start a session and answer the application."""
    form = await form_parameters(request)
    browser, asked = okta.sign_ins.pop(form.get("request")) or ("", None)
    cookie = request.cookies.get(SIGN_IN_COOKIE, "")
    if asked is None or not secrets.compare_digest(browser.encode(), cookie.encode()):
        raise PageError("This sign-in page has expired. Go back to the application and try again.")
    person = person_by_login(form.get("login", ""))
    if person is None:
        raise PageError("Nobody has this login.")
    session = Session(person, auth_time=okta.switches.now())
    log.info("%s signed in for %s", person.login, asked.client_id)
    okta.sessions.pop(request.cookies.get(SESSION_COOKIE))
    response = _send_code(okta, asked, session)
    _set_cookie(response, okta, SESSION_COOKIE, okta.sessions.add(session))
    return response


def _sign_in_page(request: Request, okta: LocalOkta, asked: AuthorizationRequest) -> Response:
    # The cookie ties the page to this browser, so that no other site can post the form.
    browser = request.cookies.get(SIGN_IN_COOKIE) or secrets.token_urlsafe(32)
    response = page(
        "sign_in.html",
        # Browsers hold the redirect that follows the form to form-action as well.
        form_action=("'self'", origin_of(asked.back.redirect_uri)),
        action=urlsplit(okta.issuer).path + "/signin",
        request=okta.sign_ins.add((browser, asked)),
        asked=asked,
        people=PEOPLE,
    )
    _set_cookie(response, okta, SIGN_IN_COOKIE, browser, max_age=SIGN_IN_LIFETIME)
    return response


def _set_cookie(
    response: Response, okta: LocalOkta, name: str, value: str, max_age: int | None = None
) -> None:
    issuer = urlsplit(okta.issuer)
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path=issuer.path,
        secure=issuer.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def _send_code(okta: LocalOkta, asked: AuthorizationRequest, session: Session) -> Response:
    code = Code(
        grant=Grant(asked.client_id, asked.scopes, session),
        redirect_uri=asked.back.redirect_uri,
        code_challenge=asked.code_challenge,
        nonce=asked.nonce,
        expires=time.monotonic() + CODE_LIFETIME,
    )
    return _send_back(okta, asked.back, {"code": okta.codes.add(code)})


def _send_error(okta: LocalOkta, back: ReturnAddress, error: str, description: str) -> Response:
    log.info("authorize refused: %s: %s", error, description)
    return _send_back(okta, back, {"error": error, "error_description": description})


def _send_back(okta: LocalOkta, back: ReturnAddress, answer: dict[str, str]) -> Response:
    if back.state is not None:
        answer["state"] = back.state
    if back.response_mode == "okta_post_message":
        return page(
            "post_message.html",
            frame_ancestors=sorted({origin_of(uri) for uri in okta.config.redirect_uris}),
            answer=answer,
            origin=origin_of(back.redirect_uri),
        )
    separator = "#" if back.response_mode == "fragment" else "?"
    return RedirectResponse(f"{back.redirect_uri}{separator}{urlencode(answer)}", 302)
