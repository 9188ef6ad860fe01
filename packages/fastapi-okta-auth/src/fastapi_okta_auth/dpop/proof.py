"""The form of a DPoP proof and the public key in its header (RFC 9449 section 4.2)."""

import base64
import hashlib
import json
from functools import lru_cache
from typing import Any, Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from fastapi_okta_auth.token import json_object, split_compact

from .errors import InvalidProof, ProofReason

MAX_PROOF_BYTES: Final = 8 * 1024
MAX_EXPONENT_BITS: Final = 64  # as in OpenSSL for long keys: one as long as the key costs 100 times the time
# Okta's six (dpop_signing_alg_values_supported), each with the `kty` and `crv` of its keys.
_KEYS: Final = {
    **dict.fromkeys(("RS256", "RS384", "RS512"), ("RSA", None)),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
}
ALGORITHMS: Final = tuple(_KEYS)
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
# The members that a thumbprint covers, in the order of RFC 7638 section 3.2.
_REQUIRED: Final = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}


class ProofKey(NamedTuple):
    """The public key of a proof, and its SHA-256 thumbprint (RFC 7638 section 3)."""

    jwk: PyJWK
    thumbprint: str


class Proof(NamedTuple):
    """A well-formed proof. Nothing in it is verified yet, not even the signature."""

    key: ProofKey
    claims: dict[str, Any]
    signing_input: bytes
    signature: bytes

    def has_valid_signature(self) -> bool:
        """Verify the signature with the key that the proof carries."""
        jwk = self.key.jwk
        return jwk.Algorithm.verify(self.signing_input, jwk.key, self.signature)


def parse_proof(value: bytes) -> Proof:
    """Parse the value of a `DPoP` header.

    Raises InvalidProof if the form is not exact, or if the header names a type, an
    algorithm or a key that is not accepted.
    """
    if len(value) > MAX_PROOF_BYTES:
        raise InvalidProof(ProofReason.PROOF_TOO_LARGE)
    try:
        header, claims, signing_input, signature = split_compact(value)
        return Proof(_key_of(header), claims, signing_input, signature)
    except ValueError:
        raise InvalidProof(ProofReason.PROOF_MALFORMED) from None


# All proofs of a client have the same header, so parsed keys are cached.
@lru_cache(maxsize=1024)
def _key_of(part: bytes) -> ProofKey:
    header = json_object(part)
    kind, algorithm, jwk = header.get("typ"), header.get("alg"), header.get("jwk")
    if not isinstance(kind, str) or kind.lower() != "dpop+jwt":
        raise InvalidProof(ProofReason.PROOF_TYPE)
    if not isinstance(algorithm, str) or algorithm not in _KEYS:
        raise InvalidProof(ProofReason.PROOF_ALGORITHM)
    if "crit" in header or "b64" in header:
        raise InvalidProof(ProofReason.PROOF_CRITICAL)
    if not isinstance(jwk, dict) or not _PRIVATE.isdisjoint(jwk):
        raise InvalidProof(ProofReason.PROOF_KEY)
    return ProofKey(_public_key(jwk, algorithm), _thumbprint(jwk))


def _public_key(jwk: dict[str, Any], algorithm: str) -> PyJWK:
    kty, crv = _KEYS[algorithm]
    members = [jwk.get(name) for name in _REQUIRED[kty]]
    if (jwk.get("kty"), jwk.get("crv") if crv else None) != _KEYS[algorithm] or not all(
        isinstance(member, str) for member in members
    ):
        raise InvalidProof(ProofReason.PROOF_KEY)
    try:
        key = PyJWK(jwk, algorithm)
    except (PyJWTError, ValueError):
        raise InvalidProof(ProofReason.PROOF_KEY) from None
    if isinstance(key.key, RSAPublicKey):
        exponent = key.key.public_numbers().e
        if not 2048 <= key.key.key_size <= 4096 or not 65537 <= exponent < 2**MAX_EXPONENT_BITS:
            raise InvalidProof(ProofReason.PROOF_KEY)
    return key


def _thumbprint(jwk: dict[str, Any]) -> str:
    members = {name: jwk[name] for name in _REQUIRED[jwk["kty"]]}
    digest = hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
