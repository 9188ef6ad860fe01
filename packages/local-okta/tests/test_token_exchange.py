"""`/v1/token`: the token-exchange grant (RFC 8693)."""

import httpx
import pytest
from local_okta.config import (
    AGENT_CLIENT_ID,
    AGENT_CLIENT_SECRET,
    API_CLIENT_ID,
    API_CLIENT_SECRET,
    SERVICE_CLIENT_ID,
    SERVICE_CLIENT_SECRET,
    TOKEN_EXCHANGE,
)
from local_okta.dpop import DPoPKey
from local_okta.endpoints.token import ACCESS_TOKEN
from local_okta.state import LocalOkta
from local_okta_browser import Browser, assert_refused, decoded

AGENT = (AGENT_CLIENT_ID, AGENT_CLIENT_SECRET)
API = (API_CLIENT_ID, API_CLIENT_SECRET)
SERVICE = (SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET)


def exchange(
    browser: Browser,
    token: str,
    client: tuple[str, str] = AGENT,
    changes: dict[str, str] | None = None,
    dpop: str | None = None,
) -> httpx.Response:
    """Exchange an access token as a client; `changes` replaces parameters, an empty one is absent."""
    form = {
        "grant_type": TOKEN_EXCHANGE,
        "subject_token": token,
        "subject_token_type": ACCESS_TOKEN,
        "scope": "reports:read",
        **(changes or {}),
    }
    return browser.post("/v1/token", data=form, auth=client, headers={"DPoP": dpop} if dpop else {})


def test_agent_gets_a_token_for_the_user(browser: Browser, local_okta: LocalOkta) -> None:
    """The token has the user as subject, `scope` as a string, the agent in `act`, and no cid or scp."""
    body = exchange(browser, browser.tokens()["access_token"]).json()
    assert body["issued_token_type"] == ACCESS_TOKEN
    assert (body["token_type"], body["scope"]) == ("Bearer", "reports:read")
    assert "refresh_token" not in body
    claims = decoded(body["access_token"])[1]
    assert claims.pop("jti").startswith("AT.")
    assert claims.pop("exp") - claims.pop("iat") == 3600
    assert claims == {
        "iss": local_okta.issuer,
        "aud": "api://default",
        "sub": "ada@example.com",
        "scope": "reports:read",
        "act": {"sub": AGENT_CLIENT_ID},
    }


def test_second_exchange_nests_the_actors(browser: Browser) -> None:
    """Exchanging an agent's token puts the agent inside the new actor (RFC 8693 §4.1)."""
    first = exchange(browser, browser.tokens()["access_token"]).json()["access_token"]
    second = exchange(browser, first, API).json()["access_token"]
    assert decoded(second)[1]["act"] == {"sub": API_CLIENT_ID, "act": {"sub": AGENT_CLIENT_ID}}


@pytest.mark.parametrize("name", ["audience", "resource"])
def test_known_audience_is_used(browser: Browser, name: str) -> None:
    """The audience or resource (RFC 8707) becomes the token's aud."""
    token = browser.tokens()["access_token"]
    body = exchange(browser, token, changes={name: "http://localhost:8000"}).json()
    assert decoded(body["access_token"])[1]["aud"] == "http://localhost:8000"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"audience": "api://unknown"}, "invalid_target"),
        ({"resource": "https://evil.example"}, "invalid_target"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": "reports:read unknown"}, "invalid_scope"),
        ({"subject_token": ""}, "invalid_request"),
        ({"subject_token_type": ""}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:id_token"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ({"subject_token": "garbage"}, "invalid_grant"),
    ],
    ids=str,
)
def test_invalid_exchange_is_rejected(browser: Browser, changes: dict[str, str], error: str) -> None:
    """An unknown audience, scope or token type, or an invalid subject token, is rejected."""
    assert_refused(exchange(browser, browser.tokens()["access_token"], changes=changes), error)


def test_only_active_access_tokens_of_a_user_are_exchanged(browser: Browser, local_okta: LocalOkta) -> None:
    """An ID token, a refresh token, a service's token and a revoked token are an invalid_grant."""
    tokens = browser.tokens(scope="openid offline_access")
    service = browser.client_credentials().json()["access_token"]
    for token in (tokens["id_token"], tokens["refresh_token"], service):
        assert_refused(exchange(browser, token), "invalid_grant")
    local_okta.revoke(tokens["access_token"])
    assert_refused(exchange(browser, tokens["access_token"]), "invalid_grant")


def test_other_clients_may_not_exchange_tokens(browser: Browser) -> None:
    """A client without the grant is an unauthorized_client, a wrong secret an invalid_client."""
    token = browser.tokens()["access_token"]
    assert_refused(exchange(browser, token, SERVICE), "unauthorized_client")
    assert_refused(exchange(browser, token, (AGENT_CLIENT_ID, "wrong")), "invalid_client", 401)


def test_exchanged_token_is_introspected_and_revoked(browser: Browser, local_okta: LocalOkta) -> None:
    """The API's client introspects an agent's token, with scope and act, until it is revoked."""
    token = exchange(browser, browser.tokens()["access_token"]).json()["access_token"]
    response = browser.post("/v1/introspect", data={"token": token}, auth=API).json()
    assert (response["active"], response["client_id"]) == (True, AGENT_CLIENT_ID)
    assert (response["scope"], response["act"]) == ("reports:read", {"sub": AGENT_CLIENT_ID})
    local_okta.revoke(token)
    assert browser.post("/v1/introspect", data={"token": token}, auth=API).json() == {"active": False}


def test_exchanged_token_can_be_bound(browser: Browser, local_okta: LocalOkta) -> None:
    """With a proof the agent's token is bound to the agent's key."""
    key = DPoPKey()
    proof = key.proof("POST", f"{local_okta.issuer}/v1/token", nonce=local_okta.dpop_nonce)
    body = exchange(browser, browser.tokens()["access_token"], dpop=proof).json()
    assert body["token_type"] == "DPoP"
    assert decoded(body["access_token"])[1]["cnf"] == {"jkt": key.jkt}
