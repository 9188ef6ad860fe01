"""Signing keys: generated at start, kept in memory, published as a JWKS (RFC 7517)."""

import json
import secrets
from collections.abc import Mapping
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from jwt.algorithms import RSAAlgorithm
from jwt.types import Options
from jwt.utils import base64url_encode

SIGNATURE_ONLY: Final[Options] = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_sub": False,
    "verify_jti": False,
}


def sign_compact(header: Mapping[str, Any], claims: Any, key: Any, algorithm: str) -> str:
    """Sign a compact JWS (RFC 7515 §7.1) with `algorithm`; `header` and `claims` may be invalid.

    Header members with the value None are left out. PyJWT's `encode` would refuse the
    malformed headers and claims that tests have to send.
    """
    members = {name: value for name, value in header.items() if value is not None}
    parts = [base64url_encode(json.dumps(part, separators=(",", ":")).encode()) for part in (members, claims)]
    signature = jwt.get_algorithm_by_name(algorithm).sign(b".".join(parts), key)
    return b".".join([*parts, base64url_encode(signature)]).decode()


class SigningKey:
    """A new RSA-2048 key with a random `kid`."""

    def __init__(self) -> None:
        self.kid = secrets.token_urlsafe(24)
        self.private_key = generate_private_key(public_exponent=65537, key_size=2048)

    def jwk(self) -> dict[str, str]:
        """Return the public key with the members that Okta publishes."""
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
        """Sign any `claims`, valid or not, with RS256 and return the JWT.

        The header is `kid` and `alg`, like Okta's. `headers` adds or replaces members; a
        value of None leaves one out.
        """
        header = {"kid": self.kid, "alg": "RS256", **(headers or {})}
        return sign_compact(header, claims, self.private_key, "RS256")


class KeyRing:
    """The published keys; the first one signs."""

    def __init__(self) -> None:
        self.published: tuple[SigningKey, ...] = (SigningKey(),)

    def rotate(self, *, overlap: bool) -> None:
        """Sign with a new key; also publish the previous one if `overlap` is true."""
        new = SigningKey()
        self.published = (new, self.published[0]) if overlap else (new,)

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Return the key set as it is published."""
        return {"keys": [key.jwk() for key in self.published]}

    def sign(self, claims: Any, headers: Mapping[str, Any] | None = None) -> str:
        """Sign with the newest key; see `SigningKey.sign`."""
        return self.published[0].sign(claims, headers)

    def verify(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that a published key signed, without checking them.

        Raises `jwt.InvalidTokenError` for anything else.
        """
        kid = jwt.get_unverified_header(token).get("kid")
        key = next((key for key in self.published if key.kid == kid), None)
        if key is None:
            msg = "not signed by a published key"
            raise jwt.InvalidTokenError(msg)
        return jwt.decode(token, key.private_key.public_key(), algorithms=["RS256"], options=SIGNATURE_ONLY)
