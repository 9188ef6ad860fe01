"""DPoP (RFC 9449): a token that is bound to a key is accepted only with a valid proof of that key."""

import asyncio
import base64
import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import httpx
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import Depends
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from backend.okta import Principal, require_dpop
from backend.okta.nonce import STEP_SECONDS, Nonces
from local_okta.pytest_plugin import DPoPKey, OktaToken
from local_okta.serving import serve
from local_okta.state import LocalOkta
from tests.support.api import (
    APP_ORIGIN,
    METADATA,
    app_for,
    bearer,
    free_address,
    settings_for,
    wait_until_ready,
)
from tests.support.dpop import ALGORITHMS, ALGS, API, dpop_headers, dpop_key, raw_proof
from tests.support.tokens import encode

ME = f"{API}/me"
SECRETS = ("n" * 32, "o" * 32)


def served(okta: LocalOkta, **changes: object) -> Iterator[httpx.Client]:
    """Serve an application that accepts DPoP, and yield a client of it."""
    app = app_for(settings_for(okta, **{"dpop": "allowed", **changes}))

    @app.get("/payments")
    async def payments(user: Annotated[Principal, Depends(require_dpop)]) -> dict[str, str]:
        return {"paid_by": user.subject}

    with serve(app) as url, httpx.Client(base_url=url) as client:
        wait_until_ready(url)
        yield client


@pytest.fixture(scope="module")
def allowed(okta_server: LocalOkta) -> Iterator[httpx.Client]:
    """A client of an application that accepts Bearer and DPoP."""
    yield from served(okta_server)


@pytest.fixture(scope="module")
def required(okta_server: LocalOkta) -> Iterator[httpx.Client]:
    """A client of an application that accepts only DPoP."""
    yield from served(okta_server, dpop="required")


@pytest.fixture(scope="module")
def with_nonce(okta_server: LocalOkta) -> Iterator[httpx.Client]:
    """A client of an application that requires nonces."""
    yield from served(okta_server, dpop_nonce_secrets=",".join(SECRETS))


@pytest.fixture
def key() -> DPoPKey:
    """The client's key."""
    return dpop_key()


@pytest.fixture
def token(okta_token: OktaToken, key: DPoPKey) -> str:
    """A token that is bound to the client's key."""
    return okta_token(dpop=key)


def challenge(error: str, description: str = "") -> str:
    """Return the challenge of a request that used DPoP."""
    described = f', error_description="{description}"' if description else ""
    return f'DPoP realm="api", error="{error}"{described}{METADATA}, {ALGS}'


def assert_refused_proof(response: httpx.Response, reason: str, status: int = 401) -> None:
    """Check that `response` refuses the proof for `reason`."""
    assert (response.status_code, response.json()) == (status, {"error": f"Unauthorized proof or {reason}"})
    assert response.headers["WWW-Authenticate"] == challenge("invalid_dpop_proof", reason)


@pytest.mark.parametrize("value", ["Basic dXNlcjpwYXNz", "Negotiate YII="])
def test_unsupported_scheme_gets_the_accepted_ones(
    allowed: httpx.Client, required: httpx.Client, value: str
) -> None:
    """The text names the schemes of the challenge."""
    texts = [client.get("/me", headers={"Authorization": value}).json() for client in (allowed, required)]
    assert texts == [
        {"error": "Unauthorized scheme: use Bearer or DPoP"},
        {"error": "Unauthorized scheme: use DPoP"},
    ]


def test_malformed_header_gets_the_accepted_form(allowed: httpx.Client, required: httpx.Client) -> None:
    """The text shows the forms that the API accepts, or the one that the request used."""
    text = "Unauthorized request: Authorization must be one header of the form"
    for client, value, forms in (
        (allowed, "Bearer", "Bearer <token> or DPoP <token>"),
        (allowed, "DPoP", "DPoP <token>"),
        (required, "Bearer", "DPoP <token>"),
        (required, "DPoP a b", "DPoP <token>"),
    ):
        response = client.get("/me", headers={"Authorization": value})
        assert (response.status_code, response.json()) == (400, {"error": f"{text} {forms}"})


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_bound_token_with_its_proof_is_accepted(
    allowed: httpx.Client, required: httpx.Client, okta_token: OktaToken, algorithm: str
) -> None:
    """Each algorithm that Okta accepts is accepted, with DPOP=allowed and DPOP=required."""
    key = dpop_key(algorithm)
    token = okta_token(dpop=key)
    for client in (allowed, required):
        response = client.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token)))
        assert (response.status_code, response.json()["subject"]) == (200, "ada@example.com")


