"""Check the parts that are off unless they are configured: introspection and the store of used proofs."""

import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Final

from fastapi_okta_auth.doctor.report import Result, green, red
from fastapi_okta_auth.dpop.replay import RedisReplayStore
from fastapi_okta_auth.errors import ServiceUnavailable
from fastapi_okta_auth.http import ConfidentialClient
from fastapi_okta_auth.settings import OktaSettings

_NO_OKTA: Final = "compare OKTA_ISSUER with the Issuer URI in Okta (Security > API)"
# By the last part of the code.
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


async def check_parts(settings: OktaSettings) -> AsyncIterator[Result]:
    """Check what is configured of introspection and DPoP."""
    if settings.introspection_client_id:
        yield await _introspection(settings)
    if settings.dpop != "off":
        yield await _replay_store(settings)


async def _introspection(settings: OktaSettings) -> Result:
    """Ask about a made-up token, as the service asks about real ones."""
    url, client_id = f"{settings.okta_issuer[0]}/v1/introspect", settings.introspection_client_id
    secret = settings.introspection_client_secret.get_secret_value()
    try:
        async with aclosing(ConfidentialClient(url, client_id, secret, "introspection")) as client:
            await client.post({"token": "made-up", "token_type_hint": "access_token"})
    except ServiceUnavailable as error:
        finding, remedy = _INTROSPECTION[error.code.removeprefix("introspection_")]
        return red("introspection", f"{url} {finding}, INTROSPECTION_CLIENT_ID is {client_id}", remedy)
    return green("introspection", f"{url} accepts {client_id}")


async def _replay_store(settings: OktaSettings) -> Result:
    url = settings.dpop_replay_store.get_secret_value()
    if not url:
        return green("DPoP store", "the memory of the process: for one worker of one instance")
    store = RedisReplayStore(url)
    try:
        await store.add("doctor", os.urandom(32), 1)
        policy = await store.eviction_policy()
    except (ServiceUnavailable, OSError):
        remedy = "check host, port and password in DPOP_REPLAY_STORE, and the server's memory"
        return red("DPoP store", "the server of DPOP_REPLAY_STORE does not store proofs", remedy)
    finally:
        await store.close()
    if policy not in ("", "noeviction"):
        finding = f"the server evicts keys (maxmemory-policy {policy}): a used proof could be accepted again"
        return red("DPoP store", finding, "set maxmemory-policy to noeviction")
    return green("DPoP store", "the server of DPOP_REPLAY_STORE stores proofs")
