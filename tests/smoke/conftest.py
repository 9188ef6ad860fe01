"""The whole stack, built from this folder."""

import asyncio
import time
from collections.abc import Iterator

import pytest
from local_okta.token_command import get_token_for_person

from tests.smoke.compose import ISSUER, compose


@pytest.fixture(scope="session")
def stack() -> Iterator[float]:
    """Run everything, drained as in production; return the seconds until all were healthy."""
    compose("build")
    begin = time.monotonic()
    try:
        compose("up", "--detach", "--wait", DRAIN_SECONDS="5")
        yield time.monotonic() - begin
    finally:
        print(compose("logs", "--no-color"))
        compose("down", "--volumes", "--remove-orphans")


@pytest.fixture(scope="session")
def headers(stack: float) -> dict[str, str]:
    """Return the header with a token for Ada, after a sign-in."""
    assert stack
    token = asyncio.run(get_token_for_person(ISSUER, "ada@example.com", "openid profile email"))
    return {"Authorization": f"Bearer {token}"}
