"""`/v1/authorize`: what is refused and how, and how the answer goes back."""

import re
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from local_okta.config import SERVICE_CLIENT_ID
from local_okta.state import LocalOkta
from tests.local_okta.browser import REDIRECT_URI, Browser, answer_of


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
)
def test_unregistered_client_or_redirect_uri_never_redirects(
    browser: Browser, changes: dict[str, str | None]
) -> None:
    """An unregistered client or redirect URI gets a page with status 400 and no redirect."""
    answer = browser.authorize(**changes)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "Bad request" in answer.text


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
        ({"prompt": "consent"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_refusal_goes_back_with_state(browser: Browser, changes: dict[str, str | None], error: str) -> None:
    """A bad request of a registered client goes back with error, description and state, and no code."""
    answer = answer_of(browser.authorize(**changes))
    assert answer["error"] == error
    assert answer["error_description"]
    assert answer["state"] == "the-state"
    assert "code" not in answer


def test_no_state_is_made_up(browser: Browser) -> None:
    """A request without state gets an answer without state."""
    assert "state" not in answer_of(browser.authorize(state=None, scope=None))


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_repeated_client_or_redirect_uri_never_redirects(browser: Browser, name: str) -> None:
    """A client_id or redirect_uri given twice gets a page, whatever the two are."""
    url = browser.build_request("GET", browser.authorize().url).url
    answer = browser.get(url, params=[*url.params.multi_items(), (name, url.params[name])])
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(("name", "state"), [("scope", "the-state"), ("state", None)])
def test_repeated_parameter_goes_back_as_an_error(browser: Browser, name: str, state: str | None) -> None:
    """Another parameter given twice is an invalid_request, and a repeated state is not sent back."""
    url = browser.authorize().url
    answer = answer_of(browser.get(url, params=[*url.params.multi_items(), (name, "again")]))
    assert answer["error"] == "invalid_request"
    assert answer.get("state") == state


def test_session_answers_at_once(browser: Browser) -> None:
    """Once signed in, the next request is answered without the page, prompt=none included."""
    browser.sign_in()
    assert "code" in answer_of(browser.authorize())
    assert "code" in answer_of(browser.authorize(prompt="none"))


def test_prompt_login_shows_the_page_again(browser: Browser) -> None:
    """With a session, prompt=login still shows the sign-in page and another person can be chosen."""
    browser.sign_in("ada@example.com")
    page = browser.authorize(prompt="login")
    assert page.status_code == 200
    code = answer_of(browser.choose(page, "grace@example.com"))["code"]
    answer = browser.exchange(code).json()
    assert browser.userinfo(answer["access_token"]).json()["sub"] == "00ulocalgrace"
    assert "code" in answer_of(browser.authorize(prompt="none"))


def test_answer_in_the_fragment(browser: Browser) -> None:
    """The response mode fragment puts the answer behind the hash."""
    answer = browser.sign_in(response_mode="fragment")
    parts = urlsplit(answer.headers["location"])
    assert parts.query == ""
    assert dict(parse_qsl(parts.fragment)).keys() == {"code", "state"}


def posted(answer: httpx.Response) -> tuple[str, str]:
    """Return the message and the target origin in a post_message page."""
    message = re.search(r"const answer = (.*);", answer.text)
    origin = re.search(r"const origin = (.*);", answer.text)
    assert message
    assert origin
    return message[1], origin[1]


def test_post_message_with_a_code(browser: Browser) -> None:
    """Silent renewal gets a page that posts code and state to the redirect URI's origin alone."""
    browser.sign_in()
    answer = browser.authorize(prompt="none", response_mode="okta_post_message")
    message, origin = posted(answer)
    assert re.fullmatch(r'\{"code": "[\w-]+", "state": "the-state"\}', message)
    assert origin == '"http://localhost:3000"'
    assert "window.parent.postMessage(answer, origin)" in answer.text
    assert "window.opener.postMessage(answer, origin)" in answer.text


def test_post_message_may_be_framed_by_the_applications(browser: Browser) -> None:
    """The post_message page allows the registered origins as its frames' parents and its script by nonce."""
    browser.sign_in()
    answer = browser.authorize(prompt="none", response_mode="okta_post_message")
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors http://localhost:3000 http://localhost:8000" in policy
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
    assert nonce
    assert f'<script nonce="{nonce[1]}">' in answer.text
    assert "x-frame-options" not in answer.headers


def test_post_message_with_an_error(browser: Browser) -> None:
    """Silent renewal without a session posts login_required and the state."""
    message, _ = posted(browser.authorize(prompt="none", response_mode="okta_post_message"))
    assert '"error": "login_required"' in message
    assert '"state": "the-state"' in message


def test_state_cannot_break_out_of_the_script(browser: Browser) -> None:
    """A state that holds markup stays a string in the post_message page."""
    answer = browser.authorize(
        prompt="none", response_mode="okta_post_message", state="</script><script>alert(1)</script>"
    )
    assert answer.text.count("<script") == 1
    assert "alert(1)" in posted(answer)[0]


def test_code_is_not_reused_between_requests(browser: Browser, okta: LocalOkta) -> None:
    """Each answer carries a code of its own."""
    browser.sign_in()
    codes = {answer_of(browser.authorize())["code"] for _ in range(3)}
    assert len(codes) == 3
    assert all(okta.codes.get(code) for code in codes)
