"""The doctor names what is wrong with a token, and the remedy."""

import pytest

from local_okta.keys import SigningKey
from local_okta.pytest_plugin import OktaToken, person_claims
from local_okta.state import LocalOkta
from tests.commands.doctor.conftest import REAL, diagnose, set_up


@pytest.mark.parametrize(
    ("claims", "check", "finding", "remedy"),
    [
        (
            {"iss": "https://dev-1.okta.com"},
            "issuer",
            "iss is 'https://dev-1.okta.com'",
            "custom authorization server",
        ),
        ({"iss": REAL}, "issuer", f"iss is '{REAL}'", "OKTA_ISSUER is http://localhost"),
        ({"aud": "api://other"}, "audience", "aud is 'api://other'", "OKTA_AUDIENCE is api://default"),
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
def test_tokens(
    okta: LocalOkta,
    okta_token: OktaToken,
    monkeypatch: pytest.MonkeyPatch,
    claims: dict[str, object],
    check: str,
    finding: str,
    remedy: str,
) -> None:
    """Of a token that fails the doctor tells the check, what the token says, and what to change."""
    set_up(monkeypatch, okta.issuer)
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


def test_forged_and_garbled(okta: LocalOkta, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forged token, one in quotes, and nothing at all are told apart."""
    set_up(monkeypatch, okta.issuer)
    forged = SigningKey().sign(person_claims(okta.issuer), {"kid": okta.keys.published[0].kid})
    assert diagnose(forged)[-1].check == "token signature"
    assert diagnose(f'"{forged}"')[-1].check == "token form"
    assert diagnose("two words")[-1].check == "token form"
    assert diagnose("")[-1].check == "token form"


def test_it_agrees_with_the_service(
    okta: LocalOkta, okta_token: OktaToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The doctor's verdict on a token is the service's, since it is the service's verifier that gives it."""
    set_up(monkeypatch, okta.issuer, OKTA_CLIENT_ID="0oalocalservice")
    assert diagnose(okta_token())[-1].check == "token client"
    assert diagnose(okta_token(cid="0oalocalservice"))[-1].finding.startswith("accepted")
