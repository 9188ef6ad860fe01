"""A client's DPoP key and its proofs (RFC 9449 §4), for `get_token` and for tests."""

import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.utils import base64url_encode

from local_okta.keys import sign_compact

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
CURVES: Final = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
_THUMBPRINT_MEMBERS: Final = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}


class DPoPKey:
    """A new key pair; `jkt` is the thumbprint that a bound token carries in `cnf`.

    `algorithm` is one of RS256, RS384, RS512, ES256, ES384 and ES512. okta-auth-js
    always uses RS256.
    """

    def __init__(self, algorithm: str = "ES256") -> None:
        self.algorithm = algorithm
        self.private_key = _generate(algorithm)
        signer: Any = jwt.get_algorithm_by_name(algorithm)
        full: dict[str, Any] = signer.to_jwk(self.private_key.public_key(), as_dict=True)
        self.jwk = {name: full[name] for name in _THUMBPRINT_MEMBERS[full["kty"]]}
        self.jkt = thumbprint(self.jwk)

    def proof(
        self,
        method: str,
        url: str,
        token: str | None = None,
        *,
        headers: Mapping[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """Return a new proof for one request, with `ath` if it carries an access token.

        `headers` and `claims` (`nonce=...`) add or replace members; a value of None
        leaves one out.
        """
        payload = {"jti": secrets.token_urlsafe(16), "htm": method, "htu": url, "iat": int(time.time())}
        if token is not None:
            payload["ath"] = ath_of(token)
        payload |= claims
        header = {"typ": "dpop+jwt", "alg": self.algorithm, "jwk": self.jwk, **(headers or {})}
        members = {name: value for name, value in payload.items() if value is not None}
        return sign_compact(header, members, self.private_key, self.algorithm)


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """Return the SHA-256 thumbprint of an RSA or EC key (RFC 7638)."""
    members = {name: jwk[name] for name in _THUMBPRINT_MEMBERS[jwk["kty"]]}
    return _digest(json.dumps(members, separators=(",", ":"), sort_keys=True))


def ath_of(token: str) -> str:
    """Return the hash of an access token, as a proof's `ath` carries it."""
    return _digest(token)


def _digest(text: str) -> str:
    return base64url_encode(hashlib.sha256(text.encode()).digest()).decode()


def _generate(algorithm: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    if algorithm in CURVES:
        return ec.generate_private_key(CURVES[algorithm])
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
