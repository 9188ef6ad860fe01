"""Hooks that raise never fail a request or the refresh task."""

import logging

import pytest
from fastapi_okta_auth import SigningKeys, VerifierHooks
from local_okta.pytest_plugin import OktaToken
from local_okta.state import LocalOkta

from tests.support.key_server import KeyServer
from tests.support.signing_keys import caller, fails, verifier_for
from tests.support.simulated_time import SimulatedTime

pytestmark = pytest.mark.anyio


class Broken(VerifierHooks):
    """Raises in every method."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def cache_hit(self) -> None:
        """Fail."""
        self.calls.append("cache_hit")
        raise ZeroDivisionError

    def token_verified(self, seconds: float) -> None:  # noqa: ARG002 - the hook's signature
        """Fail."""
        self.calls.append("token_verified")
        raise OSError("no space left on device")

    def keys_fetched(self, count: int, *, ok: bool) -> None:  # noqa: ARG002 - the hook's signature
        """Fail."""
        self.calls.append("keys_fetched")
        raise ValueError


async def test_hooks_that_raise_are_logged_once(
    local_okta: LocalOkta, okta_token: OktaToken, server: KeyServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Valid tokens pass, invalid ones are refused, the keys are refreshed, and each hook is logged once."""
    hooks, time = Broken(), SimulatedTime()
    server.cache_control = "max-age=60"
    async with SigningKeys(server.url, clock=time.clock, sleep=time.sleep, hooks=hooks) as keys:
        await time.idle()
        verifier, token = verifier_for(local_okta, keys, hooks=hooks), okta_token()
        for _ in range(3):
            assert (await caller(verifier, token)).subject == "ada@example.com"
        assert await fails(verifier, okta_token(exp=1))
        await time.go(200)
        assert server.fetches >= 3
        assert not await fails(verifier, okta_token(jti="new"))
    assert {name: hooks.calls.count(name) > 1 for name in hooks.calls} == {
        "cache_hit": True, "token_verified": True, "keys_fetched": True,
    }  # fmt: skip
    failures = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert sorted(failures) == [
        f"hook Broken.{name} failed; further failures are not logged"
        for name in ("cache_hit", "keys_fetched", "token_verified")
    ]
