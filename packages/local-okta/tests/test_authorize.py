"""`/v1/authorize`: invalid requests, prompts and response modes."""

import re
import time
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from local_okta.config import SERVICE_CLIENT_ID
from local_okta.state import LocalOkta
from local_okta_browser import REDIRECT_URI, Browser, decoded, redirect_parameters


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "0oaunknown"},
        {"client_id": None},
        {"redirect_uri": "http://localhost:3000/elsewhere"},
        {"redirect_uri": "https://evil.example/login/callback"},
        {"redirect_uri": f"{REDIRECT_URI}/"},
        {"redirect_uri": None},
        {"client_id": SERVICE_CLIENT_ID},
    ],
    ids=str,
)
def test_unregistered_client_or_redirect_uri_never_redirects(
    browser: Browser, changes: dict[str, str | None]
) -> None:
    """An unregistered client or redirect URI gets a page with status 400 and no redirect."""
    response = browser.authorize(**changes)
    assert response.status_code == 400
    assert "location" not in response.headers
    assert "Bad request" in response.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "too-short"}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "openid unknown:scope"}, "invalid_scope"),
        ({"prompt": "select_account"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "none consent"}, "invalid_request"),
        ({"response_mode": "web_message"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"max_age": "2147483648"}, "invalid_request"),
        ({"acr_values": "phr"}, "unmet_authentication_requirements"),
        ({"acr_values": "phr phrh"}, "unmet_authentication_requirements"),
        ({"prompt": "none"}, "login_required"),
    ],
    ids=str,
)
def test_invalid_request_is_redirected_with_the_error_and_state(
    browser: Browser, changes: dict[str, str | None], error: str
) -> None:
    """An invalid request of a registered client is redirected with error, description and state."""
    response = redirect_parameters(browser.authorize(**changes))
    assert response["error"] == error
    assert response["error_description"]
    assert response["state"] == "the-state"
    assert "code" not in response


def test_response_has_no_state_when_the_request_has_none(browser: Browser) -> None:
    """A request without state gets a response without state."""
    assert "state" not in redirect_parameters(browser.authorize(state=None, scope=None))


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_repeated_client_or_redirect_uri_never_redirects(browser: Browser, name: str) -> None:
    """A repeated client_id or redirect_uri gets a page with status 400."""
    url = browser.build_request("GET", browser.authorize().url).url
    response = browser.get(url, params=[*url.params.multi_items(), (name, url.params[name])])
    assert response.status_code == 400
    assert "location" not in response.headers


@pytest.mark.parametrize(("name", "state"), [("scope", "the-state"), ("state", None)])
def test_repeated_parameter_is_redirected_as_an_error(browser: Browser, name: str, state: str | None) -> None:
    """Another repeated parameter is an invalid_request; a repeated state is not returned."""
    url = browser.authorize().url
    response = redirect_parameters(browser.get(url, params=[*url.params.multi_items(), (name, "again")]))
    assert response["error"] == "invalid_request"
    assert response.get("state") == state


def test_session_skips_the_sign_in_page(browser: Browser) -> None:
    """With a session, the next request gets a code without the page, with prompt=none too."""
    browser.sign_in()
    assert "code" in redirect_parameters(browser.authorize())
    assert "code" in redirect_parameters(browser.authorize(prompt="none"))


def test_prompt_login_shows_the_page_again(browser: Browser) -> None:
    """With a session, prompt=login still shows the sign-in page and another person can be chosen."""
    browser.sign_in("ada@example.com")
    page = browser.authorize(prompt="login")
    assert page.status_code == 200
    code = redirect_parameters(browser.choose(page, "grace@example.com"))["code"]
    response = browser.exchange(code).json()
    assert browser.userinfo(response["access_token"]).json()["sub"] == "00ulocalgrace"
    assert "code" in redirect_parameters(browser.authorize(prompt="none"))


@pytest.mark.parametrize("prompt", ["consent", "login", "consent login", "login consent"])
def test_consent_prompt_shows_the_sign_in_page(browser: Browser, prompt: str) -> None:
    """The prompt consent is accepted, with login too, and ends in a code."""
    page = browser.authorize(prompt=prompt)
    assert page.status_code == 200
    assert "code" in redirect_parameters(browser.choose(page))


def test_consent_prompt_uses_the_session(browser: Browser) -> None:
    """With a session, consent gets a code at once: no scope here requires consent."""
    browser.sign_in()
    assert "code" in redirect_parameters(browser.authorize(prompt="consent"))
    assert browser.authorize(prompt="consent login").status_code == 200


def test_max_age_requires_a_recent_sign_in(browser: Browser, local_okta: LocalOkta) -> None:
    """A sign-in older than max_age shows the page again, and is a login_required with prompt=none."""
    browser.sign_in()
    local_okta.switches.skew = 100
    assert "code" in redirect_parameters(browser.authorize(max_age="200"))
    assert browser.authorize(max_age="50").status_code == 200
    silent = redirect_parameters(browser.authorize(max_age="50", prompt="none"))
    assert silent["error"] == "login_required"


