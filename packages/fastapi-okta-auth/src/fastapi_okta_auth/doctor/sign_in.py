"""Check what a page needs in Okta to sign people in: a client, its redirect URI and a trusted origin.

Each request is one that a browser sends. It carries no credentials and signs nobody in.
"""

from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import aclosing
from itertools import product
from typing import Final, NamedTuple
from urllib.parse import urlencode

from fastapi import FastAPI

from fastapi_okta_auth.doctor.report import Result, Section, amber, green, red
from fastapi_okta_auth.doctor.setup import allowed_origins
from fastapi_okta_auth.http import Endpoint, RequestError, Response, json_object, origin_of
from fastapi_okta_auth.keys import MAX_BYTES, TIMEOUT_SECONDS
from fastapi_okta_auth.public import PUBLIC
from fastapi_okta_auth.settings import OktaSettings

CALLBACK: Final = "/login/callback"
DOCS_CALLBACK: Final = "/docs/oauth2-redirect"
_MADE_UP: Final = "made-up-by-the-doctor-which-signs-nobody-in"  # 43 characters, as a PKCE challenge has


class Page(NamedTuple):
    """A page that signs people in, with one of `clients`: pairs of an issuer and a client id."""

    redirect_uri: str
    clients: list[tuple[str, str]]

    @property
    def origin(self) -> str:
        """The `Origin` of its requests."""
        return origin_of(self.redirect_uri)

    @property
    def is_docs(self) -> bool:
        """Whether it is the API's own page, which its callers do not need."""
        return self.redirect_uri.endswith(DOCS_CALLBACK)


async def check_sign_in(settings: OktaSettings, app: FastAPI) -> AsyncIterator[Result]:
    """Check the pages of the origins that may call `app`, and its own `/docs`.

    The org is that of the first issuer.
    """
    pages = list(_pages(settings, app))
    for page in pages:
        client, result = await _usable_client(page)
        yield result
        if result.colour == "green":
            yield await _or_unclear("redirect URI", Section.APPLICATION, _redirect_uri(page, *client))
    org = origin_of(settings.okta_issuer[0])
    for origin in dict.fromkeys(page.origin for page in pages):
        yield await _or_unclear("trusted origin", Section.ORIGIN, _trusted_origin(origin, org))


def _pages(settings: OktaSettings, app: FastAPI) -> Iterator[Page]:
    clients = list(product(settings.okta_issuer, settings.okta_client_id))
    for origin in allowed_origins(app):
        yield Page(origin + CALLBACK, clients)
    has_docs = any(
        getattr(route, "path", "") == DOCS_CALLBACK and getattr(route, "openapi_extra", None) == PUBLIC
        for route in app.routes
    )
    if has_docs and settings.dpop != "required":  # Swagger UI sends no proofs
        yield Page(settings.resource_url + DOCS_CALLBACK, clients[:1])


async def _usable_client(page: Page) -> tuple[tuple[str, str], Result]:
    """Return the client that `page` can sign in with, or the first one with its fault."""
    faults = []
    for client in page.clients:
        result = await _or_unclear("client", Section.APPLICATION, _token_endpoint(page, *client))
        if result.colour == "green":
            return client, result
        faults.append(result)
    return page.clients[0], faults[0]


async def _token_endpoint(page: Page, issuer: str, client_id: str) -> Result:
    """Exchange a made-up code, as `page` exchanges a real one.

    `invalid_client` means that the client is unknown or has a secret (RFC 6749 section 5.2). Okta lets
    an origin use the endpoint if a sign-in redirect URI of the client has it; its refusal of any
    other names `redirect_uri`.
    """
    form = {
        "grant_type": "authorization_code",
        "client_id": client_id,
        "redirect_uri": page.redirect_uri,
        "code": _MADE_UP,
        "code_verifier": _MADE_UP,
    }
    headers = {"Origin": page.origin, "Content-Type": "application/x-www-form-urlencoded"}
    response = await _request("POST", f"{issuer}/v1/token", headers, urlencode(form).encode())
    if response.status not in (400, 401):
        raise RequestError(f"{issuer}/v1/token returns status {response.status}")
    refusal = json_object(response.body)
    if refusal.get("error") == "invalid_client":
        finding = f"{page.origin} cannot use {client_id}: {issuer} does not know it, or it has a secret"
        return _refused(page, finding, "put the Client ID of a single-page app first in OKTA_CLIENT_ID")
    if not _allows(response, page.origin) or "redirect_uri" in str(refusal.get("error_description")):
        finding = f"{issuer} does not let {page.origin} get tokens for {client_id}"
        return _refused(page, finding, f"add {page.redirect_uri} to the app's sign-in redirect URIs")
    return green("client", f"{page.origin} may get tokens for {client_id}")


def _refused(page: Page, finding: str, remedy: str) -> Result:
    if page.is_docs:
        return amber("client", finding, remedy, Section.APPLICATION)
    remedy = f"{remedy}, or remove {page.origin} from CORS_ORIGINS"
    return red("client", finding, remedy, Section.APPLICATION)


async def _redirect_uri(page: Page, issuer: str, client_id: str) -> Result:
    """Start a sign-in in which Okta may not ask anything, so that it redirects back with `login_required`.

    For a URI that is not registered it shows a page with status 400 (RFC 6749 section 4.1.2.1; Okta: "The
    redirect_uri Parameter Must Be a Login Redirect URI in the Client App Settings").
    """
    query = {
        "client_id": client_id,
        "redirect_uri": page.redirect_uri,
        "response_type": "code",
        "scope": "openid",
        "prompt": "none",
        "state": "doctor",
        "nonce": "doctor",
        "code_challenge": _MADE_UP,
        "code_challenge_method": "S256",
    }
    response = await _request("GET", f"{issuer}/v1/authorize?{urlencode(query)}", {})
    if response.headers.get("location", "").startswith(page.redirect_uri):
        return green("redirect URI", f"{client_id} has {page.redirect_uri}")
    if response.status != 400:
        raise RequestError(f"{issuer}/v1/authorize returns status {response.status}")
    finding = f"{client_id} does not have {page.redirect_uri}"
    remedy = "add it to the app's sign-in redirect URIs" + ("" if page.is_docs else ", if the app uses it")
    return amber("redirect URI", finding, remedy, Section.APPLICATION)


async def _trusted_origin(origin: str, org: str) -> Result:
    """Send the preflight of a request with the session at `org`, which Okta allows trusted origins alone.

    A browser sends no credentials with it either, so it gets the same response (Fetch: "CORS-preflight
    fetch"; Okta: "Enable CORS").
    """
    headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    response = await _request("OPTIONS", f"{org}/api/v1/sessions/me", headers)
    if _allows(response, origin):
        return green("trusted origin", f"{org} trusts {origin}")
    finding = f"{org} does not let {origin} use its session"
    return amber("trusted origin", finding, f"add {origin} to the trusted origins, for CORS", Section.ORIGIN)


async def _or_unclear(check: str, section: Section, result: Awaitable[Result]) -> Result:
    """Return `result`, or a warning if there is no response that tells."""
    try:
        return await result
    except RequestError as error:
        return amber(check, f"cannot tell: {error}", "try again; a sign-in in a browser shows it", section)


async def _request(method: str, url: str, headers: dict[str, str], content: bytes | None = None) -> Response:
    async with aclosing(Endpoint(url)) as session:
        return await session.request(
            method, seconds=TIMEOUT_SECONDS, max_bytes=MAX_BYTES, headers=headers, content=content
        )


def _allows(response: Response, origin: str) -> bool:
    return response.headers.get("access-control-allow-origin") in (origin, "*")
