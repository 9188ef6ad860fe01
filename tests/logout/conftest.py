"""The service with Universal Logout on, and Okta's requests to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi_okta_auth import LOGOUT_PATH
from local_okta.keys import SigningKey
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.universal_logout import logout_token

from backend.main import create_app
from tests.support.api import NO_TLS, bearer, settings_for
from tests.support.service import wait_for

AUDIENCE = f"http://localhost:8000{LOGOUT_PATH}"


def iss_sub(okta: LocalOkta, uid: str) -> dict[str, Any]:
    """Return a body that names a user by their id."""
    return {"subject": {"format": "iss_sub", "iss": okta.issuer, "sub": uid}}


def email(address: str) -> dict[str, Any]:
    """Return a body that names a user by their login."""
    return {"subject": {"format": "email", "email": address}}


@dataclass(frozen=True)
class Service:
    """A running service, and the local Okta that signs requests to it."""

    url: str
    okta: LocalOkta

    def logout(self, body: Any, token: str | None = None, **claims: Any) -> httpx.Response:
        """Send a request of Universal Logout, signed by the org unless `token` is given."""
        token = logout_token(self.okta, AUDIENCE, **claims) if token is None else token
        options = {"content": body} if isinstance(body, bytes) else {"json": body}
        return httpx.post(
            self.url + LOGOUT_PATH, headers=bearer(token), trust_env=False, verify=NO_TLS, timeout=60, **options
        )  # fmt: skip

    def get(self, token: str, path: str = "/") -> httpx.Response:
        """Call a route with an access token."""
        return httpx.get(self.url + path, headers=bearer(token), trust_env=False, verify=NO_TLS, timeout=60)

    def status(self, token: str) -> tuple[int, str | None]:
        """Return status and code of a call with an access token."""
        response = self.get(token)
        return response.status_code, response.json().get("code")


def on(okta: LocalOkta, database_url: str, **changes: Any) -> Any:
    """Return settings with Universal Logout on."""
    return settings_for(okta, universal_logout_issuer=okta.org, database_url=database_url, **changes)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """The URL of a new SQLite database."""
    return f"sqlite+aiosqlite:///{tmp_path}/app.db"


@pytest.fixture
def service(local_okta: LocalOkta, database_url: str) -> Iterator[Service]:
    """The service with Universal Logout on and a database of its own."""
    with serve(create_app(on(local_okta, database_url))) as url:
        running = Service(url, local_okta)
        wait_until_ready(running)
        yield running


def wait_until_ready(service: Service) -> None:
    """Wait until it has every key and has read who is revoked."""
    wait_for(
        lambda: httpx.get(f"{service.url}/readyz", trust_env=False, verify=NO_TLS).json()["status"] == "ready"
    )


@pytest.fixture
def other_key() -> SigningKey:
    """The key of another org."""
    return SigningKey()
