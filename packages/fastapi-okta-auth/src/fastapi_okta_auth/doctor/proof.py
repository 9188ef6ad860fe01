"""Check a DPoP proof with the service's own code. No part of it is printed, except what names its request."""

import time
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final

from fastapi_okta_auth.doctor.report import Result, claim_text, green, red
from fastapi_okta_auth.dpop.errors import BindingReason, InvalidProof, NonceRequired, ProofReason
from fastapi_okta_auth.dpop.nonces import Nonces
from fastapi_okta_auth.dpop.proof import ALGORITHMS, parse_proof
from fastapi_okta_auth.dpop.replay import MemoryReplayStore
from fastapi_okta_auth.dpop.scheme import AHEAD_SECONDS, WINDOW_SECONDS, DPoP
from fastapi_okta_auth.errors import InvalidToken
from fastapi_okta_auth.settings import OktaSettings
from fastapi_okta_auth.token import parse_token

# The service's checks in their order.
_CHECKS: Final[dict[str, tuple[StrEnum, ...]]] = {
    "form": (ProofReason.PROOF_TOO_LARGE, ProofReason.PROOF_MALFORMED),
    "header": (ProofReason.PROOF_TYPE, ProofReason.PROOF_ALGORITHM, ProofReason.PROOF_CRITICAL),
    "key": (ProofReason.PROOF_KEY,),
    "binding": (BindingReason.NOT_BOUND, BindingReason.OTHER_KEY),
    "signature": (ProofReason.PROOF_SIGNATURE,),
    "htm": (ProofReason.PROOF_METHOD,),
    "htu": (ProofReason.PROOF_URL,),
    "ath": (ProofReason.PROOF_TOKEN,),
    "nonce": (),
    "iat": (ProofReason.PROOF_TIME, ProofReason.PROOF_EXPIRED, ProofReason.PROOF_NOT_YET_VALID),
    "jti": (ProofReason.PROOF_ID,),
}
_REMEDIES: Final[dict[StrEnum, str]] = {
    ProofReason.PROOF_TOO_LARGE: "put the public key and the claims of RFC 9449 section 4.2 there alone",
    ProofReason.PROOF_MALFORMED: "send the proof alone: three base64url parts without padding",
    ProofReason.PROOF_TYPE: "set typ to dpop+jwt in its header",
    ProofReason.PROOF_ALGORITHM: f"sign with one of {', '.join(ALGORITHMS)}",
    ProofReason.PROOF_CRITICAL: "remove crit and b64 from its header",
    ProofReason.PROOF_KEY: "put the public key into jwk: RSA of 2048 to 4096 bits, or the curve of alg",
    BindingReason.NOT_BOUND: "request the token with a proof; in Okta, require DPoP for the app",
    BindingReason.OTHER_KEY: "sign with the key that signed the proof of the token request",
    ProofReason.PROOF_SIGNATURE: "sign with the private key of jwk; an ECDSA signature is r and s, not DER",
    ProofReason.PROOF_METHOD: "create a proof for each request, with its method",
    ProofReason.PROOF_TOKEN: "ath is the SHA-256 of this access token, as base64url without padding",
    ProofReason.PROOF_TIME: "iat is a number: seconds since 1970",
    ProofReason.PROOF_EXPIRED: f"create one for each request ({WINDOW_SECONDS} s); check the client's clock",
    ProofReason.PROOF_NOT_YET_VALID: f"synchronize the client's clock by NTP; {AHEAD_SECONDS} s are allowed",
    ProofReason.PROOF_ID: "jti is a random text of 1 to 256 characters, a new one for each proof",
}  # fmt: skip


async def check_proof(settings: OktaSettings, token: str, request: str, proof: str) -> list[Result]:
    """Return the checks that `proof` passes for `request`, like `GET http://localhost:8000/me`.

    For the first one that fails, say why and what to change. `token` must be valid. Whether
    the proof has been used before is not checked, because the service alone knows.
    """
    method, _, url = request.strip().partition(" ")
    path = url.strip().removeprefix(settings.resource_url)
    if settings.dpop == "off":
        return [red("proof", "DPOP is off, so no proof is accepted", "set DPOP=allowed")]
    if not path.startswith("/"):
        finding = f"RESOURCE_URL is {settings.resource_url}, and the request is {request}"
        return [red("proof", finding, "put the URL that clients call into RESOURCE_URL")]
    secrets = [secret.get_secret_value() for secret in settings.dpop_nonce_secrets]
    dpop = DPoP(settings.resource_url, MemoryReplayStore(), Nonces(secrets) if secrets else None)
    scope = {"type": "http", "method": method, "path": path, "raw_path": path.partition("?")[0].encode()}
    claims: dict[str, Any] = {}
    try:
        parsed = parse_proof(proof.encode())
        claims = parsed.claims
        await dpop.check(parsed, scope, token.encode(), parse_token(token.encode()).claims)
    except NonceRequired as error:
        remedy = "repeat the request with the nonce of the response's DPoP-Nonce header"
        return [*_passed("nonce"), red("proof nonce", str(error.text), remedy)]
    except (InvalidProof, InvalidToken) as error:
        failed = next(check for check, reasons in _CHECKS.items() if error.why in reasons)
        return [*_passed(failed), red(f"proof {failed}", *_explain(error.why, claims, method, url))]
    return [*_passed(None), green("proof", f"valid for {request}")]


def _passed(failed: str | None) -> Iterator[Result]:
    for check in _CHECKS:
        if check == failed:
            return
        yield green(f"proof {check}", "passes")


def _explain(why: StrEnum, claims: dict[str, Any], method: str, url: str) -> tuple[str, str]:
    match why:
        case ProofReason.PROOF_METHOD:
            return f"{why}: {claim_text(claims, 'htm')}, the request's is {method}", _REMEDIES[why]
        case ProofReason.PROOF_URL:
            remedy = "use the URL as it is sent, and check RESOURCE_URL: no header changes what is compared"
            return f"{why}: {claim_text(claims, 'htu')}, the request's is {url}", remedy
        case ProofReason.PROOF_EXPIRED | ProofReason.PROOF_NOT_YET_VALID:
            return f"{why}: iat is {time.time() - claims['iat']:.0f} s ago", _REMEDIES[why]
    return str(why), _REMEDIES[why]
