"""`python -m local_okta.get_token`: print an access token of a running local Okta."""

import argparse
import asyncio
import hashlib
import os
import re
import secrets
import sys
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import aiohttp
from jwt.utils import base64url_encode

from local_okta.config import PEOPLE, SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET, SPA_CLIENT_ID, Config
from local_okta.dpop_key import DPoPKey

TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
DEFAULT_URL: Final = "http://localhost:8000/me"
_REDIRECT_URI: Final = Config().redirect_uris[0]
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


class NoTokenError(Exception):
    """The local Okta returned no token; the message says why in one line."""


async def get_token_for_person(
    issuer: str, login: str, scope: str, *, acr: str | None = None, key: DPoPKey | None = None
) -> str:
    """Sign a person in by code and PKCE (RFC 7636) and return their access token.

    With `acr` the person signs in as it asks, with `key` the token is bound to it.
    Raises `NoTokenError` if the local Okta refuses, and `aiohttp.ClientError` or
    `TimeoutError` if it does not respond within 10 seconds.
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
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(timeout=TIMEOUT, cookie_jar=jar) as http:
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
    async with aiohttp.ClientSession(timeout=TIMEOUT) as http:
        return await _post_for_token(http, issuer, form, key)


async def _get_code(http: aiohttp.ClientSession, issuer: str, login: str, query: dict[str, str]) -> str:
    async with http.get(f"{issuer}/v1/authorize", params=query, allow_redirects=False) as response:
        _returned(response)
        page = await response.text()
    returned, page = await _submit(http, f"{issuer}/signin", page, login=login)
    if "code" not in returned:
        returned, _ = await _submit(http, f"{issuer}/second-factor", page, factor="approve")
    if returned.get("state") != query["state"] or "code" not in returned:
        raise NoTokenError("the response is not that of a local Okta")
    return returned["code"]


async def _submit(
    http: aiohttp.ClientSession, url: str, page: str, **choice: str
) -> tuple[dict[str, str], str]:
    """Submit the form on `page`; return what the redirect gives back, and the next page."""
    field = re.search(r'name="request" value="([^"]+)"', page)
    form = {"request": field[1] if field else "", **choice}
    async with http.post(url, data=form, allow_redirects=False) as response:
        return _returned(response), await response.text()


def _returned(response: aiohttp.ClientResponse) -> dict[str, str]:
    """Return the parameters that a redirect gives back; raise `NoTokenError` for an error."""
    if response.status not in (200, 302):
        raise NoTokenError(f"the local Okta responded with status {response.status}")
    query = parse_qs(urlsplit(response.headers.get("Location", "")).query)
    returned = {name: values[0] for name, values in query.items()}
    if "error" in returned:
        raise NoTokenError(f"{returned['error']}: {returned.get('error_description', '')}")
    return returned


async def _post_for_token(
    http: aiohttp.ClientSession, issuer: str, form: dict[str, str], key: DPoPKey | None
) -> str:
    url = f"{issuer}/v1/token"
    headers = {"DPoP": key.proof("POST", url)} if key else {}
    async with http.post(url, data=form, headers=headers) as response:
        body: dict[str, Any] = await response.json()
        nonce = response.headers.get("DPoP-Nonce")
    if key and body.get("error") == "use_dpop_nonce":
        headers = {"DPoP": key.proof("POST", url, nonce=nonce)}
        async with http.post(url, data=form, headers=headers) as response:
            body = await response.json()
    if "access_token" not in body:
        raise NoTokenError(f"{body.get('error')}: {body.get('error_description', '')}")
    return str(body["access_token"])


def main() -> int:
    """Print the token on standard output; without one, print why on standard error and return 1."""
    arguments = _parse_arguments()
    key = DPoPKey() if arguments.dpop else None
    try:
        token = asyncio.run(_get_token(arguments, key))
    except NoTokenError as error:
        print(error, file=sys.stderr)
        return 1
    except (aiohttp.ClientError, TimeoutError):
        print(f"no local Okta at {arguments.issuer}: start it with make run", file=sys.stderr)
        return 1
    print(_dpop_call(token, key, arguments.method, arguments.url) if key else token)
    return 0


async def _get_token(arguments: argparse.Namespace, key: DPoPKey | None) -> str:
    if arguments.client == "service":
        return await get_token_for_service(arguments.issuer, arguments.scope or "reports:read", key=key)
    logins = [person.login for person in PEOPLE]
    if arguments.user not in logins:
        raise NoTokenError(f"nobody is called {arguments.user}: try {' or '.join(logins)}")
    scope = arguments.scope or "openid profile email"
    return await get_token_for_person(arguments.issuer, arguments.user, scope, acr=arguments.acr, key=key)


def _dpop_call(token: str, key: DPoPKey, method: str, url: str) -> str:
    """Return shell lines that make one DPoP call; the proof fits this method and URL only."""
    return "\n".join(
        [
            f"TOKEN={token}",
            f"PROOF={key.proof(method, url, token)}",
            f'curl -X {method} -H "Authorization: DPoP $TOKEN" -H "DPoP: $PROOF" \'{url}\'',
        ]
    )


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local_okta.get_token", description=__doc__)
    parser.add_argument("--client", choices=("spa", "service"), default="spa")
    parser.add_argument("--user", default=PEOPLE[0].login, help="who signs in (%(default)s)")
    parser.add_argument("--scope", help="scopes, separated by spaces")
    parser.add_argument("--acr", help="how the person signs in, such as urn:okta:loa:2fa:any")
    parser.add_argument("--dpop", action="store_true", help="bind the token to a key; print a curl call")
    parser.add_argument("--method", type=_method, default="GET", help="of the DPoP call (%(default)s)")
    parser.add_argument("--url", type=_url, default=DEFAULT_URL, help="of the DPoP call (%(default)s)")
    parser.add_argument("--issuer", default=_default_issuer(), help="(%(default)s)")
    return parser.parse_args()


def _method(text: str) -> str:
    if not re.fullmatch(r"[A-Z]+", text):
        raise argparse.ArgumentTypeError("must be upper-case letters, such as POST")
    return text


def _url(text: str) -> str:
    # It ends up in a line for a shell, between single quotes.
    if not re.fullmatch(r"https?://[^\s'?#]+", text):
        raise argparse.ArgumentTypeError("must be like http://localhost:8000/me")
    return text


def _default_issuer() -> str:
    # A real org issues no token here, so ignore its issuer.
    issuer = os.environ.get("OKTA_ISSUER", "")
    return issuer if urlsplit(issuer).hostname in _LOOPBACK else Config().issuer


if __name__ == "__main__":
    sys.exit(main())
