"""DPoP at the token and userinfo endpoints (RFC 9449)."""

import time
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import ECAlgorithm, HMACAlgorithm, RSAAlgorithm
from local_okta.config import SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET, SPA_CLIENT_ID
from local_okta.dpop import ALGORITHMS, DPoPKey, thumbprint
from local_okta.keys import sign_compact
from local_okta.state import LocalOkta
from local_okta_browser import Browser, assert_refused, decoded

FORM = {
    "grant_type": "client_credentials",
    "client_id": SERVICE_CLIENT_ID,
    "client_secret": SERVICE_CLIENT_SECRET,
    "scope": "reports:read",
}


def token_url(okta: LocalOkta) -> str:
    """Return the token endpoint's URL."""
    return f"{okta.issuer}/v1/token"


def request_token(browser: Browser, *proofs: str, **form: str) -> httpx.Response:
    """Request a token with the given proofs."""
    headers = [("DPoP", proof) for proof in proofs]
    return browser.post("/v1/token", data={**FORM, **form}, headers=headers)


def valid_proof(okta: LocalOkta, key: DPoPKey, **changes: Any) -> str:
    """Return a proof for the token endpoint with the current nonce, changed by keyword."""
    return key.proof("POST", token_url(okta), **{"nonce": okta.dpop_nonce, **changes})


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_token_is_bound_to_the_key_of_the_proof(
    browser: Browser, local_okta: LocalOkta, algorithm: str
) -> None:
    """With a proof of each algorithm the token type is DPoP, and the token carries the thumbprint."""
    key = DPoPKey(algorithm)
    body = request_token(browser, valid_proof(local_okta, key)).json()
    assert body["token_type"] == "DPoP"
    assert decoded(body["access_token"])[1]["cnf"] == {"jkt": key.jkt}


def test_first_proof_is_challenged_for_a_nonce(browser: Browser, local_okta: LocalOkta) -> None:
    """A proof without the nonce gets use_dpop_nonce with the nonce in a header; the retry works."""
    key = DPoPKey()
    response = request_token(browser, key.proof("POST", token_url(local_okta)))
    assert_refused(response, "use_dpop_nonce")
    assert response.json()["error_description"] == "Authorization server requires nonce in DPoP proof."
    nonce = response.headers["dpop-nonce"]
    assert request_token(browser, key.proof("POST", token_url(local_okta), nonce=nonce)).status_code == 200


def test_nonce_that_is_not_text_is_challenged(browser: Browser, local_okta: LocalOkta) -> None:
    """A lone surrogate, which no encoding has, is another nonce like any other."""
    response = request_token(browser, valid_proof(local_okta, DPoPKey(), nonce="\ud800"))
    assert_refused(response, "use_dpop_nonce")


def test_nonce_challenge_does_not_use_up_the_code(browser: Browser, local_okta: LocalOkta) -> None:
    """After a nonce challenge the authorization code is still valid."""
    key, code = DPoPKey(), browser.code(scope="openid offline_access")
    form = {
        "grant_type": "authorization_code",
        "client_id": SPA_CLIENT_ID,
        "redirect_uri": "http://localhost:3000/login/callback",
        "code": code,
        "code_verifier": browser.verifier,
    }
    first = browser.post("/v1/token", data=form, headers={"DPoP": key.proof("POST", token_url(local_okta))})
    assert first.json()["error"] == "use_dpop_nonce"
    second = browser.post("/v1/token", data=form, headers={"DPoP": valid_proof(local_okta, key)})
    assert second.json()["token_type"] == "DPoP"
    assert "cnf" not in decoded(second.json()["id_token"])[1]


