"""A proof is a JWT of type dpop+jwt, signed with the public key in its header (RFC 9449 section 4.2)."""

import base64
import hashlib
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from local_okta.testing import DPoPKey
from okta_support.dpop import (
    ME,
    assert_refused_proof,
    dpop_headers,
    dpop_key,
    raw_proof,
)
from okta_support.tokens import encode

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
    numbers = rsa.generate_private_key(65537, bits).public_key().public_numbers()
    return {"kty": "RSA", "n": _number(numbers.n), "e": _number(exponent)}


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
    "curve as the type": lambda _: {"kty": "P-256"},
    "curve as the type of a complete key": lambda key: {**key.jwk, "kty": "P-256"},
    "type of another algorithm": lambda key: {**key.jwk, "kty": "RSA"},
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
        pytest.param(2048, 2**64 + 1, id="exponent of 65 bits"),
        pytest.param(4104, 65537, id="4104 bits"),
    ],
)
def test_proof_with_an_unsuitable_rsa_key_is_refused(
    allowed: httpx.Client, token: str, bits: int, exponent: int
) -> None:
    """RSA keys must have 2048 to 4096 bits, and an exponent of at least 65537 and at most 64 bits."""
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
