"""`/v1/logout`."""

import httpx
import pytest

from local_okta.keys import SigningKey
from local_okta.state import LocalOkta
from tests.local_okta.browser import Browser, answer_of, decoded


def logout(browser: Browser, **parameters: str) -> httpx.Response:
    """Sign out with the given parameters."""
    return browser.get("/v1/logout", params=parameters)


@pytest.mark.parametrize("target", ["http://localhost:3000", "http://localhost:3000/"])
def test_sign_out(browser: Browser, target: str) -> None:
    """Sign-out ends the session and goes back to the registered address."""
    hint = browser.tokens()["id_token"]
    answer = logout(browser, id_token_hint=hint, post_logout_redirect_uri=target)
    assert (answer.status_code, answer.headers["location"]) == (302, target)
    assert 'local_okta_session=""' in answer.headers["set-cookie"]
    assert answer_of(browser.authorize(prompt="none"))["error"] == "login_required"


def test_session_is_ended_on_the_server(browser: Browser, other_browser: Browser) -> None:
    """A copy of the session cookie is worth nothing after sign-out."""
    hint = browser.tokens()["id_token"]
    other_browser.cookies.update(browser.cookies)
    logout(browser, id_token_hint=hint)
    assert answer_of(other_browser.authorize(prompt="none"))["error"] == "login_required"


def test_state_comes_back(browser: Browser) -> None:
    """The state is handed back."""
    hint = browser.tokens()["id_token"]
    answer = logout(
        browser, id_token_hint=hint, post_logout_redirect_uri="http://localhost:3000", state="a b"
    )
    assert answer.headers["location"] == "http://localhost:3000?state=a+b"


def test_without_an_address(browser: Browser) -> None:
    """Without an address to go back to, a page says that the person is signed out."""
    answer = logout(browser, id_token_hint=browser.tokens()["id_token"])
    assert answer.status_code == 200
    assert "Signed out" in answer.text


@pytest.mark.parametrize("target", ["http://localhost:3000/elsewhere", "https://evil.example"])
def test_unregistered_address(browser: Browser, target: str) -> None:
    """An unregistered address gets a page and no redirect, and the session stays."""
    hint = browser.tokens()["id_token"]
    answer = logout(browser, id_token_hint=hint, post_logout_redirect_uri=target)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "code" in answer_of(browser.authorize(prompt="none"))


def test_expired_hint(browser: Browser, okta: LocalOkta) -> None:
    """An ID token that has expired still signs out."""
    claims = decoded(browser.tokens()["id_token"])[1]
    hint = okta.keys.sign(claims | {"exp": claims["iat"] - 1})
    answer = logout(browser, id_token_hint=hint, post_logout_redirect_uri="http://localhost:3000")
    assert answer.status_code == 302


def test_bad_hints(browser: Browser, okta: LocalOkta) -> None:
    """No hint, garbage, another key's, an access token and another issuer's token sign nobody out."""
    tokens = browser.tokens()
    claims = decoded(tokens["id_token"])[1]
    foreign = okta.keys.sign(claims | {"iss": "https://other.example"})
    for hint in ("", "garbage", SigningKey().sign(claims), tokens["access_token"], foreign):
        assert logout(browser, id_token_hint=hint).status_code == 400
    assert "code" in answer_of(browser.authorize(prompt="none"))


def test_repeated_parameter(browser: Browser) -> None:
    """A parameter given twice is refused with a page."""
    hint = browser.tokens()["id_token"]
    answer = browser.get("/v1/logout", params=[("id_token_hint", hint), ("state", "a"), ("state", "b")])
    assert answer.status_code == 400
    assert "code" in answer_of(browser.authorize(prompt="none"))
