"""The cache of verified tokens, and the clock."""

import time
from collections.abc import AsyncIterator

import pytest
import time_machine
from fastapi_okta_auth.errors import InvalidToken
from fastapi_okta_auth.keys import SigningKeys
from fastapi_okta_auth.token import UnverifiedToken
from fastapi_okta_auth.verifier import OktaTokenVerifier
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.key_server import ISSUER, KeyServer
from okta_support.signing_keys import caller, verifier_for

pytestmark = pytest.mark.anyio
HOUR = 3600


@pytest.fixture
async def keys(server: KeyServer) -> AsyncIterator[SigningKeys]:
    """Signing keys from `server`."""
    async with SigningKeys(ISSUER, server.url) as keys:
        yield keys


class Counting:
    """Counts the tokens that okta-jwt-verifier checks."""

    def __init__(self, verifier: OktaTokenVerifier, monkeypatch: pytest.MonkeyPatch) -> None:
        self.checks = 0
        [library] = verifier._issuers.values()
        check = library.check

        async def counted(token: UnverifiedToken) -> None:
            self.checks += 1
            await check(token)

        monkeypatch.setattr(library, "check", counted)


async def test_repeated_token_is_verified_once(
    local_okta: LocalOkta, okta_token: OktaToken, keys: SigningKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that is in the cache returns the same principal without a second verification."""
    verifier, token = verifier_for(local_okta, keys), okta_token()
    counting = Counting(verifier, monkeypatch)
    first = await caller(verifier, token)
    assert await caller(verifier, token) is first
    assert counting.checks == 1


async def test_invalid_tokens_are_not_cached(
    local_okta: LocalOkta, okta_token: OktaToken, keys: SigningKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An invalid token is verified again each time."""
    verifier, token = verifier_for(local_okta, keys), okta_token()[:-8] + "AAAAAAAA"
    counting = Counting(verifier, monkeypatch)
    for _ in range(3):
        with pytest.raises(InvalidToken, match="signature is not valid"):
            await caller(verifier, token)
    assert counting.checks == 3


@pytest.mark.parametrize(("size", "checks"), [(0, 6), (1, 6), (2, 2), (100, 2)])
async def test_cache_evicts_the_least_recently_used_token(
    local_okta: LocalOkta,
    okta_token: OktaToken,
    keys: SigningKeys,
    monkeypatch: pytest.MonkeyPatch,
    size: int,
    checks: int,
) -> None:
    """The cache has at most `size` entries, evicts the least recently used one, and 0 turns it off."""
    verifier = verifier_for(local_okta, keys, cached_tokens=size)
    counting = Counting(verifier, monkeypatch)
    a, b = okta_token(jti="a"), okta_token(jti="b")
    for token in (a, b, a, b, a, b):
        await caller(verifier, token)
    assert counting.checks == checks


async def test_cached_token_expires(local_okta: LocalOkta, okta_token: OktaToken, keys: SigningKeys) -> None:
    """A cached token is refused once its expiry and the leeway have passed."""
    verifier, token = verifier_for(local_okta, keys), okta_token(exp=int(time.time()) + HOUR)
    await caller(verifier, token)
    with time_machine.travel(time.time() + HOUR + 58):
        await caller(verifier, token)
    with time_machine.travel(time.time() + HOUR + 61), pytest.raises(InvalidToken, match="token has expired"):
        await caller(verifier, token)


@pytest.mark.parametrize("cached_tokens", [0, 100])
async def test_clock_steps(
    local_okta: LocalOkta, okta_token: OktaToken, keys: SigningKeys, cached_tokens: int
) -> None:
    """When the clock steps forward and back, a token is refused and accepted accordingly."""
    verifier, token = verifier_for(local_okta, keys, cached_tokens), okta_token(iat=None)
    for step, good in ((0, True), (2 * HOUR, False), (0, True), (-2 * HOUR, True), (0, True)):
        with time_machine.travel(time.time() + step):
            if good:
                await caller(verifier, token)
            else:
                with pytest.raises(InvalidToken):
                    await caller(verifier, token)


async def test_clock_steps_do_not_touch_the_keys(
    server: KeyServer, keys: SigningKeys, local_okta: LocalOkta
) -> None:
    """A wall clock that is a year off neither drops the keys nor fetches them again."""
    kid = local_okta.keys.published[0].kid
    await keys.get(kid)
    for step in (365 * 24 * HOUR, -365 * 24 * HOUR):
        with time_machine.travel(time.time() + step):
            await keys.get(kid)
    assert server.fetches == 1
