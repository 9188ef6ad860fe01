"""OAuth 2.0 requests and errors: parameters, client authentication, error responses."""

import base64
import logging
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import unquote_plus

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse

from local_okta.config import Client, Config
from local_okta.pages import page

MAX_FIELDS: Final = 32
MAX_FIELD_BYTES: Final = 16 * 1024

log = logging.getLogger(__name__)
Pairs = list[tuple[str, str]]


class OAuthError(Exception):
    """An error returned as JSON: `error` and `error_description` (RFC 6749 §5.2)."""

    def __init__(
        self, error: str, description: str, *, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status
        self.headers = headers


class PageError(Exception):
    """An error shown to the person, for requests that must not be redirected to the application."""


async def oauth_error_handler(request: Request, error: Exception) -> JSONResponse:
    """Log the error and return it as JSON."""
    assert isinstance(error, OAuthError)  # noqa: S101 -- registered for this class only
    log.info("%s refused: %s: %s", request.url.path, error.error, error.description)
    body = {"error": error.error, "error_description": error.description}
    return JSONResponse(body, error.status, error.headers)


async def page_error_handler(request: Request, error: Exception) -> HTMLResponse:
    """Log the error and return a page with status 400 that explains it."""
    log.info("%s refused: %s", request.url.path, error)
    return page("error.html", status=400, message=str(error))


async def server_error_handler(_request: Request, _error: Exception) -> JSONResponse:
    """Return 500 without details; the server logs the traceback."""
    return JSONResponse({"error": "server_error"}, 500)


def repeated(pairs: Iterable[tuple[str, str]]) -> set[str]:
    """Return the names that occur more than once."""
    counts = Counter(name for name, _ in pairs)
    return {name for name, count in counts.items() if count > 1}


def given(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the parameters that have a value: an empty one counts as absent (RFC 6749 §3.1)."""
    return {name: value for name, value in pairs if value}


def scopes_of(parameters: Mapping[str, str]) -> tuple[str, ...]:
    """Return the requested scopes in their order, without duplicates."""
    return tuple(dict.fromkeys(parameters.get("scope", "").split()))


def scope_fault(config: Config, client: Client, scopes: tuple[str, ...]) -> str | None:
    """Return why a client does not get these scopes, and what to do about it; None if it gets them."""
    if not scopes:
        return "There is no default scope: scope is required."
    if not set(scopes) <= set(config.scopes):
        known = " ".join(config.scopes)
        msg = "One or more scopes are not configured for the authorization server resource."
        return f"{msg} Known are: {known}. Add others to scopes in {config.file}, and restart."
    if not set(scopes) <= set(client.scopes):
        allowed = " ".join(client.scopes)
        return f"{client.client_id} may have: {allowed}. Change its scopes in {config.file}, and restart."
    return None


async def form_pairs(request: Request) -> Pairs:
    """Read a form body; raise `OAuthError` if it is of another type or too large."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        raise OAuthError("invalid_request", "The body must be application/x-www-form-urlencoded.")
    try:
        form = await request.form(max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES)
    except HTTPException as error:
        raise OAuthError("invalid_request", "The form cannot be read.") from error
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


async def form_parameters(request: Request) -> dict[str, str]:
    """Read a form body as `form_pairs` does; raise `OAuthError` if a name is repeated too."""
    pairs = await form_pairs(request)
    if repeated(pairs):
        raise OAuthError("invalid_request", "A parameter is given more than once.")
    return given(pairs)


def required(form: Mapping[str, str], name: str) -> str:
    """Return a parameter; raise `OAuthError` if it is missing."""
    if name not in form:
        raise OAuthError("invalid_request", f"The parameter {name} is missing.")
    return form[name]


def authenticate_client(clients: Mapping[str, Client], request: Request, form: Mapping[str, str]) -> Client:
    """Return the client that sent the request (RFC 6749 §2.3); raise `OAuthError` if it cannot be.

    The client sends its credentials as Basic or in the form. A public client has no
    secret and sends its id only; okta-auth-js does so as `Basic base64(client_id)`,
    without the colon.
    """
    header = request.headers.get("authorization")
    if header is None:
        client_id, secret = form.get("client_id"), form.get("client_secret")
    else:
        client_id, secret = _basic_credentials(header)
        if "client_secret" in form or form.get("client_id", client_id) != client_id:
            raise OAuthError("invalid_request", "Send the client credentials in one way only.")
    client = clients.get(client_id or "")
    if client is None:
        raise _invalid_client("The client_id is missing or unknown.")
    if not secrets.compare_digest((client.secret or "").encode(), (secret or "").encode()):
        raise _invalid_client("The client secret is missing or wrong.")
    return client


def _basic_credentials(header: str) -> tuple[str, str | None]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise _invalid_client("The Authorization header must be Basic.")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except ValueError as error:
        raise _invalid_client("The Authorization header is malformed.") from error
    client_id, _, secret = decoded.partition(":")
    # RFC 6749 §2.3.1: both are form-encoded before they are joined.
    return unquote_plus(client_id), unquote_plus(secret) or None


def _invalid_client(description: str) -> OAuthError:
    challenge = {"WWW-Authenticate": 'Basic realm="local Okta"'}
    return OAuthError("invalid_client", description, status=401, headers=challenge)
