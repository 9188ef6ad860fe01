"""The metadata: complete, and true."""

import pytest

from local_okta.state import LocalOkta
from tests.local_okta.browser import Browser, decoded


@pytest.fixture
def metadata(browser: Browser) -> dict[str, object]:
    """The metadata as published."""
    answer = browser.get("/.well-known/openid-configuration")
    body = answer.json()
    assert isinstance(body, dict)
    return body


def test_issuer_is_the_tokens_issuer(browser: Browser, metadata: dict[str, object], okta: LocalOkta) -> None:
    """The issuer is that of the tokens, to the letter."""
    assert metadata["issuer"] == okta.issuer == decoded(browser.tokens()["id_token"])[1]["iss"]


def test_both_documents_say_the_same(browser: Browser, metadata: dict[str, object]) -> None:
    """The OAuth metadata is the OpenID metadata."""
    assert browser.get("/.well-known/oauth-authorization-server").json() == metadata


def test_every_endpoint_is_where_okta_has_it_and_answers(
    browser: Browser, metadata: dict[str, object], okta: LocalOkta
) -> None:
    """Every advertised endpoint has Okta's address and is there."""
    endpoints = {
        "authorization_endpoint": "authorize",
        "token_endpoint": "token",
        "jwks_uri": "keys",
        "userinfo_endpoint": "userinfo",
        "introspection_endpoint": "introspect",
        "revocation_endpoint": "revoke",
        "end_session_endpoint": "logout",
    }
    for name, path in endpoints.items():
        assert metadata[name] == f"{okta.issuer}/v1/{path}"
        assert browser.get(str(metadata[name])).status_code != 404
    assert {name for name in metadata if name.endswith(("_endpoint", "_uri"))} == endpoints.keys()


def test_advertised_values_work(browser: Browser, metadata: dict[str, object]) -> None:
    """The advertised PKCE method, scopes, response modes and algorithm are those that work."""
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["response_types_supported"] == ["code"]
    assert metadata["id_token_signing_alg_values_supported"] == ["RS256"]
    scopes = metadata["scopes_supported"]
    assert isinstance(scopes, list)
    assert browser.tokens(scope=" ".join(scopes))["scope"].split() == scopes
    modes = metadata["response_modes_supported"]
    assert isinstance(modes, list)
    for mode in modes:
        assert "invalid_request" not in browser.authorize(response_mode=mode).text


def test_advertised_claims_are_those_of_the_tokens(browser: Browser, metadata: dict[str, object]) -> None:
    """The advertised claims are all the claims of an access and an ID token."""
    tokens = browser.tokens(scope="openid profile email groups")
    claims = decoded(tokens["access_token"])[1].keys() | decoded(tokens["id_token"])[1].keys()
    advertised = metadata["claims_supported"]
    assert isinstance(advertised, list)
    assert set(advertised) == claims


def test_keys_are_not_cached(browser: Browser) -> None:
    """A browser may not hold the key set: a restart has another."""
    assert browser.get("/v1/keys").headers["cache-control"] == "no-store"
