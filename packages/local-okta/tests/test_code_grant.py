"""`/v1/token`: the authorization code grant."""

import time
from types import SimpleNamespace

import pytest
from local_okta.config import SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET
from local_okta.state import LocalOkta
from local_okta_browser import Browser, assert_refused


def test_code_is_exchanged_for_tokens(browser: Browser) -> None:
    """The response has the members of RFC 6749 and Okta, and is not cached."""
    response = browser.exchange(browser.code(scope="openid email"))
    body = response.json()
    assert response.status_code == 200
    assert body.keys() == {"token_type", "expires_in", "access_token", "scope", "id_token"}
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 3600, "openid email")
    assert response.headers["cache-control"] == "no-store"


def test_no_id_token_without_openid(browser: Browser) -> None:
    """Without the scope openid the response has no ID token."""
    assert "id_token" not in browser.tokens(scope="reports:read")


@pytest.mark.parametrize("verifier", ["x" * 43, "short", "é" * 43])
def test_wrong_verifier_is_rejected(browser: Browser, verifier: str) -> None:
    """A verifier that does not match the challenge is an invalid_grant."""
    assert_refused(browser.exchange(browser.code(), code_verifier=verifier), "invalid_grant")


def test_wrong_verifier_invalidates_the_code(browser: Browser) -> None:
    """After a wrong verifier the right one is refused too."""
    code = browser.code()
    browser.exchange(code, code_verifier="x" * 43)
    assert_refused(browser.exchange(code), "invalid_grant")


@pytest.mark.parametrize("name", ["grant_type", "code", "redirect_uri", "code_verifier"])
def test_missing_parameter_is_rejected_by_name(browser: Browser, name: str) -> None:
    """A code exchange without one of its parameters is an invalid_request."""
    form = {"code": browser.code(), name: None}
    code = form.pop("code")
    response = browser.exchange(code or "", **form)
    assert_refused(response, "invalid_request")
    assert name in response.json()["error_description"]


def test_unknown_code_is_rejected(browser: Browser) -> None:
    """A code that was never issued is an invalid_grant."""
    assert_refused(browser.exchange("made-up"), "invalid_grant")


def test_code_is_bound_to_its_redirect_uri(browser: Browser) -> None:
    """A code is bound to the redirect URI it was sent to."""
    other = "http://localhost:8000/docs/oauth2-redirect"
    assert_refused(browser.exchange(browser.code(), redirect_uri=other), "invalid_grant")


def test_code_expires_after_60_seconds(browser: Browser, local_okta: LocalOkta) -> None:
    """A code is valid for 60 seconds."""
    code = browser.code()
    kept = local_okta.codes.get(code)
    assert kept
    assert 58 < kept.expires - time.monotonic() <= 60
    kept.expires = time.monotonic()
    assert_refused(browser.exchange(code), "invalid_grant")


def test_reused_code_ends_its_tokens(browser: Browser) -> None:
    """Using a code twice is refused and ends the tokens of the first use."""
    code = browser.code(scope="openid offline_access")
    tokens = browser.exchange(code).json()
    assert browser.introspect(tokens["access_token"])["active"]
    assert_refused(browser.exchange(code), "invalid_grant")
    for kind in ("access_token", "id_token", "refresh_token"):
        assert browser.introspect(tokens[kind]) == {"active": False}
    assert browser.userinfo(tokens["access_token"]).status_code == 401
    assert_refused(browser.refresh(tokens["refresh_token"]), "invalid_grant")


def test_code_reused_an_hour_later_ends_its_tokens(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Using a code again long after its 60 seconds still ends its tokens."""
    code = browser.code(scope="openid offline_access")
    tokens = browser.exchange(code).json()
    later = SimpleNamespace(monotonic=lambda: time.monotonic() + 3600)
    monkeypatch.setattr("local_okta.state.time", later)
    assert browser.introspect(tokens["refresh_token"])["active"]
    assert_refused(browser.exchange(code), "invalid_grant")
    assert browser.introspect(tokens["refresh_token"]) == {"active": False}


def test_client_without_the_code_grant_is_rejected(browser: Browser) -> None:
    """A client that may not use codes is an unauthorized_client."""
    credentials = {"client_id": SERVICE_CLIENT_ID, "client_secret": SERVICE_CLIENT_SECRET}
    assert_refused(browser.exchange(browser.code(), **credentials), "unauthorized_client")


def test_code_is_bound_to_its_client(browser: Browser, local_okta: LocalOkta) -> None:
    """A code issued to another client is an invalid_grant."""
    code = browser.code()
    kept = local_okta.codes.get(code)
    assert kept
    kept.grant.client_id = SERVICE_CLIENT_ID
    assert_refused(browser.exchange(code), "invalid_grant")
