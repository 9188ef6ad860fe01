"""The browser's cookies: its session, and its sign-in pages."""

import secrets
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request
from starlette.responses import Response

from local_okta.protocol import PageError
from local_okta.state import LocalOkta, PendingSignIn, Session

SESSION_COOKIE: Final = "local_okta_session"
SIGN_IN_COOKIE: Final = "local_okta_sign_in"
SESSIONS_PATH: Final = "/api/v1/sessions"


def session_of(request: Request, okta: LocalOkta) -> Session | None:
    """Return the session of the browser that sent the request, or None."""
    return okta.sessions.get(request.cookies.get(SESSION_COOKIE))


def start_session(request: Request, response: Response, okta: LocalOkta, session: Session) -> None:
    """Replace the browser's session with a new one under a new id."""
    okta.sessions.pop(request.cookies.get(SESSION_COOKIE))
    handle = okta.sessions.add(session)
    for path in _session_paths(okta):
        _set_cookie(response, okta, SESSION_COOKIE, handle, path=path)


def end_session(request: Request, response: Response, okta: LocalOkta) -> Session | None:
    """End the browser's session and return it, or None if there is none."""
    for path in _session_paths(okta):
        response.delete_cookie(SESSION_COOKIE, path=path)
    return okta.sessions.pop(request.cookies.get(SESSION_COOKIE))


def add_sign_in(request: Request, okta: LocalOkta, pending: PendingSignIn) -> tuple[str, str]:
    """Store a sign-in; return the form's one-time value and the browser's value.

    Both must come back with the form, so that no other site can post it.
    """
    browser = request.cookies.get(SIGN_IN_COOKIE) or secrets.token_urlsafe(32)
    return okta.sign_ins.add((browser, pending)), browser


def set_sign_in_cookie(response: Response, okta: LocalOkta, browser: str) -> None:
    """Send the browser's value as a cookie."""
    path = urlsplit(okta.issuer).path
    _set_cookie(response, okta, SIGN_IN_COOKIE, browser, path=path)


def take_sign_in(request: Request, okta: LocalOkta, one_time_value: str | None) -> PendingSignIn:
    """Return the sign-in of a form and remove it; raise `PageError` if another browser started it."""
    browser, pending = okta.sign_ins.pop(one_time_value) or ("", None)
    cookie = request.cookies.get(SIGN_IN_COOKIE, "")
    if pending is None or not secrets.compare_digest(browser.encode(), cookie.encode()):
        raise PageError("This sign-in page has expired. Go back to the application and try again.")
    return pending


def _session_paths(okta: LocalOkta) -> tuple[str, ...]:
    return urlsplit(okta.issuer).path, SESSIONS_PATH


def _set_cookie(response: Response, okta: LocalOkta, name: str, value: str, *, path: str) -> None:
    response.set_cookie(
        name,
        value,
        path=path,
        secure=urlsplit(okta.issuer).scheme == "https",
        httponly=True,
        samesite="lax",
    )
