"""Running a local Okta inside a program."""

from contextlib import AbstractAsyncContextManager

import httpx
import pytest
from fastapi import FastAPI

from local_okta.config import Config
from local_okta.serving import bind, running, serving


def test_two_servers_at_once() -> None:
    """Two servers run side by side, each with its own port in its issuer and its own settings."""
    with running() as first, running(Config(access_token_lifetime=7)) as second:
        assert first.issuer != second.issuer
        for okta in (first, second):
            metadata = httpx.get(f"{okta.issuer}/.well-known/openid-configuration").json()
            assert metadata["issuer"] == okta.issuer
        assert (first.switches.token_lifetime, second.switches.token_lifetime) == (3600, 7)


def test_nothing_answers_afterwards() -> None:
    """After the block the port is free again."""
    with running() as okta:
        pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{okta.issuer}/v1/keys")


# uvicorn ends the thread of a failed start by SystemExit.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_failed_start_is_reported() -> None:
    """An application that cannot start is an error, not a wait for ever."""

    def failing(_app: FastAPI) -> AbstractAsyncContextManager[None]:
        raise ZeroDivisionError

    with (
        bind("127.0.0.1", 0) as taken,
        pytest.raises(RuntimeError, match="did not start"),
        serving(FastAPI(lifespan=failing), taken),
    ):
        pytest.fail("it started")