def test_scheme_is_case_insensitive(allowed: httpx.Client, token: str, key: DPoPKey) -> None:
    """The scheme can be in any case (RFC 9110 section 11.1)."""
    for scheme in ("dpop", "DPOP", "DpoP "):
        headers = {"Authorization": f"{scheme} {token}", "dpop": key.proof("GET", ME, token)}
        assert allowed.get("/me", headers=headers).status_code == 200


def test_bearer_token_is_accepted_where_both_are(allowed: httpx.Client, okta_token: OktaToken) -> None:
    """With DPOP=allowed a Bearer token is accepted without a proof."""
    assert allowed.get("/me", headers=bearer(okta_token())).status_code == 200


def test_missing_credentials_are_challenged_with_what_is_accepted(
    allowed: httpx.Client, required: httpx.Client
) -> None:
    """The challenge names the schemes and no error (RFC 9449 section 7.2)."""
    response = allowed.get("/me")
    assert (response.status_code, response.json()) == (401, {"error": "Unauthorized Access"})
    assert response.headers["WWW-Authenticate"] == f'Bearer realm="api"{METADATA}, DPoP {ALGS}'
    response = required.get("/me")
    assert (response.status_code, response.json()) == (401, {"error": "Unauthorized Access"})
    assert response.headers["WWW-Authenticate"] == f'DPoP realm="api"{METADATA}, {ALGS}'


def test_bound_token_is_refused_as_bearer(allowed: httpx.Client, token: str) -> None:
    """A bound token sent as Bearer is refused (RFC 9449 section 7.2)."""
    response = allowed.get("/me", headers=bearer(token))
    reason = "token is bound to a key and cannot be used as a bearer token"
    assert (response.status_code, response.json()) == (401, {"error": f"Unauthorized token or {reason}"})
    assert response.headers["WWW-Authenticate"] == (
        f'Bearer realm="api", error="invalid_token", error_description="{reason}"{METADATA}, DPoP {ALGS}'
    )


def test_bound_token_is_refused_as_bearer_although_a_proof_came_along(
    allowed: httpx.Client, token: str, key: DPoPKey
) -> None:
    """The scheme decides, not the `DPoP` header."""
    headers = {**bearer(token), "DPoP": key.proof("GET", ME, token)}
    assert allowed.get("/me", headers=headers).status_code == 401


def test_bearer_is_refused_where_dpop_is_required(required: httpx.Client, okta_token: OktaToken) -> None:
    """With DPOP=required a Bearer token is refused."""
    response = required.get("/me", headers=bearer(okta_token()))
    reason = "token must be sent with a DPoP proof"
    assert (response.status_code, response.json()) == (401, {"error": f"Unauthorized token or {reason}"})
    assert response.headers["WWW-Authenticate"] == challenge("invalid_token", reason)


def test_route_can_require_dpop_where_the_application_accepts_both(
    allowed: httpx.Client, okta_token: OktaToken, token: str, key: DPoPKey
) -> None:
    """The challenge for a Bearer token offers only DPoP."""
    proof = key.proof("GET", f"{API}/payments", token)
    assert allowed.get("/payments", headers=dpop_headers(token, proof)).status_code == 200
    response = allowed.get("/payments", headers=bearer(okta_token()))
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == challenge(
        "invalid_token", "token must be sent with a DPoP proof"
    )


@pytest.mark.parametrize("cnf", [None, {}, {"x5t#S256": "abc"}, "jkt", {"jkt": None}], ids=str)
def test_token_without_a_key_is_refused_as_dpop(
    allowed: httpx.Client, okta_token: OktaToken, key: DPoPKey, cnf: object
) -> None:
    """A Bearer token with the scheme DPoP is refused."""
    token = okta_token(cnf=cnf)
    response = allowed.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token)))
    assert response.json() == {"error": "Unauthorized token or token is not bound to a DPoP key"}
    assert response.headers["WWW-Authenticate"] == challenge(
        "invalid_token", "token is not bound to a DPoP key"
    )


def test_further_members_of_cnf_are_ignored(
    allowed: httpx.Client, okta_token: OktaToken, key: DPoPKey
) -> None:
    """`cnf` may also contain the thumbprint of a certificate."""
    token = okta_token(cnf={"jkt": key.jkt, "x5t#S256": "abc"})
    assert allowed.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token))).status_code == 200


@pytest.mark.parametrize("jkt", ["", "A" * 43, "é", 1, ["A"]], ids=str)
def test_token_bound_to_another_key_is_refused(
    allowed: httpx.Client, okta_token: OktaToken, key: DPoPKey, jkt: object
) -> None:
    """The error is invalid_token, not invalid_dpop_proof (RFC 9449 figure 16)."""
    token = okta_token(cnf={"jkt": jkt})
    response = allowed.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token)))
    assert response.json() == {"error": "Unauthorized token or token is bound to another key"}
    assert response.headers["WWW-Authenticate"] == challenge("invalid_token", "token is bound to another key")


