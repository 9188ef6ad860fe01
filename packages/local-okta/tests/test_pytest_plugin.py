"""The test kit's fixtures."""

import jwt
import pytest
from local_okta.config import API_CLIENT_ID, API_CLIENT_SECRET
from local_okta.dpop import ALGORITHMS, ath_of
from local_okta.state import LocalOkta
from local_okta.testing import DPoPKey, OktaToken
from local_okta_browser import Browser, decoded

API = (API_CLIENT_ID, API_CLIENT_SECRET)


def is_active(browser: Browser, token: str) -> bool:
    """Introspect a token as the API does."""
    response = browser.post("/v1/introspect", data={"token": token}, auth=API)
    return response.json()["active"] is True


def test_token_is_active_until_it_is_revoked(
    browser: Browser, local_okta: LocalOkta, okta_token: OktaToken
) -> None:
    """`okta.revoke` ends one token; others stay active."""
    token, other = okta_token(), okta_token()
    assert is_active(browser, token)
    local_okta.revoke(token)
    assert not is_active(browser, token)
    assert is_active(browser, other)


def test_revoked_refresh_token_ends_its_grant(browser: Browser, local_okta: LocalOkta) -> None:
    """`okta.revoke` of a refresh token ends the access token, as in Okta."""
    tokens = browser.tokens(scope="openid offline_access")
    local_okta.revoke(tokens["refresh_token"])
    assert not is_active(browser, tokens["access_token"])
    assert browser.refresh(tokens["refresh_token"]).status_code == 400


def test_claims_are_set_by_keyword(okta_token: OktaToken) -> None:
    """`acr`, `auth_time` and any other claim are set as given; None leaves one out."""
    token = okta_token(acr="urn:okta:loa:2fa:any", auth_time=1, cid=None, act={"sub": "agent"})
    claims = decoded(token)[1]
    assert (claims["acr"], claims["auth_time"], claims["act"]) == (
        "urn:okta:loa:2fa:any",
        1,
        {"sub": "agent"},
    )
    assert "cid" not in claims


def test_token_is_bound_to_a_dpop_key(browser: Browser, okta_token: OktaToken) -> None:
    """`dpop=key` sets cnf, in the token and in its introspection."""
    key = DPoPKey()
    token = okta_token(dpop=key)
    assert decoded(token)[1]["cnf"] == {"jkt": key.jkt}
    response = browser.post("/v1/introspect", data={"token": token}, auth=API).json()
    assert response["cnf"] == {"jkt": key.jkt}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_proof_verifies_with_the_key_in_its_header(algorithm: str) -> None:
    """A proof has the header and claims of RFC 9449 §4.2, and verifies with a JWT library."""
    key = DPoPKey(algorithm)
    proof = key.proof("GET", "http://localhost:8000/me", "token")
    header = jwt.get_unverified_header(proof)
    assert (header["typ"], header["alg"]) == ("dpop+jwt", algorithm)
    claims = jwt.decode(proof, jwt.PyJWK(header["jwk"], algorithm), algorithms=[algorithm])
    assert claims.keys() == {"jti", "htm", "htu", "iat", "ath"}
    assert (claims["htm"], claims["htu"]) == ("GET", "http://localhost:8000/me")
    assert claims["ath"] == ath_of("token")


def test_settings_describe_an_api_that_accepts_the_tokens(local_okta: LocalOkta) -> None:
    """`okta.settings` returns the API's settings, with changes."""
    settings = local_okta.settings(okta_audience="api://other", dpop="allowed")
    assert settings == {
        "okta_issuer": local_okta.issuer,
        "okta_client_id": "0oalocalspa,0oalocalservice,0oalocalapi,0oalocalagent",
        "okta_audience": "api://other",
        "dpop": "allowed",
    }
