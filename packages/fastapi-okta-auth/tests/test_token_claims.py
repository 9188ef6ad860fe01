"""Which claims are accepted, over real HTTP and with real signatures."""

import json
import time
from typing import Any

import httpx
import pytest
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken, person_claims
from okta_support.tokens import reason_of, sign_raw


def at(claims: dict[str, Any]) -> dict[str, Any]:
    """Replace times like "now-30" by numbers when the test runs."""
    now = int(time.time())
    return {
        name: now + float(value.removeprefix("now")) if str(value).startswith("now") else value
        for name, value in claims.items()
    }


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
def test_valid_claims_are_accepted(api: httpx.Client, okta_token: OktaToken, claims: dict[str, Any]) -> None:
    """An audience in a list, each configured client and skew within the leeway are accepted."""
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
def test_invalid_claims_are_refused(
    api: httpx.Client, okta_token: OktaToken, claims: dict[str, Any], reason: str
) -> None:
    """A validly signed token with an invalid claim is refused with its reason."""
    assert reason_of(api, okta_token(**at(claims))) == reason


@pytest.mark.parametrize("name", ["nbf", "iat", "exp", "cnf"])
def test_null_claims_are_refused(api: httpx.Client, local_okta: LocalOkta, name: str) -> None:
    """A claim that is null counts as present."""
    assert reason_of(api, local_okta.keys.sign({**person_claims(local_okta.issuer), name: None})) is not None


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_number_outside_json_is_refused(api: httpx.Client, local_okta: LocalOkta, number: str) -> None:
    """An expiry that is not a finite number is refused."""
    payload = json.dumps({**person_claims(local_okta.issuer), "exp": 0}).replace(
        '"exp": 0', f'"exp": {number}'
    )
    assert reason_of(api, sign_raw(local_okta, payload.encode())) is not None


def test_lone_surrogate_is_refused(api: httpx.Client, local_okta: LocalOkta) -> None:
    """A claim with half a surrogate pair is refused, because it cannot be encoded as UTF-8."""
    payload = json.dumps(person_claims(local_okta.issuer)).replace("ada@", r"\ud800@")
    assert reason_of(api, sign_raw(local_okta, payload.encode())) == "token is not a signed JWT"


def test_id_token_is_refused(api: httpx.Client, local_okta: LocalOkta) -> None:
    """An ID token is not an access token: its audience is the client."""
    claims = {**person_claims(local_okta.issuer), "aud": "0oalocalspa", "nonce": "n", "amr": ["pwd"]}
    del claims["cid"]
    del claims["scp"]
    assert reason_of(api, local_okta.keys.sign(claims)) == "audience is not accepted"


def test_repeated_claim_is_refused(api: httpx.Client, local_okta: LocalOkta) -> None:
    """Parsers differ in which one counts, so none does (RFC 7519 section 4)."""
    payload = json.dumps(person_claims(local_okta.issuer))
    for name in ("exp", "groups"):
        repeated = payload.replace("{", f'{{"{name}": 1, ', 1)
        assert reason_of(api, sign_raw(local_okta, repeated.encode())) == "token is not a signed JWT"
