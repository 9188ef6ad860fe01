"""Malformed and forged tokens, over real HTTP and with real signatures."""

import base64
import json
from collections.abc import Callable, Iterator

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from local_okta.keys import SigningKey
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken, person_claims
from okta_support.app import app_for, settings_for
from okta_support.requests import bearer, wait_until_ready
from okta_support.tokens import encode, reason_of, sign_raw


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
def test_payload_or_header_that_is_not_an_object_is_refused(
    api: httpx.Client, local_okta: LocalOkta, payload: bytes
) -> None:
    """A payload or header that is not a JSON object is refused, even if validly signed."""
    good = json.dumps(person_claims(local_okta.issuer)).encode()
    for token in (sign_raw(local_okta, payload), sign_raw(local_okta, good, payload or b" ")):
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
def test_other_form_than_three_base64url_parts_is_refused(
    api: httpx.Client, okta_token: OktaToken, spoil: Callable[[str], str]
) -> None:
    """A valid token in another form than three parts of unpadded base64url is refused."""
    assert reason_of(api, spoil(okta_token())) == "token is not a signed JWT"


def test_non_canonical_signature_is_refused(api: httpx.Client, okta_token: OktaToken) -> None:
    """A signature with stray bits in its last character is refused, although it decodes to the same bytes."""
    token = okta_token()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = token[:-1] + alphabet[alphabet.index(token[-1]) + 1]
    padded = (part.rpartition(".")[2] + "==" for part in (token, other))
    assert len({base64.urlsafe_b64decode(part) for part in padded}) == 1
    assert reason_of(api, other) == "token is not a signed JWT"
    assert reason_of(api, token) is None


def test_signature_of_another_key_or_token_is_refused(
    api: httpx.Client, local_okta: LocalOkta, okta_token: OktaToken
) -> None:
    """A signature by another key with a published id is refused, and so is one of another token."""
    forged = SigningKey().sign(person_claims(local_okta.issuer), {"kid": local_okta.keys.published[0].kid})
    assert reason_of(api, forged) == "signature is not valid"
    head, _, signature = okta_token(sub="grace@example.com").rpartition(".")
    body = okta_token(sub="ada@example.com").rpartition(".")[0]
    assert head != body
    assert reason_of(api, f"{body}.{signature}") == "signature is not valid"
    assert reason_of(api, f"{head}.{signature}A") == "signature is not valid"


@pytest.fixture
def fresh_api(local_okta_server: LocalOkta) -> Iterator[httpx.Client]:
    """An application that no other test has sent an unknown key id to, so that no cooldown runs."""
    with serve(app_for(settings_for(local_okta_server))) as url, httpx.Client(base_url=url) as client:
        wait_until_ready(url)
        yield client


def test_unknown_key_id_is_refused(fresh_api: httpx.Client, okta_token: OktaToken) -> None:
    """A key id that the issuer does not publish is refused, also the second time."""
    token = okta_token(headers={"kid": "made-up"})
    assert [reason_of(fresh_api, token) for _ in range(2)] == ["signing key is not known"] * 2


def test_key_in_the_header_is_ignored(fresh_api: httpx.Client, local_okta: LocalOkta) -> None:
    """A key inside the token is never used."""
    key = SigningKey()
    members = {
        "jwk": key.jwk(),
        "jku": "http://127.0.0.1:1/keys",
        "x5u": "http://127.0.0.1:1/c",
        "x5c": ["MII"],
    }
    assert (
        reason_of(fresh_api, key.sign(person_claims(local_okta.issuer), members))
        == "signing key is not known"
    )
    known = {**members, "kid": local_okta.keys.published[0].kid}
    assert reason_of(fresh_api, key.sign(person_claims(local_okta.issuer), known)) == "signature is not valid"
    assert reason_of(fresh_api, local_okta.keys.sign(person_claims(local_okta.issuer), members)) is None


def test_hmac_with_the_public_key_is_refused(api: httpx.Client, local_okta: LocalOkta) -> None:
    """A token signed by HMAC with the public key as the secret is refused (RFC 8725 section 2.1)."""
    key = local_okta.keys.published[0]
    pem = key.private_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    for algorithm in ("HS256", "RS256"):
        signing_input = (
            f"{encode({'alg': algorithm, 'kid': key.kid})}.{encode(person_claims(local_okta.issuer))}"
        )
        mac = jwt.get_algorithm_by_name("HS256").sign(signing_input.encode(), pem)
        assert reason_of(api, f"{signing_input}.{encode(mac)}") is not None


def test_refusal_contains_nothing_of_the_token(api: httpx.Client, okta_token: OktaToken) -> None:
    """The response to an invalid token contains nothing from the token."""
    marker = "x-marker-x"
    for token in (okta_token(iss=marker), okta_token(headers={"kid": marker}), okta_token(cid=marker)):
        response = api.get("/", headers=bearer(token))
        assert marker not in response.text + str(response.headers)
