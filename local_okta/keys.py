"""Signing keys: made at start, held in memory, published as a JWKS (RFC 7517)."""

import json
import secrets
from collections.abc import Mapping
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from jwt.algorithms import RSAAlgorithm
from jwt.types import Options
from jwt.utils import base64url_encode

_SIGNATURE_ALONE: Final[Options] = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_sub": False,
    "verify_jti": False,
}


class SigningKey:
    """A fresh RSA-2048 key with a fresh random `kid`."""

    def __init__(self) -> None:
        self.kid = secrets.token_urlsafe(24)
        self.private_key = generate_private_key(public_exponent=65537, key_size=2048)

    def jwk(self) -> dict[str, str]:
        """Return the public key with the members Okta publishes, and no others."""
        numbers = RSAAlgorithm.to_jwk(self.private_key.public_key(), as_dict=True)
        return {
            "kty": "RSA",
            "alg": "RS256",
            "kid": self.kid,
            "use": "sig",
            "e": numbers["e"],
            "n": numbers["n"],
        }

    def sign(self, claims: Any, headers: Mapping[str, Any] | None = None) -> str:
        """Sign `claims` as they are with RS256, right or wrong, and return the JWT.

        The header holds `kid` and `alg` alone, like Okta's. `headers` adds members or
        replaces them; a value of None leaves one out.
        """
        header = {"kid": self.kid, "alg": "RS256", **(headers or {})}
        kept = {name: value for name, value in header.items() if value is not None}
        # Not PyJWT's encode: it refuses the malformed headers and claims that tests must send.
        parts = [base64url_encode(_compact_json(part)) for part in (kept, claims)]
        signature = self.private_key.sign(b".".join(parts), PKCS1v15(), SHA256())
        return b".".join([*parts, base64url_encode(signature)]).decode()


def _compact_json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


class KeyRing:
    """The published keys; the first one signs."""

    def __init__(self) -> None:
        self.published: tuple[SigningKey, ...] = (SigningKey(),)

    def rotate(self, *, overlap: bool) -> None:
        """Sign with a new key from now on; keep publishing the one before if `overlap`."""
        new = SigningKey()
        self.published = (new, self.published[0]) if overlap else (new,)

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Return the key set as it is published."""
        return {"keys": [key.jwk() for key in self.published]}

    def sign(self, claims: Any, headers: Mapping[str, Any] | None = None) -> str:
        """Sign with the newest key; see `SigningKey.sign`."""
        return self.published[0].sign(claims, headers)

    def verify(self, token: str) -> dict[str, Any]:
        """Return the claims of a token signed by a published key. No claim is checked.

        Raises `jwt.InvalidTokenError` for anything else.
        """
        kid = jwt.get_unverified_header(token).get("kid")
        key = next((key for key in self.published if key.kid == kid), None)
        if key is None:
            msg = "not signed by a published key"
            raise jwt.InvalidTokenError(msg)
        return jwt.decode(token, key.private_key.public_key(), algorithms=["RS256"], options=_SIGNATURE_ALONE)