def test_proof_of_a_thief_is_refused(allowed: httpx.Client, token: str) -> None:
    """A proof with another key than that of the token is refused."""
    proof = dpop_key("ES384").proof("GET", ME, token)
    response = allowed.get("/me", headers=dpop_headers(token, proof))
    assert response.json() == {"error": "Unauthorized token or token is bound to another key"}


def test_expired_token_is_refused_in_the_scheme_used(
    allowed: httpx.Client, okta_token: OktaToken, key: DPoPKey
) -> None:
    """The token is verified like a Bearer token."""
    token = okta_token(dpop=key, exp=1)
    response = allowed.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token)))
    assert response.headers["WWW-Authenticate"] == challenge("invalid_token", "token has expired")


def test_missing_scope_is_refused_in_the_scheme_used(allowed: httpx.Client, token: str, key: DPoPKey) -> None:
    """The challenge of a route has the scheme of the request."""
    proof = key.proof("GET", f"{API}/reports", token)
    response = allowed.get("/reports", headers=dpop_headers(token, proof))
    assert (response.status_code, response.json()) == (403, {"error": "Forbidden"})
    assert response.headers["WWW-Authenticate"] == (
        f'DPoP realm="api", error="insufficient_scope", scope="reports:read"{METADATA}, {ALGS}'
    )


def test_missing_proof_is_refused(allowed: httpx.Client, token: str) -> None:
    """A DPoP token without a proof is refused."""
    assert_refused_proof(allowed.get("/me", headers={"Authorization": f"DPoP {token}"}), "proof is missing")


def test_two_proofs_are_refused(allowed: httpx.Client, token: str, key: DPoPKey) -> None:
    """Two proofs are refused, because a proxy could check one and the service the other."""
    proofs = [("DPoP", key.proof("GET", ME, token)) for _ in range(2)]
    response = allowed.get("/me", headers=[("Authorization", f"DPoP {token}"), *proofs])
    assert_refused_proof(response, "more than one proof was sent", 400)


def test_two_authorization_headers_are_refused(
    allowed: httpx.Client, token: str, okta_token: OktaToken
) -> None:
    """Bearer and DPoP credentials in one request are refused."""
    headers = [("Authorization", f"DPoP {token}"), ("Authorization", f"Bearer {okta_token()}")]
    assert allowed.get("/me", headers=headers).status_code == 400


def test_dpop_is_an_unsupported_scheme_while_it_is_off(api: httpx.Client, token: str, key: DPoPKey) -> None:
    """With DPOP=off the scheme DPoP is unsupported."""
    response = api.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token)))
    assert response.status_code == 401
    assert response.json()["error"].startswith("Unauthorized scheme")
    assert "DPoP" not in response.headers["WWW-Authenticate"]
    assert api.get("/me", headers=bearer(token)).status_code == 401


Change = Callable[[str], str]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda _: "", id="empty"),
        pytest.param(lambda _: "abc", id="one part"),
        pytest.param(lambda proof: proof.rsplit(".", 1)[0], id="two parts"),
        pytest.param(lambda proof: f"{proof}.x", id="four parts"),
        pytest.param(lambda proof: proof.rsplit(".", 1)[0] + ".", id="no signature"),
        pytest.param(lambda proof: f"{proof}=", id="padding"),
        pytest.param(lambda proof: proof[:-1] + _next_letter(proof[-1]), id="not canonical"),
        pytest.param(lambda proof: proof.replace(".", "+.", 1), id="letter of base64"),
        pytest.param(lambda proof: f"{proof}, {proof}", id="two in one header"),
        pytest.param(lambda proof: proof.replace(".", " .", 1), id="space inside"),
    ],
)
def test_malformed_proof_is_refused(allowed: httpx.Client, token: str, key: DPoPKey, change: Change) -> None:
    """Only the canonical compact form of RFC 7515 section 7.1 is accepted."""
    proof = change(key.proof("GET", ME, token))
    assert_refused_proof(allowed.get("/me", headers=dpop_headers(token, proof)), "proof is not a signed JWT")


