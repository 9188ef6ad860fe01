"""`/v1/introspect` and `/v1/revoke`."""

import pytest

from local_okta.config import SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET, SPA_CLIENT_ID
from local_okta.keys import SigningKey
from local_okta.state import LocalOkta
from tests.local_okta.browser import Browser, bare_basic, decoded

SERVICE = (SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET)


def test_active_access_token(browser: Browser, okta: LocalOkta) -> None:
    """An active access token is described with Okta's members."""
    token = browser.tokens()["access_token"]
    claims = decoded(token)[1]
    assert browser.introspect(token) == {
        "active": True,
        "token_type": "Bearer",
        "client_id": SPA_CLIENT_ID,
        "scope": "openid profile email",
        "username": "ada@example.com",
        "sub": "ada@example.com",
        "uid": "00ulocalada",
        "iss": okta.issuer,
        "aud": "api://default",
        "jti": claims["jti"],
        "iat": claims["iat"],
        "exp": claims["exp"],
    }


def test_active_id_token(browser: Browser) -> None:
    """An active ID token is described too; it has no scope."""
    answer = browser.introspect(browser.tokens()["id_token"])
    assert (answer["active"], answer["sub"], answer["aud"]) == (True, "00ulocalada", SPA_CLIENT_ID)
    assert "scope" not in answer
    assert "token_type" not in answer


def test_active_refresh_token(browser: Browser) -> None:
    """An active refresh token is described until it is used."""
    token = browser.tokens(scope="openid offline_access")["refresh_token"]
    answer = browser.introspect(token)
    assert (answer["active"], answer["scope"]) == (True, "openid offline_access")
    assert (answer["username"], answer["uid"]) == ("ada@example.com", "00ulocalada")
    assert answer["exp"] > answer["iat"]
    browser.refresh(token)
    assert browser.introspect(token) == {"active": False}


def test_service_client_asks_about_its_own(browser: Browser) -> None:
    """The service client learns about its own token, which has no username."""
    token = browser.client_credentials().json()["access_token"]
    answer = browser.post("/v1/introspect", data={"token": token}, auth=SERVICE).json()
    assert (answer["active"], answer["client_id"]) == (True, SERVICE_CLIENT_ID)
    assert "username" not in answer


def test_client_id_in_the_form(browser: Browser) -> None:
    """A public client may name itself in the form."""
    form = {"token": browser.tokens()["access_token"], "client_id": SPA_CLIENT_ID}
    assert browser.post("/v1/introspect", data=form).json()["active"]


def test_token_of_another_client(browser: Browser) -> None:
    """A token of another client is inactive for the one that asks."""
    form = {"token": browser.tokens()["access_token"]}
    assert browser.post("/v1/introspect", data=form, auth=SERVICE).json() == {"active": False}


def test_expired_token(browser: Browser, okta: LocalOkta) -> None:
    """An expired token is inactive."""
    okta.switches.skew = -7200
    token = browser.tokens()["access_token"]
    assert browser.introspect(token)["active"]
    okta.switches.skew = 0
    assert browser.introspect(token) == {"active": False}


def test_foreign_tokens(browser: Browser, okta: LocalOkta) -> None:
    """Garbage, another issuer's token and one this server never gave out are inactive."""
    claims = decoded(browser.tokens()["access_token"])[1]
    never_given = okta.keys.sign(claims | {"jti": "AT.never"})
    odd_expiry = okta.keys.sign(claims | {"exp": "soon"})
    for token in ("garbage", "a.b.c", SigningKey().sign(claims), never_given, odd_expiry):
        assert browser.introspect(token) == {"active": False}


@pytest.mark.parametrize("endpoint", ["introspect", "revoke"])
def test_requests_are_checked(browser: Browser, endpoint: str) -> None:
    """Without a token it is an invalid_request, without a client an invalid_client."""
    no_token = browser.post(f"/v1/{endpoint}", data={"client_id": SPA_CLIENT_ID})
    assert (no_token.status_code, no_token.json()["error"]) == (400, "invalid_request")
    no_client = browser.post(f"/v1/{endpoint}", data={"token": "x"})
    assert (no_client.status_code, no_client.json()["error"]) == (401, "invalid_client")


def revoke(browser: Browser, token: str) -> None:
    """Revoke as okta-auth-js does and check the empty answer."""
    answer = browser.post("/v1/revoke", data={"token": token}, headers=bare_basic(SPA_CLIENT_ID))
    assert (answer.status_code, answer.content) == (200, b"")


def test_revoked_access_token(browser: Browser) -> None:
    """A revoked access token is inactive, and its refresh token goes on."""
    tokens = browser.tokens(scope="openid offline_access")
    revoke(browser, tokens["access_token"])
    assert browser.introspect(tokens["access_token"]) == {"active": False}
    assert browser.userinfo(tokens["access_token"]).status_code == 401
    assert browser.introspect(tokens["refresh_token"])["active"]
    assert browser.refresh(tokens["refresh_token"]).status_code == 200


def test_revoked_refresh_token(browser: Browser) -> None:
    """A revoked refresh token takes its access token with it."""
    tokens = browser.tokens(scope="openid offline_access")
    revoke(browser, tokens["refresh_token"])
    assert browser.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert browser.introspect(tokens["access_token"]) == {"active": False}


def test_revoking_nothing(browser: Browser) -> None:
    """Revoking garbage is answered like a revocation."""
    revoke(browser, "garbage")


def test_another_client_cannot_revoke(browser: Browser) -> None:
    """A client cannot revoke a token of another."""
    token = browser.tokens()["access_token"]
    answer = browser.post("/v1/revoke", data={"token": token}, auth=SERVICE)
    assert answer.status_code == 200
    assert browser.introspect(token)["active"]
