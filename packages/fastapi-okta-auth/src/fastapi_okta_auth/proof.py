"""The form of a DPoP proof and the public key in its header (RFC 9449 section 4.2)."""

import base64
import hashlib
import json
from binascii import a2b_base64, b2a_base64
from functools import lru_cache
from typing import Any, Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from .dpop_errors import InvalidProof, ProofReason

MAX_PROOF_BYTES = 8 * 1024
# Okta's six (dpop_signing_alg_values_supported), each with the `kty` or `crv` of its keys.
_KEYS: Final = {
    **dict.fromkeys(("RS256", "RS384", "RS512"), "RSA"),
    "ES256": "P-256",
    "ES384": "P-384",
    "ES512": "P-521",
}
ALGORITHMS: Final = tuple(_KEYS)
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
# The members that a thumbprint covers, in the order of RFC 7638 section 3.2.
_REQUIRED: Final = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}
_TO_BASE64: Final = bytes.maketrans(b"-_+/", b"+/  ")


class ProofKey(NamedTuple):
    """The public key of a proof, and its SHA-256 thumbprint (RFC 7638)."""

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
    parts = value.split(b".", 3)
    if len(parts) != 3:
        raise InvalidProof(ProofReason.PROOF_MALFORMED)
    claims, signature = _json_object(parts[1]), _decode(parts[2])
    return Proof(_key_of(parts[0]), claims, value[: value.rindex(b".")], signature)


# All proofs of a client have the same header, so parsed keys are cached.
@lru_cache(maxsize=1024)
def _key_of(part: bytes) -> ProofKey:
    header = _json_object(part)
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
    kind = jwk.get("crv") if jwk.get("kty") == "EC" else jwk.get("kty")
    if kind != _KEYS[algorithm] or not all(isinstance(jwk.get(name), str) for name in _REQUIRED[jwk["kty"]]):
        raise InvalidProof(ProofReason.PROOF_KEY)
    try:
        key = PyJWK(jwk, algorithm)
    except (PyJWTError, ValueError):
        raise InvalidProof(ProofReason.PROOF_KEY) from None
    if isinstance(key.key, RSAPublicKey):
        in_range = 2048 <= key.key.key_size <= 4096 and key.key.public_numbers().e >= 65537
        if not in_range:
            raise InvalidProof(ProofReason.PROOF_KEY)
    return key


def _thumbprint(jwk: dict[str, Any]) -> str:
    members = {name: jwk[name] for name in _REQUIRED[jwk["kty"]]}
    digest = hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _decode(part: bytes) -> bytes:
    translated = part.translate(_TO_BASE64)
    try:
        data = a2b_base64(translated + b"==")
    except ValueError:
        raise InvalidProof(ProofReason.PROOF_MALFORMED) from None
    # Only the canonical form: otherwise one proof would have several encodings.
    if not part or b2a_base64(data, newline=False).rstrip(b"=") != translated:
        raise InvalidProof(ProofReason.PROOF_MALFORMED)
    return data


def _json_object(part: bytes) -> dict[str, Any]:
    try:
        value = json.loads(_decode(part).decode(), object_pairs_hook=_unique, parse_constant=_reject)
    except (ValueError, RecursionError):
        raise InvalidProof(ProofReason.PROOF_MALFORMED) from None
    if not isinstance(value, dict):
        raise InvalidProof(ProofReason.PROOF_MALFORMED)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate name")
    return members


def _reject(constant: str) -> None:
    raise ValueError(constant)
