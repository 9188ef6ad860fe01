"""From the text of an access token to the caller it names, or to the reason why not."""

import hashlib
import time
from collections import OrderedDict
from functools import lru_cache
from typing import NamedTuple

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
        self._cached_tokens = cached_tokens
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()  # the least used one first

    async def verify(self, token: bytes) -> Principal:
        """Verify `token`, remember it, and return the caller that it names.

        Raises InvalidToken where the token fails, KeysUnavailable where no verdict is
        possible because the issuer's keys cannot be had.
        """
        started = time.perf_counter()
        try:
            verified = await self._verify(token)
        finally:
            self._observer.token_verified(time.perf_counter() - started)
        self._verified[_digest(token)] = verified
        if len(self._verified) > self._cached_tokens:
            self._verified.popitem(last=False)
        return verified.principal

    def remembered(self, token: bytes) -> Principal | None:
        """Return the caller that `token` names, if it was verified before and would be again.

        Its expiry must not have passed, and the very key that verified it, not just one of
        that id, must still be held: a token dies with the key that signed it.
        """
        digest = _digest(token)
        verified = self._verified.get(digest)
        if verified is None:
            return None
        key, good_until, principal = verified
        if good_until <= time.time() or self._keys.held(principal.kid) is not key:
            return None
        self._verified.move_to_end(digest)
        self._observer.token_remembered()
        return principal

    async def _verify(self, token: bytes) -> "_Verified":
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
        good_until = claims["exp"] + self._expected.leeway
        return _Verified(key, good_until, Principal.from_claims(claims, unverified.kid))


# Few callers make most requests, and hashing is what costs them most. So few tokens are held as
# they came; the digest of a token says nothing of whether it is good.
@lru_cache(maxsize=64)
def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()


class _Verified(NamedTuple):
    key: PyJWK
    good_until: float
    principal: Principal
