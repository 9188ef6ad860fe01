"""The browser's session: its cookie, `/v1/logout` and `/api/v1/sessions/me`."""

from typing import Final
from urllib.parse import urlencode, urlsplit

import jwt
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from local_okta.config import Client
from local_okta.pages import page
from local_okta.protocol import PageError, given, repeated
from local_okta.state import CurrentOkta, LocalOkta, Session

SESSION_COOKIE: Final = "local_okta_session"
SESSIONS_PATH: Final = "/api/v1/sessions"

router = APIRouter()
# Outside the issuer's path: okta-auth-js reads the session here, and ends it when it holds no ID token.
sessions_router = APIRouter()


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


@sessions_router.get(f"{SESSIONS_PATH}/me")
async def show(request: Request, okta: CurrentOkta) -> Response:
    """Return the browser's session, or 404."""
    session = session_of(request, okta)
    if session is None:
        return _not_found()
    person = session.person
    return JSONResponse({"status": "ACTIVE", "userId": person.uid, "login": person.login})


@sessions_router.delete(f"{SESSIONS_PATH}/me")
async def close(request: Request, okta: CurrentOkta) -> Response:
    """End the browser's session and return 204, or 404 if there is none."""
    response = Response(status_code=204)
    return response if end_session(request, response, okta) else _not_found()


def session_of(request: Request, okta: LocalOkta) -> Session | None:
    """Return the session of the browser that sent the request, or None."""
    return okta.sessions.get(request.cookies.get(SESSION_COOKIE))


def start_session(request: Request, response: Response, okta: LocalOkta, session: Session) -> None:
    """Replace the browser's session with a new one under a new id."""
    okta.sessions.pop(request.cookies.get(SESSION_COOKIE))
    handle = okta.sessions.add(session)
    for path in _session_paths(okta):
        set_cookie(response, okta, SESSION_COOKIE, handle, path=path)


def end_session(request: Request, response: Response, okta: LocalOkta) -> Session | None:
    """End the browser's session and return it, or None if there is none."""
    for path in _session_paths(okta):
        response.delete_cookie(SESSION_COOKIE, path=path)
    return okta.sessions.pop(request.cookies.get(SESSION_COOKIE))


def set_cookie(response: Response, okta: LocalOkta, name: str, value: str, *, path: str) -> None:
    """Set a cookie for `path`, readable by this server alone."""
    response.set_cookie(
        name,
        value,
        path=path,
        secure=urlsplit(okta.issuer).scheme == "https",
        httponly=True,
        samesite="lax",
    )


def _session_paths(okta: LocalOkta) -> tuple[str, ...]:
    return urlsplit(okta.issuer).path, SESSIONS_PATH


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


def _not_found() -> Response:
    body = {"errorCode": "E0000007", "errorSummary": "Not found: Resource not found: me (Session)"}
    return JSONResponse(body, 404)
