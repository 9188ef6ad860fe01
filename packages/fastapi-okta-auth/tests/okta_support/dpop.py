"""A client's keys and proofs, for an application that accepts DPoP."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Annotated, Any

import httpx
import jwt
from fastapi import Depends
from fastapi_okta_auth import Principal, require_dpop
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import DPoPKey

from okta_support.app import app_for, settings_for
from okta_support.requests import METADATA, wait_until_ready
from okta_support.tokens import encode

API = "http://localhost:8000"  # RESOURCE_URL, not the address that the tests call
ME = f"{API}/me"
SECRETS = ("n" * 32, "o" * 32)  # for nonces
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


@contextmanager
def dpop_api(okta: LocalOkta, **changes: object) -> Iterator[httpx.Client]:
    """Serve an application that accepts DPoP, and yield a client of it."""
    app = app_for(settings_for(okta, **{"dpop": "allowed", **changes}))

    @app.get("/payments")
    async def payments(user: Annotated[Principal, Depends(require_dpop)]) -> dict[str, str]:
        return {"paid_by": user.subject}

    with serve(app) as url, httpx.Client(base_url=url) as client:
        wait_until_ready(url)
        yield client


def challenge(error: str, description: str = "") -> str:
    """Return the challenge of a request that used DPoP."""
    described = f', error_description="{description}"' if description else ""
    return f'DPoP realm="api", error="{error}"{described}{METADATA}, {ALGS}'


def assert_refused_proof(response: httpx.Response, reason: str, status: int = 401) -> None:
    """Check that `response` refuses the proof for `reason`."""
    assert (response.status_code, response.json()["error"]) == (status, f"Unauthorized proof or {reason}")
    assert response.headers["WWW-Authenticate"] == challenge("invalid_dpop_proof", reason)
