"""The test kit: pytest fixtures for a service that verifies tokens of a local Okta.

Switch it on in the `conftest.py` at the root: `pytest_plugins = ["local_okta.pytest_plugin"]`.
"""

import time
from collections.abc import Iterator
from typing import Any, Final, Protocol

import pytest

from local_okta.config import AUDIENCE, SPA_CLIENT_ID
from local_okta.serving import running
from local_okta.state import LocalOkta

LEFT_OUT: Final = None


class OktaToken(Protocol):
    """Signs an access token: the claims of a person's token, changed by keyword."""

    def __call__(self, *, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        """Return the token. A claim or header given as None is left out."""


@pytest.fixture(scope="session")
def okta_server() -> Iterator[LocalOkta]:
    """One local Okta for the whole run, on a free port."""
    with running() as okta:
        yield okta


@pytest.fixture
def okta(okta_server: LocalOkta) -> Iterator[LocalOkta]:
    """The local Okta; after each test its keys and switches are what they were before."""
    published = okta_server.keys.published
    yield okta_server
    okta_server.keys.published = published
    okta_server.switches.reset(okta_server.config.access_token_lifetime)


@pytest.fixture
def okta_token(okta: LocalOkta) -> OktaToken:
    """Sign access tokens in one call: `okta_token(scp=["reports:read"], groups=["Admins"])`."""

    def sign(*, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        payload = {**person_claims(okta.issuer), **claims}
        kept = {name: value for name, value in payload.items() if value is not LEFT_OUT}
        return okta.keys.sign(kept, headers)

    return sign


def person_claims(issuer: str) -> dict[str, Any]:
    """The claims that an Okta of this issuer puts into a person's access token, good for an hour."""
    now = int(time.time())
    return {
        "ver": 1,
        "jti": f"AT.test-{now}",
        "iss": issuer,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + 3600,
        "cid": SPA_CLIENT_ID,
        "uid": "00utest",
        "scp": ["openid", "profile", "email"],
        "auth_time": now,
        "sub": "ada@example.com",
        "groups": ["Everyone"],
    }
