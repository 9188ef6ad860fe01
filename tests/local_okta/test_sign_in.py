"""The sign-in page and its form."""

import re
import time

import httpx

from local_okta.app import create_app
from local_okta.config import PEOPLE, SPA_CLIENT_ID, Config
from local_okta.serving import bind, serving
from local_okta.store import Store
from tests.local_okta.browser import REDIRECT_URI, Browser, answer_of, hidden_request


def test_one_button_a_person(browser: Browser) -> None:
    """Every person has one button whose accessible name is their name."""
    page = browser.authorize()
    named = re.findall(r'<button name="login" value="([^"]+)" aria-labelledby="([^"]+)"', page.text)
    assert [login for login, _ in named] == [person.login for person in PEOPLE]
    for (_, label), person in zip(named, PEOPLE, strict=True):
        assert f'id="{label}">{person.name}</span>' in page.text


def test_page_says_what_it_is_and_who_they_are(browser: Browser) -> None:
    """The page says it is for development, and shows logins and groups."""
    page = browser.authorize()
    assert "for development only" in page.text
    assert "ada@example.com" in page.text
    assert "Groups: Everyone, Admins" in page.text


def test_page_is_locked_down(browser: Browser) -> None:
    """The page may not be framed, cached or named as referrer, and its form may go on to the application."""
    headers = browser.authorize().headers
    policy = headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' http://localhost:3000" in policy
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


def test_cookies_are_out_of_reach(browser: Browser) -> None:
    """Both cookies are HttpOnly, SameSite=Lax and limited to the issuer's path."""
    page = browser.authorize()
    cookies = [page.headers["set-cookie"], browser.choose(page).headers["set-cookie"]]
    assert [cookie.partition("=")[0] for cookie in cookies] == ["local_okta_sign_in", "local_okta_session"]
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Path=/oauth2/default" in cookie


def test_form_works_once(browser: Browser) -> None:
    """The same form posted again is refused with a page."""
    page = browser.authorize()
    assert "code" in answer_of(browser.choose(page))
    again = browser.choose(page)
    assert again.status_code == 400
    assert "expired" in again.text


def test_form_of_another_browser_is_refused(browser: Browser, other_browser: Browser) -> None:
    """A form fetched by an attacker and posted by a victim's browser signs nobody in."""
    page = other_browser.authorize()
    browser.authorize()
    assert browser.choose(page).status_code == 400
    assert answer_of(browser.authorize(prompt="none"))["error"] == "login_required"


def test_form_without_the_cookie_is_refused(browser: Browser) -> None:
    """A form posted without the page's cookie, as another site would, is refused."""
    page = browser.authorize()
    browser.cookies.clear()
    assert browser.choose(page).status_code == 400


def test_two_tabs_can_sign_in(browser: Browser) -> None:
    """Two sign-in pages open in one browser both work."""
    first, second = browser.authorize(state="one"), browser.authorize(state="two")
    assert answer_of(browser.choose(first))["state"] == "one"
    assert answer_of(browser.choose(second))["state"] == "two"


def test_unknown_person_is_refused(browser: Browser) -> None:
    """A login that is not on the page is refused with a page."""
    answer = browser.choose(browser.authorize(), "eve@example.com")
    assert answer.status_code == 400
    assert "Nobody has this login." in answer.text


def test_sign_in_takes_a_form_alone(browser: Browser) -> None:
    """A sign-in posted as JSON is refused."""
    page = browser.authorize()
    answer = browser.post("/signin", json={"request": hidden_request(page), "login": "ada@example.com"})
    assert answer.status_code == 400


def test_signing_in_again_ends_the_old_session(browser: Browser, other_browser: Browser) -> None:
    """The session id of before a sign-in is worth nothing after it."""
    browser.sign_in()
    other_browser.cookies.update(browser.cookies)
    browser.choose(browser.authorize(prompt="login"))
    assert answer_of(other_browser.authorize(prompt="none"))["error"] == "login_required"


def test_cookies_are_secure_under_https() -> None:
    """With an https issuer, behind a proxy, the cookies are marked Secure."""
    app = create_app(Config(issuer="https://okta.example/oauth2/default"))
    query = {"client_id": SPA_CLIENT_ID, "redirect_uri": REDIRECT_URI, "response_type": "code"}
    pkce = {"scope": "openid", "code_challenge": "a" * 43, "code_challenge_method": "S256"}
    with bind("127.0.0.1", 0) as taken, serving(app, taken):
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/oauth2/default/v1/authorize"
        page = httpx.get(url, params=query | pkce)
    assert "Secure" in page.headers["set-cookie"]


def test_store_drops_what_is_too_old() -> None:
    """A value is there until its lifetime is over, and then neither get nor pop gives it."""
    store: Store[str] = Store(lifetime=0.05)
    handle = store.add("value")
    assert store.get(handle) == "value"
    time.sleep(0.06)
    assert store.get(handle) is None
    assert store.pop(handle) is None
