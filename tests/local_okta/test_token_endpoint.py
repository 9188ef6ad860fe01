"""`/v1/token`: client credentials, client authentication and the form."""

import httpx
import pytest

from local_okta.config import SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET, SPA_CLIENT_ID
from tests.local_okta.browser import Browser, assert_refused, bare_basic


def test_client_credentials_in_the_form(browser: Browser) -> None:
    """The service client gets an access token alone with its secret in the form."""
    answer = browser.client_credentials()
    assert answer.status_code == 200
    assert answer.json().keys() == {"token_type", "expires_in", "access_token", "scope"}
    assert answer.json()["scope"] == "reports:read"


def test_client_credentials_as_basic(browser: Browser) -> None:
    """The service client gets a token with its secret as Basic."""
    form = {"grant_type": "client_credentials", "scope": "reports:read"}
    answer = browser.post("/v1/token", data=form, auth=(SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"client_secret": "wrong"},
        {"client_secret": None},
        {"client_id": "0oaunknown"},
        {"client_id": None},
        {"client_id": SPA_CLIENT_ID},
    ],
)
def test_wrong_client(browser: Browser, changes: dict[str, str | None]) -> None:
    """A client that does not prove who it is gets a 401 with a Basic challenge."""
    answer = browser.client_credentials(**changes)
    assert_refused(answer, "invalid_client", 401)
    assert answer.headers["www-authenticate"].startswith("Basic realm=")


@pytest.mark.parametrize(
    "header",
    [
        "Bearer abc",
        "Basic !!!",
        "Basic /w==",
        "Basic",
        *bare_basic(f"{SERVICE_CLIENT_ID}:wrong").values(),
        *bare_basic(SERVICE_CLIENT_ID).values(),
        *bare_basic(f"{SPA_CLIENT_ID}:a-secret").values(),
    ],
)
def test_wrong_authorization_header(browser: Browser, header: str) -> None:
    """An Authorization header that is malformed or proves nothing gets a 401."""
    form = {"grant_type": "client_credentials", "scope": "reports:read"}
    answer = browser.post("/v1/token", data=form, headers={"Authorization": header})
    assert_refused(answer, "invalid_client", 401)


def test_authorization_header_beyond_ascii(browser: Browser) -> None:
    """An Authorization header that is not ASCII gets a 401, not a 500."""
    headers = httpx.Headers({"Authorization": "Basic \u00e9"}, encoding="latin-1")
    answer = browser.post("/v1/token", data={"grant_type": "client_credentials"}, headers=headers)
    assert_refused(answer, "invalid_client", 401)


@pytest.mark.parametrize("extra", [{"client_secret": SERVICE_CLIENT_SECRET}, {"client_id": SPA_CLIENT_ID}])
def test_two_ways_to_authenticate(browser: Browser, extra: dict[str, str]) -> None:
    """Credentials as Basic and in the form at once are an invalid_request."""
    form = {"grant_type": "client_credentials", "scope": "reports:read", **extra}
    answer = browser.post("/v1/token", data=form, auth=(SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET))
    assert_refused(answer, "invalid_request")


@pytest.mark.parametrize("scope", [None, "openid", "reports:read offline_access", "unknown"])
def test_service_client_scopes(browser: Browser, scope: str | None) -> None:
    """The service client gets no scope by default, none about a person and none unknown."""
    assert_refused(browser.client_credentials(scope=scope), "invalid_scope")


def test_public_client_has_no_client_credentials(browser: Browser) -> None:
    """A public client may not get a token of its own."""
    answer = browser.client_credentials(client_id=SPA_CLIENT_ID, client_secret=None)
    assert_refused(answer, "unauthorized_client")


def test_unknown_grant_type(browser: Browser) -> None:
    """Another grant_type is an unsupported_grant_type."""
    assert_refused(browser.client_credentials(grant_type="password"), "unsupported_grant_type")


def test_parameters_in_the_url_do_not_count(browser: Browser) -> None:
    """Parameters in the query are not read: secrets do not belong there."""
    form = {"grant_type": "client_credentials", "scope": "reports:read"}
    secret = {"client_id": SERVICE_CLIENT_ID, "client_secret": SERVICE_CLIENT_SECRET}
    assert_refused(browser.post("/v1/token", params=secret, data=form), "invalid_client", 401)


def test_body_must_be_a_form(browser: Browser) -> None:
    """A JSON or a multipart body is an invalid_request."""
    assert_refused(browser.post("/v1/token", json={"grant_type": "client_credentials"}), "invalid_request")
    assert_refused(browser.post("/v1/token", files={"grant_type": b"x"}), "invalid_request")


def test_repeated_parameter(browser: Browser) -> None:
    """A parameter given twice, even with the same value, is an invalid_request."""
    form = (
        f"grant_type=client_credentials&client_id={SERVICE_CLIENT_ID}&client_secret={SERVICE_CLIENT_SECRET}"
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    once = browser.post("/v1/token", content=f"{form}&scope=reports:read", headers=headers)
    assert once.status_code == 200
    twice = browser.post(
        "/v1/token", content=f"{form}&scope=reports:read&scope=reports:read", headers=headers
    )
    assert_refused(twice, "invalid_request")


@pytest.mark.parametrize("extra", [{"a": "x" * 20_000}, {f"name{n}": "x" for n in range(40)}])
def test_form_is_limited(browser: Browser, extra: dict[str, str | None]) -> None:
    """A good form that also has too large a field or too many fields is an invalid_request."""
    assert_refused(browser.client_credentials(**extra), "invalid_request")


def test_get_is_not_allowed(browser: Browser) -> None:
    """The token endpoint takes POST alone."""
    assert browser.get("/v1/token").status_code == 405
