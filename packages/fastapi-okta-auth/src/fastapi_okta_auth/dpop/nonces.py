"""DPoP nonces that no server stores: an HMAC of the time (RFC 9449 section 8)."""

import base64
import hashlib
import hmac
import struct
import time
from collections.abc import Sequence
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import Message

STEP_SECONDS: Final = 60
_VERSION: Final = 1


class Nonces:
    """Issues nonces and recognises them, here and on every replica that has the same secrets.

    `secrets` are newest first: the first one signs, all are accepted, so that a secret can
    be replaced while requests arrive. A nonce is valid for STEP_SECONDS to twice that.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = [secret.encode() for secret in secrets]

    def current(self) -> str:
        """Return the nonce that clients should use from now on."""
        return _nonce(self._secrets[0], _step())

    def accepts(self, nonce: object) -> bool:
        """Return whether `nonce` was issued in this time step, the one before or the next one.

        The clock of the replica that issued it may be ahead.
        """
        if not isinstance(nonce, str) or not nonce.isascii():
            return False
        step = _step()
        return any(
            hmac.compare_digest(nonce, _nonce(secret, at))
            for at in (step, step - 1, step + 1)
            for secret in self._secrets
        )


def add_nonce(message: Message, nonce: str) -> None:
    """Add `nonce` to `message`, if it starts a successful response (RFC 9449 section 8.2)."""
    if message["type"] == "http.response.start" and 200 <= message["status"] < 300:
        headers = MutableHeaders(scope=message)
        headers["DPoP-Nonce"] = nonce
        headers["Cache-Control"] = "no-store"  # or a cache would hand out an old nonce


def _step() -> int:
    return int(time.time()) // STEP_SECONDS


def _nonce(secret: bytes, step: int) -> str:
    body = struct.pack(">BI", _VERSION, step)
    mac = hmac.digest(secret, b"dpop-nonce" + body, hashlib.sha256)
    return base64.urlsafe_b64encode(body + mac[:16]).decode()
