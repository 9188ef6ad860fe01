"""A day in the life of the signing keys, on a simulated clock and over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from backend.okta import Expected, OktaAuthError, OktaTokenVerifier, Principal, SigningKeys
from backend.okta.errors import InvalidToken, KeysUnavailable
from local_okta.pytest_plugin import OktaToken
from local_okta.state import LocalOkta
from tests.key_server import KeyServer, slow, status, well
from tests.simulated_time import SimulatedTime

pytestmark = pytest.mark.anyio
HOUR = 3600.0


@asynccontextmanager
async def opened(server: KeyServer) -> AsyncIterator[tuple[SigningKeys, SimulatedTime]]:
    """Signing keys from `server` on a simulated clock, the first fetch done."""
    time = SimulatedTime()
    async with SigningKeys(server.url, clock=time.clock, sleep=time.sleep) as keys:
        await time.idle()
        yield keys, time


def verifier_for(okta: LocalOkta, keys: SigningKeys, cached_tokens: int = 100) -> OktaTokenVerifier:
    """A verifier for the tokens of `okta`."""
    expected = Expected(okta.issuer, "api://default", frozenset({"0oalocalspa"}), 60)
    return OktaTokenVerifier(expected, keys, cached_tokens)


async def caller(verifier: OktaTokenVerifier, token: str) -> Principal:
    """Who calls with `token`, as the middleware finds out."""
    sent = token.encode()
    return verifier.remembered(sent) or await verifier.verify(sent)


async def fails(verifier: OktaTokenVerifier, token: str) -> bool:
    """Whether `token` is refused, for whichever reason."""
    try:
        await caller(verifier, token)
    except OktaAuthError:
        return True
    return False


@pytest.mark.parametrize(
    "cache_control", ["no-store", "no-cache", "max-age=0", "max-age=1, no-cache", "max-age=59"]
)
async def test_short_lives_are_clamped(server: KeyServer, cache_control: str) -> None:
    """Keys that may not be kept at all cost at most sixty fetches an hour."""
    server.cache_control = cache_control
    async with opened(server) as (_, time):
        await time.go(HOUR - 1)
    assert 50 <= server.fetches <= 60


@pytest.mark.parametrize(
    "cache_control", ["max-age=864000", "max-age=9999999999999", "public, max-age=86400"]
)
async def test_long_lives_are_clamped(server: KeyServer, cache_control: str) -> None:
    """Keys that may be kept for ever are fetched again within a day."""
    server.cache_control = cache_control
    async with opened(server) as (_, time):
        await time.go(18 * HOUR)
        assert server.fetches == 1
        await time.go(6 * HOUR)
        assert server.fetches == 2


@pytest.mark.parametrize("cache_control", ["max-age=3600", "", "private", "max-age=soon"])
async def test_refreshed_ahead_of_expiry(server: KeyServer, cache_control: str) -> None:
    """An hour's life, also the one assumed where none is stated, is refreshed before it is over."""
    server.cache_control = cache_control
    async with opened(server) as (_, time):
        await time.go(0.75 * HOUR)
        assert server.fetches == 1
        await time.go(0.2 * HOUR)
        assert server.fetches == 2


async def test_flood_in_a_minute(okta: LocalOkta, okta_token: OktaToken, server: KeyServer) -> None:
    """Ten thousand made-up key ids in a minute cost at most seven fetches."""
    async with opened(server) as (keys, time):
        for number in range(10_000):
            with pytest.raises(InvalidToken):
                await keys.get(f"made-up-{number}")
            await time.go(60 / 10_000)
        assert server.fetches <= 7
        assert not await fails(verifier_for(okta, keys), okta_token())


async def test_outage_of_half_an_hour(okta: LocalOkta, okta_token: OktaToken, server: KeyServer) -> None:
    """No good token fails in an outage of thirty minutes, and retries stay few."""
    server.cache_control = "max-age=60"
    async with opened(server) as (keys, time):
        verifier = verifier_for(okta, keys, cached_tokens=0)
        server.answer = status(500)
        before = server.fetches
        for _ in range(30 * 60):
            assert not await fails(verifier, okta_token())
            await time.go(1)
        assert keys.degraded
        assert 60 <= server.fetches - before <= 180
        server.answer = well
        await time.go(60)
        assert not keys.degraded


async def test_stale_keys_end_after_a_day(server: KeyServer, okta: LocalOkta) -> None:
    """Keys serve on for a day past their life, and then no verdict is given on anything."""
    kid = okta.keys.published[0].kid
    server.cache_control = "max-age=3600"
    async with opened(server) as (keys, time):
        server.answer = status(500)
        await time.go(24 * HOUR)
        state = keys.ready, keys.degraded
        assert state == (True, True)
        await keys.get(kid)
        await time.go(1.1 * HOUR)
        assert not keys.ready
        with pytest.raises(KeysUnavailable) as refused:
            await keys.get(kid)
        assert refused.value.retry_after >= 1


