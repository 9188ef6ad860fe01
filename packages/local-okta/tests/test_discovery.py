"""The metadata is complete and correct."""

import pytest
from local_okta.state import LocalOkta
from local_okta_browser import Browser, decoded


@pytest.fixture
def metadata(browser: Browser) -> dict[str, object]:
    """The metadata as published."""
    response = browser.get("/.well-known/openid-configuration")
    body = response.json()
    assert isinstance(body, dict)
    return body


def test_issuer_equals_the_issuer_of_the_tokens(
    browser: Browser, metadata: dict[str, object], local_okta: LocalOkta
) -> None:
    """The issuer equals the `iss` of the tokens exactly."""
    assert metadata["issuer"] == local_okta.issuer == decoded(browser.tokens()["id_token"])[1]["iss"]


def test_oauth_and_openid_metadata_are_equal(browser: Browser, metadata: dict[str, object]) -> None:
    """The OAuth metadata equals the OpenID metadata."""
    assert browser.get("/.well-known/oauth-authorization-server").json() == metadata


def test_every_endpoint_has_the_path_that_okta_uses(
    browser: Browser, metadata: dict[str, object], local_okta: LocalOkta
) -> None:
    """Every published endpoint has Okta's path and exists."""
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
        assert metadata[name] == f"{local_okta.issuer}/v1/{path}"
        assert browser.get(str(metadata[name])).status_code != 404
    assert {name for name in metadata if name.endswith(("_endpoint", "_uri"))} == endpoints.keys()


def test_published_values_work(browser: Browser, metadata: dict[str, object]) -> None:
    """The published PKCE method, scopes, response modes and algorithm work."""
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


def test_published_claims_equal_the_claims_of_the_tokens(
    browser: Browser, metadata: dict[str, object]
) -> None:
    """The published claims are all the claims of an access and an ID token."""
    tokens = browser.tokens(scope="openid profile email groups", acr_values="urn:okta:loa:1fa:any")
    claims = decoded(tokens["access_token"])[1].keys() | decoded(tokens["id_token"])[1].keys()
    advertised = metadata["claims_supported"]
    assert isinstance(advertised, list)
    assert set(advertised) == claims


def test_keys_are_not_cached(browser: Browser) -> None:
    """Browsers do not cache the key set, because a restart creates a new one."""
    assert browser.get("/v1/keys").headers["cache-control"] == "no-store"
