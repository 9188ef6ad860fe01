"""`login_hint` signs a person in at once (OpenID Connect Core §3.1.2.1)."""

import pytest
from local_okta.state import LocalOkta
from local_okta_browser import Browser, decoded, redirect_parameters

GRACE = "grace@example.com"


def login_of(browser: Browser, code: str) -> str:
    """Return whose tokens a code is exchanged for."""
    return str(decoded(browser.exchange(code).json()["access_token"])[1]["sub"])


@pytest.mark.parametrize("hint", [GRACE, "Grace@Example.com"])
def test_person_is_signed_in_without_a_page(browser: Browser, hint: str) -> None:
    """The application gets a code at once, and the browser has that person's session."""
    code = redirect_parameters(browser.authorize(login_hint=hint))["code"]
    assert login_of(browser, code) == GRACE
    assert browser.get(browser.sessions_url).json()["login"] == GRACE


def test_person_takes_the_place_of_another(browser: Browser) -> None:
    """With a session of another person the named one is signed in."""
    browser.sign_in("ada@example.com")
    code = redirect_parameters(browser.authorize(login_hint=GRACE))["code"]
    assert login_of(browser, code) == GRACE
    assert login_of(browser, redirect_parameters(browser.authorize())["code"]) == GRACE


def test_session_of_the_same_person_is_kept(browser: Browser, local_okta: LocalOkta) -> None:
    """With a session of the named person there is no new sign-in: `auth_time` stays."""
    first = browser.tokens(GRACE)["access_token"]
    local_okta.switches.skew = 60
    second = browser.exchange(redirect_parameters(browser.authorize(login_hint=GRACE))["code"]).json()
    assert decoded(second["access_token"])[1]["auth_time"] == decoded(first)[1]["auth_time"]


def test_sign_in_that_is_too_old_is_renewed(browser: Browser, local_okta: LocalOkta) -> None:
    """With `max_age` a session that is too old is replaced by a new sign-in."""
    browser.sign_in(GRACE)
    local_okta.switches.skew = 60
    code = redirect_parameters(browser.authorize(login_hint=GRACE, max_age="30"))["code"]
    claims = decoded(browser.exchange(code).json()["access_token"])[1]
    assert claims["auth_time"] >= claims["iat"] - 30


@pytest.mark.parametrize(
    "parameters", [{"login_hint": "eve@example.com"}, {"prompt": "login", "login_hint": GRACE}]
)
def test_sign_in_page_is_shown(browser: Browser, parameters: dict[str, str]) -> None:
    """An unknown login is ignored, and `prompt=login` always asks."""
    page = browser.authorize(**parameters)
    assert page.status_code == 200
    assert "code" in redirect_parameters(browser.choose(page))


def test_silent_request_signs_nobody_in(browser: Browser) -> None:
    """With `prompt=none` a session of another person, or none, is a login_required."""
    silent = {"login_hint": GRACE, "prompt": "none"}
    assert redirect_parameters(browser.authorize(**silent))["error"] == "login_required"
    browser.sign_in("ada@example.com")
    assert redirect_parameters(browser.authorize(**silent))["error"] == "login_required"
    assert browser.get(browser.sessions_url).json()["login"] == "ada@example.com"
    browser.sign_in(GRACE)
    assert "code" in redirect_parameters(browser.authorize(**silent))


def test_second_factor_is_still_asked(browser: Browser) -> None:
    """A second factor that `acr_values` asks for has its page."""
    page = browser.authorize(login_hint=GRACE, acr_values="urn:okta:loa:2fa:any")
    assert "Second factor" in page.text
    assert login_of(browser, redirect_parameters(browser.approve(page))["code"]) == GRACE