async def test_start_without_the_issuer_heals(server: KeyServer, okta: LocalOkta) -> None:
    """A start with the issuer down heals within half a minute of its return, without a request."""
    server.answer = status(503)
    async with opened(server) as (keys, time):
        await time.go(10 * 60)
        assert not keys.ready
        server.answer = well
        await time.go(30)
        await keys.get(okta.keys.published[0].kid)


async def test_withdrawn_key(server: KeyServer, okta: LocalOkta, okta_token: OktaToken) -> None:
    """A withdrawn key stops working at the next refresh, without anyone asking for another."""
    server.cache_control = "max-age=60"
    async with opened(server) as (keys, time):
        verifier = verifier_for(okta, keys)
        token = okta_token()
        assert not await fails(verifier, token)
        okta.keys.rotate(overlap=False)
        await time.go(70)
        assert await fails(verifier, token)


async def test_unchanged_keys_keep_their_tokens(server: KeyServer, okta: LocalOkta) -> None:
    """A refresh that brings the same keys leaves the very same objects, so verified tokens stay verified."""
    kid = okta.keys.published[0].kid
    async with opened(server) as (keys, time):
        held = keys.held(kid)
        await time.go(2 * HOUR)
        assert server.fetches >= 3
        assert keys.held(kid) is held


async def test_same_id_another_key(server: KeyServer, okta: LocalOkta, okta_token: OktaToken) -> None:
    """A key that comes back under its old id with other numbers ends the tokens of the old one."""
    async with opened(server) as (keys, time):
        verifier = verifier_for(okta, keys)
        token = okta_token()
        assert not await fails(verifier, token)
        kid = okta.keys.published[0].kid
        okta.keys.rotate(overlap=False)
        okta.keys.published[0].kid = kid
        await time.go(2 * HOUR)
        assert await fails(verifier, token)
        assert not await fails(verifier, okta_token())


async def test_cancelled_verification(server: KeyServer, okta: LocalOkta, okta_token: OktaToken) -> None:
    """A cancelled first caller leaves the fetch to those who wait with it."""
    server.answer = slow
    async with SigningKeys(server.url) as keys:
        verifier = verifier_for(okta, keys)
        first, second = (asyncio.create_task(caller(verifier, okta_token())) for _ in range(2))
        await asyncio.sleep(0.1)
        first.cancel()
        principal = await second
    assert principal.subject == "ada@example.com"
    assert server.fetches == 1


async def test_first_caller_comes_at_once(server: KeyServer, okta: LocalOkta, okta_token: OktaToken) -> None:
    """A caller that comes the moment the keys are opened waits for them."""
    async with SigningKeys(server.url) as keys:
        assert not await fails(verifier_for(okta, keys), okta_token())


async def test_stampede_at_expiry(server: KeyServer, okta: LocalOkta, okta_token: OktaToken) -> None:
    """A hundred requests as the keys fall due cost one fetch, and none of them waits for it."""
    server.cache_control = "max-age=60"
    async with opened(server) as (keys, time):
        verifier = verifier_for(okta, keys, cached_tokens=0)
        server.answer = slow
        refresh = asyncio.create_task(time.go(70))
        await asyncio.to_thread(server.wait_for_fetch, 2)
        await asyncio.gather(*(caller(verifier, okta_token()) for _ in range(100)))
        assert not refresh.done()
        await refresh
        assert server.fetches == 2


async def test_proxy(server: KeyServer, okta: LocalOkta, monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual variables are honoured: keys come by the proxy, but not from hosts that NO_PROXY names."""
    kid = okta.keys.published[0].kid
    elsewhere = "http://issuer.invalid/keys"
    monkeypatch.setenv("HTTP_PROXY", server.url.removesuffix("/keys"))
    async with SigningKeys(elsewhere) as keys:
        await keys.get(kid)
    assert server.fetches == 1
    monkeypatch.setenv("NO_PROXY", "issuer.invalid")
    async with SigningKeys(elsewhere) as keys:
        with pytest.raises(KeysUnavailable):
            await keys.get(kid)
    assert server.fetches == 1


async def test_unforeseen_fault(
    server: KeyServer, okta: LocalOkta, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault that nobody foresaw is logged and ends one fetch, not the refreshing."""
    server.cache_control = "max-age=60"

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    async with opened(server) as (keys, time):
        with monkeypatch.context() as patch:
            patch.setattr("backend.okta.keys.fetch_key_set", broken)
            await time.go(100)
        assert "failed unexpectedly" in caplog.text
        await keys.get(okta.keys.published[0].kid)
        await time.go(60)
        assert server.fetches >= 2


async def test_closing_during_a_fetch(server: KeyServer) -> None:
    """Closing does not wait for a fetch under way."""
    server.answer = slow
    async with SigningKeys(server.url) as keys:
        await asyncio.sleep(0.1)
    assert not keys.ready
