"""`/v1/logout`."""

import httpx
import pytest
from local_okta.keys import SigningKey
from local_okta.state import LocalOkta
from local_okta_browser import Browser, decoded, redirect_parameters


def logout(browser: Browser, **parameters: str) -> httpx.Response:
    """Sign out with the given parameters."""
    return browser.get("/v1/logout", params=parameters)


@pytest.mark.parametrize("target", ["http://localhost:3000", "http://localhost:3000/"])
def test_sign_out_ends_the_session_and_redirects(browser: Browser, target: str) -> None:
    """Sign-out ends the session and redirects to the registered address."""
    hint = browser.tokens()["id_token"]
    response = logout(browser, id_token_hint=hint, post_logout_redirect_uri=target)
    assert (response.status_code, response.headers["location"]) == (302, target)
    assert 'local_okta_session=""' in response.headers["set-cookie"]
    assert redirect_parameters(browser.authorize(prompt="none"))["error"] == "login_required"


def test_session_is_ended_on_the_server(browser: Browser, other_browser: Browser) -> None:
    """A copy of the session cookie is not valid after sign-out."""
    hint = browser.tokens()["id_token"]
    other_browser.cookies.update(browser.cookies)
    logout(browser, id_token_hint=hint)
    assert redirect_parameters(other_browser.authorize(prompt="none"))["error"] == "login_required"


def test_state_is_returned(browser: Browser) -> None:
    """The redirect returns the state."""
    hint = browser.tokens()["id_token"]
    response = logout(
        browser, id_token_hint=hint, post_logout_redirect_uri="http://localhost:3000", state="a b"
    )
    assert response.headers["location"] == "http://localhost:3000?state=a+b"


def test_sign_out_without_an_address_shows_a_page(browser: Browser) -> None:
    """Without a post_logout_redirect_uri, a page says that the person is signed out."""
    response = logout(browser, id_token_hint=browser.tokens()["id_token"])
    assert response.status_code == 200
    assert "Signed out" in response.text


@pytest.mark.parametrize("target", ["http://localhost:3000/elsewhere", "https://evil.example"])
def test_unregistered_address_is_refused(browser: Browser, target: str) -> None:
    """An unregistered address gets a page with status 400, and the session stays."""
    hint = browser.tokens()["id_token"]
    response = logout(browser, id_token_hint=hint, post_logout_redirect_uri=target)
    assert response.status_code == 400
    assert "location" not in response.headers
    assert "code" in redirect_parameters(browser.authorize(prompt="none"))


def test_expired_id_token_is_accepted(browser: Browser, local_okta: LocalOkta) -> None:
    """An expired ID token is a valid hint."""
    claims = decoded(browser.tokens()["id_token"])[1]
    hint = local_okta.keys.sign(claims | {"exp": claims["iat"] - 1})
    response = logout(browser, id_token_hint=hint, post_logout_redirect_uri="http://localhost:3000")
    assert response.status_code == 302


def test_invalid_or_missing_hint_is_refused(browser: Browser, local_okta: LocalOkta) -> None:
    """Without a valid id_token_hint nobody is signed out."""
    tokens = browser.tokens()
    claims = decoded(tokens["id_token"])[1]
    foreign = local_okta.keys.sign(claims | {"iss": "https://other.example"})
    for hint in ("", "garbage", SigningKey().sign(claims), tokens["access_token"], foreign):
        assert logout(browser, id_token_hint=hint).status_code == 400
    assert "code" in redirect_parameters(browser.authorize(prompt="none"))


def test_repeated_parameter_is_refused(browser: Browser) -> None:
    """A repeated parameter gets a page with status 400."""
    hint = browser.tokens()["id_token"]
    response = browser.get("/v1/logout", params=[("id_token_hint", hint), ("state", "a"), ("state", "b")])
    assert response.status_code == 400
    assert "code" in redirect_parameters(browser.authorize(prompt="none"))