def _next_letter(letter: str) -> str:
    # The last letter of an ES256 signature carries four bits that must be zero.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[alphabet.index(letter) + 1]


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        pytest.param(b"[]", b"{}", id="header is an array"),
        pytest.param(b'{"alg":"ES256","alg":"ES256"}', b"{}", id="duplicate name in the header"),
        pytest.param(b"{}", b'{"jti":"a","jti":"b"}', id="duplicate name in the claims"),
        pytest.param(b"{}", b'{"a":{"b":1,"b":2}}', id="duplicate name inside a claim"),
        pytest.param(b"{}", b'{"iat":NaN}', id="not a number"),
        pytest.param(b"{}", b'"text"', id="claims are a string"),
        pytest.param(b"{}", b"\xff\xfe{}", id="not UTF-8"),
        pytest.param(b"{}", b'\xef\xbb\xbf{"a":1}', id="byte order mark"),
        pytest.param(b"{}", b"[" * 4000, id="deeply nested"),
        pytest.param(b"{}", b'{"iat":' + b"9" * 5000 + b"}", id="endless number"),
    ],
)
def test_proof_with_bad_json_is_refused(
    allowed: httpx.Client, token: str, key: DPoPKey, header: bytes, claims: bytes
) -> None:
    """Header and claims must be JSON objects that all parsers read the same way."""
    response = allowed.get("/me", headers=dpop_headers(token, raw_proof(key, header, claims)))
    assert_refused_proof(response, "proof is not a signed JWT")


def test_proof_of_more_than_8_kib_is_refused(allowed: httpx.Client, token: str, key: DPoPKey) -> None:
    """A proof with additional claims is accepted up to 8 KiB."""
    small = key.proof("GET", ME, token, note="a" * 4000)
    assert allowed.get("/me", headers=dpop_headers(token, small)).status_code == 200
    large = key.proof("GET", ME, token, note="a" * 8000)
    assert_refused_proof(allowed.get("/me", headers=dpop_headers(token, large)), "proof is too large")


@pytest.mark.parametrize(
    "kind", [None, "JWT", "at+jwt", "dpop", "application/dpop+jwt", 1, ["dpop+jwt"]], ids=str
)
def test_proof_of_another_type_is_refused(
    allowed: httpx.Client, token: str, key: DPoPKey, kind: object
) -> None:
    """Another JWT signed by the key is not a proof."""
    header = {"alg": key.algorithm, "jwk": key.jwk, **({} if kind is None else {"typ": kind})}
    proof = raw_proof(key, header, claims_for(token))
    assert_refused_proof(allowed.get("/me", headers=dpop_headers(token, proof)), "proof type is not dpop+jwt")


def test_type_is_case_insensitive(allowed: httpx.Client, token: str, key: DPoPKey) -> None:
    """The type can be in any case (RFC 7515 section 4.1.9)."""
    proof = key.proof("GET", ME, token, headers={"typ": "DPoP+JWT"})
    assert allowed.get("/me", headers=dpop_headers(token, proof)).status_code == 200


@pytest.mark.parametrize(
    "algorithm", [None, "none", "HS256", "PS256", "EdDSA", "ES256K", "es256", "", 256, ["ES256"]], ids=str
)
def test_proof_of_another_algorithm_is_refused(
    allowed: httpx.Client, token: str, key: DPoPKey, algorithm: object
) -> None:
    """Only the algorithms in the metadata are accepted, and no symmetric ones."""
    header = {"typ": "dpop+jwt", "jwk": key.jwk, **({} if algorithm is None else {"alg": algorithm})}
    proof = raw_proof(key, header, claims_for(token))
    assert_refused_proof(
        allowed.get("/me", headers=dpop_headers(token, proof)), "proof algorithm is not accepted"
    )


@pytest.mark.parametrize("name", ["crit", "b64"])
def test_proof_with_an_extension_is_refused(
    allowed: httpx.Client, token: str, key: DPoPKey, name: str
) -> None:
    """A critical extension is refused (RFC 7515 section 4.1.11)."""
    proof = key.proof("GET", ME, token, headers={name: ["exp"]})
    response = allowed.get("/me", headers=dpop_headers(token, proof))
    assert_refused_proof(response, "proof demands an extension that is not supported")


def claims_for(token: str) -> dict[str, Any]:
    """Return the claims of a valid proof for GET /me."""
    ath = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
    return {"jti": str(time.time_ns()), "htm": "GET", "htu": ME, "iat": int(time.time()), "ath": ath}


def weak_rsa(bits: int = 2048, exponent: int = 65537) -> dict[str, Any]:
    """Return the public key of an RSA key that is too weak, or too large."""
    numbers = rsa.generate_private_key(exponent, bits).public_key().public_numbers()
    return {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}


