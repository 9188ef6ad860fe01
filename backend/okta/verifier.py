"""From the text of an access token to the caller it names, or to the reason why not."""

import hashlib
import time
from typing import NamedTuple

from cachetools import LRUCache
from jwt import PyJWK

from .claims import Expected, check_claims
from .errors import MAX_SHOWN, OktaAuthError
from .jws import UnverifiedToken, parse_token
from .keys import SigningKeys
from .library import HeldKeysVerifier
from .observer import Observer
from .principal import Principal

CACHED_TOKENS = 16_384


class OktaTokenVerifier:
    """Verifies the access tokens of one Okta custom authorization server."""

    def __init__(
        self,
        expected: Expected,
        keys: SigningKeys,
        cached_tokens: int = CACHED_TOKENS,
        observer: Observer | None = None,
    ) -> None:
        """Verify against `expected` with `keys`; remember at most `cached_tokens` good tokens."""
        self._expected = expected
        self._keys = keys
        self._library = HeldKeysVerifier(expected, keys)
        self._observer = observer or Observer()
        self._verified: LRUCache[bytes, _Verified] = LRUCache(cached_tokens)

    async def verify(self, token: str) -> Principal:
        """Return the caller that `token` names.

        Raises InvalidToken where the token fails, KeysUnavailable where no verdict is
        possible because the issuer's keys cannot be had.
        """
        digest = hashlib.sha256(token.encode()).digest()
        verified = self._verified.get(digest)
        if verified is not None and self._still_good(verified):
            self._observer.token_remembered()
            return verified.principal
        started = time.perf_counter()
        try:
            verified = await self._verify(token)
        finally:
            self._observer.token_verified(time.perf_counter() - started)
        if self._verified.maxsize:
            self._verified[digest] = verified
        return verified.principal

    def _still_good(self, verified: "_Verified") -> bool:
        # The very key, not its kid: a token dies with the key that signed it.
        return (
            verified.expires + self._expected.leeway > time.time()
            and self._keys.held(verified.principal.kid) is verified.key
        )

    async def _verify(self, token: str) -> "_Verified":
        unverified = parse_token(token)
        try:
            return await self._check(unverified)
        except OktaAuthError as error:
            cid = unverified.claims.get("cid")
            error.kid = unverified.kid[:MAX_SHOWN]
            error.client = cid[:MAX_SHOWN] if isinstance(cid, str) else None
            raise

    async def _check(self, unverified: UnverifiedToken) -> "_Verified":
        check_claims(unverified.claims, self._expected, time.time())
        # The only wait. The library then finds the key held, and nothing comes in between.
        key = await self._keys.get(unverified.kid)
        await self._library.check(unverified)
        claims = unverified.claims
        return _Verified(key, claims["exp"], Principal.from_claims(claims, unverified.kid))


class _Verified(NamedTuple):
    key: PyJWK
    expires: float
    principal: Principal
