"""A local Okta, the application under test, and a watch that no token is logged."""

import os
import sys
import tempfile
from collections.abc import Iterator

import httpx
import pytest
from local_okta.serving import running, serve
from local_okta.state import LocalOkta
from okta_support.app import Settings, app_for, settings_for
from okta_support.key_server import KeyServer, key_server
from okta_support.requests import DEAD_JWKS_URI, wait_until_ready

pytest_plugins = ["okta_support.token_watch", "okta_support.metrics"]

# The processes of pytest-xdist look like the workers of a server, which must share used DPoP proofs.
tempfile.tempdir = tempfile.mkdtemp(prefix="tests-")


@pytest.fixture(scope="session", autouse=True)
def no_settings_from_outside() -> Iterator[None]:
    """Hide the developer's variables, proxies and `.env` from the tests."""
    hidden = {*map(str.upper, Settings.model_fields), "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}
    with pytest.MonkeyPatch.context() as patch:
        for name in [*os.environ]:
            if name.upper() in hidden:
                patch.delenv(name)
        patch.setattr("fastapi_okta_auth.settings.environment.ENV_FILE", os.devnull)
        yield


@pytest.fixture(scope="module")
def untraced() -> Iterator[None]:
    """Run a module without coverage, which doubles its time; shorter tests cover the same lines."""
    trace = sys.gettrace()
    sys.settrace(None)
    yield
    sys.settrace(trace)


@pytest.fixture(scope="session")
def local_okta_server() -> Iterator[LocalOkta]:
    """A server without the `local-okta.toml` of the folder that the tests are started in."""
    with running() as okta:
        yield okta


@pytest.fixture(scope="session")
def api_url(local_okta_server: LocalOkta) -> Iterator[str]:
    """The application, for the whole run."""
    with serve(app_for(settings_for(local_okta_server))) as url:
        wait_until_ready(url)
        yield url


@pytest.fixture
def api(api_url: str) -> Iterator[httpx.Client]:
    """A client of the application."""
    with httpx.Client(base_url=api_url) as client:
        yield client


@pytest.fixture(scope="session")
def keyless_url(local_okta_server: LocalOkta) -> Iterator[str]:
    """An application that cannot fetch keys."""
    with serve(app_for(settings_for(local_okta_server, okta_jwks_uri=DEAD_JWKS_URI))) as url:
        yield url


@pytest.fixture
def server(local_okta: LocalOkta) -> Iterator[KeyServer]:
    """A key server with the local Okta's keys."""
    with key_server(local_okta.keys) as server:
        yield server


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio only, as servers do."""
    return "asyncio"