def _number(number: int) -> str:
    return encode(number.to_bytes((number.bit_length() + 7) // 8, "big"))


JWKS: dict[str, Callable[[DPoPKey], Any]] = {
    "missing": lambda _: None,
    "not an object": lambda _: "key",
    "empty": lambda _: {},
    "private member": lambda key: {**key.jwk, "d": "AQAB"},
    "private member without a value": lambda key: {**key.jwk, "d": None},
    "symmetric": lambda _: {"kty": "oct", "k": "AAAA"},
    "unknown type": lambda key: {**key.jwk, "kty": "OKP"},
    "type that is no string": lambda key: {**key.jwk, "kty": ["EC"]},
    "key of another algorithm": lambda _: dpop_key("RS256").jwk,
    "curve of another algorithm": lambda _: dpop_key("ES384").jwk,
    "curve name of another algorithm": lambda key: {**key.jwk, "crv": "P-384"},
    "no coordinate": lambda key: {name: key.jwk[name] for name in ("kty", "crv", "x")},
    "coordinate that is no string": lambda key: {**key.jwk, "x": 1},
    "coordinate that is too short": lambda key: {**key.jwk, "x": "AAAA"},
    "point that is not on the curve": lambda key: {**key.jwk, "x": key.jwk["y"]},
    "point at infinity": lambda key: {**key.jwk, "x": encode(bytes(32)), "y": encode(bytes(32))},
    "coordinate beyond base64url": lambda key: {**key.jwk, "x": "é" * 43},
    "lone surrogate": lambda key: {**key.jwk, "x": "\ud800" * 43},
}


@pytest.mark.parametrize("jwk", JWKS.values(), ids=JWKS)
def test_proof_with_another_key_than_a_public_one_is_refused(
    allowed: httpx.Client, token: str, key: DPoPKey, jwk: Callable[[DPoPKey], Any]
) -> None:
    """The header must have a public key that fits the algorithm, and no private member."""
    proof = raw_proof(key, {"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk(key)}, claims_for(token))
    response = allowed.get("/me", headers=dpop_headers(token, proof))
    assert_refused_proof(response, "proof has no public key that fits its algorithm")


@pytest.mark.parametrize(
    ("bits", "exponent"),
    [
        pytest.param(1024, 65537, id="1024 bits"),
        pytest.param(2048, 3, id="exponent 3"),
        pytest.param(4104, 65537, id="4104 bits"),
    ],
)
def test_proof_with_an_unsuitable_rsa_key_is_refused(
    allowed: httpx.Client, token: str, bits: int, exponent: int
) -> None:
    """RSA keys must have 2048 to 4096 bits and an exponent of at least 65537."""
    header = {"typ": "dpop+jwt", "alg": "RS256", "jwk": weak_rsa(bits, exponent)}
    proof = f"{encode(header)}.{encode(claims_for(token))}.AAAA"
    response = allowed.get("/me", headers=dpop_headers(token, proof))
    assert_refused_proof(response, "proof has no public key that fits its algorithm")


def test_proof_with_a_changed_signature_is_refused(allowed: httpx.Client, token: str, key: DPoPKey) -> None:
    """A proof with changed claims or signature is refused."""
    head, claims, signature = key.proof("GET", ME, token).split(".")
    for proof in (
        f"{head}.{encode(claims_for(token))}.{signature}",
        f"{head}.{claims}.AAAA",
        f"{head}.{claims}.{encode(bytes(64))}",
    ):
        response = allowed.get("/me", headers=dpop_headers(token, proof))
        assert_refused_proof(response, "proof signature is not valid")


@pytest.mark.parametrize("method", [None, "POST", "", "GET ", 1, ["GET"], "\uff27ET"], ids=str)
def test_proof_for_another_method_is_refused(
    allowed: httpx.Client, token: str, key: DPoPKey, method: object
) -> None:
    """A proof for GET is not valid for POST."""
    proof = key.proof("GET", ME, token, htm=method)
    response = allowed.get("/me", headers=dpop_headers(token, proof))
    assert_refused_proof(response, "htm is not the method of the request")


def test_method_is_compared_without_case(allowed: httpx.Client, token: str, key: DPoPKey) -> None:
    """okta-auth-js sends the method as its caller wrote it."""
    assert allowed.get("/me", headers=dpop_headers(token, key.proof("get", ME, token))).status_code == 200
    lookalike = key.proof("po\u017ft", f"{API}/items", token)
    response = allowed.post("/items", headers=dpop_headers(token, lookalike))
    assert_refused_proof(response, "htm is not the method of the request")


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "OPTIONS"])
def test_proof_covers_every_method(allowed: httpx.Client, token: str, key: DPoPKey, method: str) -> None:
    """A proof for any method is accepted: a method that the route lacks gets 405, not 401."""
    url = f"{API}/items"
    proof = key.proof(method, url, token)
    assert allowed.request(method, "/items", headers=dpop_headers(token, proof)).status_code in (200, 405)


@pytest.mark.parametrize(
    "url",
    [None, f"{API}/hello/Ada", "https://localhost:8000/me", "http://127.0.0.1:8000/me", "/me", 1],
    ids=str,
)
def test_proof_for_another_url_is_refused(
    allowed: httpx.Client, token: str, key: DPoPKey, url: object
) -> None:
    """A proof for one URL is not valid for another."""
    proof = key.proof("GET", ME, token, htu=url)
    response = allowed.get("/me", headers=dpop_headers(token, proof))
    assert_refused_proof(response, "htu is not the URL of the request")


@pytest.mark.parametrize(
    ("path", "url"),
    [
        pytest.param("/me?x=1&y=2", f"{ME}?x=1&y=2", id="query as in the request"),
        pytest.param("/me?x=1", ME, id="query in the request alone"),
        pytest.param("/me", f"{ME}?x=1#f", id="query and fragment in the proof alone"),
        pytest.param("/hello/Zo%C3%AB", f"{API}/hello/Zoë", id="letter beyond ASCII"),
        pytest.param("/hello/a%20b", f"{API}/hello/%61%20b", id="percent-encoding"),
        pytest.param("/", API, id="no path"),
        pytest.param("/me", "HTTP://LOCALHOST:8000/me", id="upper case"),
    ],
)
def test_proof_for_the_same_url_in_another_spelling_is_accepted(
    allowed: httpx.Client, token: str, key: DPoPKey, path: str, url: str
) -> None:
    """Spellings that real clients use are accepted; tests/okta/test_dpop_url.py has the rest."""
    proof = key.proof("GET", url, token)
    assert allowed.get(path, headers=dpop_headers(token, proof)).status_code == 200


def test_headers_of_proxies_do_not_change_the_url(allowed: httpx.Client, token: str, key: DPoPKey) -> None:
    """The URL comes from RESOURCE_URL, not from Host or X-Forwarded headers."""
    made_up = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    proof = key.proof("GET", ME, token)
    assert allowed.get("/me", headers={**made_up, **dpop_headers(token, proof)}).status_code == 200
    proof = key.proof("GET", "https://evil.example/me", token)
    response = allowed.get("/me", headers={**made_up, **dpop_headers(token, proof)})
    assert_refused_proof(response, "htu is not the URL of the request")


def test_prefix_that_a_proxy_removes_is_part_of_the_url(okta: LocalOkta, token: str, key: DPoPKey) -> None:
    """Clients sign the URL that they call, including a prefix that the proxy removes."""
    for client in served(okta, resource_url="https://api.example.com/v1"):
        proof = key.proof("GET", "https://api.example.com/v1/me", token)
        assert client.get("/me", headers=dpop_headers(token, proof)).status_code == 200
        proof = key.proof("GET", "https://api.example.com/me", token)
        assert client.get("/me", headers=dpop_headers(token, proof)).status_code == 401


@pytest.mark.parametrize("ath", [None, "", "A" * 43, "é", 1], ids=str)
def test_proof_for_another_token_is_refused(
    allowed: httpx.Client, token: str, key: DPoPKey, ath: object
) -> None:
    """A proof is valid for one access token (RFC 9449 section 4.3)."""
    response = allowed.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token, ath=ath)))
    assert_refused_proof(response, "ath is not the hash of the access token")


