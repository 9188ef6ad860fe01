"""Every row of the contract's "A token is good when", over real HTTP and with real signatures."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from local_okta.keys import SigningKey
from local_okta.pytest_plugin import OktaToken, person_claims
from local_okta.state import LocalOkta
from tests.conftest import bearer


def at(claims: dict[str, Any]) -> dict[str, Any]:
    """`claims` with times like "now - 30" made into numbers, as the test runs and not as it is read."""
    now = int(time.time())
    return {
        name: now + float(value.removeprefix("now")) if str(value).startswith("now") else value
        for name, value in claims.items()
    }


def reason_of(api: httpx.Client, token: str) -> str | None:
    """Why `token` is refused, or None where it is accepted; a refusal must be a proper one."""
    answer = api.get("/hello/Ada", headers=bearer(token))
    if answer.status_code == 200:
        return None
    assert answer.status_code == 401, answer.text
    error: str = answer.json()["error"]
    assert error.startswith("Unauthorized token or ")
    reason = error.removeprefix("Unauthorized token or ")
    assert f'error="invalid_token", error_description="{reason}"' in answer.headers["WWW-Authenticate"]
    return reason


def encode(value: Any) -> str:
    """One part of a JWS: base64url of JSON, or of bytes as they are."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "headers",
    [{"typ": "JWT"}, {"typ": "at+jwt"}, {"typ": "application/at+jwt"}, {"typ": "AT+JWT"}, {"x": 1}],
    ids=str,
)
def test_good_headers(api: httpx.Client, okta_token: OktaToken, headers: dict[str, Any]) -> None:
    """The types that RFC 7519 and RFC 9068 know are accepted, and members nobody knows are ignored."""
    assert reason_of(api, okta_token(headers=headers)) is None


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"alg": "none"}, "algorithm is not RS256"),
        ({"alg": "HS256"}, "algorithm is not RS256"),
        ({"alg": "RS512"}, "algorithm is not RS256"),
        ({"alg": "PS256"}, "algorithm is not RS256"),
        ({"alg": "rs256"}, "algorithm is not RS256"),
        ({"alg": ["RS256"]}, "algorithm is not RS256"),
        ({"alg": None}, "algorithm is not RS256"),
        ({"kid": None}, "header has no key id"),
        ({"kid": 7}, "header has no key id"),
        ({"kid": ["a"]}, "header has no key id"),
        ({"crit": ["b64"]}, "header demands an extension that is not supported"),
        ({"crit": []}, "header demands an extension that is not supported"),
        ({"crit": ["x"], "x": 1}, "header demands an extension that is not supported"),
        ({"b64": True}, "header demands an extension that is not supported"),
        ({"b64": False}, "header demands an extension that is not supported"),
        ({"typ": "dpop+jwt"}, "token is not an access token"),
        ({"typ": "logout+jwt"}, "token is not an access token"),
        ({"typ": "secevent+jwt"}, "token is not an access token"),
        ({"typ": ""}, "token is not an access token"),
        ({"typ": 1}, "token is not an access token"),
        ({"kid": "made-up"}, "signing key is not known"),
    ],
    ids=str,
)
def test_bad_headers(api: httpx.Client, okta_token: OktaToken, headers: dict[str, Any], reason: str) -> None:
    """A validly signed token with a header that is not acceptable is refused."""
    assert reason_of(api, okta_token(headers=headers)) == reason


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ["api://default"]},
        {"aud": ["other", "api://default"]},
        {"cid": "0oalocalservice"},
        {"exp": "now-30"},
        {"exp": "now+1000.5"},
        {"exp": 10**30},
        {"iat": "now+30"},
        {"nbf": "now+30"},
        {"nbf": "now-10"},
        {"iat": None},
        {"iat": "now-0.5"},
        {"uid": None, "groups": None, "scp": None, "jti": None, "ver": None},
    ],
    ids=str,
)
def test_good_claims(api: httpx.Client, okta_token: OktaToken, claims: dict[str, Any]) -> None:
    """What the rules allow is accepted: an audience in a list, either client, skew within the leeway."""
    assert reason_of(api, okta_token(**at(claims))) is None


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": None}, "issuer is not accepted"),
        ({"iss": "https://evil.example.com/oauth2/default"}, "issuer is not accepted"),
        ({"iss": ["x"]}, "issuer is not accepted"),
        ({"aud": None}, "audience is not accepted"),
        ({"aud": "api://other"}, "audience is not accepted"),
        ({"aud": "api://default/"}, "audience is not accepted"),
        ({"aud": []}, "audience is not accepted"),
        ({"aud": ["api://default", 7]}, "audience is not accepted"),
        ({"aud": {"api://default": 1}}, "audience is not accepted"),
        ({"aud": "0oalocalspa"}, "audience is not accepted"),
        ({"cid": None}, "client is not accepted"),
        ({"cid": "0oaother"}, "client is not accepted"),
        ({"cid": ["0oalocalspa"]}, "client is not accepted"),
        ({"cid": "0oalocalspa,0oalocalservice"}, "client is not accepted"),
        ({"sub": None}, "subject is missing"),
        ({"sub": 7}, "subject is missing"),
        ({"exp": None}, "expiry is missing or not a number"),
        ({"exp": "1900000000"}, "expiry is missing or not a number"),
        ({"exp": True}, "expiry is missing or not a number"),
        ({"exp": [1900000000]}, "expiry is missing or not a number"),
        ({"exp": "now-70"}, "token has expired"),
        ({"exp": 0}, "token has expired"),
        ({"exp": -(10**30)}, "token has expired"),
        ({"nbf": "now+200"}, "token is not valid yet"),
        ({"nbf": "1700000000"}, "token is not valid yet"),
        ({"nbf": True}, "token is not valid yet"),
        ({"nbf": 10**400}, "token is not valid yet"),
        ({"iat": "now+200"}, "token is not valid yet"),
        ({"iat": "yesterday"}, "token is not valid yet"),
        ({"iat": {}}, "token is not valid yet"),
        ({"cnf": {"jkt": "x"}}, "token is bound to a key and cannot be used as a bearer token"),
        ({"cnf": {}}, "token is bound to a key and cannot be used as a bearer token"),
    ],
    ids=str,
)
def test_bad_claims(api: httpx.Client, okta_token: OktaToken, claims: dict[str, Any], reason: str) -> None:
    """A validly signed token whose claims are not acceptable is refused."""
    assert reason_of(api, okta_token(**at(claims))) == reason