@pytest.mark.parametrize(
    "changes",
    [
        {"htm": "GET"},
        {"htm": None},
        {"htu": "http://localhost:9000/oauth2/default/v1/keys"},
        {"htu": None},
        {"iat": 1_000_000_000},
        {"iat": 4_000_000_000},
        {"iat": "now"},
        {"iat": True},
        {"iat": None},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 257},
        {"jti": 7},
        {"headers": {"typ": "JWT"}},
        {"headers": {"typ": None}},
        {"headers": {"alg": "none"}},
        {"headers": {"alg": "HS256"}},
        {"headers": {"alg": "PS256"}},
        {"headers": {"alg": "RS256"}},
        {"headers": {"alg": "ES384"}},
        {"headers": {"jwk": None}},
        {"headers": {"jwk": "a key"}},
        {"headers": {"jwk": DPoPKey().jwk}},
        {"headers": {"jwk": {"kty": "EC"}}},
        {"headers": {"crit": ["b64"]}},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_invalid_proof_is_rejected(browser: Browser, local_okta: LocalOkta, changes: dict[str, Any]) -> None:
    """A proof with a wrong claim or header member is an invalid_dpop_proof."""
    assert_refused(
        request_token(browser, valid_proof(local_okta, DPoPKey(), **changes)), "invalid_dpop_proof"
    )


def test_private_key_in_the_header_is_rejected(browser: Browser, local_okta: LocalOkta) -> None:
    """A proof with the private key in its header, otherwise valid, is an invalid_dpop_proof."""
    key = DPoPKey()
    signer: Any = ECAlgorithm(ECAlgorithm.SHA256)
    private = signer.to_jwk(key.private_key, as_dict=True)
    assert key.jwk.items() < private.items()
    assert_refused(
        request_token(browser, valid_proof(local_okta, key, headers={"jwk": private})), "invalid_dpop_proof"
    )


@pytest.mark.parametrize("proof", ["garbage", "a.b.c", "", "e30.e30."])
def test_malformed_proof_is_rejected(browser: Browser, proof: str) -> None:
    """A proof that is no JWT is an invalid_dpop_proof."""
    assert_refused(request_token(browser, proof), "invalid_dpop_proof")


@pytest.mark.parametrize("claims", [[], "text", 7])
def test_proof_without_an_object_is_rejected(browser: Browser, claims: Any) -> None:
    """A signed proof without a JSON object of claims is an invalid_dpop_proof."""
    key = DPoPKey()
    header = {"typ": "dpop+jwt", "alg": key.algorithm, "jwk": key.jwk}
    proof = sign_compact(header, claims, key.private_key, key.algorithm)
    assert_refused(request_token(browser, proof), "invalid_dpop_proof")


def test_two_proofs_are_rejected(browser: Browser, local_okta: LocalOkta) -> None:
    """Two DPoP headers are an invalid_dpop_proof, even if both are valid."""
    key = DPoPKey()
    response = request_token(browser, valid_proof(local_okta, key), valid_proof(local_okta, key))
    assert_refused(response, "invalid_dpop_proof")


def test_used_proof_is_rejected(browser: Browser, local_okta: LocalOkta) -> None:
    """A proof works once; another key may use the same jti."""
    proof = valid_proof(local_okta, DPoPKey(), jti="the-jti")
    assert request_token(browser, proof).status_code == 200
    assert_refused(request_token(browser, proof), "invalid_dpop_proof")
    assert request_token(browser, valid_proof(local_okta, DPoPKey(), jti="the-jti")).status_code == 200


def test_query_and_fragment_of_htu_are_ignored(browser: Browser, local_okta: LocalOkta) -> None:
    """The htu claim is compared without query and fragment (RFC 9449 §4.3)."""
    proof = valid_proof(local_okta, DPoPKey(), htu=f"{token_url(local_okta)}?a=b#c", htm="post")
    assert request_token(browser, proof).status_code == 200


def test_short_rsa_key_is_rejected(browser: Browser, local_okta: LocalOkta) -> None:
    """An RSA key of less than 2048 bits is an invalid_dpop_proof."""
    private_key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 -- the point of this test
    jwk = RSAAlgorithm.to_jwk(private_key.public_key(), as_dict=True)
    header = {"typ": "dpop+jwt", "alg": "RS256", "jwk": {name: jwk[name] for name in ("kty", "n", "e")}}
    claims = {"jti": "a", "htm": "POST", "htu": token_url(local_okta), "iat": int(time.time())}
    proof = sign_compact(header, claims, private_key, "RS256")
    assert_refused(request_token(browser, proof), "invalid_dpop_proof")


def test_symmetric_key_is_rejected(browser: Browser, local_okta: LocalOkta) -> None:
    """A proof signed with a symmetric key in its header is an invalid_dpop_proof."""
    secret = b"s" * 32
    jwk = HMACAlgorithm.to_jwk(secret, as_dict=True)
    claims = {"jti": "a", "htm": "POST", "htu": token_url(local_okta), "iat": int(time.time())}
    proof = jwt.encode(claims, secret, "HS256", {"typ": "dpop+jwt", "jwk": jwk})
    assert_refused(request_token(browser, proof), "invalid_dpop_proof")


def refresh_with(browser: Browser, token: str, proof: str | None = None) -> httpx.Response:
    """Use a refresh token, with a proof or without."""
    form = {"grant_type": "refresh_token", "client_id": SPA_CLIENT_ID, "refresh_token": token}
    return browser.post("/v1/token", data=form, headers={"DPoP": proof} if proof else {})


def test_refresh_token_is_bound_to_the_key(browser: Browser, local_okta: LocalOkta) -> None:
    """A refresh needs a proof of the same key, and its access token is bound to it."""
    key = DPoPKey()
    code = browser.code(scope="openid offline_access")
    token = browser.exchange(code, dpop=valid_proof(local_okta, key)).json()["refresh_token"]
    assert_refused(refresh_with(browser, token), "invalid_dpop_proof")
    assert_refused(refresh_with(browser, token, valid_proof(local_okta, DPoPKey())), "invalid_dpop_proof")
    body = refresh_with(browser, token, valid_proof(local_okta, key)).json()
    assert body["token_type"] == "DPoP"
    assert decoded(body["access_token"])[1]["cnf"] == {"jkt": key.jkt}


def test_bearer_refresh_token_cannot_become_bound(browser: Browser, local_okta: LocalOkta) -> None:
    """A grant is bound to one key or to none, from its first token on."""
    token = browser.tokens(scope="openid offline_access")["refresh_token"]
    assert_refused(refresh_with(browser, token, valid_proof(local_okta, DPoPKey())), "invalid_dpop_proof")
    assert refresh_with(browser, token).json()["token_type"] == "Bearer"


def test_userinfo_requires_the_proof_of_a_bound_token(browser: Browser, local_okta: LocalOkta) -> None:
    """Userinfo accepts a bound token with a proof and without a nonce, as okta-auth-js calls it."""
    key, url = DPoPKey("RS256"), f"{local_okta.issuer}/v1/userinfo"
    token = browser.exchange(browser.code(), dpop=valid_proof(local_okta, key)).json()["access_token"]
    scheme = {"Authorization": f"DPoP {token}"}
    accepted = browser.get("/v1/userinfo", headers={**scheme, "DPoP": key.proof("GET", url, token)})
    assert accepted.json()["sub"] == "00ulocalada"
    for headers in (
        {"Authorization": f"Bearer {token}"},
        scheme,
        {**scheme, "DPoP": DPoPKey().proof("GET", url, token)},
        {**scheme, "DPoP": key.proof("GET", url)},
        {**scheme, "DPoP": key.proof("GET", url, "another token")},
    ):
        assert browser.get("/v1/userinfo", headers=headers).status_code in (400, 401)


def test_introspection_reports_the_binding(browser: Browser, local_okta: LocalOkta) -> None:
    """The introspection response has the token type DPoP and the cnf claim (RFC 9449 §6.2)."""
    key = DPoPKey()
    token = browser.exchange(browser.code(), dpop=valid_proof(local_okta, key)).json()["access_token"]
    response = browser.introspect(token)
    assert (response["token_type"], response["cnf"]) == ("DPoP", {"jkt": key.jkt})


def test_thumbprint_matches_the_example_of_rfc_7638() -> None:
    """The thumbprint of the key in RFC 7638 §3.1 is the one given there."""
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs"
        "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1"
        "n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    jwk = {"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}
    assert thumbprint(jwk) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
