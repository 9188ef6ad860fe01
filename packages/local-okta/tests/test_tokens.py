"""The tokens have exactly Okta's headers and claims."""

import base64
import hashlib
import time
from typing import Any

import jwt
import pytest
from local_okta.config import SERVICE_CLIENT_ID, SPA_CLIENT_ID
from local_okta.keys import KeyRing, SigningKey
from local_okta.state import Grant, LocalOkta
from local_okta.tokens import id_claims
from local_okta_browser import Browser, decoded


def assert_fresh(claims: dict[str, Any]) -> None:
    """Check that a token was issued now and expires in an hour."""
    assert time.time() - 10 < claims["iat"] <= time.time()
    assert claims["exp"] == claims["iat"] + 3600


def test_header_has_only_kid_and_alg(browser: Browser, local_okta: LocalOkta) -> None:
    """The header of both tokens has only kid and alg, no typ."""
    tokens = browser.tokens()
    for kind in ("access_token", "id_token"):
        header, _ = decoded(tokens[kind])
        assert header == {"kid": local_okta.keys.published[0].kid, "alg": "RS256"}


def test_access_token_claims(browser: Browser, local_okta: LocalOkta) -> None:
    """A person's access token has exactly Okta's claims; its subject is the login."""
    _, claims = decoded(browser.tokens()["access_token"])
    assert_fresh(claims)
    assert claims["auth_time"] <= claims["iat"]
    assert claims.pop("jti").startswith("AT.")
    for name in ("iat", "exp", "auth_time"):
        assert isinstance(claims.pop(name), int)
    assert claims == {
        "ver": 1,
        "iss": local_okta.issuer,
        "aud": "api://default",
        "cid": SPA_CLIENT_ID,
        "uid": "00ulocalada",
        "scp": ["openid", "profile", "email"],
        "sub": "ada@example.com",
        "groups": ["Everyone", "Admins"],
    }


def test_service_token_claims(browser: Browser, local_okta: LocalOkta) -> None:
    """A client's own token has the client id as its subject, and no uid, groups or auth_time."""
    _, claims = decoded(browser.client_credentials().json()["access_token"])
    assert_fresh(claims)
    assert claims.pop("jti").startswith("AT.")
    del claims["iat"], claims["exp"]
    assert claims == {
        "ver": 1,
        "iss": local_okta.issuer,
        "aud": "api://default",
        "cid": SERVICE_CLIENT_ID,
        "scp": ["reports:read"],
        "sub": SERVICE_CLIENT_ID,
    }


def test_id_token_claims(browser: Browser, local_okta: LocalOkta) -> None:
    """The ID token has the client as audience, the uid as subject, the nonce and the claims of the scopes."""
    tokens = browser.tokens(scope="openid profile email groups")
    _, claims = decoded(tokens["id_token"])
    assert_fresh(claims)
    digest = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims.pop("at_hash") == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert claims.pop("jti").startswith("ID.")
    del claims["iat"], claims["exp"], claims["auth_time"]
    assert claims == {
        "ver": 1,
        "iss": local_okta.issuer,
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
    """Without a nonce and other scopes the ID token has no nonce and no profile."""
    _, claims = decoded(browser.tokens(scope="openid", nonce=None)["id_token"])
    assert claims.keys() == {"ver", "jti", "iss", "aud", "sub", "iat", "exp", "auth_time", "amr", "at_hash"}


def test_tokens_verify_with_the_published_keys(browser: Browser) -> None:
    """A JWT library verifies both tokens with the key set at jwks_uri."""
    tokens = browser.tokens()
    keys = jwt.PyJWKSet.from_dict(browser.get("/v1/keys").json())
    for kind, audience in (("access_token", "api://default"), ("id_token", SPA_CLIENT_ID)):
        key = keys[decoded(tokens[kind])[0]["kid"]]
        assert jwt.decode(tokens[kind], key, algorithms=["RS256"], audience=audience)


def test_no_id_token_without_a_person(local_okta: LocalOkta) -> None:
    """Issuing an ID token for a grant without a person raises an error."""
    with pytest.raises(ValueError, match="about a person"):
        id_claims(local_okta, Grant(SERVICE_CLIENT_ID, ("openid",)), ("openid",), "access-token", None)


def test_every_key_ring_has_a_new_key() -> None:
    """Two key rings have different keys with different key ids."""
    first, second = KeyRing().jwks()["keys"][0], KeyRing().jwks()["keys"][0]
    assert first["kid"] != second["kid"]
    assert first["n"] != second["n"]


def test_published_key_members() -> None:
    """A published key has the members that Okta publishes, and no private ones."""
    jwk = SigningKey().jwk()
    assert jwk.keys() == {"kty", "alg", "kid", "use", "e", "n"}
    assert (jwk["kty"], jwk["alg"], jwk["use"], jwk["e"]) == ("RSA", "RS256", "sig", "AQAB")
    assert len(base64.urlsafe_b64decode(jwk["n"] + "==")) == 2048 // 8


def test_invalid_tokens_can_be_signed() -> None:
    """The signing key signs any claims under any header, for tests of verifiers."""
    key = SigningKey()
    token = key.sign({"exp": "soon", "iss": 7}, {"kid": None, "typ": "at+jwt", "crit": []})
    assert decoded(token) == ({"alg": "RS256", "typ": "at+jwt", "crit": []}, {"exp": "soon", "iss": 7})
    public = key.private_key.public_key()
    assert jwt.decode(key.sign({"a": 1}, {"typ": "JWT"}), public, algorithms=["RS256"]) == {"a": 1}


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda _: "garbage", id="garbage"),
        pytest.param(lambda _: "a.b.c", id="three parts"),
        pytest.param(lambda _: SigningKey().sign({"sub": "x"}), id="other key"),
        pytest.param(
            lambda ring: SigningKey().sign({"sub": "x"}, {"kid": ring.published[0].kid}),
            id="other key, known kid",
        ),
        pytest.param(lambda ring: ring.sign(["not", "an", "object"]), id="not an object"),
    ],
)
def test_tokens_of_other_keys_do_not_verify(make: Any) -> None:
    """The key ring refuses garbage, tokens of other keys, and claims that are not an object."""
    ring = KeyRing()
    with pytest.raises(jwt.InvalidTokenError):
        ring.verify(make(ring))
