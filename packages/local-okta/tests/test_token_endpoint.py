"""`/v1/token`: client credentials, client authentication and the form."""

import httpx
import pytest
from local_okta.config import SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET, SPA_CLIENT_ID
from local_okta_browser import Browser, assert_refused, bare_basic


def test_client_secret_in_the_form_is_accepted(browser: Browser) -> None:
    """With its secret in the form, the service client gets an access token only."""
    response = browser.client_credentials()
    assert response.status_code == 200
    assert response.json().keys() == {"token_type", "expires_in", "access_token", "scope"}
    assert response.json()["scope"] == "reports:read"


def test_client_secret_as_basic_is_accepted(browser: Browser) -> None:
    """With its secret as Basic, the service client gets a token."""
    form = {"grant_type": "client_credentials", "scope": "reports:read"}
    response = browser.post("/v1/token", data=form, auth=(SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET))
    assert response.status_code == 200


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
def test_wrong_client_credentials_are_rejected(browser: Browser, changes: dict[str, str | None]) -> None:
    """Wrong client credentials get a 401 with a Basic challenge."""
    response = browser.client_credentials(**changes)
    assert_refused(response, "invalid_client", 401)
    assert response.headers["www-authenticate"].startswith("Basic realm=")


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
def test_invalid_authorization_header_is_rejected(browser: Browser, header: str) -> None:
    """A malformed or wrong Authorization header gets a 401."""
    form = {"grant_type": "client_credentials", "scope": "reports:read"}
    response = browser.post("/v1/token", data=form, headers={"Authorization": header})
    assert_refused(response, "invalid_client", 401)


def test_non_ascii_authorization_header_is_rejected(browser: Browser) -> None:
    """An Authorization header that is not ASCII gets a 401, not a 500."""
    headers = httpx.Headers({"Authorization": "Basic \u00e9"}, encoding="latin-1")
    response = browser.post("/v1/token", data={"grant_type": "client_credentials"}, headers=headers)
    assert_refused(response, "invalid_client", 401)


@pytest.mark.parametrize("extra", [{"client_secret": SERVICE_CLIENT_SECRET}, {"client_id": SPA_CLIENT_ID}])
def test_credentials_sent_twice_are_rejected(browser: Browser, extra: dict[str, str]) -> None:
    """Credentials both as Basic and in the form are an invalid_request."""
    form = {"grant_type": "client_credentials", "scope": "reports:read", **extra}
    response = browser.post("/v1/token", data=form, auth=(SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET))
    assert_refused(response, "invalid_request")


@pytest.mark.parametrize("scope", [None, "openid", "reports:read offline_access", "unknown"])
def test_service_client_must_ask_for_its_own_scopes(browser: Browser, scope: str | None) -> None:
    """A missing, an OpenID Connect or an unknown scope is an invalid_scope."""
    assert_refused(browser.client_credentials(scope=scope), "invalid_scope")


def test_public_client_has_no_client_credentials(browser: Browser) -> None:
    """A public client may not use client_credentials."""
    response = browser.client_credentials(client_id=SPA_CLIENT_ID, client_secret=None)
    assert_refused(response, "unauthorized_client")


def test_unknown_grant_type_is_rejected(browser: Browser) -> None:
    """Another grant_type is an unsupported_grant_type."""
    assert_refused(browser.client_credentials(grant_type="password"), "unsupported_grant_type")


def test_parameters_in_the_query_are_ignored(browser: Browser) -> None:
    """The endpoint does not read parameters from the query."""
    form = {"grant_type": "client_credentials", "scope": "reports:read"}
    secret = {"client_id": SERVICE_CLIENT_ID, "client_secret": SERVICE_CLIENT_SECRET}
    assert_refused(browser.post("/v1/token", params=secret, data=form), "invalid_client", 401)


def test_body_must_be_a_form(browser: Browser) -> None:
    """A JSON or a multipart body is an invalid_request."""
    assert_refused(browser.post("/v1/token", json={"grant_type": "client_credentials"}), "invalid_request")
    assert_refused(browser.post("/v1/token", files={"grant_type": b"x"}), "invalid_request")


def test_repeated_parameter_is_rejected(browser: Browser) -> None:
    """A repeated parameter, even with the same value, is an invalid_request."""
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
def test_oversized_form_is_rejected(browser: Browser, extra: dict[str, str | None]) -> None:
    """A form with too large a field or too many fields is an invalid_request."""
    assert_refused(browser.client_credentials(**extra), "invalid_request")


def test_get_is_not_allowed(browser: Browser) -> None:
    """The token endpoint accepts only POST."""
    assert browser.get("/v1/token").status_code == 405
