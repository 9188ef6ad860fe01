"""When and how the signing keys are fetched, with a simulated clock and real HTTP."""

import asyncio

import pytest
from fastapi_okta_auth.errors import KeysUnavailable
from fastapi_okta_auth.keys import SigningKeys
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.key_server import ISSUER, KeyServer, content, slow
from okta_support.signing_keys import caller, fails, opened, verifier_for

pytestmark = pytest.mark.anyio
HOUR = 3600.0


@pytest.mark.parametrize(
    "cache_control", ["no-store", "no-cache", "max-age=0", "max-age=1, no-cache", "max-age=59"]
)
async def test_short_lifetimes_are_clamped(server: KeyServer, cache_control: str) -> None:
    """Keys that may not be cached at all cost at most sixty fetches per hour."""
    server.cache_control = cache_control
    async with opened(server) as (_, time):
        await time.go(HOUR - 1)
    assert 50 <= server.fetches <= 60


@pytest.mark.parametrize(
    ("cache_control", "quiet", "due"),
    [
        ("max-age=864000", 18, 24),
        ("max-age=9999999999999", 18, 24),
        ("public, max-age=86400", 18, 24),
        ("max-age=3600", 0.75, 0.95),
        ("", 0.75, 0.95),
        ("private", 0.75, 0.95),
        ("max-age=soon", 0.75, 0.95),
    ],
)
async def test_keys_are_refreshed_before_they_expire(
    server: KeyServer, cache_control: str, quiet: float, due: float
) -> None:
    """The lifetime is that of `Cache-Control`, at most a day; without one it is an hour."""
    server.cache_control = cache_control
    async with opened(server) as (_, time):
        await time.go(quiet * HOUR)
        assert server.fetches == 1
        await time.go((due - quiet) * HOUR)
        assert server.fetches == 2


async def test_cancelled_verification_does_not_cancel_the_fetch(
    server: KeyServer, local_okta: LocalOkta, okta_token: OktaToken
) -> None:
    """Other callers still get the fetch that a cancelled caller started."""
    server.respond = slow
    async with SigningKeys(ISSUER, server.url) as keys:
        verifier = verifier_for(local_okta, keys)
        first, second = (asyncio.create_task(caller(verifier, okta_token())) for _ in range(2))
        await asyncio.sleep(0.1)
        first.cancel()
        principal = await second
    assert principal.subject == "ada@example.com"
    assert server.fetches == 1


async def test_first_caller_waits_for_the_first_fetch(
    server: KeyServer, local_okta: LocalOkta, okta_token: OktaToken
) -> None:
    """A caller that arrives as soon as the keys are opened waits for them."""
    async with SigningKeys(ISSUER, server.url) as keys:
        assert not await fails(verifier_for(local_okta, keys), okta_token())


async def test_requests_during_a_refresh_do_not_wait(
    server: KeyServer, local_okta: LocalOkta, okta_token: OktaToken
) -> None:
    """A hundred requests during a refresh cause no further fetch, and none of them waits."""
    server.cache_control = "max-age=60"
    async with opened(server) as (keys, time):
        verifier = verifier_for(local_okta, keys, cached_tokens=0)
        server.respond = slow
        refresh = asyncio.create_task(time.go(70))
        await asyncio.to_thread(server.wait_for_fetch, 2)
        await asyncio.gather(*(caller(verifier, okta_token()) for _ in range(100)))
        assert not refresh.done()
        await refresh
        assert server.fetches == 2


@pytest.mark.parametrize(
    ("members", "usable"),
    [
        ({}, True),
        ({"e": "Aw"}, True),
        ({"e": "AQ"}, False),
        ({"e": "Ag"}, False),
        ({"e": "AQAA"}, False),
        ({"n": "_" * 342}, True),
        ({"n": "_" * 340}, False),
        ({"n": "_" * 2730 + "w"}, True),
        ({"n": "_" * 2732}, False),
    ],
    ids=[
        "as published",
        "e=3",
        "e=1",
        "e=2",
        "e=65536",
        "2052 bits",
        "2040 bits",
        "16384 bits",
        "16392 bits",
    ],
)
async def test_rsa_keys_outside_the_limits_are_skipped(
    server: KeyServer,
    local_okta: LocalOkta,
    members: dict[str, str],
    usable: bool,  # noqa: FBT001 - a parameter
) -> None:
    """The exponent must be odd and at least 3, the modulus must have 2048 to 16384 bits."""
    jwk = local_okta.keys.published[0].jwk()
    server.respond = content({"keys": [{**jwk, **members, "kid": "changed"}, jwk]})
    async with SigningKeys(ISSUER, server.url) as keys:
        await keys.get(jwk["kid"])
        assert (keys.get_cached("changed") is not None) is usable


async def test_proxy_variables_are_used(
    server: KeyServer, local_okta: LocalOkta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys are fetched through HTTP_PROXY, except from hosts in NO_PROXY."""
    kid = local_okta.keys.published[0].kid
    elsewhere = "http://issuer.invalid/keys"
    monkeypatch.setenv("HTTP_PROXY", server.url.removesuffix("/keys"))
    async with SigningKeys(ISSUER, elsewhere) as keys:
        await keys.get(kid)
    assert server.fetches == 1
    monkeypatch.setenv("NO_PROXY", "issuer.invalid")
    async with SigningKeys(ISSUER, elsewhere) as keys:
        with pytest.raises(KeysUnavailable):
            await keys.get(kid)
    assert server.fetches == 1


async def test_closing_does_not_wait_for_a_fetch(server: KeyServer) -> None:
    """Closing the keys during a fetch ends at once."""
    server.respond = slow
    async with SigningKeys(ISSUER, server.url) as keys:
        await asyncio.sleep(0.1)
    assert not keys.ready