@pytest.mark.parametrize("iat", [None, "now", True, [1]], ids=str)
def test_proof_without_a_time_is_refused(
    allowed: httpx.Client, token: str, key: DPoPKey, iat: object
) -> None:
    """`iat` must be a number."""
    response = allowed.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token, iat=iat)))
    assert_refused_proof(response, "iat is missing or not a number")


@pytest.mark.parametrize(
    ("offset", "reason"),
    [
        pytest.param(-50, None, id="50 s old"),
        pytest.param(-70, "proof has expired", id="70 s old"),
        pytest.param(-(10**30), "proof has expired", id="from before the big bang"),
        pytest.param(25, None, id="25 s ahead"),
        pytest.param(40, "proof was issued in the future", id="40 s ahead"),
        pytest.param(1e300, "proof was issued in the future", id="float far ahead"),
    ],
)
def test_clock_skew_is_limited(
    allowed: httpx.Client, token: str, key: DPoPKey, offset: float, reason: str | None
) -> None:
    """A proof is accepted from 30 s before to 60 s after its `iat`."""
    response = allowed.get(
        "/me", headers=dpop_headers(token, key.proof("GET", ME, token, iat=time.time() + offset))
    )
    if reason is None:
        assert response.status_code == 200
    else:
        assert_refused_proof(response, reason)


