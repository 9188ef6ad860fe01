"""The application under test: the real one plus three routes, with a local Okta."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator

import httpx
import pytest
from local_okta.serving import serve
from local_okta.state import LocalOkta

# backend.main reads the settings when it is imported; the environment wins over the developer's `.env`.
os.environ |= {"OKTA_ISSUER": "https://example.okta.com/oauth2/default", "OKTA_CLIENT_ID": "0oaexample"}
# The processes of pytest-xdist look like the workers of a server, which must share used DPoP proofs.
tempfile.tempdir = tempfile.mkdtemp(prefix="tests-")
atexit.register(shutil.rmtree, tempfile.tempdir, ignore_errors=True)
# No test touches the development database.
os.environ["DATABASE_URL"] = f"sqlite+aiosqlite:///{tempfile.tempdir}/app.db"

from backend.settings import SERVER_VARIABLES, Settings
from tests.support.api import app_for, settings_for, wait_until_ready

pytest_plugins = ["okta_support.token_watch", "okta_support.metrics", "tests.support.fixtures"]


@pytest.fixture(scope="session", autouse=True)
def no_settings_from_outside() -> Iterator[None]:
    """Hide the developer's variables, proxies and `.env` from the tests."""
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
    hidden = {*map(str.upper, Settings.model_fields), *SERVER_VARIABLES, *proxies} - {"DATABASE_URL"}
    with pytest.MonkeyPatch.context() as patch:
        for name in [*os.environ]:
            if name.upper() in hidden:
                patch.delenv(name)
        patch.setattr("fastapi_okta_auth.settings.environment.ENV_FILE", os.devnull)
        yield


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


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio only, as the service does."""
    return "asyncio"
