"""Property tests: no generated input gets a 200 without a valid token, or a 500."""

import json
import string
from typing import Any

import httpx
import pytest
from fastapi_okta_auth.credentials import credentials
from fastapi_okta_auth.errors import OktaAuthError
from fastapi_okta_auth.token import parse_token
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from local_okta.keys import SigningKey
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken, person_claims
from okta_support.requests import bearer
from okta_support.tokens import encode, sign_raw

pytestmark = [pytest.mark.long, pytest.mark.slow, pytest.mark.usefixtures("untraced")]
BASE64URL = string.ascii_letters + string.digits + "-_"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OUR_FIXTURES = [HealthCheck.function_scoped_fixture]


def refused(api: httpx.Client, value: bytes) -> bool:
    """Return whether a request with this Authorization value is refused; 503 means the key could be new."""
    try:
        response = api.get("/hello/Ada", headers=[(b"Authorization", value)])
    except httpx.LocalProtocolError:
        return True  # no client can send it
    return response.status_code in (400, 401, 503)


@settings(max_examples=300, deadline=None, suppress_health_check=OUR_FIXTURES)
@given(st.one_of(st.binary(max_size=200), st.binary(max_size=200).map(b"Bearer ".__add__)))
def test_any_header_is_refused(api: httpx.Client, value: bytes) -> None:
    """Any Authorization header is refused."""
    assert refused(api, value)


@settings(max_examples=300, deadline=None, suppress_health_check=OUR_FIXTURES)
@given(st.lists(st.text(BASE64URL, max_size=60), min_size=1, max_size=5).map(".".join))
def test_any_base64url_parts_are_refused(api: httpx.Client, token: str) -> None:
    """Any parts of base64url are refused."""
    assert refused(api, f"Bearer {token}".encode())


@settings(max_examples=300, deadline=None, suppress_health_check=OUR_FIXTURES)
@given(header=JSON, payload=JSON)
def test_any_signed_json_is_refused(
    api: httpx.Client, local_okta: LocalOkta, header: Any, payload: Any
) -> None:
    """Any JSON in header and payload is refused, even with a valid signature."""
    kid = local_okta.keys.published[0].kid
    if isinstance(header, dict):
        header = {"alg": "RS256", "kid": kid, **header}
    token = sign_raw(local_okta, json.dumps(payload).encode(), json.dumps(header).encode())
    assert refused(api, f"Bearer {token}".encode())


@settings(max_examples=300, deadline=None, suppress_health_check=OUR_FIXTURES)
@given(claim=st.sampled_from(["iss", "aud", "exp", "cid", "sub", "nbf", "iat", "cnf"]), value=JSON)
def test_any_claim_gets_the_status_of_the_rules(
    api: httpx.Client, local_okta: LocalOkta, claim: str, value: Any
) -> None:
    """A token with any value in a claim gets 200 or 401, and 200 only if the rules accept the value."""
    payload = {**person_claims(local_okta.issuer), claim: value}
    response = api.get("/", headers=bearer(local_okta.keys.sign(payload)))
    assert response.status_code in (200, 401)
    if response.status_code == 200:
        assert accepted_by_the_rules(claim, value)


def accepted_by_the_rules(claim: str, value: Any) -> bool:
    """Return whether the rules accept the value; an independent implementation."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if claim == "sub":
        return isinstance(value, str)
    if claim in ("nbf", "iat"):
        return number and value < 4e9
    return claim == "exp" and number and value > 1.7e9


@settings(max_examples=500, deadline=None, suppress_health_check=OUR_FIXTURES)
@given(data=st.data())
def test_any_mutation_is_refused(api: httpx.Client, okta_token: OktaToken, data: st.DataObject) -> None:
    """A valid token with any character changed, removed or added is refused."""
    token = okta_token()
    place = data.draw(st.integers(0, len(token) - 1))
    change = data.draw(st.sampled_from(["replace", "drop", "insert", "swap"]))
    letter = data.draw(st.sampled_from(BASE64URL + ".=+/ "))
    mutants = {
        "replace": token[:place] + letter + token[place + 1 :],
        "drop": token[:place] + token[place + 1 :],
        "insert": token[:place] + letter + token[place:],
        "swap": token[:place] + token[place : place + 2][::-1] + token[place + 2 :],
    }
    # A space at either end is not part of the token.
    if mutants[change].strip() != token:
        assert refused(api, f"Bearer {mutants[change]}".encode())


@settings(max_examples=2000, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([b"authorization", b"x"]), st.binary(max_size=300)), max_size=3))
def test_any_header_is_parsed_or_refused(headers: list[tuple[bytes, bytes]]) -> None:
    """Parsing any header returns an ASCII token or raises OktaAuthError."""
    try:
        token = credentials(headers).token
    except OktaAuthError as error:
        assert error.status in (400, 401)
    else:
        assert token
        assert token.isascii()
        assert b" " not in token


@settings(max_examples=2000, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(JSON.map(encode), min_size=3, max_size=3).map(".".join)))
def test_any_token_is_parsed_or_refused(token: str) -> None:
    """Parsing any token returns claims or raises OktaAuthError."""
    try:
        unverified = parse_token(token.encode())
    except OktaAuthError as error:
        assert error.status == 401
    else:
        assert isinstance(unverified.kid, str)
        assert isinstance(unverified.claims, dict)


@pytest.mark.parametrize("size", [0, 1, 100, 16_000])
def test_token_of_any_size_is_refused(api: httpx.Client, local_okta: LocalOkta, size: int) -> None:
    """A token of any size up to the limit, signed by an unknown key, is refused."""
    token = SigningKey().sign({**person_claims(local_okta.issuer), "pad": "x" * (size // 2)})
    # 503 if the key could be new: the issuer is asked once per cooldown.
    assert api.get("/", headers=bearer(token)).status_code in (401, 503)
