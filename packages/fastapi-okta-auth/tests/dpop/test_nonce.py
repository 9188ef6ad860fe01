"""Nonces are valid for one to two time steps, and no server stores them."""

import time

import httpx
import pytest
import time_machine
from fastapi_okta_auth.dpop.nonces import STEP_SECONDS, Nonces
from local_okta.testing import DPoPKey
from okta_support.dpop import (
    API,
    ME,
    SECRETS,
    assert_refused_proof,
    challenge,
    dpop_headers,
)
from okta_support.tokens import encode

OLD, NEW = "o" * 32, "n" * 32
START = 1_800_000_000


@pytest.mark.parametrize(
    ("seconds", "accepted"),
    [
        pytest.param(0, True, id="at once"),
        pytest.param(STEP_SECONDS, True, id="one step later"),
        pytest.param(2 * STEP_SECONDS, False, id="two steps later"),
        pytest.param(-STEP_SECONDS, True, id="on a replica that is one step behind"),
        pytest.param(-2 * STEP_SECONDS, False, id="two steps before"),
    ],
)
def test_nonce_is_accepted_in_its_step_and_the_next(seconds: int, accepted: bool) -> None:  # noqa: FBT001
    """A replica whose clock is slightly behind accepts it too."""
    nonces = Nonces([NEW])
    with time_machine.travel(START, tick=False) as clock:
        nonce = nonces.current()
        clock.shift(seconds)
        assert nonces.accepts(nonce) is accepted


@time_machine.travel(START, tick=False)
def test_replicas_with_the_same_secret_accept_each_others_nonces() -> None:
    """Replicas share only the secret."""
    assert Nonces([NEW]).accepts(Nonces([NEW]).current())
    assert not Nonces([NEW]).accepts(Nonces([OLD]).current())


@time_machine.travel(START, tick=False)
def test_secret_can_be_replaced_without_a_refusal() -> None:
    """With two secrets, nonces of both are accepted, and new ones use the first."""
    both = Nonces([NEW, OLD])
    assert both.accepts(Nonces([OLD]).current())
    assert both.current() == Nonces([NEW]).current()


@pytest.mark.parametrize("nonce", [None, "", 1, True, [], {}, "é", "\ud800", "A" * 28, "A" * 10_000])
def test_anything_else_is_refused(nonce: object) -> None:
    """A nonce of another form is refused without an exception."""
    assert not Nonces([NEW]).accepts(nonce)


def test_nonce_fits_a_header() -> None:
    """It consists only of NQCHAR (RFC 9449 section 8.1), without padding."""
    nonce = Nonces([NEW]).current()
    assert len(nonce) == 28
    assert nonce.replace("-", "").replace("_", "").isalnum()


def test_nonce_is_required_and_provided(with_nonce: httpx.Client, token: str, key: DPoPKey) -> None:
    """The refusal contains the nonce for the next request (RFC 9449 section 9)."""
    response = with_nonce.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token)))
    assert (response.status_code, response.json()["error"]) == (
        401,
        "Unauthorized proof or nonce is missing or has expired",
    )
    assert response.headers["WWW-Authenticate"] == challenge("use_dpop_nonce")
    assert response.headers["Cache-Control"] == "no-store"
    [nonce] = response.headers.get_list("DPoP-Nonce")
    proof = key.proof("GET", ME, token, nonce=nonce)
    response = with_nonce.get("/me", headers=dpop_headers(token, proof))
    assert response.status_code == 200
    assert "DPoP-Nonce" not in response.headers


@pytest.mark.parametrize("nonce", ["", "made up", 1, ["a"], "é"], ids=str)
def test_nonce_of_somebody_else_is_refused(
    with_nonce: httpx.Client, token: str, key: DPoPKey, nonce: object
) -> None:
    """Only nonces of this application are accepted."""
    for iat in (int(time.time()), 1):
        proof = key.proof("GET", ME, token, nonce=nonce, iat=iat)
        response = with_nonce.get("/me", headers=dpop_headers(token, proof))
        assert response.headers["WWW-Authenticate"] == challenge("use_dpop_nonce")


def test_fresh_nonce_does_not_make_an_old_proof_valid(
    with_nonce: httpx.Client, token: str, key: DPoPKey
) -> None:
    """The time is checked even if the nonce is valid."""
    nonce = Nonces(SECRETS).current()
    proof = key.proof("GET", ME, token, nonce=nonce, iat=int(time.time()) - 70)
    assert_refused_proof(with_nonce.get("/me", headers=dpop_headers(token, proof)), "proof has expired")


def test_nonce_is_not_revealed_to_a_proof_with_a_bad_signature(
    with_nonce: httpx.Client, token: str, key: DPoPKey
) -> None:
    """The nonce is checked after the signature, so a forged proof gets no nonce."""
    head, claims, _ = key.proof("GET", ME, token).split(".")
    response = with_nonce.get("/me", headers=dpop_headers(token, f"{head}.{claims}.{encode(bytes(64))}"))
    assert_refused_proof(response, "proof signature is not valid")
    assert "DPoP-Nonce" not in response.headers


def nonce_of_last_step() -> str:
    """Return a nonce that is still valid and should be replaced."""
    with time_machine.travel(time.time() - STEP_SECONDS, tick=False):
        return Nonces(SECRETS).current()


def test_success_with_an_old_nonce_brings_the_next_one(
    with_nonce: httpx.Client, token: str, key: DPoPKey
) -> None:
    """A successful response contains the next nonce and is not cached (RFC 9449 section 8.2)."""
    proof = key.proof("GET", ME, token, nonce=nonce_of_last_step())
    response = with_nonce.get("/me", headers=dpop_headers(token, proof))
    assert response.status_code == 200
    assert response.headers.get_list("DPoP-Nonce") == [Nonces(SECRETS).current()]
    assert response.headers["Cache-Control"] == "no-store"


def test_failure_with_an_old_nonce_does_not_bring_the_next_one(
    with_nonce: httpx.Client, token: str, key: DPoPKey
) -> None:
    """Only successful responses contain the next nonce."""
    proof = key.proof("GET", f"{API}/nowhere", token, nonce=nonce_of_last_step())
    response = with_nonce.get("/nowhere", headers=dpop_headers(token, proof))
    assert response.status_code == 404
    assert "DPoP-Nonce" not in response.headers
