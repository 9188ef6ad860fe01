"""`/v1/introspect` and `/v1/revoke`."""

import pytest
from local_okta.config import SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET, SPA_CLIENT_ID
from local_okta.keys import SigningKey
from local_okta.state import LocalOkta
from local_okta_browser import Browser, bare_basic, decoded

SERVICE = (SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET)


def test_access_token_is_described(browser: Browser, local_okta: LocalOkta) -> None:
    """The response for an active access token has Okta's members."""
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
        "iss": local_okta.issuer,
        "aud": "api://default",
        "jti": claims["jti"],
        "iat": claims["iat"],
        "exp": claims["exp"],
    }


def test_id_token_is_described_without_a_scope(browser: Browser) -> None:
    """The response for an active ID token has no scope."""
    response = browser.introspect(browser.tokens()["id_token"])
    assert (response["active"], response["sub"], response["aud"]) == (True, "00ulocalada", SPA_CLIENT_ID)
    assert "scope" not in response
    assert "token_type" not in response


def test_refresh_token_is_active_until_it_is_used(browser: Browser) -> None:
    """A refresh token is active until it is used."""
    token = browser.tokens(scope="openid offline_access")["refresh_token"]
    response = browser.introspect(token)
    assert (response["active"], response["scope"]) == (True, "openid offline_access")
    assert (response["username"], response["uid"]) == ("ada@example.com", "00ulocalada")
    assert response["exp"] > response["iat"]
    browser.refresh(token)
    assert browser.introspect(token) == {"active": False}


def test_service_client_introspects_its_own_token(browser: Browser) -> None:
    """The response for a token without a user has no username."""
    token = browser.client_credentials().json()["access_token"]
    response = browser.post("/v1/introspect", data={"token": token}, auth=SERVICE).json()
    assert (response["active"], response["client_id"]) == (True, SERVICE_CLIENT_ID)
    assert "username" not in response


def test_public_client_may_send_its_id_in_the_form(browser: Browser) -> None:
    """A public client may send its client_id in the form."""
    form = {"token": browser.tokens()["access_token"], "client_id": SPA_CLIENT_ID}
    assert browser.post("/v1/introspect", data=form).json()["active"]


def test_token_of_another_client_is_inactive(browser: Browser) -> None:
    """Another client's token is reported as inactive."""
    form = {"token": browser.tokens()["access_token"]}
    assert browser.post("/v1/introspect", data=form, auth=SERVICE).json() == {"active": False}


def test_expired_token_is_inactive(browser: Browser, local_okta: LocalOkta) -> None:
    """An expired token is inactive."""
    local_okta.switches.skew = -7200
    token = browser.tokens()["access_token"]
    assert browser.introspect(token)["active"]
    local_okta.switches.skew = 0
    assert browser.introspect(token) == {"active": False}


def test_tokens_not_issued_here_are_inactive(browser: Browser, local_okta: LocalOkta) -> None:
    """Garbage, another issuer's token and a token that was never issued are inactive."""
    claims = decoded(browser.tokens()["access_token"])[1]
    never_issued = local_okta.keys.sign(claims | {"jti": "AT.never"})
    odd_expiry = local_okta.keys.sign(claims | {"exp": "soon"})
    for token in ("garbage", "a.b.c", SigningKey().sign(claims), never_issued, odd_expiry):
        assert browser.introspect(token) == {"active": False}


@pytest.mark.parametrize("endpoint", ["introspect", "revoke"])
def test_missing_token_or_client_is_rejected(browser: Browser, endpoint: str) -> None:
    """A missing token is an invalid_request, a missing client an invalid_client."""
    no_token = browser.post(f"/v1/{endpoint}", data={"client_id": SPA_CLIENT_ID})
    assert (no_token.status_code, no_token.json()["error"]) == (400, "invalid_request")
    no_client = browser.post(f"/v1/{endpoint}", data={"token": "x"})
    assert (no_client.status_code, no_client.json()["error"]) == (401, "invalid_client")


def revoke(browser: Browser, token: str) -> None:
    """Revoke a token as okta-auth-js does, and check that the response is empty."""
    response = browser.post("/v1/revoke", data={"token": token}, headers=bare_basic(SPA_CLIENT_ID))
    assert (response.status_code, response.content) == (200, b"")


def test_revoked_access_token_is_inactive(browser: Browser) -> None:
    """A revoked access token is inactive; its refresh token stays active."""
    tokens = browser.tokens(scope="openid offline_access")
    revoke(browser, tokens["access_token"])
    assert browser.introspect(tokens["access_token"]) == {"active": False}
    assert browser.userinfo(tokens["access_token"]).status_code == 401
    assert browser.introspect(tokens["refresh_token"])["active"]
    assert browser.refresh(tokens["refresh_token"]).status_code == 200


def test_revoking_a_refresh_token_ends_its_access_token(browser: Browser) -> None:
    """Revoking a refresh token ends its access token too."""
    tokens = browser.tokens(scope="openid offline_access")
    revoke(browser, tokens["refresh_token"])
    assert browser.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert browser.introspect(tokens["access_token"]) == {"active": False}


def test_revoking_an_unknown_token_succeeds(browser: Browser) -> None:
    """Revoking an unknown token gets the same response as any revocation."""
    revoke(browser, "garbage")


def test_another_client_cannot_revoke(browser: Browser) -> None:
    """A client cannot revoke another client's token."""
    token = browser.tokens()["access_token"]
    response = browser.post("/v1/revoke", data={"token": token}, auth=SERVICE)
    assert response.status_code == 200
    assert browser.introspect(token)["active"]
