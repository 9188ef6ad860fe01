"""Applications that accept DPoP, and a client's key and token."""

from collections.abc import Iterator

import httpx
import pytest
from local_okta.state import LocalOkta
from local_okta.testing import DPoPKey, OktaToken
from okta_support.dpop import SECRETS, dpop_api, dpop_key


@pytest.fixture(scope="module")
def allowed(local_okta_server: LocalOkta) -> Iterator[httpx.Client]:
    """A client of an application that accepts Bearer and DPoP."""
    with dpop_api(local_okta_server) as client:
        yield client


@pytest.fixture(scope="module")
def required(local_okta_server: LocalOkta) -> Iterator[httpx.Client]:
    """A client of an application that accepts only DPoP."""
    with dpop_api(local_okta_server, dpop="required") as client:
        yield client


@pytest.fixture(scope="module")
def with_nonce(local_okta_server: LocalOkta) -> Iterator[httpx.Client]:
    """A client of an application that requires nonces."""
    with dpop_api(local_okta_server, dpop_nonce_secrets=",".join(SECRETS)) as client:
        yield client


@pytest.fixture
def key() -> DPoPKey:
    """The client's key."""
    return dpop_key()


@pytest.fixture
def token(okta_token: OktaToken, key: DPoPKey) -> str:
    """A token that is bound to the client's key."""
    return okta_token(dpop=key)