@pytest.mark.parametrize("jti", [None, "", "a" * 257, 1, ["a"]], ids=lambda jti: str(jti)[:10])
def test_proof_without_an_id_is_refused(allowed: httpx.Client, token: str, key: DPoPKey, jti: object) -> None:
    """A proof without a usable `jti` is refused, because its reuse could not be detected."""
    response = allowed.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token, jti=jti)))
    assert_refused_proof(response, "jti is missing or too long")


@pytest.mark.parametrize("jti", ["a" * 256, "ë", "\ud800", "\u0000"], ids=ascii)
def test_replayed_proof_is_refused(allowed: httpx.Client, token: str, key: DPoPKey, jti: str) -> None:
    """A proof is accepted once, with any `jti`."""
    headers = dpop_headers(token, key.proof("GET", ME, token, jti=jti))
    assert allowed.get("/me", headers=headers).status_code == 200
    assert_refused_proof(allowed.get("/me", headers=headers), "proof has already been used")
    again = dpop_headers(token, key.proof("GET", f"{ME}?x", token, jti=jti, iat=int(time.time()) - 1))
    assert_refused_proof(allowed.get("/me", headers=again), "proof has already been used")


def test_id_may_be_used_for_another_url_or_by_another_key(
    allowed: httpx.Client, okta_token: OktaToken, token: str, key: DPoPKey
) -> None:
    """Ids are unique per key and URL (RFC 9449 section 11.1)."""
    other = dpop_key("ES384")
    others = okta_token(dpop=other)
    jti = "the same"
    assert allowed.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token, jti=jti))).is_success
    assert allowed.get("/", headers=dpop_headers(token, key.proof("GET", API, token, jti=jti))).is_success
    assert allowed.get(
        "/me", headers=dpop_headers(others, other.proof("GET", ME, others, jti=jti))
    ).is_success


def test_refused_proof_is_not_used_up(allowed: httpx.Client, token: str, key: DPoPKey) -> None:
    """`jti` is recorded after all other checks, so a refused proof can be sent again."""
    proof = key.proof("POST", f"{API}/items", token)
    assert allowed.get("/items", headers=dpop_headers(token, proof)).status_code == 401
    assert allowed.post("/items", headers=dpop_headers(token, proof)).status_code == 200


def test_nonce_is_required_and_provided(with_nonce: httpx.Client, token: str, key: DPoPKey) -> None:
    """The refusal contains the nonce for the next request (RFC 9449 section 9)."""
    response = with_nonce.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token)))
    assert (response.status_code, response.json()) == (
        401,
        {"error": "Unauthorized proof or nonce is missing or has expired"},
    )
    assert response.headers["WWW-Authenticate"] == challenge("use_dpop_nonce")
    assert response.headers["Cache-Control"] == "no-store"
    [nonce] = response.headers.get_list("DPoP-Nonce")
    proof = key.proof("GET", ME, token, nonce=nonce)
    response = with_nonce.get("/me", headers=dpop_headers(token, proof))
    assert response.status_code == 200
    assert "DPoP-Nonce" not in response.headers


@pytest.mark.parametrize("nonce", ["", "made up", 1, ["a"], "é"], ids=str)
def test_nonce_of_somebody_else_is_refused(
    with_nonce: httpx.Client, token: str, key: DPoPKey, nonce: object
) -> None:
    """Only nonces of this application are accepted."""
    for iat in (int(time.time()), 1):
        proof = key.proof("GET", ME, token, nonce=nonce, iat=iat)
        response = with_nonce.get("/me", headers=dpop_headers(token, proof))
        assert response.headers["WWW-Authenticate"] == challenge("use_dpop_nonce")


def test_fresh_nonce_does_not_make_an_old_proof_valid(
    with_nonce: httpx.Client, token: str, key: DPoPKey
) -> None:
    """The time is checked even if the nonce is valid."""
    nonce = Nonces(SECRETS).current()
    proof = key.proof("GET", ME, token, nonce=nonce, iat=int(time.time()) - 70)
    assert_refused_proof(with_nonce.get("/me", headers=dpop_headers(token, proof)), "proof has expired")


def test_nonce_is_not_revealed_to_a_proof_with_a_bad_signature(
    with_nonce: httpx.Client, token: str, key: DPoPKey
) -> None:
    """The nonce is checked after the signature, so a forged proof gets no nonce."""
    head, claims, _ = key.proof("GET", ME, token).split(".")
    response = with_nonce.get("/me", headers=dpop_headers(token, f"{head}.{claims}.{encode(bytes(64))}"))
    assert_refused_proof(response, "proof signature is not valid")
    assert "DPoP-Nonce" not in response.headers


