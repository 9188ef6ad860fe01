"""Which token headers are accepted, over real HTTP and with real signatures."""

from typing import Any

import httpx
import pytest
from local_okta.testing import OktaToken
from okta_support.tokens import reason_of


@pytest.mark.parametrize(
    "headers",
    [{"typ": "JWT"}, {"typ": "at+jwt"}, {"typ": "application/at+jwt"}, {"typ": "AT+JWT"}, {"x": 1}],
    ids=str,
)
def test_valid_headers_are_accepted(
    api: httpx.Client, okta_token: OktaToken, headers: dict[str, Any]
) -> None:
    """The types of RFC 7519 and RFC 9068 are accepted, and unknown members are ignored."""
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
    ],
    ids=str,
)
def test_invalid_headers_are_refused(
    api: httpx.Client, okta_token: OktaToken, headers: dict[str, Any], reason: str
) -> None:
    """A validly signed token with an invalid header is refused with its reason."""
    assert reason_of(api, okta_token(headers=headers)) == reason
