"""Signing keys from a key server with a simulated clock, and a verifier that uses them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi_okta_auth import OktaAuthError, Principal
from fastapi_okta_auth.keys import SigningKeys
from fastapi_okta_auth.token import TokenRequirements
from fastapi_okta_auth.verifier import OktaTokenVerifier
from local_okta.state import LocalOkta

from okta_support.key_server import ISSUER, KeyServer
from okta_support.simulated_time import SimulatedTime


@asynccontextmanager
async def opened(server: KeyServer) -> AsyncIterator[tuple[SigningKeys, SimulatedTime]]:
    """Open signing keys from `server` with a simulated clock, and wait for the first fetch."""
    time = SimulatedTime()
    async with SigningKeys(ISSUER, server.url, clock=time.clock, sleep=time.sleep) as keys:
        await time.idle()
        yield keys, time


def verifier_for(okta: LocalOkta, keys: SigningKeys, cached_tokens: int = 100) -> OktaTokenVerifier:
    """Create a verifier for the tokens of `okta`."""
    requirements = TokenRequirements(
        frozenset({okta.issuer}), frozenset({"api://default"}), frozenset({"0oalocalspa"}), leeway=60
    )
    return OktaTokenVerifier(requirements, {okta.issuer: keys}, cached_tokens=cached_tokens)


async def caller(verifier: OktaTokenVerifier, token: str) -> Principal:
    """Return the caller of `token`, as the middleware does."""
    sent = token.encode()
    return verifier.get_cached(sent) or await verifier.verify(sent)


async def fails(verifier: OktaTokenVerifier, token: str) -> bool:
    """Return whether `token` is refused, for any reason."""
    try:
        await caller(verifier, token)
    except OktaAuthError:
        return True
    return False
