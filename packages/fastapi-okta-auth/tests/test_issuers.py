"""Several issuers, each with separate keys and outages."""

from collections.abc import Iterator

import httpx
import pytest
from local_okta.keys import KeyRing
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken, person_claims
from okta_support.app import app_for, settings_for
from okta_support.key_server import KeyServer, key_server, status, well
from okta_support.requests import bearer, wait_until_ready

OTHER_PATH = "/oauth2/other/v1/keys"


@pytest.fixture
def other() -> Iterator[KeyServer]:
    """The key server of another issuer."""
    with key_server(KeyRing(), OTHER_PATH) as server:
        yield server


@pytest.fixture
def url(local_okta: LocalOkta, other: KeyServer) -> Iterator[str]:
    """An application that accepts tokens of both issuers."""
    issuers = f"{local_okta.issuer},{issuer_of(other)}"
    with serve(app_for(settings_for(local_okta, okta_issuer=issuers))) as url:
        wait_until_ready(url)
        yield url


def issuer_of(server: KeyServer) -> str:
    """Return the issuer whose keys `server` publishes."""
    return server.url.removesuffix("/v1/keys")


def ask(url: str, token: str) -> httpx.Response:
    """Send a request."""
    return httpx.get(url, headers=bearer(token))


def test_tokens_of_both_issuers_are_accepted(url: str, okta_token: OktaToken, other: KeyServer) -> None:
    """Each issuer's tokens are accepted, the first time and again."""
    for token in (okta_token(), other.keys.sign(person_claims(issuer_of(other)))):
        assert [ask(url, token).status_code for _ in range(2)] == [200, 200]


def test_key_is_not_valid_for_another_issuer(url: str, local_okta: LocalOkta, other: KeyServer) -> None:
    """A token of one issuer signed by the other's key is refused, also if both use one key id."""
    claims = person_claims(local_okta.issuer)
    assert ask(url, other.keys.sign(claims)).json()["error"].endswith("signing key is not known")
    same_id = other.keys.sign(claims, {"kid": local_okta.keys.published[0].kid})
    assert ask(url, same_id).json()["error"].endswith("signature is not valid")


def test_third_issuer_is_refused(url: str, local_okta: LocalOkta) -> None:
    """A token of an issuer that is not configured is refused, even with a valid signature."""
    token = local_okta.keys.sign(person_claims("https://third.example.com/oauth2/default"))
    assert ask(url, token).json()["error"].endswith("issuer is not accepted")


def test_outage_of_one_issuer_leaves_the_other_alone(
    local_okta: LocalOkta, okta_token: OktaToken, other: KeyServer
) -> None:
    """Tokens of the issuer without keys get 503, the other's 200, and /readyz says degraded."""
    other.respond = status(500)
    issuers = f"{local_okta.issuer},{issuer_of(other)}"
    with serve(app_for(settings_for(local_okta, okta_issuer=issuers))) as url:
        wait_until_ready(url)
        token = other.keys.sign(person_claims(issuer_of(other)))
        assert ask(url, okta_token()).status_code == 200
        response = ask(url, token)
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) >= 1
        ready = httpx.get(f"{url}/readyz")
        assert (ready.status_code, ready.json()) == (200, {"status": "degraded"})
        other.respond = well
        wait_until_ready(url)


def test_metadata_names_every_issuer(url: str, local_okta: LocalOkta, other: KeyServer) -> None:
    """A client can get a token from any of them (RFC 9728)."""
    metadata = httpx.get(f"{url}/.well-known/oauth-protected-resource").json()
    assert metadata["authorization_servers"] == [local_okta.issuer, issuer_of(other)]
