"""The tokens: exactly Okta's headers and claims."""

import base64
import hashlib
import time
from typing import Any

import jwt
import pytest

from local_okta.claims import id_claims
from local_okta.config import SERVICE_CLIENT_ID, SPA_CLIENT_ID
from local_okta.keys import KeyRing, SigningKey
from local_okta.state import Grant, LocalOkta
from tests.local_okta.browser import Browser, decoded


def assert_fresh(claims: dict[str, Any]) -> None:
    """Check that a token was issued now for an hour."""
    assert time.time() - 10 < claims["iat"] <= time.time()
    assert claims["exp"] == claims["iat"] + 3600


def test_header_is_kid_and_alg_alone(browser: Browser, okta: LocalOkta) -> None:
    """The header of both tokens holds kid and alg and nothing else, no typ."""
    tokens = browser.tokens()
    for kind in ("access_token", "id_token"):
        header, _ = decoded(tokens[kind])
        assert header == {"kid": okta.keys.published[0].kid, "alg": "RS256"}


def test_access_token_claims(browser: Browser, okta: LocalOkta) -> None:
    """A person's access token carries exactly Okta's claims; its subject is the login."""
    _, claims = decoded(browser.tokens()["access_token"])
    assert_fresh(claims)
    assert claims["auth_time"] <= claims["iat"]
    assert claims.pop("jti").startswith("AT.")
    for name in ("iat", "exp", "auth_time"):
        assert isinstance(claims.pop(name), int)
    assert claims == {
        "ver": 1,
        "iss": okta.issuer,
        "aud": "api://default",
        "cid": SPA_CLIENT_ID,
        "uid": "00ulocalada",
        "scp": ["openid", "profile", "email"],
        "sub": "ada@example.com",
        "groups": ["Everyone", "Admins"],
    }


def test_service_token_claims(browser: Browser, okta: LocalOkta) -> None:
    """A client's own token has the client id as subject and neither uid, groups nor auth_time."""
    _, claims = decoded(browser.client_credentials().json()["access_token"])
    assert_fresh(claims)
    assert claims.pop("jti").startswith("AT.")
    del claims["iat"], claims["exp"]
    assert claims == {
        "ver": 1,
        "iss": okta.issuer,
        "aud": "api://default",
        "cid": SERVICE_CLIENT_ID,
        "scp": ["reports:read"],
        "sub": SERVICE_CLIENT_ID,
    }


def test_id_token_claims(browser: Browser, okta: LocalOkta) -> None:
    """The ID token is for the client, about the uid, with the nonce and what the scopes tell."""
    tokens = browser.tokens(scope="openid profile email groups")
    _, claims = decoded(tokens["id_token"])
    assert_fresh(claims)
    digest = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims.pop("at_hash") == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert claims.pop("jti").startswith("ID.")
    del claims["iat"], claims["exp"], claims["auth_time"]
    assert claims == {
        "ver": 1,
        "iss": okta.issuer,
        "aud": SPA_CLIENT_ID,
        "sub": "00ulocalada",
        "amr": ["pwd"],
        "nonce": "the-nonce",
        "name": "Ada Lovelace",
        "preferred_username": "ada@example.com",
        "given_name": "Ada",
        "family_name": "Lovelace",
        "email": "ada@example.com",
        "email_verified": True,
        "groups": ["Everyone", "Admins"],
    }


def test_id_token_without_nonce_and_scopes(browser: Browser) -> None:
    """Without a nonce and further scopes the ID token has neither nonce nor profile."""
    _, claims = decoded(browser.tokens(scope="openid", nonce=None)["id_token"])
    assert claims.keys() == {"ver", "jti", "iss", "aud", "sub", "iat", "exp", "auth_time", "amr", "at_hash"}


def test_tokens_verify_with_the_published_keys(browser: Browser) -> None:
    """A JWT library verifies both tokens with the key set at jwks_uri."""
    tokens = browser.tokens()
    keys = jwt.PyJWKSet.from_dict(browser.get("/v1/keys").json())
    for kind, audience in (("access_token", "api://default"), ("id_token", SPA_CLIENT_ID)):
        key = keys[decoded(tokens[kind])[0]["kid"]]
        assert jwt.decode(tokens[kind], key, algorithms=["RS256"], audience=audience)


def test_no_id_token_without_a_person(okta: LocalOkta) -> None:
    """An ID token for a grant without a person is a programming error."""
    with pytest.raises(ValueError, match="about a person"):
        id_claims(okta, Grant(SERVICE_CLIENT_ID, ("openid",)), ("openid",), "access-token", None)


def test_every_start_has_a_key_of_its_own() -> None:
    """Two servers have different keys under different key ids."""
    first, second = KeyRing().jwks()["keys"][0], KeyRing().jwks()["keys"][0]
    assert first["kid"] != second["kid"]
    assert first["n"] != second["n"]


def test_published_key_members() -> None:
    """A published key has the members Okta publishes and none of the private ones."""
    jwk = SigningKey().jwk()
    assert jwk.keys() == {"kty", "alg", "kid", "use", "e", "n"}
    assert (jwk["kty"], jwk["alg"], jwk["use"], jwk["e"]) == ("RSA", "RS256", "sig", "AQAB")
    assert len(base64.urlsafe_b64decode(jwk["n"] + "==")) == 2048 // 8


def test_deliberately_wrong_tokens_can_be_signed() -> None:
    """The signing key signs any claims under any header, for tests of other programs."""
    key = SigningKey()
    token = key.sign({"exp": "soon", "iss": 7}, {"kid": None, "typ": "at+jwt", "crit": []})
    assert decoded(token) == ({"alg": "RS256", "typ": "at+jwt", "crit": []}, {"exp": "soon", "iss": 7})
    public = key.private_key.public_key()
    assert jwt.decode(key.sign({"a": 1}, {"typ": "JWT"}), public, algorithms=["RS256"]) == {"a": 1}


@pytest.mark.parametrize(
    "make",
    [
        lambda _: "garbage",
        lambda _: "a.b.c",
        lambda _: SigningKey().sign({"sub": "x"}),
        lambda ring: SigningKey().sign({"sub": "x"}, {"kid": ring.published[0].kid}),
        lambda ring: ring.sign(["not", "an", "object"]),
    ],
)
def test_foreign_tokens_do_not_verify(make: Any) -> None:
    """A token that is garbage, signed by another key or not an object is refused by the key ring."""
    ring = KeyRing()
    with pytest.raises(jwt.InvalidTokenError):
        ring.verify(make(ring))
