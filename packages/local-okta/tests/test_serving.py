"""Running a local Okta inside a process."""

from contextlib import AbstractAsyncContextManager

import httpx
import pytest
from fastapi import FastAPI
from local_okta.config import Config
from local_okta.serving import bind, running, serving


def test_two_servers_run_side_by_side() -> None:
    """Two servers have different ports in their issuers, and different settings."""
    with running() as first, running(Config(access_token_lifetime=7)) as second:
        assert first.issuer != second.issuer
        for okta in (first, second):
            metadata = httpx.get(f"{okta.issuer}/.well-known/openid-configuration").json()
            assert metadata["issuer"] == okta.issuer
        assert (first.switches.token_lifetime, second.switches.token_lifetime) == (3600, 7)


def test_server_stops_at_the_end_of_the_block() -> None:
    """After the block nothing listens on the port."""
    with running() as okta:
        pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{okta.issuer}/v1/keys")


# uvicorn raises SystemExit in the thread of a failed start.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_failed_start_is_reported() -> None:
    """An application that cannot start raises an error."""

    def failing(_app: FastAPI) -> AbstractAsyncContextManager[None]:
        raise ZeroDivisionError

    with (
        bind("127.0.0.1", 0) as listener,
        pytest.raises(RuntimeError, match="did not start"),
        serving(FastAPI(lifespan=failing), listener),
    ):
        pytest.fail("it started")
