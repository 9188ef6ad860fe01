"""A day in the life of the signing keys, on a simulated clock and over real HTTP."""

import pytest

from backend.okta import SigningKeys
from backend.okta.errors import InvalidToken, KeysUnavailable
from local_okta.pytest_plugin import OktaToken
from local_okta.state import LocalOkta
from tests.support.key_server import KeyServer, status, well
from tests.support.signing_keys import fails, opened, verifier_for

pytestmark = pytest.mark.anyio
HOUR = 3600.0


async def test_flood_in_a_minute(okta: LocalOkta, okta_token: OktaToken, server: KeyServer) -> None:
    """Ten thousand made-up key ids in a minute cost at most seven fetches."""
    async with opened(server) as (keys, time):
        for number in range(10_000):
            with pytest.raises((InvalidToken, KeysUnavailable)):
                await keys.get(f"made-up-{number}")
            await time.go(60 / 10_000)
        assert server.fetches <= 7
        assert not await fails(verifier_for(okta, keys), okta_token())


async def test_new_key_during_the_cooldown_is_neither_accepted_nor_refused(
    server: KeyServer, okta: LocalOkta
) -> None:
    """A made-up key id cannot make a new key look unknown: 503 until the next fetch is allowed."""
    async with opened(server) as (keys, time):
        with pytest.raises(InvalidToken):
            await keys.get("made-up")
        okta.keys.rotate(overlap=True)
        new = okta.keys.published[0].kid
        await time.go(4)
        for _ in range(3):
            with pytest.raises(KeysUnavailable) as refused:
                await keys.get(new)
            assert refused.value.retry_after == 6
        assert server.fetches == 2
        # The last fetch has shown that this id is unknown, so it stays refused.
        with pytest.raises(InvalidToken):
            await keys.get("made-up")
        await time.go(6)
        assert await keys.get(new)
        assert server.fetches == 3


async def test_withdrawn_key_is_refused_during_the_cooldown(server: KeyServer, okta: LocalOkta) -> None:
    """A key that the last fetch no longer contains is unknown; there is no need to wait."""
    old = okta.keys.published[0].kid
    async with opened(server) as (keys, _):
        okta.keys.rotate(overlap=False)
        await keys.get(okta.keys.published[0].kid)
        with pytest.raises(InvalidToken):
            await keys.get(old)
        assert server.fetches == 2


async def test_keys_that_are_not_open_say_so(server: KeyServer) -> None:
    """Keys whose context manager was never entered, or has ended, raise and say what to do."""
    keys = SigningKeys(server.url)
    with pytest.raises(RuntimeError, match=r"lifespan has not run: use `with TestClient\(app\)`"):
        await keys.get("any")
    async with keys:
        pass
    with pytest.raises(RuntimeError, match="lifespan has not run"):
        await keys.get("any")


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


async def test_stale_keys_end_after_a_day(
    server: KeyServer, okta: LocalOkta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys serve on for a day past their life, and then no verdict is given on anything."""
    kid = okta.keys.published[0].kid
    server.cache_control = "max-age=3600"
    # At half a minute at most there would be four thousand retries in the day.
    monkeypatch.setattr("backend.okta.keys.MAX_BACKOFF_SECONDS", 300.0)
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
        held = keys.get_cached(kid)
        await time.go(2 * HOUR)
        assert server.fetches >= 3
        assert keys.get_cached(kid) is held


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
