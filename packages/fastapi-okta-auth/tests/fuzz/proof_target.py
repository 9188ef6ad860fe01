"""The fuzz target for proofs: from the bytes of a DPoP header to the checks of its claims."""

import json
import time
from collections.abc import Coroutine
from typing import Any, Final

from fastapi_okta_auth.dpop.errors import InvalidProof
from fastapi_okta_auth.dpop.proof import Proof, parse_proof
from fastapi_okta_auth.dpop.replay import MemoryReplayStore
from fastapi_okta_auth.dpop.scheme import DPoP
from fastapi_okta_auth.errors import OktaAuthError
from local_okta.testing import DPoPKey

API: Final = "https://api.example.com"
TOKEN: Final = b"a.b.c"
KEY: Final = DPoPKey()
SCOPE: Final = {"type": "http", "method": "GET", "path": "/me", "raw_path": b"/me"}


class Signed(Proof):
    """A proof with any claims, whose signature counts as valid."""

    def has_valid_signature(self) -> bool:
        """Return True: a fuzzer cannot sign."""
        return True


def read_proof(value: bytes) -> None:
    """Parse `value` as the service does, including the signature; it must be refused.

    Raises AssertionError if it is accepted, or if the refusal is not in the contract. Any
    other exception would be a 500 in the service.
    """
    try:
        proof = parse_proof(value)
        accepted = proof.has_valid_signature()
    except InvalidProof as error:
        assert error.status == 401
        assert error.challenge
    else:
        assert not accepted


def check_claims(value: bytes) -> bool:
    """Check `value`, the JSON of a proof's claims, as those of a proof with a valid signature.

    Returns whether the proof is accepted. Any exception is a failure.
    """
    try:
        claims = json.loads(value)
    except (ValueError, RecursionError):
        return False
    if not isinstance(claims, dict):
        return False
    return accepts(claims)


def accepts(claims: dict[str, Any], scope: dict[str, Any] = SCOPE) -> bool:
    """Return whether a proof with `claims` is accepted for a request of `scope`."""
    proof = Signed(parse_proof(_VALID).key, claims, b"", b"")
    dpop = DPoP(API, MemoryReplayStore())
    try:
        _run(dpop.check(proof, scope, TOKEN, {"cnf": {"jkt": KEY.jkt}}))
    except OktaAuthError as error:
        assert error.status == 401, error
        return False
    return True


def valid_claims() -> dict[str, Any]:
    """Return the claims of a proof that is accepted."""
    return {"htm": "GET", "htu": f"{API}/me", "iat": time.time(), "jti": "1", "ath": _ATH}


def _run(coroutine: Coroutine[Any, Any, Any]) -> None:
    # The check never suspends, so it runs without an event loop, which would take most of the time.
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("the check suspended")


_VALID: Final = KEY.proof("GET", f"{API}/me", TOKEN.decode()).encode()
_ATH: Final = parse_proof(_VALID).claims["ath"]
