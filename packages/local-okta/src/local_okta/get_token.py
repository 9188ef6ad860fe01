"""`python -m local_okta.get_token`: print an access token of a running local Okta."""

import argparse
import asyncio
import os
import re
import sys
from typing import Final
from urllib.parse import urlsplit

import httpx2

from local_okta.client import NoTokenError, get_token_for_person, get_token_for_service
from local_okta.config import PEOPLE, Config
from local_okta.dpop_key import DPoPKey

DEFAULT_URL: Final = "http://localhost:8000/me"
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def main() -> int:
    """Print the token on standard output; without one, print why on standard error and return 1."""
    arguments = _parse_arguments()
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
            f'curl -s -X {method} -H "Authorization: DPoP $TOKEN" -H "DPoP: $PROOF" \'{url}\'',
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