def test_max_age_zero_always_shows_the_sign_in_page(browser: Browser) -> None:
    """The max_age 0 requires a new sign-in, like prompt=login."""
    page = browser.authorize(max_age="0")
    assert "code" in redirect_parameters(browser.choose(page))
    assert browser.authorize(max_age="0").status_code == 200


def test_new_sign_in_updates_auth_time(browser: Browser, local_okta: LocalOkta) -> None:
    """After a sign-in for max_age, auth_time is the time of that sign-in."""
    local_okta.switches.skew = -1000
    browser.sign_in()
    local_okta.switches.skew = 0
    response = browser.exchange(redirect_parameters(browser.choose(browser.authorize(max_age="300")))["code"])
    assert decoded(response.json()["access_token"])[1]["auth_time"] > time.time() - 60


def test_post_request_is_accepted(browser: Browser) -> None:
    """An authorization request may be a POST with the parameters in the form."""
    url = browser.authorize().url
    page = browser.post("/v1/authorize", data=dict(url.params))
    assert page.status_code == 200
    assert redirect_parameters(browser.choose(page))["state"] == "the-state"


def test_post_request_with_a_repeated_parameter_is_rejected(browser: Browser) -> None:
    """A repeated parameter in the form is an error that goes to the application."""
    query = browser.authorize().url.query.decode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    response = browser.post("/v1/authorize", content=f"{query}&scope=openid", headers=headers)
    assert redirect_parameters(response)["error"] == "invalid_request"


def test_form_post_response_mode_posts_to_the_redirect_uri(browser: Browser) -> None:
    """The response mode form_post returns a page that posts code and state to the redirect URI."""
    response = browser.sign_in(response_mode="form_post", state="'\"><script>")
    assert response.status_code == 200
    assert f'<form method="post" action="{REDIRECT_URI}">' in response.text
    assert re.search(r'name="code" value="[\w-]+"', response.text)
    assert 'name="state" value="&#39;&#34;&gt;&lt;script&gt;"' in response.text
    assert response.text.count("<script") == 1
    policy = response.headers["content-security-policy"]
    assert "form-action http://localhost:3000;" in policy
    assert re.search(r"script-src 'nonce-[^']+'", policy)


def test_fragment_response_mode_uses_the_fragment(browser: Browser) -> None:
    """The response mode fragment puts the parameters into the fragment."""
    response = browser.sign_in(response_mode="fragment")
    parts = urlsplit(response.headers["location"])
    assert parts.query == ""
    assert dict(parse_qsl(parts.fragment)).keys() == {"code", "state"}


def posted(response: httpx.Response) -> tuple[str, str]:
    """Return the message and the target origin in a post_message page."""
    message = re.search(r"const response = (.*);", response.text)
    origin = re.search(r"const origin = (.*);", response.text)
    assert message
    assert origin
    return message[1], origin[1]


def test_post_message_page_posts_the_code_to_the_origin(browser: Browser) -> None:
    """Silent renewal gets a page that posts code and state to the redirect URI's origin only."""
    browser.sign_in()
    response = browser.authorize(prompt="none", response_mode="okta_post_message")
    message, origin = posted(response)
    assert re.fullmatch(r'\{"code": "[\w-]+", "state": "the-state"\}', message)
    assert origin == '"http://localhost:3000"'
    assert "window.parent.postMessage(response, origin)" in response.text
    assert "window.opener.postMessage(response, origin)" in response.text


def test_post_message_page_may_be_framed_by_registered_origins(browser: Browser) -> None:
    """The post_message page allows framing by registered origins, and its script by nonce."""
    browser.sign_in()
    response = browser.authorize(prompt="none", response_mode="okta_post_message")
    policy = response.headers["content-security-policy"]
    assert "frame-ancestors http://localhost:3000 http://localhost:8000" in policy
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
    assert nonce
    assert f'<script nonce="{nonce[1]}">' in response.text
    assert "x-frame-options" not in response.headers


def test_post_message_page_posts_login_required(browser: Browser) -> None:
    """Silent renewal without a session posts login_required and the state."""
    message, _ = posted(browser.authorize(prompt="none", response_mode="okta_post_message"))
    assert '"error": "login_required"' in message
    assert '"state": "the-state"' in message


def test_state_cannot_break_out_of_the_script(browser: Browser) -> None:
    """Markup in the state stays a string in the post_message page."""
    response = browser.authorize(
        prompt="none", response_mode="okta_post_message", state="</script><script>alert(1)</script>"
    )
    assert response.text.count("<script") == 1
    assert "alert(1)" in posted(response)[0]


def test_every_response_has_a_new_code(browser: Browser, local_okta: LocalOkta) -> None:
    """Each response carries a different code."""
    browser.sign_in()
    codes = {redirect_parameters(browser.authorize())["code"] for _ in range(3)}
    assert len(codes) == 3
    assert all(local_okta.codes.get(code) for code in codes)
