"""The sign-in page and its form."""

import re
import time

import httpx
from local_okta.app import create_app
from local_okta.config import PEOPLE, SPA_CLIENT_ID, Config
from local_okta.serving import bind, serving
from local_okta.state import Store
from local_okta_browser import REDIRECT_URI, Browser, hidden_request, redirect_parameters


def test_every_person_has_one_button(browser: Browser) -> None:
    """Every person has one button; its accessible name is the person's name."""
    page = browser.authorize()
    named = re.findall(r'<button name="login" value="([^"]+)" aria-labelledby="([^"]+)"', page.text)
    assert [login for login, _ in named] == [person.login for person in PEOPLE]
    for (_, label), person in zip(named, PEOPLE, strict=True):
        assert f'id="{label}">{person.name}</span>' in page.text


def test_page_shows_its_purpose_logins_and_groups(browser: Browser) -> None:
    """The page says that it is for development, and shows logins and groups."""
    page = browser.authorize()
    assert "for development only" in page.text
    assert "ada@example.com" in page.text
    assert "Groups: Everyone, Admins" in page.text


def test_page_has_strict_headers(browser: Browser) -> None:
    """The page may not be framed or cached; its form may be redirected to the application."""
    headers = browser.authorize().headers
    policy = headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' http://localhost:3000" in policy
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"


def test_cookies_are_httponly_and_lax(browser: Browser) -> None:
    """Both cookies are HttpOnly and SameSite=Lax, with the issuer's path."""
    page = browser.authorize()
    cookies = [page.headers["set-cookie"], browser.choose(page).headers["set-cookie"]]
    assert [cookie.partition("=")[0] for cookie in cookies] == ["local_okta_sign_in", "local_okta_session"]
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Path=/oauth2/default" in cookie


def test_form_cannot_be_posted_twice(browser: Browser) -> None:
    """Posting the same form again gets a page with status 400."""
    page = browser.authorize()
    assert "code" in redirect_parameters(browser.choose(page))
    again = browser.choose(page)
    assert again.status_code == 400
    assert "expired" in again.text


def test_form_of_another_browser_is_refused(browser: Browser, other_browser: Browser) -> None:
    """A form from an attacker's browser, posted by a victim's browser, signs nobody in."""
    page = other_browser.authorize()
    browser.authorize()
    assert browser.choose(page).status_code == 400
    assert redirect_parameters(browser.authorize(prompt="none"))["error"] == "login_required"


def test_form_without_the_cookie_is_refused(browser: Browser) -> None:
    """A form without the page's cookie, as another site would post it, is refused."""
    page = browser.authorize()
    browser.cookies.clear()
    assert browser.choose(page).status_code == 400


def test_two_tabs_can_sign_in(browser: Browser) -> None:
    """Two sign-in pages open in one browser both work."""
    first, second = browser.authorize(state="one"), browser.authorize(state="two")
    assert redirect_parameters(browser.choose(first))["state"] == "one"
    assert redirect_parameters(browser.choose(second))["state"] == "two"


def test_unknown_person_is_refused(browser: Browser) -> None:
    """A login that is not on the page gets a page with status 400."""
    response = browser.choose(browser.authorize(), "eve@example.com")
    assert response.status_code == 400
    assert "Nobody has this login." in response.text


def test_json_sign_in_is_refused(browser: Browser) -> None:
    """A sign-in posted as JSON is refused."""
    page = browser.authorize()
    response = browser.post("/signin", json={"request": hidden_request(page), "login": "ada@example.com"})
    assert response.status_code == 400


def test_signing_in_again_ends_the_old_session(browser: Browser, other_browser: Browser) -> None:
    """The previous session id is not valid after a new sign-in."""
    browser.sign_in()
    other_browser.cookies.update(browser.cookies)
    browser.choose(browser.authorize(prompt="login"))
    assert redirect_parameters(other_browser.authorize(prompt="none"))["error"] == "login_required"


def test_cookies_are_secure_under_https() -> None:
    """With an https issuer (behind a proxy) the cookies are Secure."""
    app = create_app(Config(issuer="https://okta.example/oauth2/default"))
    query = {"client_id": SPA_CLIENT_ID, "redirect_uri": REDIRECT_URI, "response_type": "code"}
    pkce = {"scope": "openid", "code_challenge": "a" * 43, "code_challenge_method": "S256"}
    with bind("127.0.0.1", 0) as listener, serving(app, listener):
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/oauth2/default/v1/authorize"
        page = httpx.get(url, params=query | pkce)
    assert "Secure" in page.headers["set-cookie"]


def test_store_drops_expired_values() -> None:
    """After its lifetime neither get nor pop returns a value."""
    store: Store[str] = Store(lifetime=0.05)
    handle = store.add("value")
    assert store.get(handle) == "value"
    time.sleep(0.06)
    assert store.get(handle) is None
    assert store.pop(handle) is None
