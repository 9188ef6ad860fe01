"""Refusals, each in the form its caller can read."""

import logging

from fastapi import Request
from starlette.responses import HTMLResponse, JSONResponse

from local_okta.pages import page

log = logging.getLogger(__name__)


class OAuthError(Exception):
    """A refusal in JSON: `error` and `error_description` (RFC 6749 §5.2)."""

    def __init__(
        self, error: str, description: str, *, status: int = 400, challenge: str | None = None
    ) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status
        self.headers = {"WWW-Authenticate": challenge} if challenge else {}


class PageError(Exception):
    """A refusal shown to the person, for when nothing may be sent to the application."""


async def oauth_error_handler(request: Request, error: Exception) -> JSONResponse:
    """Answer with the error as JSON and log it."""
    assert isinstance(error, OAuthError)  # noqa: S101 -- registered for this class alone
    log.info("%s refused: %s: %s", request.url.path, error.error, error.description)
    body = {"error": error.error, "error_description": error.description}
    return JSONResponse(body, error.status, error.headers)


async def page_error_handler(request: Request, error: Exception) -> HTMLResponse:
    """Answer 400 with a page that says what is wrong, and log it."""
    log.info("%s refused: %s", request.url.path, error)
    return page("error.html", status=400, message=str(error))


async def server_error_handler(_request: Request, _error: Exception) -> JSONResponse:
    """Answer 500 without details; the server logs the traceback."""
    return JSONResponse({"error": "server_error"}, 500)
