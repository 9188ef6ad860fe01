"""`python -m local_okta.get_token`: an access token from a running local Okta, by the front door."""

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

from local_okta.config import (
    CUSTOM_SCOPES,
    PEOPLE,
    SERVICE_CLIENT_ID,
    SERVICE_CLIENT_SECRET,
    SPA_CLIENT_ID,
    Config,
)

TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
_REDIRECT_URI: Final = Config().redirect_uris[0]
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


class NoTokenError(Exception):
    """The local Okta gave no token; the text says why in one line."""


async def get_token_for_person(issuer: str, login: str, scope: str) -> str:
    """Sign a person in by code and PKCE (RFC 7636) and return their access token.

    Raises `NoTokenError` when the local Okta refuses, `aiohttp.ClientError` or
    `TimeoutError` when it does not answer within 10 seconds.
    """
    verifier = secrets.token_urlsafe(32)
    challenge = base64url_encode(hashlib.sha256(verifier.encode()).digest()).decode()
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(timeout=TIMEOUT, cookie_jar=jar) as http:
        code = await _get_code(http, issuer, login, scope, challenge)
        form = {
            "grant_type": "authorization_code",
            "client_id": SPA_CLIENT_ID,
            "redirect_uri": _REDIRECT_URI,
            "code": code,
            "code_verifier": verifier,
        }
        return await _post_for_token(http, issuer, form)


async def get_token_for_service(issuer: str, scope: str) -> str:
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
        return await _post_for_token(http, issuer, form)


async def _get_code(http: aiohttp.ClientSession, issuer: str, login: str, scope: str, challenge: str) -> str:
    query = {
        "client_id": SPA_CLIENT_ID,
        "redirect_uri": _REDIRECT_URI,
        "response_type": "code",
        "scope": scope,
        "state": secrets.token_urlsafe(8),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    async with http.get(f"{issuer}/v1/authorize", params=query, allow_redirects=False) as answer:
        _raise_for_error(answer)
        field = re.search(r'name="request" value="([^"]+)"', await answer.text())
    form = {"request": field[1] if field else "", "login": login}
    async with http.post(f"{issuer}/signin", data=form, allow_redirects=False) as answer:
        returned = _raise_for_error(answer)
    if returned.get("state") != query["state"] or "code" not in returned:
        raise NoTokenError("the answer is not that of a local Okta")
    return returned["code"]


def _raise_for_error(answer: aiohttp.ClientResponse) -> dict[str, str]:
    if answer.status not in (200, 302):
        raise NoTokenError(f"the local Okta answered {answer.status}")
    query = parse_qs(urlsplit(answer.headers.get("Location", "")).query)
    returned = {name: values[0] for name, values in query.items()}
    if "error" in returned:
        raise NoTokenError(f"{returned['error']}: {returned.get('error_description', '')}")
    return returned


async def _post_for_token(http: aiohttp.ClientSession, issuer: str, form: dict[str, str]) -> str:
    async with http.post(f"{issuer}/v1/token", data=form) as answer:
        body: dict[str, Any] = await answer.json()
    if "access_token" not in body:
        raise NoTokenError(f"{body.get('error')}: {body.get('error_description', '')}")
    return str(body["access_token"])


def main() -> int:
    """Print a token alone on standard output; return 1 with one line on standard error if none."""
    arguments = _parse_arguments()
    try:
        print(asyncio.run(_get_token(arguments)))
    except NoTokenError as error:
        print(error, file=sys.stderr)
        return 1
    except (aiohttp.ClientError, TimeoutError):
        print(f"no local Okta at {arguments.issuer}: start it with make run", file=sys.stderr)
        return 1
    return 0


async def _get_token(arguments: argparse.Namespace) -> str:
    if arguments.client == "service":
        scope = arguments.scope or " ".join(CUSTOM_SCOPES)
        return await get_token_for_service(arguments.issuer, scope)
    logins = [person.login for person in PEOPLE]
    if arguments.user not in logins:
        raise NoTokenError(f"nobody is called {arguments.user}: try {' or '.join(logins)}")
    scope = arguments.scope or "openid profile email"
    return await get_token_for_person(arguments.issuer, arguments.user, scope)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local_okta.get_token", description=__doc__)
    parser.add_argument("--client", choices=("spa", "service"), default="spa")
    parser.add_argument("--user", default=PEOPLE[0].login, help="who signs in (%(default)s)")
    parser.add_argument("--scope", help="scopes, separated by spaces")
    parser.add_argument("--issuer", default=_default_issuer(), help="(%(default)s)")
    return parser.parse_args()


def _default_issuer() -> str:
    # A real org gives no token here, so its issuer counts for nothing.
    issuer = os.environ.get("OKTA_ISSUER", "")
    return issuer if urlsplit(issuer).hostname in _LOOPBACK else Config().issuer


if __name__ == "__main__":
    sys.exit(main())
