"""`/api/v1/sessions/me`: the browser's session, as okta-auth-js reads and ends it."""

from local_okta_browser import Browser, redirect_parameters


def test_session_is_active_after_a_sign_in(browser: Browser) -> None:
    """`session.exists()` is true when the status is ACTIVE."""
    browser.sign_in("grace@example.com")
    response = browser.get(browser.sessions_url)
    assert response.status_code == 200
    assert response.json() == {"status": "ACTIVE", "userId": "00ulocalgrace", "login": "grace@example.com"}


def test_missing_session_is_not_found(browser: Browser) -> None:
    """Without a session both methods return 404 with the error code that okta-auth-js expects."""
    for method in ("GET", "DELETE"):
        response = browser.request(method, browser.sessions_url)
        assert (response.status_code, response.json()["errorCode"]) == (404, "E0000007")


def test_deleted_session_is_ended(browser: Browser, other_browser: Browser) -> None:
    """DELETE signs out without an ID token, for copies of the cookie too."""
    browser.sign_in()
    other_browser.cookies.update(browser.cookies)
    assert browser.delete(browser.sessions_url).status_code == 204
    assert browser.get(browser.sessions_url).status_code == 404
    for client in (browser, other_browser):
        assert redirect_parameters(client.authorize(prompt="none"))["error"] == "login_required"


def test_logout_ends_this_session_too(browser: Browser) -> None:
    """After `/v1/logout` the session is gone here as well."""
    hint = browser.tokens()["id_token"]
    browser.get("/v1/logout", params={"id_token_hint": hint})
    assert browser.get(browser.sessions_url).status_code == 404
