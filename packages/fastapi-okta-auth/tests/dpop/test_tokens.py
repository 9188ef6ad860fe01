"""A token that is bound to a key is accepted only with a proof of that key (RFC 9449)."""

import asyncio
import json

import httpx
import pytest
from local_okta.testing import DPoPKey, OktaToken
from okta_support.dpop import (
    ALGORITHMS,
    ALGS,
    API,
    ME,
    assert_refused_proof,
    challenge,
    dpop_headers,
    dpop_key,
)
from okta_support.requests import METADATA, bearer
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus


@pytest.mark.parametrize("value", ["Basic dXNlcjpwYXNz", "Negotiate YII="])
def test_unsupported_scheme_gets_the_accepted_ones(
    allowed: httpx.Client, required: httpx.Client, value: str
) -> None:
    """The text names the schemes of the challenge."""
    texts = [
        client.get("/me", headers={"Authorization": value}).json()["error"] for client in (allowed, required)
    ]
    assert texts == ["Unauthorized scheme: use Bearer or DPoP", "Unauthorized scheme: use DPoP"]


def test_malformed_header_gets_the_accepted_form(allowed: httpx.Client, required: httpx.Client) -> None:
    """The text shows the forms that the API accepts, or the one that the request used."""
    text = "Unauthorized request: Authorization must be one header of the form"
    for client, value, forms in (
        (allowed, "Bearer", "Bearer <token> or DPoP <token>"),
        (allowed, "DPoP", "DPoP <token>"),
        (required, "Bearer", "DPoP <token>"),
        (required, "DPoP a b", "DPoP <token>"),
    ):
        response = client.get("/me", headers={"Authorization": value})
        assert (response.status_code, response.json()["error"]) == (400, f"{text} {forms}")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_bound_token_with_its_proof_is_accepted(
    allowed: httpx.Client, required: httpx.Client, okta_token: OktaToken, algorithm: str
) -> None:
    """Each algorithm that Okta accepts is accepted, with DPOP=allowed and DPOP=required."""
    key = dpop_key(algorithm)
    token = okta_token(dpop=key)
    for client in (allowed, required):
        response = client.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token)))
        assert (response.status_code, response.json()["subject"]) == (200, "ada@example.com")


def test_scheme_is_case_insensitive(allowed: httpx.Client, token: str, key: DPoPKey) -> None:
    """The scheme can be in any case (RFC 9110 section 11.1)."""
    for scheme in ("dpop", "DPOP", "DpoP "):
        headers = {"Authorization": f"{scheme} {token}", "dpop": key.proof("GET", ME, token)}
        assert allowed.get("/me", headers=headers).status_code == 200


def test_bearer_token_is_accepted_where_both_are(allowed: httpx.Client, okta_token: OktaToken) -> None:
    """With DPOP=allowed a Bearer token is accepted without a proof."""
    assert allowed.get("/me", headers=bearer(okta_token())).status_code == 200


def test_missing_credentials_are_challenged_with_what_is_accepted(
    allowed: httpx.Client, required: httpx.Client
) -> None:
    """The challenge names the schemes and no error (RFC 9449 section 7.2)."""
    response = allowed.get("/me")
    assert (response.status_code, response.json()["error"]) == (401, "Unauthorized Access")
    assert response.headers["WWW-Authenticate"] == f'Bearer realm="api"{METADATA}, DPoP {ALGS}'
    response = required.get("/me")
    assert (response.status_code, response.json()["error"]) == (401, "Unauthorized Access")
    assert response.headers["WWW-Authenticate"] == f'DPoP realm="api"{METADATA}, {ALGS}'


def test_bound_token_is_refused_as_bearer(allowed: httpx.Client, token: str) -> None:
    """A bound token sent as Bearer is refused (RFC 9449 section 7.2)."""
    response = allowed.get("/me", headers=bearer(token))
    reason = "token is bound to a key and cannot be used as a bearer token"
    assert (response.status_code, response.json()["error"]) == (401, f"Unauthorized token or {reason}")
    assert response.headers["WWW-Authenticate"] == (
        f'Bearer realm="api", error="invalid_token", error_description="{reason}"{METADATA}, DPoP {ALGS}'
    )


