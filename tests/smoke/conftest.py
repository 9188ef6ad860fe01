"""The whole stack, built from this folder."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from local_okta.client import get_token_for_person
from tests.smoke.compose import ISSUER, compose


@pytest.fixture(scope="session")
def stack() -> Iterator[float]:
    """Everything runs and is healthy; gives the seconds that took, on images that were built."""
    compose("build")
    begin = time.monotonic()
    try:
        compose("up", "--detach", "--wait")
        yield time.monotonic() - begin
    finally:
        print(compose("logs", "--no-color"))
        compose("down", "--volumes", "--remove-orphans")


@pytest.fixture(scope="session")
def headers(stack: float) -> dict[str, str]:
    """The header with a token for Ada, got by the front door."""
    assert stack
    token = asyncio.run(get_token_for_person(ISSUER, "ada@example.com", "openid profile email"))
    return {"Authorization": f"Bearer {token}"}
