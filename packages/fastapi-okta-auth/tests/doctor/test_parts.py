"""The doctor names what is wrong with a proof, the introspection client and the store of used proofs."""

from pathlib import Path
from typing import Any

import pytest
from local_okta.config import API_CLIENT_ID, API_CLIENT_SECRET, SPA_CLIENT_ID
from local_okta.state import LocalOkta
from local_okta.testing import DPoPKey, OktaToken
from okta_support.diagnosis import diagnose, set_up
from okta_support.dpop import API, dpop_key
from okta_support.redis_server import redis_server
from okta_support.requests import free_address

REQUEST = f"GET {API}/me"
ORDER = ["form", "header", "key", "binding", "signature", "htm", "htu", "ath", "nonce", "iat", "jti"]


@pytest.fixture
def local(local_okta: LocalOkta, monkeypatch: pytest.MonkeyPatch) -> LocalOkta:
    """The local Okta, with every part on."""
    set_up(
        monkeypatch,
        local_okta.issuer,
        DPOP="allowed",
        INTROSPECTION_CLIENT_ID=API_CLIENT_ID,
        INTROSPECTION_CLIENT_SECRET=API_CLIENT_SECRET,
    )
    return local_okta


@pytest.mark.usefixtures("local")
def test_valid_parts_are_green(okta_token: OktaToken) -> None:
    """The proof passes every check, and so do the client and the store."""
    key = dpop_key()
    token = okta_token(dpop=key)
    results = diagnose(token, proof=(REQUEST, key.proof("GET", f"{API}/me", token)))
    colours = {result.check: result.colour for result in results}
    assert colours["introspection"] == colours["DPoP store"] == "green"
    assert [colours[f"proof {check}"] for check in ORDER] == ["green"] * len(ORDER)
    assert (results[-1].colour, results[-1].finding) == ("green", f"valid for {REQUEST}")


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize(
    ("check", "changes", "finding", "remedy"),
    [
        ("header", {"headers": {"typ": "JWT"}}, "proof type is not dpop+jwt", "typ to dpop+jwt"),
        ("header", {"headers": {"alg": "PS256"}}, "algorithm is not accepted", "ES256"),
        ("key", {"headers": {"jwk": None}}, "no public key", "P-256|curve of alg"),
        ("binding", {"headers": {"jwk": DPoPKey().jwk}}, "bound to another key", "token request"),
        ("htm", {"htm": "POST"}, "htm is 'POST', the request's is GET", "each request"),
        ("htu", {"htu": f"{API}/you"}, f"htu is '{API}/you', the request's is {API}/me", "RESOURCE_URL"),
        ("ath", {"ath": "x"}, "not the hash", "SHA-256"),
        ("iat", {"iat": 1_000_000_000}, "has expired", "client's clock"),
        ("iat", {"iat": 4_000_000_000}, "issued in the future", "NTP"),
        ("iat", {"iat": "now"}, "not a number", "seconds since 1970"),
        ("jti", {"jti": None}, "jti is missing", "random"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # a key differs in each process
)
def test_first_failed_check_of_a_proof_is_explained(
    okta_token: OktaToken, check: str, changes: dict[str, Any], finding: str, remedy: str
) -> None:
    """The doctor names the check, what the proof says, and what to change; the proof is not printed."""
    key = dpop_key()
    token = okta_token(dpop=key)
    proof = key.proof("GET", f"{API}/me", token, **changes)
    results = diagnose(token, proof=(REQUEST, proof))
    last = results[-1]
    assert (last.colour, last.check) == ("red", f"proof {check}")
    assert finding in last.finding
    assert any(part in last.remedy for part in remedy.split("|"))
    passed = [result.check for result in results if result.check.startswith("proof ")][:-1]
    assert passed == [f"proof {name}" for name in ORDER[: ORDER.index(check)]]
    assert not any(part in str(results) for part in proof.split("."))


@pytest.mark.usefixtures("local")
def test_forged_proof_fails_at_the_signature(okta_token: OktaToken) -> None:
    """The signature is that of another proof."""
    key = dpop_key()
    token = okta_token(dpop=key)
    first, second = (key.proof("GET", f"{API}/me", token) for _ in range(2))
    forged = ".".join([*first.split(".")[:2], second.split(".")[2]])
    assert diagnose(token, proof=(REQUEST, forged))[-1].check == "proof signature"


@pytest.mark.usefixtures("local")
def test_bearer_token_is_not_bound(okta_token: OktaToken) -> None:
    """A proof does not help a token that is bound to no key."""
    token = okta_token()
    proof = dpop_key().proof("GET", f"{API}/me", token)
    last = diagnose(token, proof=(REQUEST, proof))[-1]
    assert (last.check, last.finding) == ("proof binding", "token is not bound to a DPoP key")


@pytest.mark.usefixtures("local")
def test_proof_without_the_nonce(okta_token: OktaToken, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the service requires nonces, an old proof has none that it accepts."""
    monkeypatch.setenv("DPOP_NONCE_SECRETS", "n" * 32)
    key = dpop_key()
    token = okta_token(dpop=key)
    last = diagnose(token, proof=(REQUEST, key.proof("GET", f"{API}/me", token)))[-1]
    assert (last.check, "DPoP-Nonce" in last.remedy) == ("proof nonce", True)


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize(
    ("variable", "value", "remedy"),
    [
        ("DPOP", "off", "set DPOP=allowed"),
        ("RESOURCE_URL", "https://api.example.com", "put the URL that clients call into RESOURCE_URL"),
    ],
)
def test_set_up_that_accepts_no_such_proof(
    okta_token: OktaToken, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, remedy: str
) -> None:
    """The fault is in the settings and not in the proof."""
    monkeypatch.setenv(variable, value)
    key = dpop_key()
    token = okta_token(dpop=key)
    last = diagnose(token, proof=(REQUEST, key.proof("GET", f"{API}/me", token)))[-1]
    assert (last.colour, last.check, last.remedy) == ("red", "proof", remedy)


@pytest.mark.parametrize(
    ("variables", "finding"),
    [
        ({"INTROSPECTION_CLIENT_SECRET": "wrong"}, "refuses the client"),
        ({"INTROSPECTION_CLIENT_ID": "0oanobody"}, "refuses the client"),
        ({"INTROSPECTION_CLIENT_ID": SPA_CLIENT_ID}, "refuses the client"),
    ],
    ids=["wrong secret", "unknown client", "public client"],
)
@pytest.mark.usefixtures("local")
def test_introspection_client_that_okta_refuses(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], finding: str
) -> None:
    """A wrong secret, an unknown client and a client without a secret are refused alike."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    [result] = [result for result in diagnose() if result.check == "introspection"]
    assert (result.colour, finding in result.finding) == ("red", True)
    assert "others have no secret" in result.remedy
    assert "wrong" not in str(result)


def test_issuer_without_an_introspection_endpoint(local: LocalOkta, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistyped server has no endpoint either."""
    monkeypatch.setenv("OKTA_ISSUER", local.issuer + "x")
    [result] = [result for result in diagnose() if result.check == "introspection"]
    assert (result.colour, "is not there" in result.finding) == ("red", True)
    assert "Issuer URI" in result.remedy


@pytest.mark.usefixtures("local")
def test_store_of_used_proofs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The doctor stores a new proof; an unreachable server is red, and its password is not printed."""
    with redis_server(tmp_path) as server:
        monkeypatch.setenv("DPOP_REPLAY_STORE", server.url)
        [result] = [result for result in diagnose() if result.check == "DPoP store"]
        assert result.colour == "green"
    monkeypatch.setenv("DPOP_REPLAY_STORE", f"redis://:hidden@{free_address()}/0")
    [result] = [result for result in diagnose() if result.check == "DPoP store"]
    assert (result.colour, "DPOP_REPLAY_STORE" in result.remedy) == ("red", True)
    assert "hidden" not in str(result)
