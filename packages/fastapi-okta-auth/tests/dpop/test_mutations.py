"""Thousands of proofs that are nearly valid, and proofs with generated claims."""

import base64
import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from fuzz.corpus import inputs
from fuzz.proof_target import API as FUZZED_API
from fuzz.proof_target import SCOPE, accepts, check_claims, read_proof, valid_claims
from hypothesis import given, settings
from hypothesis import strategies as st
from local_okta.state import LocalOkta
from local_okta.testing import DPoPKey, OktaToken
from okta_support.app import app_for, settings_for
from okta_support.dpop import ALGORITHMS, API, dpop_headers, dpop_key, raw_proof
from okta_support.in_process import in_process
from okta_support.mutations import mutate
from okta_support.tokens import encode

MUTANTS = 2_000
pytestmark = [pytest.mark.long, pytest.mark.slow, pytest.mark.usefixtures("untraced")]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)

Ask = Callable[[str, str], Awaitable[int]]


@pytest.fixture
async def ask(local_okta: LocalOkta) -> AsyncIterator[Ask]:
    """Send a token and a proof to the whole application, without the network; return the status."""
    async with in_process(app_for(settings_for(local_okta, dpop="required"))) as get:
        yield lambda token, proof: get(dpop_headers(token, proof))


def rewrite(proof: str, key: DPoPKey, stranger: DPoPKey, at: random.Random) -> str:
    """Return `proof` with another claim or header and the old signature, or with another key's."""
    header, claims, signature = (base64.urlsafe_b64decode(part + "==") for part in proof.split("."))
    members = json.loads(claims)
    name = at.choice([*members, "nonce", "exp"])
    members[name] = at.choice(["GET", "POST", f"{API}/", time.time(), 2**33, None, [], members["jti"] + "x"])
    match at.randrange(4):
        case 0:
            return f"{encode(header)}.{encode(members)}.{encode(signature)}"
        case 1:  # the key of the token, the signature of a stranger
            return raw_proof(stranger, json.loads(header), members)
        case 2:  # the key and the signature of a stranger
            return raw_proof(
                stranger, {**json.loads(header), "alg": stranger.algorithm, "jwk": stranger.jwk}, members
            )
        case _:  # signed by the key, and not for this request
            wrong = {
                **json.loads(claims),
                at.choice(["htm", "htu", "ath", "jti"]): at.choice(["", "x", 1, None, []]),
            }
            return raw_proof(key, json.loads(header), {**wrong, "htu": f"{API}/other"})


@pytest.mark.anyio
async def test_no_mutated_proof_is_accepted(okta_token: OktaToken, ask: Ask) -> None:
    """Proofs derived from valid ones are refused without a 5xx; the valid ones are accepted."""
    at = random.Random(20261125)
    keys = [dpop_key(algorithm) for algorithm in ALGORITHMS]
    tokens = [okta_token(dpop=key) for key in keys]
    stranger = DPoPKey()
    originals: list[str] = []
    for number in range(MUTANTS):
        if number % 1000 == 0:  # while they are fresh
            originals = [key.proof("GET", f"{API}/", token) for key, token in zip(keys, tokens, strict=True)]
        which = number % len(keys)
        proof = originals[which]
        mutant = rewrite(proof, keys[which], stranger, at) if number % 4 == 0 else mutate(proof, at)
        if mutant != proof:
            assert await ask(tokens[which], mutant) in (400, 401), mutant
    assert [await ask(token, proof) for token, proof in zip(tokens, originals, strict=True)] == [200] * len(
        keys
    )


def expected(claims: dict[str, Any]) -> bool:
    """Return whether a proof with `claims` is valid for GET /me; an independent implementation."""
    own = valid_claims()
    iat, jti = claims.get("iat"), claims.get("jti")
    return (
        claims.get("htm") in ("GET", "get", "Get")
        and str(claims.get("htu")).split("#")[0].split("?")[0] == own["htu"]
        and claims.get("ath") == own["ath"]
        and type(iat) in (int, float)
        and time.time() - 60 < iat < time.time() + 30  # type: ignore[operator]
        and isinstance(jti, str)
        and 0 < len(jti) <= 256
    )


CLAIMS = st.fixed_dictionaries(
    {},
    optional={
        "htm": st.sampled_from(["GET", "get", "Get", "POST", ""]) | JSON,
        "htu": st.sampled_from([f"{FUZZED_API}/me", f"{FUZZED_API}/me?x#y", f"{FUZZED_API}/you"]) | JSON,
        "ath": st.just(valid_claims()["ath"]) | JSON,
        "iat": st.sampled_from([0, -30, 20, -90, 60]).map(lambda offset: time.time() + offset) | JSON,
        "jti": st.text(max_size=300) | JSON,
        "nonce": JSON,
    },
)


@settings(max_examples=1000, deadline=None)
@given(CLAIMS, st.sampled_from([(), ("htm",), ("htu",), ("ath",), ("iat",), ("jti",)]))
def test_exactly_the_valid_claims_are_accepted(claims: dict[str, Any], kept: tuple[str, ...]) -> None:
    """The service and an independent implementation of RFC 9449 section 4.3 agree."""
    # Random claims mostly fail the first check; with the other claims valid, each check is reached.
    members = (
        {**valid_claims(), **{name: claims[name] for name in kept if name in claims}} if kept else claims
    )
    assert accepts(members) == expected(members)


@settings(max_examples=1000, deadline=None)
@given(st.text(max_size=60))
def test_any_url_is_refused_or_the_same(path: str) -> None:
    """A proof for another path than that of the request is refused, without a 5xx."""
    claims = {**valid_claims(), "htu": f"{FUZZED_API}/{path}"}
    assert isinstance(accepts(claims), bool)
    scope = {**SCOPE, "raw_path": f"/{path}".encode("utf-8", "replace")}
    assert isinstance(accepts(valid_claims(), scope), bool)


@settings(max_examples=1000, deadline=None)
@given(
    st.binary(max_size=200)
    | st.lists(JSON.map(encode), min_size=3, max_size=3).map(lambda parts: ".".join(parts).encode())
)
def test_any_bytes_are_refused(value: bytes) -> None:
    """Parsing any header raises a refusal of the contract."""
    read_proof(value)


def test_corpus_of_the_fuzzer_is_refused() -> None:
    """Each input in the fuzzer's corpus is refused."""
    found = inputs("proof")
    assert found
    for value in found:
        read_proof(value)
        assert not check_claims(value)
