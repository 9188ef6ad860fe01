"""What is fuzzed: from the bytes of a DPoP header to the checks of its claims."""

import json
import time
from collections.abc import Coroutine
from typing import Any, Final

from backend.okta.dpop import DPoP
from backend.okta.dpop_errors import InvalidProof
from backend.okta.errors import OktaAuthError
from backend.okta.proof import Proof, parse_proof
from backend.okta.replay import MemoryReplayStore
from local_okta.pytest_plugin import DPoPKey

API: Final = "https://api.example.com"
TOKEN: Final = b"a.b.c"
KEY: Final = DPoPKey()
SCOPE: Final = {"type": "http", "method": "GET", "path": "/me", "raw_path": b"/me"}


class Signed(Proof):
    """A proof with any claims, as if its key had signed them."""

    def has_valid_signature(self) -> bool:
        """Skip the signature, which no fuzzer can make."""
        return True


def read_proof(value: bytes) -> None:
    """Read `value` as the service does, signature included; it must be refused.

    Raises AssertionError if it is not, or if the refusal is none of the contract's.
    Whatever else is raised is a fault that a request would see as a 500.
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

    Returns whether the proof is accepted. Whatever is raised is a fault.
    """
    try:
        claims = json.loads(value)
    except (ValueError, RecursionError):
        return False
    if not isinstance(claims, dict):
        return False
    return accepts(claims)


def accepts(claims: dict[str, Any], scope: dict[str, Any] = SCOPE) -> bool:
    """Tell whether a proof with `claims` is accepted for a request of `scope`."""
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
    # Nothing in it waits, so no event loop is needed, which would be most of the work.
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("the check waits")


_VALID: Final = KEY.proof("GET", f"{API}/me", TOKEN.decode()).encode()
_ATH: Final = parse_proof(_VALID).claims["ath"]
