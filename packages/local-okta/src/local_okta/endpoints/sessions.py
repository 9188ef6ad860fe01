"""`/api/v1/sessions/me`, outside the issuer's path: okta-auth-js asks here for the browser's session.

`session.exists()` reads it, and `signOut()` deletes it when the app holds no ID token.
"""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from local_okta.cookies import SESSIONS_PATH, end_session, session_of
from local_okta.state import CurrentOkta

router = APIRouter()


@router.get(f"{SESSIONS_PATH}/me")
async def show(request: Request, okta: CurrentOkta) -> Response:
    """Return the browser's session, or 404."""
    session = session_of(request, okta)
    if session is None:
        return _not_found()
    body: dict[str, Any] = {
        "status": "ACTIVE",
        "userId": session.person.uid,
        "login": session.person.login,
    }
    return JSONResponse(body)


@router.delete(f"{SESSIONS_PATH}/me")
async def close(request: Request, okta: CurrentOkta) -> Response:
    """End the browser's session and return 204, or 404 if there is none."""
    response = Response(status_code=204)
    return response if end_session(request, response, okta) else _not_found()


def _not_found() -> Response:
    body = {"errorCode": "E0000007", "errorSummary": "Not found: Resource not found: me (Session)"}
    return JSONResponse(body, 404)
