"""The service under test, with a local Okta. `okta_token` and `local_okta` come from the package local-okta."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator

import httpx
import pytest
from local_okta.config import API_CLIENT_ID, API_CLIENT_SECRET
from local_okta.testing import LocalOkta, serve

# backend.main reads the settings when it is imported; the environment wins over `.env`.
os.environ |= {"OKTA_ISSUER": "https://example.okta.com/oauth2/default", "OKTA_CLIENT_ID": "0oaexample"}
# No test touches the development database.
folder = tempfile.mkdtemp(prefix="tests-")
atexit.register(shutil.rmtree, folder, ignore_errors=True)
os.environ["DATABASE_URL"] = f"sqlite+aiosqlite:///{folder}/app.db"

from backend.main import create_app
from backend.settings import Settings


@pytest.fixture(scope="session")
def api_url(local_okta_server: LocalOkta) -> Iterator[str]:
    """The URL of the service. Its settings are neither those of `.env` nor those of the environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name in Settings.model_fields.keys() - {"database_url"}:
            patch.delenv(name.upper(), raising=False)
        settings = Settings(
            okta_issuer=local_okta_server.issuer,
            okta_client_id="0oalocalspa",
            introspection_client_id=API_CLIENT_ID,
            introspection_client_secret=API_CLIENT_SECRET,
        )
    with serve(create_app(settings)) as url:
        yield url


@pytest.fixture
def api(api_url: str) -> Iterator[httpx.Client]:
    """A client of the service."""
    with httpx.Client(base_url=api_url) as client:
        yield client
