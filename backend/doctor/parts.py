"""Check the parts that are off unless they are configured: introspection and the store of used proofs."""

import os
from collections.abc import AsyncIterator
from typing import Final

from fastapi_okta_auth import replay_store
from fastapi_okta_auth.client import ConfidentialClient
from fastapi_okta_auth.errors import ServiceUnavailable

from backend.doctor.report import Result, green, red
from backend.settings import Settings

_NO_OKTA: Final = "compare OKTA_ISSUER with the Issuer URI in Okta (Security > API)"
# By the last part of the reason code.
_INTROSPECTION: Final = {
    "unreachable": ("does not respond", "check the network and OKTA_ISSUER"),
    "malformed": ("does not return JSON", _NO_OKTA),
    "failed": ("is not there, or fails", _NO_OKTA),
    "rate_limited": ("limits the requests", "wait a minute; INTROSPECTION_CACHE_SECONDS saves requests"),
    "rejected": (
        "refuses the client",
        "copy id and secret of a web or API services app: others have no secret",
    ),
}


async def check_parts(settings: Settings) -> AsyncIterator[Result]:
    """Check what is configured of introspection and DPoP."""
    if settings.introspection_client_id:
        for issuer in settings.okta_issuer:
            yield await _introspection(settings, issuer)
    if settings.dpop != "off":
        yield await _replay_store(settings)


async def _introspection(settings: Settings, issuer: str) -> Result:
    """Ask about a made-up token, as the service asks about real ones."""
    url, client_id = f"{issuer}/v1/introspect", settings.introspection_client_id
    secret = settings.introspection_client_secret.get_secret_value()
    try:
        async with ConfidentialClient(url, client_id, secret, "introspection") as client:
            await client.post({"token": "made-up", "token_type_hint": "access_token"})
    except ServiceUnavailable as error:
        finding, remedy = _INTROSPECTION[error.reason.removeprefix("introspection_")]
        return red("introspection", f"{url} {finding}, INTROSPECTION_CLIENT_ID is {client_id}", remedy)
    return green("introspection", f"{url} accepts {client_id}")


async def _replay_store(settings: Settings) -> Result:
    url = settings.dpop_replay_store.get_secret_value()
    if not url:
        return green("DPoP store", "the memory of the process: for one worker of one instance")
    try:
        store = replay_store(url)
        try:
            await store.add("doctor", os.urandom(32), 1)
        finally:
            await store.close()
    except ModuleNotFoundError:
        return red("DPoP store", "the package redis is missing", "pip install redis")
    except ServiceUnavailable:
        remedy = "check host, port and password in DPOP_REPLAY_STORE, and the server's memory"
        return red("DPoP store", "the server of DPOP_REPLAY_STORE does not store proofs", remedy)
    return green("DPoP store", "the server of DPOP_REPLAY_STORE stores proofs")
