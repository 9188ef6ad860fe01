"""DPoP: an access token is valid only with a proof that the caller has its key (RFC 9449 section 7)."""

import base64
import hashlib
import hmac
import math
import time
from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

from starlette.types import Scope

from fastapi_okta_auth.errors import BEARER, InvalidToken, OktaAuthError, Scheme
from fastapi_okta_auth.token import is_number

from .errors import BindingReason, DPoPRequired, InvalidProof, NonceRequired, ProofReason
from .nonces import Nonces
from .proof import ALGORITHMS, Proof, parse_proof
from .replay import ReplayStore
from .url import claimed_url, request_url

WINDOW_SECONDS: Final = 60
AHEAD_SECONDS: Final = 30
MAX_JTI_LENGTH: Final = 256
DPOP: Final = Scheme("DPoP", f'algs="{" ".join(ALGORITHMS)}"')

Headers = Iterable[tuple[bytes, bytes]]


class DPoP:
    """Verifies the proof of each request, in the order of RFC 9449 section 4.3, cheap checks first.

    `resource` is the URL under which callers reach the API: a proof is for that URL, and
    never for what a Host or X-Forwarded header says. `leeway`, in seconds, counts for the
    claims `exp` and `nbf`, which a client may add.
    """

    def __init__(
        self,
        resource: str,
        replays: ReplayStore,
        nonces: Nonces | None = None,
        *,
        required: bool = False,
        leeway: int = 60,
    ) -> None:
        self._resource = resource
        self._replays = replays
        self._nonces = nonces
        self._leeway = leeway
        self.required = required

    async def __aenter__(self) -> Self:
        await self._replays.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._replays.close()

    @property
    def metadata(self) -> dict[str, Any]:
        """The members for DPoP of the protected resource metadata (RFC 9728 section 2)."""
        return {
            "dpop_signing_alg_values_supported": list(ALGORITHMS),
            "dpop_bound_access_tokens_required": self.required,
        }

    def schemes(self, headers: Headers, error: OktaAuthError) -> tuple[Scheme, ...]:
        """Return the schemes to offer to a request refused with `error`, the one it used first."""
        used = any(
            name == b"authorization" and value.lstrip()[:4].lower() == b"dpop" for name, value in headers
        )
        if self.required or used or isinstance(error, DPoPRequired):
            return (DPOP,)
        return (BEARER, DPOP)

    def proof(self, scheme: bytes, headers: Headers) -> Proof | None:
        """Return the only proof in `headers`, or None for a Bearer token, which has none.

        Raises InvalidProof if it is missing, repeated or malformed, DPoPRequired for a
        Bearer token where none is accepted.
        """
        if scheme != b"dpop":
            if self.required:
                raise DPoPRequired
            return None
        proofs = [value for name, value in headers if name == b"dpop"]
        if not proofs:
            raise InvalidProof(ProofReason.PROOF_MISSING)
        if len(proofs) > 1:
            raise InvalidProof(ProofReason.PROOF_REPEATED)
        return parse_proof(proofs[0].strip(b" \t"))

    async def check(self, proof: Proof, scope: Scope, token: bytes, claims: Mapping[str, Any]) -> str | None:
        """Check `proof` against the request of `scope`, and against `token` with its verified `claims`.

        Returns the nonce to send with the response if the proof's own is about to expire.
        Raises InvalidToken, InvalidProof, NonceRequired or ServiceUnavailable.
        """
        _check_key(proof, claims)
        if not proof.has_valid_signature():
            raise InvalidProof(ProofReason.PROOF_SIGNATURE)
        url = self._check_request(proof.claims, scope)
        if not _same(proof.claims.get("ath"), _base64url_sha256(token)):
            raise InvalidProof(ProofReason.PROOF_TOKEN)
        nonce = self._check_nonce(proof.claims)
        await self._check_first_use(proof, url)
        return nonce

    def _check_request(self, claims: Mapping[str, Any], scope: Scope) -> str:
        method = scope.get("method", "GET")  # a WebSocket begins with a GET
        htm, htu = claims.get("htm"), claims.get("htu")
        # ASCII only, because upper() turns some other letters into ASCII ones.
        if not isinstance(htm, str) or not htm.isascii() or htm.upper() != method.upper():
            raise InvalidProof(ProofReason.PROOF_METHOD)
        url = request_url(self._resource, scope)
        if url is None or claimed_url(htu, scope) != url:
            raise InvalidProof(ProofReason.PROOF_URL)
        return url

    def _check_nonce(self, claims: Mapping[str, Any]) -> str | None:
        # Before the time: a client with a wrong clock needs the nonce first.
        nonce = claims.get("nonce")
        if self._nonces is not None and not self._nonces.accepts(nonce):
            raise NonceRequired(self._nonces.current())
        _check_issued(claims.get("iat"))
        _check_validity(claims, self._leeway)
        if self._nonces is None or nonce == (current := self._nonces.current()):
            return None
        return current

    async def _check_first_use(self, proof: Proof, url: str) -> None:
        jti, key = proof.claims.get("jti"), proof.key.thumbprint
        if not isinstance(jti, str) or not 1 <= len(jti) <= MAX_JTI_LENGTH:
            raise InvalidProof(ProofReason.PROOF_ID)
        # Neither thumbprint nor URL contains a NUL, so no two proofs share this text.
        digest = hashlib.sha256(f"{key}\0{url}\0{jti}".encode("utf-8", "surrogatepass")).digest()
        # Longer than the proof is valid here, for a replica with a slower clock.
        valid = proof.claims["iat"] + WINDOW_SECONDS + AHEAD_SECONDS - time.time()
        if not await self._replays.add(key, digest, math.ceil(valid)):
            raise InvalidProof(ProofReason.PROOF_REPLAYED)


def _check_key(proof: Proof, claims: Mapping[str, Any]) -> None:
    cnf = claims.get("cnf")
    # RFC 7800 section 3.1: `cnf` may have other members, such as a certificate's thumbprint.
    jkt = cnf.get("jkt") if isinstance(cnf, Mapping) else None
    if jkt is None:
        raise InvalidToken(BindingReason.NOT_BOUND)
    if not _same(jkt, proof.key.thumbprint):
        raise InvalidToken(BindingReason.OTHER_KEY)


def _check_validity(claims: Mapping[str, Any], leeway: int) -> None:
    now, exp, nbf = time.time(), claims.get("exp"), claims.get("nbf")
    if exp is not None and not (is_number(exp) and now < exp + leeway):
        raise InvalidProof(ProofReason.PROOF_EXPIRED)
    if nbf is not None and not (is_number(nbf) and nbf <= now + leeway):
        raise InvalidProof(ProofReason.PROOF_NOT_YET_VALID)


def _check_issued(iat: object) -> None:
    if not is_number(iat):
        raise InvalidProof(ProofReason.PROOF_TIME)
    now = time.time()
    if iat < now - WINDOW_SECONDS:
        raise InvalidProof(ProofReason.PROOF_EXPIRED)
    if iat > now + AHEAD_SECONDS:
        raise InvalidProof(ProofReason.PROOF_NOT_YET_VALID)


def _same(claim: object, expected: str) -> bool:
    return isinstance(claim, str) and claim.isascii() and hmac.compare_digest(claim, expected)


def _base64url_sha256(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
