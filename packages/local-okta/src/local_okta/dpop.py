"""DPoP (RFC 9449): a client's key and proofs, and the checks at the token and userinfo endpoints."""

import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fastapi import Request
from jwt.utils import base64url_encode

from local_okta.keys import SIGNATURE_ONLY, sign_compact
from local_okta.protocol import OAuthError
from local_okta.state import PROOF_LIFETIME, LocalOkta

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
CURVES: Final = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
_THUMBPRINT_MEMBERS: Final = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}

# How far ahead of this server's clock a client's may be, in seconds.
MAX_AHEAD: Final = 30
PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


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


def proof_key(
    request: Request, okta: LocalOkta, endpoint: str, *, needs_nonce: bool, token: str | None = None
) -> str | None:
    """Return the thumbprint of the key that signed the request's proof, or None without a proof.

    `endpoint` is the path below the issuer. Raises `OAuthError` if the proof is invalid,
    or lacks the nonce where one is needed. With `token`, the proof must carry its `ath`.
    """
    proofs = request.headers.getlist("dpop")
    if not proofs:
        return None
    if len(proofs) > 1:
        raise invalid_proof("Multiple DPoP proof JWT headers are not allowed.")
    jwk, claims = _decode(proofs[0])
    _check_target(claims, request.method, okta.issuer + endpoint)
    _check_time(claims, okta.switches.now())
    if token is not None and not _equal(claims.get("ath"), ath_of(token)):
        raise invalid_proof("The 'ath' claim does not match the access token.")
    if needs_nonce and not _equal(claims.get("nonce"), okta.dpop_nonce):
        raise _needs_nonce(okta)
    jkt = thumbprint(jwk)
    _use_once(okta, jkt, claims.get("jti"))
    return jkt


def invalid_proof(description: str, status: int = 400) -> OAuthError:
    """Return the error for an invalid proof."""
    return OAuthError("invalid_dpop_proof", description, status=status)


def _decode(proof: str) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """Return the key in a proof's header and the claims that it signed."""
    try:
        header = jwt.get_unverified_header(proof)
        algorithm, jwk = header.get("alg"), header.get("jwk")
        if str(header.get("typ")).lower() != "dpop+jwt":
            raise invalid_proof("'typ' must be 'dpop+jwt' in the DPoP proof JWT.")
        if algorithm not in ALGORITHMS:
            raise invalid_proof(f"The 'alg' must be one of {', '.join(ALGORITHMS)}.")
        if not isinstance(jwk, dict) or PRIVATE_MEMBERS & jwk.keys():
            raise invalid_proof("The 'jwk' must be a public key.")
        key = jwt.PyJWK(jwk, algorithm)
        if isinstance(key.key, rsa.RSAPublicKey) and key.key.key_size < 2048:
            raise invalid_proof("An RSA key must have at least 2048 bits.")
        return jwk, jwt.decode(proof, key, algorithms=[algorithm], options=SIGNATURE_ONLY)
    except jwt.PyJWTError as error:
        raise invalid_proof("The DPoP proof JWT is malformed, or its signature is invalid.") from error


def _check_target(claims: Mapping[str, Any], method: str, url: str) -> None:
    if str(claims.get("htm")).upper() != method:
        raise invalid_proof(f"The 'htm' claim must be {method}.")
    if str(claims.get("htu")).partition("#")[0].partition("?")[0] != url:
        raise invalid_proof(f"The 'htu' claim must be {url}.")


def _check_time(claims: Mapping[str, Any], now: int) -> None:
    issued_at = claims.get("iat")
    if not isinstance(issued_at, int | float) or isinstance(issued_at, bool):
        raise invalid_proof("The 'iat' claim must be a number.")
    if issued_at > now + MAX_AHEAD:
        raise invalid_proof("The DPoP proof JWT is issued in the future.")
    if issued_at < now - PROOF_LIFETIME:
        raise invalid_proof("The DPoP proof JWT is issued more than five minutes in the past.")


def _use_once(okta: LocalOkta, jkt: str, jti: object) -> None:
    if not isinstance(jti, str) or not 1 <= len(jti) <= 256:
        raise invalid_proof("The 'jti' claim must be a string of 1 to 256 characters.")
    if f"{jkt} {jti}" in okta.used_proofs:
        raise invalid_proof("The DPoP proof JWT has already been used.")
    okta.used_proofs.add(None, f"{jkt} {jti}")


def _needs_nonce(okta: LocalOkta) -> OAuthError:
    msg = "Authorization server requires nonce in DPoP proof."
    return OAuthError("use_dpop_nonce", msg, headers={"DPoP-Nonce": okta.dpop_nonce})


def _equal(value: object, expected: str) -> bool:
    return isinstance(value, str) and value.isascii() and secrets.compare_digest(value, expected)
