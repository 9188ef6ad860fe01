"""The test kit: pytest fixtures for a service that verifies tokens of a local Okta.

It is available wherever the package is installed.
"""

import time
from collections.abc import Iterator
from typing import Any, Final, Protocol

import pytest

from local_okta.config import AUDIENCE, SPA_CLIENT_ID, Person
from local_okta.dpop_key import DPoPKey
from local_okta.serving import running
from local_okta.state import Grant, LocalOkta, Session

__all__ = ["DPoPKey", "OktaToken", "local_okta", "local_okta_server", "okta_token", "person_claims"]

LEFT_OUT: Final = None


class OktaToken(Protocol):
    """Signs access tokens with the claims of a person's token, changed by keyword."""

    def __call__(
        self, *, headers: dict[str, Any] | None = None, dpop: DPoPKey | None = None, **claims: Any
    ) -> str:
        """Return the token, bound to the key `dpop` if given. None leaves a claim or header out."""


@pytest.fixture(scope="session")
def local_okta_server() -> Iterator[LocalOkta]:
    """One local Okta for the whole run, on a free port."""
    with running() as okta:
        yield okta


@pytest.fixture
def local_okta(local_okta_server: LocalOkta) -> Iterator[LocalOkta]:
    """The local Okta; after each test its keys and switches are reset."""
    published = local_okta_server.keys.published
    yield local_okta_server
    local_okta_server.keys.published = published
    local_okta_server.switches.reset(local_okta_server.config.access_token_lifetime)


@pytest.fixture
def okta_token(local_okta: LocalOkta) -> OktaToken:
    """Sign access tokens in one call: `okta_token(scp=["reports:read"], groups=["Admins"])`.

    The local Okta introspects them as active until `local_okta.revoke(token)`.
    """

    def sign(*, headers: dict[str, Any] | None = None, dpop: DPoPKey | None = None, **claims: Any) -> str:
        payload = person_claims(local_okta.issuer)
        payload["jti"] = f"AT.{local_okta.issued.add(_grant_of(payload, dpop))}"
        if dpop:
            payload["cnf"] = {"jkt": dpop.jkt}
        payload |= claims
        members = {name: value for name, value in payload.items() if value is not LEFT_OUT}
        return local_okta.keys.sign(members, headers)

    return sign


def _grant_of(claims: dict[str, Any], dpop: DPoPKey | None) -> Grant:
    person = Person(claims["uid"], claims["sub"], "Ada", "Lovelace", tuple(claims["groups"]))
    session = Session(person, claims["auth_time"])
    return Grant(claims["cid"], tuple(claims["scp"]), session, jkt=dpop.jkt if dpop else None)


def person_claims(issuer: str) -> dict[str, Any]:
    """Return the claims that Okta puts into a person's access token, valid for an hour."""
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
