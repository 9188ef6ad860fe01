"""`local-okta token`: get an access token from a running local Okta as an application would."""

import argparse
import asyncio
import hashlib
import os
import re
import secrets
import sys
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx2
from jwt.utils import base64url_encode

from local_okta.config import PEOPLE, SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET, SPA_CLIENT_ID, Config
from local_okta.dpop import DPoPKey

TIMEOUT_SECONDS: Final = 10
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_REDIRECT_URI: Final = Config().redirect_uris[0]


class NoTokenError(Exception):
    """The local Okta returned no token; the message says why in one line."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    parser.add_argument("--client", choices=("spa", "service"), default="spa")
    parser.add_argument("--user", default=PEOPLE[0].login, help="login of who signs in (%(default)s)")
    parser.add_argument("--scope", help="scopes, separated by spaces")
    parser.add_argument("--acr", help="how the person signs in, such as urn:okta:loa:2fa:any")
    parser.add_argument("--dpop", action="store_true", help="bind the token to a key; print a curl call")
    parser.add_argument("--method", type=_method, default="GET", help="of the DPoP call (%(default)s)")
    parser.add_argument("--url", type=_url, default=_default_url(), help="of the DPoP call (%(default)s)")
    parser.add_argument("--issuer", default=_default_issuer(), help="(%(default)s)")


def print_token(arguments: argparse.Namespace) -> int:
    """Print the token on standard output; without one, print why on standard error and return 1."""
    key = DPoPKey() if arguments.dpop else None
    try:
        token = asyncio.run(_get_token(arguments, key))
    except NoTokenError as error:
        print(error, file=sys.stderr)
        return 1
    except httpx2.HTTPError:
        remedy = "start it with make run, without OKTA_ISSUER; an Okta org issues its tokens itself"
        print(f"no local Okta at {arguments.issuer}: {remedy}", file=sys.stderr)
        return 1
    print(_dpop_call(token, key, arguments.method, arguments.url) if key else token)
    return 0


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
        "login_hint": login,
        **({"acr_values": acr} if acr else {}),
    }
    async with _open_client() as http:
        form = {
            "grant_type": "authorization_code",
            "client_id": SPA_CLIENT_ID,
            "redirect_uri": _REDIRECT_URI,
            "code": await _get_code(http, issuer, query),
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


async def _get_token(arguments: argparse.Namespace, key: DPoPKey | None) -> str:
    if arguments.client == "service":
        return await get_token_for_service(arguments.issuer, arguments.scope or "reports:read", key=key)
    scope = arguments.scope or "openid profile email"
    return await get_token_for_person(arguments.issuer, arguments.user, scope, acr=arguments.acr, key=key)


def _open_client() -> httpx2.AsyncClient:
    """Return a client that ignores HTTP_PROXY: the local Okta is on this machine."""
    return httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False)


async def _get_code(http: httpx2.AsyncClient, issuer: str, query: dict[str, str]) -> str:
    response = await http.get(f"{issuer}/v1/authorize", params=query)
    returned = _returned(response)
    if logins := re.findall(r'name="login" value="([^"]+)"', response.text):
        raise NoTokenError(f"nobody is called {query['login_hint']}: try {' or '.join(logins)}")
    if field := re.search(r'name="request" value="([^"]+)"', response.text):
        form = {"request": field[1], "factor": "approve"}
        returned = _returned(await http.post(f"{issuer}/second-factor", data=form))
    if returned.get("state") != query["state"] or "code" not in returned:
        raise NoTokenError("the response is not that of a local Okta")
    return returned["code"]


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


def _dpop_call(token: str, key: DPoPKey, method: str, url: str) -> str:
    """Return shell lines that make one DPoP call; the proof fits this method and URL only."""
    return "\n".join(
        [
            f"TOKEN={token}",
            f"PROOF={key.proof(method, url, token)}",
            f'curl -s -X {method} -H "Authorization: DPoP $TOKEN" -H "DPoP: $PROOF" \'{url}\'',
        ]
    )


def _method(text: str) -> str:
    if not re.fullmatch(r"[A-Z]+", text):
        raise argparse.ArgumentTypeError("must be upper-case letters, such as POST")
    return text


def _url(text: str) -> str:
    # It ends up in a line for a shell, between single quotes.
    if not re.fullmatch(r"https?://[^\s'?#]+", text):
        raise argparse.ArgumentTypeError("must be like http://localhost:8000/me")
    return text


def _default_url() -> str:
    return f"http://localhost:{os.environ.get('API_PORT', '8000')}/me"


def _default_issuer() -> str:
    # A real org issues no token here, so ignore its issuer.
    issuer, port = os.environ.get("OKTA_ISSUER", ""), os.environ.get("OKTA_PORT", "9000")
    local = f"http://localhost:{port}/oauth2/default"
    return issuer if urlsplit(issuer).hostname in _LOOPBACK else local
