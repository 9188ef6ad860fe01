"""`/v1/userinfo`."""

import pytest

from tests.local_okta.browser import Browser, decoded


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_userinfo_matches_the_id_token(browser: Browser, method: str) -> None:
    """The answer's subject is that of the ID token, and the scopes decide on the rest."""
    tokens = browser.tokens(scope="openid email groups")
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    answer = browser.request(method, "/v1/userinfo", headers=headers)
    assert answer.json() == {
        "sub": decoded(tokens["id_token"])[1]["sub"],
        "email": "ada@example.com",
        "email_verified": True,
        "groups": ["Everyone", "Admins"],
    }


def test_profile(browser: Browser) -> None:
    """The scope profile tells the names."""
    body = browser.userinfo(
        browser.tokens("grace@example.com", scope="openid profile")["access_token"]
    ).json()
    assert (body["name"], body["given_name"]) == ("Grace Hopper", "Grace")
    assert (body["family_name"], body["preferred_username"]) == ("Hopper", "grace@example.com")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic abc"}])
def test_no_token(browser: Browser, headers: dict[str, str]) -> None:
    """Without a bearer token the answer is a 401 whose challenge names no error."""
    answer = browser.get("/v1/userinfo", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_bad_tokens(browser: Browser) -> None:
    """Garbage and an ID token are refused with an invalid_token challenge."""
    for token in ("garbage", browser.tokens()["id_token"]):
        answer = browser.userinfo(token)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_token_without_openid(browser: Browser) -> None:
    """A token without the scope openid, a client's own included, is refused with a 403."""
    tokens = [browser.tokens(scope="email"), browser.client_credentials().json()]
    for token in tokens:
        answer = browser.userinfo(token["access_token"])
        assert answer.status_code == 403
        assert 'error="insufficient_scope", scope="openid"' in answer.headers["www-authenticate"]