def test_bound_token_is_refused_as_bearer_although_a_proof_came_along(
    allowed: httpx.Client, token: str, key: DPoPKey
) -> None:
    """The scheme decides, not the `DPoP` header."""
    headers = {**bearer(token), "DPoP": key.proof("GET", ME, token)}
    assert allowed.get("/me", headers=headers).status_code == 401


def test_bearer_is_refused_where_dpop_is_required(required: httpx.Client, okta_token: OktaToken) -> None:
    """With DPOP=required a Bearer token is refused."""
    response = required.get("/me", headers=bearer(okta_token()))
    reason = "token must be sent with a DPoP proof"
    assert (response.status_code, response.json()["error"]) == (401, f"Unauthorized token or {reason}")
    assert response.headers["WWW-Authenticate"] == challenge("invalid_token", reason)


def test_route_can_require_dpop_where_the_application_accepts_both(
    allowed: httpx.Client, okta_token: OktaToken, token: str, key: DPoPKey
) -> None:
    """The challenge for a Bearer token offers only DPoP."""
    proof = key.proof("GET", f"{API}/payments", token)
    assert allowed.get("/payments", headers=dpop_headers(token, proof)).status_code == 200
    response = allowed.get("/payments", headers=bearer(okta_token()))
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == challenge(
        "invalid_token", "token must be sent with a DPoP proof"
    )


@pytest.mark.parametrize("cnf", [None, {}, {"x5t#S256": "abc"}, "jkt", {"jkt": None}], ids=str)
def test_token_without_a_key_is_refused_as_dpop(
    allowed: httpx.Client, okta_token: OktaToken, key: DPoPKey, cnf: object
) -> None:
    """A Bearer token with the scheme DPoP is refused."""
    token = okta_token(cnf=cnf)
    response = allowed.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token)))
    assert response.json()["error"] == "Unauthorized token or token is not bound to a DPoP key"
    assert response.headers["WWW-Authenticate"] == challenge(
        "invalid_token", "token is not bound to a DPoP key"
    )


def test_further_members_of_cnf_are_ignored(
    allowed: httpx.Client, okta_token: OktaToken, key: DPoPKey
) -> None:
    """`cnf` may also contain the thumbprint of a certificate."""
    token = okta_token(cnf={"jkt": key.jkt, "x5t#S256": "abc"})
    assert allowed.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token))).status_code == 200


@pytest.mark.parametrize("jkt", ["", "A" * 43, "é", 1, ["A"]], ids=str)
def test_token_bound_to_another_key_is_refused(
    allowed: httpx.Client, okta_token: OktaToken, key: DPoPKey, jkt: object
) -> None:
    """The error is invalid_token, not invalid_dpop_proof (RFC 9449 figure 16)."""
    token = okta_token(cnf={"jkt": jkt})
    response = allowed.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token)))
    assert response.json()["error"] == "Unauthorized token or token is bound to another key"
    assert response.headers["WWW-Authenticate"] == challenge("invalid_token", "token is bound to another key")


def test_proof_of_a_thief_is_refused(allowed: httpx.Client, token: str) -> None:
    """A proof with another key than that of the token is refused."""
    proof = dpop_key("ES384").proof("GET", ME, token)
    response = allowed.get("/me", headers=dpop_headers(token, proof))
    assert response.json()["error"] == "Unauthorized token or token is bound to another key"


def test_expired_token_is_refused_in_the_scheme_used(
    allowed: httpx.Client, okta_token: OktaToken, key: DPoPKey
) -> None:
    """The token is verified like a Bearer token."""
    token = okta_token(dpop=key, exp=1)
    response = allowed.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token)))
    assert response.headers["WWW-Authenticate"] == challenge("invalid_token", "token has expired")


