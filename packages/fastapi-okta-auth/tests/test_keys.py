"""Refresh, rotation and outages of the signing keys, with a simulated clock and real HTTP."""

import pytest
from fastapi_okta_auth.errors import InvalidToken, KeysUnavailable
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.key_server import KeyServer, status, well
from okta_support.signing_keys import fails, opened, verifier_for

pytestmark = pytest.mark.anyio
HOUR = 3600.0


async def test_flood_of_unknown_keys_costs_eleven_fetches_in_the_first_minute(
    local_okta: LocalOkta, okta_token: OktaToken, server: KeyServer
) -> None:
    """Ten thousand made-up key ids in a minute cost the first fetch, a burst of 5, and one in each 10 s."""
    async with opened(server) as (keys, time):
        for number in range(10_000):
            with pytest.raises(InvalidToken):
                await keys.get(f"made-up-{number}")
            await time.go(60 / 10_000)
        assert 10 <= server.fetches <= 12
        assert not await fails(verifier_for(local_okta, keys), okta_token())


async def test_made_up_key_does_not_delay_a_new_one(server: KeyServer, local_okta: LocalOkta) -> None:
    """The fetch for a made-up key id leaves four more for the key ids that follow."""
    async with opened(server) as (keys, _):
        with pytest.raises(InvalidToken):
            await keys.get("made-up")
        local_okta.keys.rotate(overlap=True)
        assert await keys.get(local_okta.keys.published[0].kid)
        assert server.fetches == 3


async def test_new_key_is_fetched_without_a_further_request_once_that_is_allowed(
    server: KeyServer, local_okta: LocalOkta
) -> None:
    """During a flood a new key is refused with 401, and known for the request after the next fetch."""
    async with opened(server) as (keys, time):
        for number in range(6):
            with pytest.raises(InvalidToken):
                await keys.get(f"made-up-{number}")
        local_okta.keys.rotate(overlap=True)
        new = local_okta.keys.published[0].kid
        for _ in range(3):
            with pytest.raises(InvalidToken, match="signing key is not known"):
                await keys.get(new)
        assert server.fetches == 6
        await time.go(10)
        assert keys.get_cached(new)
        assert server.fetches == 7


async def test_unknown_key_during_an_outage_is_refused(server: KeyServer, local_okta: LocalOkta) -> None:
    """While any keys are cached, no request can cause a 5xx with a made-up key id."""
    async with opened(server) as (keys, _):
        server.respond = status(503)
        for number in range(10):
            with pytest.raises(InvalidToken):
                await keys.get(f"made-up-{number}")
        assert keys.degraded
        assert await keys.get(local_okta.keys.published[0].kid)


async def test_withdrawn_key_is_refused_at_once(server: KeyServer, local_okta: LocalOkta) -> None:
    """A key that the last fetch no longer contains is refused."""
    old = local_okta.keys.published[0].kid
    async with opened(server) as (keys, _):
        local_okta.keys.rotate(overlap=False)
        await keys.get(local_okta.keys.published[0].kid)
        with pytest.raises(InvalidToken):
            await keys.get(old)


async def test_outage_of_half_an_hour_refuses_no_valid_token(
    local_okta: LocalOkta, okta_token: OktaToken, server: KeyServer
) -> None:
    """In an outage of thirty minutes all valid tokens are accepted, and there are few retries."""
    server.cache_control = "max-age=60"
    async with opened(server) as (keys, time):
        verifier = verifier_for(local_okta, keys, cached_tokens=0)
        server.respond = status(500)
        before = server.fetches
        for _ in range(30 * 60):
            assert not await fails(verifier, okta_token())
            await time.go(1)
        assert keys.degraded
        assert 60 <= server.fetches - before <= 180
        server.respond = well
        await time.go(60)
        assert not keys.degraded


async def test_stale_keys_are_dropped_after_a_day(
    server: KeyServer, local_okta: LocalOkta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys stay in use for a day past their lifetime; after that, every token gets 503."""
    kid = local_okta.keys.published[0].kid
    server.cache_control = "max-age=3600"
    # With the real maximum of 30 s there would be thousands of retries in a day.
    monkeypatch.setattr("fastapi_okta_auth.keys.MAX_BACKOFF_SECONDS", 300.0)
    async with opened(server) as (keys, time):
        server.respond = status(500)
        await time.go(24 * HOUR)
        state = keys.ready, keys.degraded
        assert state == (True, True)
        await keys.get(kid)
        await time.go(1.1 * HOUR)
        assert not keys.ready
        with pytest.raises(KeysUnavailable) as refused:
            await keys.get(kid)
        assert (refused.value.retry_after or 0) >= 1


async def test_start_during_an_outage_recovers(server: KeyServer, local_okta: LocalOkta) -> None:
    """After a start during an outage, keys are fetched within half a minute of its end, without a request."""
    server.respond = status(503)
    async with opened(server) as (keys, time):
        await time.go(10 * 60)
        assert not keys.ready
        server.respond = well
        await time.go(30)
        await keys.get(local_okta.keys.published[0].kid)


async def test_withdrawn_key_stops_working_at_the_next_refresh(
    server: KeyServer, local_okta: LocalOkta, okta_token: OktaToken
) -> None:
    """A withdrawn key stops working at the next refresh, without a token of another key."""
    server.cache_control = "max-age=60"
    async with opened(server) as (keys, time):
        verifier = verifier_for(local_okta, keys)
        token = okta_token()
        assert not await fails(verifier, token)
        local_okta.keys.rotate(overlap=False)
        await time.go(70)
        assert await fails(verifier, token)


async def test_unchanged_keys_keep_cached_tokens(server: KeyServer, local_okta: LocalOkta) -> None:
    """A refresh with the same keys keeps the key objects, so that cached tokens stay valid."""
    kid = local_okta.keys.published[0].kid
    async with opened(server) as (keys, time):
        held = keys.get_cached(kid)
        await time.go(2 * HOUR)
        assert server.fetches >= 3
        assert keys.get_cached(kid) is held


async def test_another_key_with_the_same_id_ends_cached_tokens(
    server: KeyServer, local_okta: LocalOkta, okta_token: OktaToken
) -> None:
    """If an id is published with another key, cached tokens of the old key are refused."""
    async with opened(server) as (keys, time):
        verifier = verifier_for(local_okta, keys)
        token = okta_token()
        assert not await fails(verifier, token)
        kid = local_okta.keys.published[0].kid
        local_okta.keys.rotate(overlap=False)
        local_okta.keys.published[0].kid = kid
        await time.go(2 * HOUR)
        assert await fails(verifier, token)
        assert not await fails(verifier, okta_token())


async def test_unexpected_error_does_not_end_the_refresh(
    server: KeyServer,
    local_okta: LocalOkta,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An unexpected exception is logged and ends one fetch, not the refresh task."""
    server.cache_control = "max-age=60"

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    async with opened(server) as (keys, time):
        with monkeypatch.context() as patch:
            patch.setattr("fastapi_okta_auth.keys.fetch_key_set", broken)
            await time.go(100)
        assert "failed unexpectedly" in caplog.text
        await keys.get(local_okta.keys.published[0].kid)
        await time.go(60)
        assert server.fetches >= 2
