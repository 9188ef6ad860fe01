"""A client that gets tokens from a running local Okta, as an application would."""

import hashlib
import re
import secrets
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx2
from jwt.utils import base64url_encode

from local_okta.config import SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET, SPA_CLIENT_ID, Config
from local_okta.dpop_key import DPoPKey

TIMEOUT_SECONDS: Final = 10
_REDIRECT_URI: Final = Config().redirect_uris[0]


class NoTokenError(Exception):
    """The local Okta returned no token; the message says why in one line."""


async def get_token_for_person(
    issuer: str, login: str, scope: str, *, acr: str | None = None, key: DPoPKey | None = None
) -> str:
    """Sign a person in by code and PKCE (RFC 7636) and return their access token.

    With `acr` the person signs in as it asks, with `key` the token is bound to it.
    Raises `NoTokenError` if the local Okta refuses, and `httpx2.HTTPError` if it does not
    respond within 10 seconds.
    """
    verifier = secrets.token_urlsafe(32)
    query = {
        "client_id": SPA_CLIENT_ID,
        "redirect_uri": _REDIRECT_URI,
        "response_type": "code",
        "scope": scope,
        "state": secrets.token_urlsafe(8),
        "code_challenge": base64url_encode(hashlib.sha256(verifier.encode()).digest()).decode(),
        "code_challenge_method": "S256",
        **({"acr_values": acr} if acr else {}),
    }
    async with _open_client() as http:
        form = {
            "grant_type": "authorization_code",
            "client_id": SPA_CLIENT_ID,
            "redirect_uri": _REDIRECT_URI,
            "code": await _get_code(http, issuer, login, query),
            "code_verifier": verifier,
        }
        return await _post_for_token(http, issuer, form, key)


async def get_token_for_service(issuer: str, scope: str, *, key: DPoPKey | None = None) -> str:
    """Return an access token of the service client, by client_credentials (RFC 6749 §4.4).

    Raises as `get_token_for_person` does.
    """
    form = {
        "grant_type": "client_credentials",
        "client_id": SERVICE_CLIENT_ID,
        "client_secret": SERVICE_CLIENT_SECRET,
        "scope": scope,
    }
    async with _open_client() as http:
        return await _post_for_token(http, issuer, form, key)


def _open_client() -> httpx2.AsyncClient:
    """Return a client that ignores HTTP_PROXY: the local Okta is on this machine."""
    return httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False)


async def _get_code(http: httpx2.AsyncClient, issuer: str, login: str, query: dict[str, str]) -> str:
    response = await http.get(f"{issuer}/v1/authorize", params=query)
    _returned(response)
    returned, page = await _submit(http, f"{issuer}/signin", response.text, login=login)
    if "code" not in returned:
        returned, _ = await _submit(http, f"{issuer}/second-factor", page, factor="approve")
    if returned.get("state") != query["state"] or "code" not in returned:
        raise NoTokenError("the response is not that of a local Okta")
    return returned["code"]


async def _submit(http: httpx2.AsyncClient, url: str, page: str, **choice: str) -> tuple[dict[str, str], str]:
    """Submit the form on `page`; return what the redirect gives back, and the next page."""
    field = re.search(r'name="request" value="([^"]+)"', page)
    form = {"request": field[1] if field else "", **choice}
    response = await http.post(url, data=form)
    return _returned(response), response.text


def _returned(response: httpx2.Response) -> dict[str, str]:
    """Return the parameters that a redirect gives back; raise `NoTokenError` for an error."""
    if response.status_code not in (200, 302):
        raise NoTokenError(f"the local Okta responded with status {response.status_code}")
    query = parse_qs(urlsplit(response.headers.get("Location", "")).query)
    returned = {name: values[0] for name, values in query.items()}
    if "error" in returned:
        raise NoTokenError(f"{returned['error']}: {returned.get('error_description', '')}")
    return returned


async def _post_for_token(
    http: httpx2.AsyncClient, issuer: str, form: dict[str, str], key: DPoPKey | None
) -> str:
    url = f"{issuer}/v1/token"
    headers = {"DPoP": key.proof("POST", url)} if key else {}
    response = await http.post(url, data=form, headers=headers)
    body: dict[str, Any] = response.json()
    if key and body.get("error") == "use_dpop_nonce":
        headers = {"DPoP": key.proof("POST", url, nonce=response.headers.get("DPoP-Nonce"))}
        body = (await http.post(url, data=form, headers=headers)).json()
    if "access_token" not in body:
        raise NoTokenError(f"{body.get('error')}: {body.get('error_description', '')}")
    return str(body["access_token"])