def test_missing_scope_is_refused_in_the_scheme_used(allowed: httpx.Client, token: str, key: DPoPKey) -> None:
    """The challenge of a route has the scheme of the request."""
    proof = key.proof("GET", f"{API}/reports", token)
    response = allowed.get("/reports", headers=dpop_headers(token, proof))
    assert (response.status_code, response.json()["error"]) == (403, "Forbidden")
    assert response.headers["WWW-Authenticate"] == (
        f'DPoP realm="api", error="insufficient_scope", scope="reports:read"{METADATA}, {ALGS}'
    )


def test_missing_proof_is_refused(allowed: httpx.Client, token: str) -> None:
    """A DPoP token without a proof is refused."""
    assert_refused_proof(allowed.get("/me", headers={"Authorization": f"DPoP {token}"}), "proof is missing")


def test_two_proofs_are_refused(allowed: httpx.Client, token: str, key: DPoPKey) -> None:
    """Two proofs are refused, because a proxy could check one and the service the other."""
    proofs = [("DPoP", key.proof("GET", ME, token)) for _ in range(2)]
    response = allowed.get("/me", headers=[("Authorization", f"DPoP {token}"), *proofs])
    assert_refused_proof(response, "more than one proof was sent", 400)


def test_two_authorization_headers_are_refused(
    allowed: httpx.Client, token: str, okta_token: OktaToken
) -> None:
    """Bearer and DPoP credentials in one request are refused."""
    headers = [("Authorization", f"DPoP {token}"), ("Authorization", f"Bearer {okta_token()}")]
    assert allowed.get("/me", headers=headers).status_code == 400


def test_dpop_is_an_unsupported_scheme_while_it_is_off(api: httpx.Client, token: str, key: DPoPKey) -> None:
    """With DPOP=off the scheme DPoP is unsupported."""
    response = api.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token)))
    assert response.status_code == 401
    assert response.json()["error"].startswith("Unauthorized scheme")
    assert "DPoP" not in response.headers["WWW-Authenticate"]
    assert api.get("/me", headers=bearer(token)).status_code == 401


def test_metadata_names_algorithms_and_whether_dpop_is_required(
    api: httpx.Client, allowed: httpx.Client, required: httpx.Client
) -> None:
    """The metadata has the DPoP members of RFC 9728 section 2."""
    path = "/.well-known/oauth-protected-resource"
    assert "dpop_signing_alg_values_supported" not in api.get(path).json()
    for client, only in ((allowed, False), (required, True)):
        members = client.get(path).json()
        assert members["dpop_signing_alg_values_supported"] == list(ALGORITHMS)
        assert members["dpop_bound_access_tokens_required"] is only


def test_proof_is_checked_for_a_token_that_is_cached(allowed: httpx.Client, token: str, key: DPoPKey) -> None:
    """Each request needs a new proof, even if the token is cached."""
    assert allowed.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token))).status_code == 200
    assert allowed.get("/me", headers={"Authorization": f"DPoP {token}"}).status_code == 401


@pytest.mark.anyio
async def test_websocket_accepts_a_proof(allowed: httpx.Client, token: str, key: DPoPKey) -> None:
    """A handshake with a proof is accepted, with ws:// or http:// in `htu`."""
    address = str(allowed.base_url).replace("http://", "ws://").rstrip("/")
    for url in (f"{API}/ws", f"{API}/ws".replace("http", "ws")):
        headers = dpop_headers(token, key.proof("GET", url, token))
        async with asyncio.timeout(10), connect(f"{address}/ws", additional_headers=headers) as socket:
            assert await socket.recv() == "Hello, ada@example.com"
        with pytest.raises(InvalidStatus) as raised:
            await connect(f"{address}/ws", additional_headers=headers)
        assert raised.value.response.status_code == 401
        assert json.loads(raised.value.response.body or b"")["error"].endswith("proof has already been used")
