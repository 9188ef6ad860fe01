"""A client's keys and proofs, for an application that accepts DPoP."""

from functools import cache
from typing import Any

import jwt

from local_okta.pytest_plugin import DPoPKey
from tests.support.tokens import encode

API = "http://localhost:8000"  # RESOURCE_URL, not the address that the tests call
ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
ALGS = 'algs="RS256 RS384 RS512 ES256 ES384 ES512"'


@cache
def dpop_key(algorithm: str = "ES256") -> DPoPKey:
    """Return the run's key for `algorithm`."""
    return DPoPKey(algorithm)


def dpop_headers(token: str, proof: str) -> dict[str, str]:
    """Return the headers that carry `token` and `proof`."""
    return {"Authorization": f"DPoP {token}", "DPoP": proof}


def raw_proof(key: DPoPKey, header: Any, claims: Any) -> str:
    """Sign a proof with these members, or with exactly these bytes."""
    signing_input = f"{encode(header)}.{encode(claims)}"
    signer = jwt.get_algorithm_by_name(key.algorithm)
    return f"{signing_input}.{encode(signer.sign(signing_input.encode(), key.private_key))}"
