"""Step-up (RFC 9470): `acr_values` and the page that takes the place of a second factor."""

import pytest
from local_okta.state import LocalOkta
from local_okta_browser import Browser, decoded, hidden_request, redirect_parameters

ONE_FACTOR = "urn:okta:loa:1fa:any"
TWO_FACTORS = "urn:okta:loa:2fa:any"


@pytest.mark.parametrize("acr", [TWO_FACTORS, "urn:okta:loa:2fa:any:ifpossible"])
def test_second_factor_is_asked_after_the_sign_in(browser: Browser, acr: str) -> None:
    """After the sign-in page a second page asks for approval, and both tokens carry the acr."""
    page = browser.choose(browser.authorize(acr_values=acr))
    assert page.status_code == 200
    assert "Second factor" in page.text
    code = redirect_parameters(browser.approve(page))["code"]
    tokens = browser.exchange(code).json()
    for kind in ("access_token", "id_token"):
        assert decoded(tokens[kind])[1]["acr"] == acr
    assert decoded(tokens["id_token"])[1]["amr"] == ["mfa", "otp", "pwd"]


@pytest.mark.parametrize("acr", [ONE_FACTOR, "urn:okta:loa:1fa:pwd"])
def test_one_factor_needs_no_second_page(browser: Browser, acr: str) -> None:
    """One factor is what the sign-in page gives."""
    tokens = browser.tokens(acr_values=acr)
    assert decoded(tokens["access_token"])[1]["acr"] == acr
    assert decoded(tokens["id_token"])[1]["amr"] == ["pwd"]


def test_session_with_one_factor_is_stepped_up(browser: Browser) -> None:
    """With a session only the second page is shown, and later requests use the stronger session."""
    browser.sign_in("grace@example.com")
    page = browser.authorize(acr_values=TWO_FACTORS)
    assert "Second factor" in page.text
    code = redirect_parameters(browser.approve(page))["code"]
    assert decoded(browser.exchange(code).json()["access_token"])[1]["sub"] == "grace@example.com"
    assert "code" in redirect_parameters(browser.authorize(acr_values=TWO_FACTORS, prompt="none"))


def test_silent_request_for_a_second_factor_is_refused(browser: Browser) -> None:
    """With prompt=none a missing second factor is an interaction_required."""
    browser.sign_in()
    response = redirect_parameters(browser.authorize(acr_values=TWO_FACTORS, prompt="none"))
    assert response["error"] == "interaction_required"


def test_declined_second_factor_is_sent_to_the_application(browser: Browser) -> None:
    """Without a second factor the application gets Okta's error, and nobody is signed in."""
    page = browser.choose(browser.authorize(acr_values=TWO_FACTORS))
    response = redirect_parameters(browser.approve(page, factor="none"))
    assert response["error"] == "unmet_authentication_requirements"
    assert response["state"] == "the-state"
    assert redirect_parameters(browser.authorize(prompt="none"))["error"] == "login_required"


def test_sign_in_page_cannot_skip_the_second_factor(browser: Browser) -> None:
    """The sign-in page's form value is refused by the second page."""
    page = browser.authorize(acr_values=TWO_FACTORS)
    response = browser.approve(page)
    assert response.status_code == 400
    assert redirect_parameters(browser.authorize(prompt="none"))["error"] == "login_required"


def test_second_page_of_another_browser_is_refused(browser: Browser, other_browser: Browser) -> None:
    """The second page's form works only in the browser that it was sent to."""
    page = other_browser.choose(other_browser.authorize(acr_values=TWO_FACTORS))
    browser.authorize()
    assert browser.approve(page).status_code == 400


@pytest.mark.parametrize(
    ("values", "acr"),
    [
        ("urn:unknown", None),
        (f"phr {TWO_FACTORS}", TWO_FACTORS),
        (f"urn:unknown {ONE_FACTOR} {TWO_FACTORS}", ONE_FACTOR),
        ("phr urn:okta:loa:2fa:any:ifpossible", "urn:okta:loa:2fa:any:ifpossible"),
    ],
)
def test_first_reachable_value_is_used(browser: Browser, values: str, acr: str | None) -> None:
    """Unknown values are ignored, as in Okta, and the first value that can be reached is used."""
    page = browser.choose(browser.authorize(acr_values=values))
    response = page if page.status_code == 302 else browser.approve(page)
    claims = decoded(browser.exchange(redirect_parameters(response)["code"]).json()["access_token"])[1]
    assert claims.get("acr") == acr


def test_refresh_keeps_acr_and_auth_time(browser: Browser, local_okta: LocalOkta) -> None:
    """A refreshed token has the acr and auth_time of the sign-in."""
    page = browser.choose(browser.authorize(acr_values=TWO_FACTORS, scope="openid offline_access"))
    first = browser.exchange(redirect_parameters(browser.approve(page))["code"]).json()
    local_okta.switches.skew = 600
    second = browser.refresh(first["refresh_token"]).json()
    before, after = decoded(first["access_token"])[1], decoded(second["access_token"])[1]
    assert (after["acr"], after["auth_time"]) == (TWO_FACTORS, before["auth_time"])


def test_second_page_shows_who_approves(browser: Browser) -> None:
    """The second page names the person and the application, and its value works once."""
    page = browser.choose(browser.authorize(acr_values=TWO_FACTORS), "grace@example.com")
    assert "Approve as Grace Hopper" in page.text
    assert "0oalocalspa" in page.text
    assert hidden_request(page)
    browser.approve(page)
    assert browser.approve(page).status_code == 400
