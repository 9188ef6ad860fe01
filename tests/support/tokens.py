"""Tokens that no issuer makes, and what becomes of them."""

import base64
import json
from typing import Any

import httpx
import jwt

from local_okta.state import LocalOkta
from tests.support.api import bearer


def encode(value: Any) -> str:
    """One part of a JWS: base64url of JSON, or of bytes as they are."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign_raw(okta: LocalOkta, payload: bytes, header: bytes | None = None) -> str:
    """A JWS with these very bytes in it, validly signed."""
    key = okta.keys.published[0]
    header = header or json.dumps({"alg": "RS256", "kid": key.kid}).encode()
    signing_input = f"{encode(header)}.{encode(payload)}"
    algorithm = jwt.get_algorithm_by_name("RS256")
    return f"{signing_input}.{encode(algorithm.sign(signing_input.encode(), key.private_key))}"


def reason_of(api: httpx.Client, token: str) -> str | None:
    """Why `token` is refused, or None where it is accepted; a refusal must be a proper one."""
    answer = api.get("/hello/Ada", headers=bearer(token))
    if answer.status_code == 200:
        return None
    assert answer.status_code == 401, answer.text
    error: str = answer.json()["error"]
    assert error.startswith("Unauthorized token or ")
    reason = error.removeprefix("Unauthorized token or ")
    assert f'error="invalid_token", error_description="{reason}"' in answer.headers["WWW-Authenticate"]
    return reason
