"""Tokens that no issuer would sign, and the reason why one is refused."""

import base64
import json
from typing import Any

import httpx
import jwt
from local_okta.state import LocalOkta

from okta_support.requests import bearer


def encode(value: Any) -> str:
    """Encode one part of a JWS: base64url of `value` as JSON, or of bytes unchanged."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign_raw(okta: LocalOkta, payload: bytes, header: bytes | None = None) -> str:
    """Sign a JWS with exactly these bytes as payload and header."""
    key = okta.keys.published[0]
    header = header or json.dumps({"alg": "RS256", "kid": key.kid}).encode()
    signing_input = f"{encode(header)}.{encode(payload)}"
    algorithm = jwt.get_algorithm_by_name("RS256")
    return f"{signing_input}.{encode(algorithm.sign(signing_input.encode(), key.private_key))}"


def reason_of(api: httpx.Client, token: str) -> str | None:
    """Return why `token` is refused, or None if it is accepted. Fails if the refusal is malformed."""
    response = api.get("/hello/Ada", headers=bearer(token))
    if response.status_code == 200:
        return None
    assert response.status_code == 401, response.text
    error: str = response.json()["error"]
    assert error.startswith("Unauthorized token or ")
    reason = error.removeprefix("Unauthorized token or ")
    assert f'error="invalid_token", error_description="{reason}"' in response.headers["WWW-Authenticate"]
    return reason
