"""The doctor with a bound token and a route, and with a token that is encrypted."""

import pytest
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.diagnosis import diagnose, set_up
from okta_support.dpop import API, dpop_key


def test_bound_token_with_proof_and_route_is_green(
    local_okta: LocalOkta, okta_token: OktaToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A valid bound token needs nothing but its proof."""
    set_up(monkeypatch, local_okta.issuer, DPOP="allowed")
    key = dpop_key()
    token = okta_token(dpop=key, scp=["reports:read"])
    proof = (f"GET {API}/reports", key.proof("GET", f"{API}/reports", token))
    results = diagnose(token, "GET /reports", proof)
    assert [result for result in results if result.colour == "red"] == []
    assert results[-1].finding == "GET /reports accepts the token, which has its scope reports:read"


def test_encrypted_token_is_named(local_okta: LocalOkta, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five parts are an encrypted token (RFC 7516): the remedy is a setting in Okta."""
    set_up(monkeypatch, local_okta.issuer)
    result = diagnose(".".join(["eyJhbGciOiJSU0EtT0FFUCJ9", *"abcd"]))[-1]
    assert (result.check, result.colour) == ("token form", "red")
    assert "encrypted" in result.finding
    assert result.remedy == "turn token encryption off for this authorization server in Okta"