@pytest.mark.parametrize("name", ["nbf", "iat", "exp", "cnf"])
def test_null_claims(api: httpx.Client, okta: LocalOkta, name: str) -> None:
    """A claim that is null is present and is not a number."""
    assert reason_of(api, okta.keys.sign({**person_claims(okta.issuer), name: None})) is not None


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none(api: httpx.Client, okta: LocalOkta, number: str) -> None:
    """An expiry beyond all numbers is refused, in whichever way it is written."""
    payload = json.dumps({**person_claims(okta.issuer), "exp": 0}).replace('"exp": 0', f'"exp": {number}')
    assert reason_of(api, sign_raw(okta, payload.encode())) is not None


def sign_raw(okta: LocalOkta, payload: bytes, header: bytes | None = None) -> str:
    """A JWS with these very bytes in it, validly signed."""
    key = okta.keys.published[0]
    header = header or json.dumps({"alg": "RS256", "kid": key.kid}).encode()
    signing_input = f"{encode(header)}.{encode(payload)}"
    algorithm = jwt.get_algorithm_by_name("RS256")
    return f"{signing_input}.{encode(algorithm.sign(signing_input.encode(), key.private_key))}"


@pytest.mark.parametrize(
    "payload",
    [
        b"[]",
        b"null",
        b'"text"',
        b"7",
        b"{",
        b'{"a":}',
        b"\xff\xfe",
        b"[" * 5000,
        '{"exp":1}'.encode("utf-16"),
    ],
    ids=lambda payload: repr(payload[:8]),
)
def test_payload_or_header_that_is_no_object(api: httpx.Client, okta: LocalOkta, payload: bytes) -> None:
    """A payload or a header that is not a JSON object is refused, validly signed or not."""
    good = json.dumps(person_claims(okta.issuer)).encode()
    for token in (sign_raw(okta, payload), sign_raw(okta, good, payload or b" ")):
        assert reason_of(api, token) == "token is not a signed JWT"


FORMS: list[Callable[[str], str]] = [
    lambda token: token + "==",
    lambda token: token + "=",
    lambda token: token + ".",
    lambda token: "." + token,
    lambda token: token + ".x",
    lambda token: token.rpartition(".")[0],
    lambda token: token.rpartition(".")[0] + ".",
    lambda token: token.replace(".", "..", 1),
    lambda token: token.replace(".", ",", 1),
    lambda token: token[:-1] + "+",
    lambda token: token[:-2] + "/" + token[-1],
    lambda token: token[:9] + "%" + token[10:],
    lambda token: token.split(".")[1],
    lambda token: ".".join(["", *token.split(".")[1:]]),
    lambda token: "." * token.count("."),
]


