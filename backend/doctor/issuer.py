"""What the issuer says of itself, and what its clock says."""

import json
import time
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from typing import Any, Final

import aiohttp

from backend.doctor.result import Result, amber, green, red
from backend.settings import Settings

TIMEOUT_SECONDS: Final = 5
NOTABLE_SKEW_SECONDS: Final = 5


async def check_issuer(session: aiohttp.ClientSession, settings: Settings) -> AsyncIterator[Result]:
    """Yield whether the issuer answers, whether it is the one that is set, and how far the clocks differ.

    Discovery by OpenID Connect Discovery section 4; Okta: "OpenID Connect & OAuth 2.0 API".
    """
    url = f"{settings.okta_issuer[0]}/.well-known/openid-configuration"
    try:
        async with session.get(url, timeout=aiohttp.ClientTimeout(TIMEOUT_SECONDS)) as answer:
            received = time.time()
            body, status, date = await answer.read(), answer.status, answer.headers.get("Date", "")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        yield red("issuer", f"{url} cannot be reached ({type(error).__name__})", _unreachable(settings))
        return
    if status == 404:
        yield red("issuer", f"there is no authorization server at {settings.okta_issuer[0]}",
                  "compare OKTA_ISSUER with the Issuer URI in Okta (Security > API)")  # fmt: skip
        return
    if status != 200:
        yield red("issuer", f"{url} answers {status}", "try again; if it lasts, look at status.okta.com")
        return
    yield _discovery(body, settings)
    yield _clock(date, received, settings)


def _unreachable(settings: Settings) -> str:
    if settings.okta_issuer[0].startswith("http://"):
        return "start the local Okta (make run), or put a real issuer into OKTA_ISSUER"
    return "check name resolution, firewall and HTTPS_PROXY, and the domain in OKTA_ISSUER"


def _discovery(body: bytes, settings: Settings) -> Result:
    try:
        document: Any = json.loads(body)
        named = document["issuer"]
    except (ValueError, KeyError, TypeError):
        return red(
            "issuer", "its discovery document is not one", "is OKTA_ISSUER an Okta authorization server?"
        )
    if named != settings.okta_issuer[0]:
        return red("issuer", f"calls itself {named} (a custom domain?)", f"put {named} into OKTA_ISSUER")
    return green("issuer", "reachable, and the one that is set")


def _clock(date: str, received: float, settings: Settings) -> Result:
    try:
        skew = received - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return amber("clock", "the issuer does not tell the time", "compare this machine's clock by hand")
    off = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the issuer's"
    if abs(skew) > settings.okta_leeway:
        return red(
            "clock", f"{off}, with a leeway of {settings.okta_leeway} s", "set this machine's clock by NTP"
        )
    if abs(skew) > NOTABLE_SKEW_SECONDS:
        return amber("clock", off, "set this machine's clock by NTP")
    return green("clock", "agrees with the issuer's")
