"""The doctor names what is wrong with a token, what a route requires, and what to do."""

import time

import pytest
from fastapi_okta_auth.doctor.report import Result
from local_okta.keys import SigningKey
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken, person_claims
from okta_support.diagnosis import REAL, diagnose, set_up
from okta_support.dpop import API, dpop_key


@pytest.mark.parametrize(
    ("claims", "check", "finding", "remedy"),
    [
        (
            {"iss": "https://acme.okta.com"},
            "issuer",
            "iss is 'https://acme.okta.com'",
            "custom authorization server",
        ),
        ({"iss": REAL}, "issuer", f"iss is '{REAL}'", "OKTA_ISSUER is http://localhost"),
        ({"aud": "api://other"}, "audience", "aud is 'api://other'", "OKTA_AUDIENCE is api://default"),
        ({"aud": "0oalocalspa"}, "audience", "aud is '0oalocalspa'", "send an access token"),
        ({"aud": ["0oalocalspa"]}, "audience", "aud is", "leave OKTA_AUDIENCE"),
        ({"cid": "0oaother"}, "client", "cid is '0oaother'", "OKTA_CLIENT_ID"),
        ({"cid": None}, "client", "there is no cid", "OKTA_CLIENT_ID"),
        ({"exp": 1_700_000_000}, "times", "token has expired", "get a new one"),
        ({"nbf": 4_000_000_000}, "times", "token is not valid yet", "NTP"),
        ({"sub": 7}, "subject", "subject is missing", "where is this one from"),
        ({"cnf": {"jkt": "x"}}, "bearer", "bound to a key", "DPoP"),
        ({"headers": {"kid": "other"}}, "key", "signing key is not known", "OKTA_JWKS_URI"),
        ({"headers": {"alg": "HS256"}}, "header", "algorithm is not RS256", "where is this one from"),
        ({"pad": "x" * 20_000}, "form", "token is too large", "16 KiB"),
    ],
    ids=str,
)
def test_first_failed_check_is_explained(
    local_okta: LocalOkta,
    okta_token: OktaToken,
    monkeypatch: pytest.MonkeyPatch,
    claims: dict[str, object],
    check: str,
    finding: str,
    remedy: str,
) -> None:
    """The doctor names the failed check, what the token contains and what to change."""
    set_up(monkeypatch, local_okta.issuer)
    token = okta_token(**claims)  # type: ignore[arg-type] # headers is one of them
    results = diagnose(token)
    passed = [result for result in results if result.check.startswith("token ") and result.colour == "green"]
    assert results[-1].check == f"token {check}"
    assert finding in results[-1].finding
    assert remedy in results[-1].remedy
    assert len(passed) == [
        "form",
        "header",
        "issuer",
        "audience",
        "client",
        "subject",
        "bearer",
        "times",
        "key",
    ].index(check)
    assert not any(part in str(results) for part in token.split("."))


def test_forged_and_malformed_tokens_differ(local_okta: LocalOkta, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forged token fails at the signature; one in quotes, or none, at its form."""
    set_up(monkeypatch, local_okta.issuer)
    forged = SigningKey().sign(person_claims(local_okta.issuer), {"kid": local_okta.keys.published[0].kid})
    assert diagnose(forged)[-1].check == "token signature"
    assert diagnose(f'"{forged}"')[-1].check == "token form"
    assert diagnose("two words")[-1].check == "token form"
    assert diagnose("")[-1].check == "token form"


def test_verdict_is_the_services(
    local_okta: LocalOkta, okta_token: OktaToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verdict follows the service's settings."""
    set_up(monkeypatch, local_okta.issuer, OKTA_CLIENT_ID="0oalocalservice")
    assert diagnose(okta_token())[-1].check == "token client"
    assert diagnose(okta_token(cid="0oalocalservice"))[-1].finding.startswith("valid")


def test_id_token_is_recognized(
    local_okta: LocalOkta, okta_token: OktaToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The doctor recognizes an ID token, says where the access token is, and suggests no setting."""
    set_up(monkeypatch, local_okta.issuer)
    token = okta_token(aud="0oalocalspa", cid=None, scp=None, groups=None, at_hash="x", nonce="y")
    last = diagnose(token, "GET /reports")[-1]
    assert "this is an ID token" in last.finding
    assert "access_token" in last.remedy
    assert "OKTA_" not in last.remedy


def route(token: str | None, name: str) -> Result:
    """Return what the doctor says about a route."""
    return diagnose(token, name)[-1]


def test_route_names_what_a_token_lacks(
    local_okta: LocalOkta, okta_token: OktaToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing scope or group is red, with the place in Okta where it is granted."""
    set_up(monkeypatch, local_okta.issuer)
    scope = route(okta_token(), "GET /reports")
    assert (scope.colour, scope.finding) == (
        "red",
        "GET /reports returns 403: it requires scope 'reports:read'",
    )
    assert "Access Policies" in scope.remedy
    assert scope.section == "4. Add an access policy"
    group = route(okta_token(person="grace"), "GET /admin")
    assert (group.colour, group.finding) == ("red", "GET /admin returns 403: it requires group 'Admins'")
    assert "Groups" in group.remedy
    assert group.section == "5. Add scopes and groups"


def test_route_names_the_sign_in_that_it_requires(
    local_okta: LocalOkta, okta_token: OktaToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sign-in that is too weak or too old is red, with the parameters of a new one."""
    set_up(monkeypatch, local_okta.issuer)
    weak = route(okta_token(), "GET /payslip")
    assert (weak.colour, weak.finding) == ("red", "GET /payslip returns 401: sign_in_too_weak")
    assert weak.remedy == 'sign in again with acr_values="urn:okta:loa:2fa:any" and max_age="300"'
    strong = okta_token(acr="urn:okta:loa:2fa:any")
    assert route(strong, "GET /payslip").colour == "green"


def test_route_accepts_a_token_that_has_what_it_requires(
    local_okta: LocalOkta, okta_token: OktaToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scope and group are found; the handler itself does not run."""
    set_up(monkeypatch, local_okta.issuer)
    assert route(okta_token(scp=["reports:read"]), "GET /reports").finding == (
        "GET /reports accepts the token, which has its scope reports:read"
    )
    assert route(okta_token(groups=["Admins"]), "GET /admin").colour == "green"
    assert route(okta_token(), "GET /hello/Ada").colour == "green"


def test_route_without_a_token(local_okta: LocalOkta, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a token the doctor says what the route requires."""
    set_up(monkeypatch, local_okta.issuer)
    assert route(None, "GET /healthz").finding == "GET /healthz is public"
    assert "requires a token with scope reports:read" in route(None, "GET /reports").finding
    assert route(None, "GET /nowhere").finding == "there is no GET /nowhere"
    assert route(None, "GET /nowhere").colour == "red"


def test_token_within_the_leeway_is_a_warning(
    local_okta: LocalOkta, okta_token: OktaToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API still accepts it, for OKTA_LEEWAY seconds."""
    set_up(monkeypatch, local_okta.issuer)
    result = diagnose(okta_token(exp=int(time.time()) - 20))[-1]
    assert (result.colour, result.remedy) == ("amber", "get a new one")
    assert "s ago, within OKTA_LEEWAY" in result.finding


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