@pytest.mark.parametrize("spoil", FORMS)
def test_forms(api: httpx.Client, okta_token: OktaToken, spoil: Callable[[str], str]) -> None:
    """A good token in any other form than three parts of unpadded base64url is refused."""
    assert reason_of(api, spoil(okta_token())) == "token is not a signed JWT"


def test_one_spelling_of_a_signature(api: httpx.Client, okta_token: OktaToken) -> None:
    """A signature whose last character has stray bits is refused, though it decodes to the same bytes."""
    token = okta_token()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = token[:-1] + alphabet[alphabet.index(token[-1]) + 1]
    padded = (part.rpartition(".")[2] + "==" for part in (token, other))
    assert len({base64.urlsafe_b64decode(part) for part in padded}) == 1
    assert reason_of(api, other) == "token is not a signed JWT"
    assert reason_of(api, token) is None


def test_another_signature(api: httpx.Client, okta: LocalOkta, okta_token: OktaToken) -> None:
    """A signature by another key under a published id is refused, and so is one of another token."""
    forged = SigningKey().sign(person_claims(okta.issuer), {"kid": okta.keys.published[0].kid})
    assert reason_of(api, forged) == "signature is not valid"
    head, _, signature = okta_token(sub="grace@example.com").rpartition(".")
    body = okta_token(sub="ada@example.com").rpartition(".")[0]
    assert head != body
    assert reason_of(api, f"{body}.{signature}") == "signature is not valid"
    assert reason_of(api, f"{head}.{signature}A") == "signature is not valid"


def test_key_in_the_header(api: httpx.Client, okta: LocalOkta) -> None:
    """A key that the token brings along is ignored, whichever way it is brought."""
    key = SigningKey()
    brought = {
        "jwk": key.jwk(),
        "jku": "http://127.0.0.1:1/keys",
        "x5u": "http://127.0.0.1:1/c",
        "x5c": ["MII"],
    }
    assert reason_of(api, key.sign(person_claims(okta.issuer), brought)) == "signing key is not known"
    known = {**brought, "kid": okta.keys.published[0].kid}
    assert reason_of(api, key.sign(person_claims(okta.issuer), known)) == "signature is not valid"
    assert reason_of(api, okta.keys.sign(person_claims(okta.issuer), brought)) is None


def test_public_key_as_secret(api: httpx.Client, okta: LocalOkta) -> None:
    """A token signed by HMAC with the public key as the secret is refused (RFC 8725 section 2.1)."""
    key = okta.keys.published[0]
    pem = key.private_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    for algorithm in ("HS256", "RS256"):
        signing_input = f"{encode({'alg': algorithm, 'kid': key.kid})}.{encode(person_claims(okta.issuer))}"
        mac = jwt.get_algorithm_by_name("HS256").sign(signing_input.encode(), pem)
        assert reason_of(api, f"{signing_input}.{encode(mac)}") is not None


def test_id_token(api: httpx.Client, okta: LocalOkta) -> None:
    """An ID token is no access token: its audience is the client."""
    claims = {**person_claims(okta.issuer), "aud": "0oalocalspa", "nonce": "n", "amr": ["pwd"]}
    del claims["cid"]
    del claims["scp"]
    assert reason_of(api, okta.keys.sign(claims)) == "audience is not accepted"


def test_duplicate_members(api: httpx.Client, okta: LocalOkta) -> None:
    """Where a claim stands twice, the last one counts for every check alike (RFC 7519 section 4)."""
    payload = json.dumps(person_claims(okta.issuer))
    assert reason_of(api, sign_raw(okta, payload.replace("{", '{"exp": 1, ', 1).encode())) is None
    assert reason_of(api, sign_raw(okta, payload[:-1].encode() + b', "exp": 1}')) == "token has expired"


def test_refusal_tells_nothing_of_the_token(api: httpx.Client, okta_token: OktaToken) -> None:
    """Nothing that the token says comes back in the refusal."""
    marker = "x-marker-x"
    for token in (okta_token(iss=marker), okta_token(headers={"kid": marker}), okta_token(cid=marker)):
        answer = api.get("/", headers=bearer(token))
        assert marker not in answer.text + str(answer.headers)
