"""`/v1/token`: the refresh token grant."""

from local_okta.config import SERVICE_CLIENT_ID
from local_okta.state import LocalOkta
from local_okta_browser import Browser, assert_refused, decoded


def test_offline_access_returns_a_refresh_token(browser: Browser) -> None:
    """The scope offline_access adds a refresh token."""
    assert "refresh_token" in browser.tokens(scope="openid offline_access")


def test_refresh_rotates_the_refresh_token(browser: Browser) -> None:
    """A refresh returns new tokens and a new refresh token, which works."""
    first = browser.tokens(scope="openid email offline_access")
    second = browser.refresh(first["refresh_token"]).json()
    third = browser.refresh(second["refresh_token"])
    assert third.status_code == 200
    refresh_tokens = {tokens["refresh_token"] for tokens in (first, second, third.json())}
    assert len(refresh_tokens) == 3
    assert second["scope"] == "openid email offline_access"
    assert decoded(second["access_token"])[1]["jti"] != decoded(first["access_token"])[1]["jti"]


def test_refreshed_id_token_has_no_nonce(browser: Browser) -> None:
    """A refreshed ID token has the same subject and sign-in time, and no nonce."""
    first = browser.tokens(scope="openid offline_access")
    second = browser.refresh(first["refresh_token"]).json()
    before, after = decoded(first["id_token"])[1], decoded(second["id_token"])[1]
    assert (after["sub"], after["auth_time"]) == (before["sub"], before["auth_time"])
    assert "nonce" not in after


def test_reused_refresh_token_ends_its_grant(browser: Browser) -> None:
    """Using a refresh token twice is refused and ends every token of its grant."""
    first = browser.tokens(scope="openid offline_access")
    second = browser.refresh(first["refresh_token"]).json()
    assert_refused(browser.refresh(first["refresh_token"]), "invalid_grant")
    assert_refused(browser.refresh(second["refresh_token"]), "invalid_grant")
    assert browser.introspect(second["access_token"]) == {"active": False}


def test_scope_can_be_narrowed(browser: Browser) -> None:
    """A refresh may ask for fewer scopes; the next refresh token still has all of them."""
    first = browser.tokens(scope="openid email offline_access")
    narrow = browser.refresh(first["refresh_token"], scope="email").json()
    assert narrow["scope"] == "email"
    assert decoded(narrow["access_token"])[1]["scp"] == ["email"]
    assert "id_token" not in narrow
    assert browser.refresh(narrow["refresh_token"]).json()["scope"] == "openid email offline_access"


def test_scope_cannot_be_widened(browser: Browser) -> None:
    """A refresh that asks for more scopes is an invalid_scope."""
    first = browser.tokens(scope="openid offline_access")
    assert_refused(browser.refresh(first["refresh_token"], scope="openid email"), "invalid_scope")


def test_refresh_token_is_bound_to_its_client(browser: Browser, local_okta: LocalOkta) -> None:
    """A refresh token issued to another client is an invalid_grant."""
    refresh_token = browser.tokens(scope="openid offline_access")["refresh_token"]
    kept = local_okta.refresh_tokens.get(refresh_token)
    assert kept
    kept.grant.client_id = SERVICE_CLIENT_ID
    assert_refused(browser.refresh(refresh_token), "invalid_grant")


def test_unknown_refresh_token_is_rejected(browser: Browser) -> None:
    """A refresh token that was never issued is an invalid_grant."""
    assert_refused(browser.refresh("made-up"), "invalid_grant")