def nonce_of_last_step() -> str:
    """Return a nonce that is still valid and should be replaced."""
    with time_machine.travel(time.time() - STEP_SECONDS, tick=False):
        return Nonces(SECRETS).current()


def test_success_with_an_old_nonce_brings_the_next_one(
    with_nonce: httpx.Client, token: str, key: DPoPKey
) -> None:
    """A successful response contains the next nonce and is not cached (RFC 9449 section 8.2)."""
    proof = key.proof("GET", ME, token, nonce=nonce_of_last_step())
    response = with_nonce.get("/me", headers=dpop_headers(token, proof))
    assert response.status_code == 200
    assert response.headers.get_list("DPoP-Nonce") == [Nonces(SECRETS).current()]
    assert response.headers["Cache-Control"] == "no-store"


def test_failure_with_an_old_nonce_does_not_bring_the_next_one(
    with_nonce: httpx.Client, token: str, key: DPoPKey
) -> None:
    """Only successful responses contain the next nonce."""
    proof = key.proof("GET", f"{API}/nowhere", token, nonce=nonce_of_last_step())
    response = with_nonce.get("/nowhere", headers=dpop_headers(token, proof))
    assert response.status_code == 404
    assert "DPoP-Nonce" not in response.headers


def test_browsers_may_send_proofs_and_read_nonces(with_nonce: httpx.Client, token: str, key: DPoPKey) -> None:
    """The preflight allows the `DPoP` header, and CORS exposes challenge and nonce."""
    preflight = {"Origin": APP_ORIGIN, "Access-Control-Request-Method": "GET"}
    preflight["Access-Control-Request-Headers"] = "authorization,dpop"
    response = with_nonce.options("/me", headers=preflight)
    assert response.status_code == 200
    assert "DPoP" in response.headers["Access-Control-Allow-Headers"]
    proof = key.proof("GET", ME, token)
    response = with_nonce.get("/me", headers={"Origin": APP_ORIGIN, **dpop_headers(token, proof)})
    assert response.headers["Access-Control-Allow-Origin"] == APP_ORIGIN
    exposed = response.headers["Access-Control-Expose-Headers"]
    assert "WWW-Authenticate" in exposed
    assert "DPoP-Nonce" in exposed


def test_unreachable_replay_store_is_unavailable(
    okta: LocalOkta, token: str, key: DPoPKey, caplog: pytest.LogCaptureFixture
) -> None:
    """A proof that cannot be recorded gets 503; requests without a proof still work."""
    caplog.set_level(logging.INFO)
    for client in served(okta, dpop_replay_store=f"redis://{free_address()}/0"):
        response = client.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token)))
        assert (response.status_code, response.json()) == (503, {"error": "Service Unavailable"})
        assert "WWW-Authenticate" not in response.headers
        assert response.headers["Retry-After"] == "1"
        assert client.get("/readyz").status_code == 200
    assert "replay_store_unavailable" in caplog.text


def test_metadata_names_algorithms_and_whether_dpop_is_required(
    api: httpx.Client, allowed: httpx.Client, required: httpx.Client
) -> None:
    """The metadata has the DPoP members of RFC 9728 section 2."""
    path = "/.well-known/oauth-protected-resource"
    assert "dpop_signing_alg_values_supported" not in api.get(path).json()
    for client, only in ((allowed, False), (required, True)):
        members = client.get(path).json()
        assert members["dpop_signing_alg_values_supported"] == list(ALGORITHMS)
        assert members["dpop_bound_access_tokens_required"] is only


def test_proof_is_checked_for_a_token_that_is_cached(allowed: httpx.Client, token: str, key: DPoPKey) -> None:
    """Each request needs a new proof, even if the token is cached."""
    assert allowed.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token))).status_code == 200
    assert allowed.get("/me", headers={"Authorization": f"DPoP {token}"}).status_code == 401


@pytest.mark.anyio
async def test_websocket_accepts_a_proof(allowed: httpx.Client, token: str, key: DPoPKey) -> None:
    """A handshake with a proof is accepted, with ws:// or http:// in `htu`."""
    address = str(allowed.base_url).replace("http://", "ws://").rstrip("/")
    for url in (f"{API}/ws", f"{API}/ws".replace("http", "ws")):
        headers = dpop_headers(token, key.proof("GET", url, token))
        async with asyncio.timeout(10), connect(f"{address}/ws", additional_headers=headers) as socket:
            assert await socket.recv() == "Hello, ada@example.com"
        with pytest.raises(InvalidStatus) as raised:
            await connect(f"{address}/ws", additional_headers=headers)
        assert raised.value.response.status_code == 401
        assert json.loads(raised.value.response.body or b"")["error"].endswith("proof has already been used")
