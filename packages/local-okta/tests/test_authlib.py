"""A real OAuth client, Authlib, signs in at the local Okta with code and PKCE."""

import secrets

from authlib.integrations.httpx_client import OAuth2Client  # type: ignore[import-untyped] # it has no types
from joserfc import jwt
from joserfc.jwk import KeySet
from local_okta.config import (
    AGENT_CLIENT_ID,
    AGENT_CLIENT_SECRET,
    API_CLIENT_ID,
    API_CLIENT_SECRET,
    SPA_CLIENT_ID,
    TOKEN_EXCHANGE,
)
from local_okta.endpoints.token import ACCESS_TOKEN
from local_okta.state import LocalOkta
from local_okta_browser import REDIRECT_URI, Browser

SCOPE = "openid profile email offline_access"


def test_authlib_signs_in_refreshes_and_revokes(browser: Browser) -> None:
    """Authlib follows the metadata, sends prompt=consent for offline_access, and verifies the ID token."""
    metadata = browser.get("/.well-known/openid-configuration").json()
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    with OAuth2Client(
        SPA_CLIENT_ID,
        scope=SCOPE,
        redirect_uri=REDIRECT_URI,
        code_challenge_method="S256",
        token_endpoint_auth_method="none",
        revocation_endpoint_auth_method="none",
    ) as client:
        url, state = client.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, prompt="consent"
        )
        redirect = browser.choose(browser.get(url)).headers["location"]
        token = client.fetch_token(
            metadata["token_endpoint"], authorization_response=redirect, state=state, code_verifier=verifier
        )
        claims = jwt.decode(token["id_token"], KeySet.import_key_set(browser.get("/v1/keys").json())).claims
        assert (claims["nonce"], claims["aud"], claims["name"]) == (nonce, SPA_CLIENT_ID, "Ada Lovelace")
        assert client.get(metadata["userinfo_endpoint"]).json()["sub"] == claims["sub"]

        renewed = client.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
        assert renewed["access_token"] != token["access_token"]
        client.revoke_token(metadata["revocation_endpoint"], renewed["access_token"])
    assert browser.introspect(renewed["access_token"]) == {"active": False}


def test_authlib_exchanges_and_introspects_tokens(browser: Browser, local_okta: LocalOkta) -> None:
    """Authlib's confidential clients use the token exchange and the introspection endpoint."""
    subject = browser.tokens()["access_token"]
    with OAuth2Client(AGENT_CLIENT_ID, AGENT_CLIENT_SECRET) as agent:
        token = agent.fetch_token(
            f"{local_okta.issuer}/v1/token",
            grant_type=TOKEN_EXCHANGE,
            subject_token=subject,
            subject_token_type=ACCESS_TOKEN,
            scope="reports:read",
        )
    with OAuth2Client(API_CLIENT_ID, API_CLIENT_SECRET) as api:
        described = api.introspect_token(f"{local_okta.issuer}/v1/introspect", token["access_token"]).json()
    assert (described["active"], described["sub"]) == (True, "ada@example.com")
