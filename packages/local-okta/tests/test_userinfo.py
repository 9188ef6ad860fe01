"""`/v1/userinfo`."""

import pytest
from local_okta_browser import Browser, decoded


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_subject_matches_the_id_token(browser: Browser, method: str) -> None:
    """The subject equals that of the ID token; the scopes decide which other claims are returned."""
    tokens = browser.tokens(scope="openid email groups")
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    response = browser.request(method, "/v1/userinfo", headers=headers)
    assert response.json() == {
        "sub": decoded(tokens["id_token"])[1]["sub"],
        "email": "ada@example.com",
        "email_verified": True,
        "groups": ["Everyone", "Admins"],
    }


def test_profile_scope_returns_the_names(browser: Browser) -> None:
    """The scope profile returns the names."""
    body = browser.userinfo(
        browser.tokens("grace@example.com", scope="openid profile")["access_token"]
    ).json()
    assert (body["name"], body["given_name"]) == ("Grace Hopper", "Grace")
    assert (body["family_name"], body["preferred_username"]) == ("Hopper", "grace@example.com")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic abc"}])
def test_missing_token_gets_a_challenge_without_error(browser: Browser, headers: dict[str, str]) -> None:
    """Without an access token the challenge has no error code (RFC 6750 §3.1)."""
    response = browser.get("/v1/userinfo", headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


def test_invalid_tokens_are_refused(browser: Browser) -> None:
    """Garbage and an ID token get an invalid_token challenge."""
    for token in ("garbage", browser.tokens()["id_token"]):
        response = browser.userinfo(token)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_token_without_openid_is_forbidden(browser: Browser) -> None:
    """A token without the scope openid, a service's too, gets a 403."""
    tokens = [browser.tokens(scope="email"), browser.client_credentials().json()]
    for token in tokens:
        response = browser.userinfo(token["access_token"])
        assert response.status_code == 403
        assert 'error="insufficient_scope", scope="openid"' in response.headers["www-authenticate"]
