"""Errors of requests with a DPoP proof (RFC 9449 sections 7.1, 7.2 and 9)."""

from collections.abc import Mapping
from enum import StrEnum

from fastapi_okta_auth.errors import InvalidCredentials, InvalidToken, OktaAuthError


class ProofReason(StrEnum):
    """Why a proof is invalid, in the order of the checks: the text for the caller, the name for the log."""

    PROOF_MISSING = "proof is missing"
    PROOF_REPEATED = "more than one proof was sent"
    PROOF_TOO_LARGE = "proof is too large"
    PROOF_MALFORMED = "proof is not a signed JWT"
    PROOF_TYPE = "proof type is not dpop+jwt"
    PROOF_ALGORITHM = "proof algorithm is not accepted"
    PROOF_CRITICAL = "proof demands an extension that is not supported"
    PROOF_KEY = "proof has no public key that fits its algorithm"
    PROOF_SIGNATURE = "proof signature is not valid"
    PROOF_METHOD = "htm is not the method of the request"
    PROOF_URL = "htu is not the URL of the request"
    PROOF_TOKEN = "ath is not the hash of the access token"  # noqa: S105 - a sentence, no secret
    PROOF_TIME = "iat is missing or not a number"
    PROOF_EXPIRED = "proof has expired"
    PROOF_NOT_YET_VALID = "proof was issued in the future"
    PROOF_ID = "jti is missing or too long"
    PROOF_REPLAYED = "proof has already been used"


class InvalidProof(InvalidCredentials):
    """The DPoP proof is missing or invalid (RFC 9449 section 7.1, `invalid_dpop_proof`)."""

    error = "invalid_dpop_proof"
    noun = "proof"

    def __init__(self, why: ProofReason) -> None:
        super().__init__(why)
        if why is ProofReason.PROOF_REPEATED:
            self.status = 400


class BindingReason(StrEnum):
    """Why the token and the scheme or key of the request do not match."""

    NOT_BOUND = "token is not bound to a DPoP key"
    OTHER_KEY = "token is bound to another key"
    DPOP_REQUIRED = "token must be sent with a DPoP proof"


class DPoPRequired(InvalidToken):
    """A Bearer token was sent where only DPoP is accepted (RFC 9449 section 7.2)."""

    def __init__(self) -> None:
        super().__init__(BindingReason.DPOP_REQUIRED)
        self.args = ()


class NonceRequired(OktaAuthError):
    """The proof lacks a fresh nonce of this server; `nonce` is one (RFC 9449 section 9)."""

    error = "use_dpop_nonce"
    text = "Unauthorized proof or nonce is missing or has expired"
    code = "use_dpop_nonce"

    def __init__(self, nonce: str) -> None:
        super().__init__(nonce)
        self.nonce = nonce

    @property
    def headers(self) -> Mapping[str, str]:
        """The nonce to use (RFC 9449 section 8)."""
        return {"DPoP-Nonce": self.nonce}
