"""`/v1/token`: an authorization code against tokens."""

import time
from types import SimpleNamespace

import pytest

from local_okta.config import SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET
from local_okta.state import LocalOkta
from tests.local_okta.browser import Browser, assert_refused


def test_code_gives_tokens(browser: Browser) -> None:
    """A code with its verifier gives an answer of the members RFC 6749 and Okta name, uncached."""
    answer = browser.exchange(browser.code(scope="openid email"))
    body = answer.json()
    assert answer.status_code == 200
    assert body.keys() == {"token_type", "expires_in", "access_token", "scope", "id_token"}
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 3600, "openid email")
    assert answer.headers["cache-control"] == "no-store"


def test_no_id_token_without_openid(browser: Browser) -> None:
    """Without the scope openid there is no ID token."""
    assert "id_token" not in browser.tokens(scope="reports:read")


@pytest.mark.parametrize("verifier", ["x" * 43, "short", "é" * 43])
def test_wrong_verifier(browser: Browser, verifier: str) -> None:
    """A verifier that does not match the challenge is an invalid_grant."""
    assert_refused(browser.exchange(browser.code(), code_verifier=verifier), "invalid_grant")


def test_wrong_verifier_burns_the_code(browser: Browser) -> None:
    """After a wrong verifier the right one does not help any more."""
    code = browser.code()
    browser.exchange(code, code_verifier="x" * 43)
    assert_refused(browser.exchange(code), "invalid_grant")


@pytest.mark.parametrize("name", ["grant_type", "code", "redirect_uri", "code_verifier"])
def test_missing_parameter(browser: Browser, name: str) -> None:
    """A code exchange without one of its parameters is an invalid_request."""
    form = {"code": browser.code(), name: None}
    code = form.pop("code")
    answer = browser.exchange(code or "", **form)
    assert_refused(answer, "invalid_request")
    assert name in answer.json()["error_description"]


def test_unknown_code(browser: Browser) -> None:
    """A code that was never given is an invalid_grant."""
    assert_refused(browser.exchange("made-up"), "invalid_grant")


def test_other_redirect_uri(browser: Browser) -> None:
    """A code is bound to the redirect URI it was sent to."""
    other = "http://localhost:8000/docs/oauth2-redirect"
    assert_refused(browser.exchange(browser.code(), redirect_uri=other), "invalid_grant")


def test_code_expires(browser: Browser, okta: LocalOkta) -> None:
    """A code lives for 60 seconds."""
    code = browser.code()
    kept = okta.codes.get(code)
    assert kept
    assert 58 < kept.expires - time.monotonic() <= 60
    kept.expires = time.monotonic()
    assert_refused(browser.exchange(code), "invalid_grant")


def test_reused_code_ends_its_tokens(browser: Browser) -> None:
    """A code used twice is refused and takes the access, ID and refresh token of the first use with it."""
    code = browser.code(scope="openid offline_access")
    tokens = browser.exchange(code).json()
    assert browser.introspect(tokens["access_token"])["active"]
    assert_refused(browser.exchange(code), "invalid_grant")
    for kind in ("access_token", "id_token", "refresh_token"):
        assert browser.introspect(tokens[kind]) == {"active": False}
    assert browser.userinfo(tokens["access_token"]).status_code == 401
    assert_refused(browser.refresh(tokens["refresh_token"]), "invalid_grant")


def test_code_reused_an_hour_later_ends_its_tokens(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """A code used again long after its 60 seconds still takes its tokens with it."""
    code = browser.code(scope="openid offline_access")
    tokens = browser.exchange(code).json()
    later = SimpleNamespace(monotonic=lambda: time.monotonic() + 3600)
    monkeypatch.setattr("local_okta.store.time", later)
    assert browser.introspect(tokens["refresh_token"])["active"]
    assert_refused(browser.exchange(code), "invalid_grant")
    assert browser.introspect(tokens["refresh_token"]) == {"active": False}


def test_code_of_another_client(browser: Browser) -> None:
    """A client that may not use codes is an unauthorized_client, whoever's the code is."""
    credentials = {"client_id": SERVICE_CLIENT_ID, "client_secret": SERVICE_CLIENT_SECRET}
    assert_refused(browser.exchange(browser.code(), **credentials), "unauthorized_client")


def test_code_is_bound_to_its_client(browser: Browser, okta: LocalOkta) -> None:
    """A code that was given to another client is an invalid_grant."""
    code = browser.code()
    kept = okta.codes.get(code)
    assert kept
    kept.grant.client_id = SERVICE_CLIENT_ID
    assert_refused(browser.exchange(code), "invalid_grant")
