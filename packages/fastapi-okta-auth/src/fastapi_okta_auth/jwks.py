"""Fetch and parse a JSON Web Key Set (RFC 7517)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from .session import IssuerSession, RequestError

MAX_BYTES = 1024 * 1024
TIMEOUT_SECONDS = 5
MIN_KEY_BITS = 2048
MAX_KEY_BITS = 16384
MIN_LIFETIME_SECONDS = 60.0
MAX_LIFETIME_SECONDS = 24 * 3600.0
DEFAULT_LIFETIME_SECONDS = 3600.0


class KeySetError(Exception):
    """The response is not a key set that may replace the cached one."""


@dataclass(frozen=True, slots=True)
class KeySet:
    """The usable keys by `kid`, and how many seconds they may be cached."""

    keys: Mapping[str, PyJWK]
    lifetime: float


async def fetch_key_set(session: IssuerSession) -> KeySet:
    """Fetch the key set at the URL of `session`.

    Raises KeySetError if the response takes longer than TIMEOUT_SECONDS, is larger than
    MAX_BYTES, has another status than 200 or has no usable key.
    """
    try:
        response = await session.request("GET", seconds=TIMEOUT_SECONDS, max_bytes=MAX_BYTES)
    except RequestError as error:
        raise KeySetError(str(error)) from None
    if response.status != 200:
        raise KeySetError(f"HTTP status {response.status}")
    return KeySet(_parse(response.body), _lifetime(response.headers.get("cache-control", "")))


def _lifetime(cache_control: str) -> float:
    directives = cache_control.lower()
    if "no-store" in directives or "no-cache" in directives:
        return MIN_LIFETIME_SECONDS
    max_age = re.search(r"\bmax-age=\"?(\d{1,9})", directives)
    if max_age is None:
        return DEFAULT_LIFETIME_SECONDS
    return min(max(float(max_age[1]), MIN_LIFETIME_SECONDS), MAX_LIFETIME_SECONDS)


def _parse(body: bytes) -> dict[str, PyJWK]:
    try:
        entries = json.loads(body)["keys"]
        usable = [jwk for entry in entries if (jwk := _usable_key(entry)) is not None]
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise KeySetError(f"not a key set: {type(error).__name__}") from error
    if not usable:
        raise KeySetError("no usable key")
    return dict(usable)


def _usable_key(entry: Any) -> tuple[str, PyJWK] | None:
    """Return `kid` and key of `entry`, or None if it cannot verify RS256 (RFC 7517 section 5)."""
    if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
        return None
    operations = entry.get("key_ops", ["verify"])
    if (
        entry.get("kty") != "RSA"
        or entry.get("use", "sig") != "sig"
        or entry.get("alg", "RS256") != "RS256"
        or not isinstance(operations, list)
        or "verify" not in operations
    ):
        return None
    try:
        jwk = PyJWK(entry, algorithm="RS256")
    except (PyJWTError, ValueError, TypeError, LookupError):
        return None
    # PyJWK refuses an exponent that is even or below 3. A huge key would make verification slow.
    if not isinstance(jwk.key, RSAPublicKey) or not MIN_KEY_BITS <= jwk.key.key_size <= MAX_KEY_BITS:
        return None
    return entry["kid"], jwk
