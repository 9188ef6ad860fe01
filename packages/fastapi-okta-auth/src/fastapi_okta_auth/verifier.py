"""Verify access tokens and cache the ones that are valid."""

import hashlib
import time
from collections.abc import Mapping
from typing import Final, NamedTuple

from jwt import PyJWK

from . import telemetry
from .cache import Cache
from .errors import InvalidToken, OktaAuthError, shown
from .explain import checked, failed, passed
from .keys import SigningKeys
from .library import CachedKeysVerifier
from .principal import Principal, client_of
from .token import TokenRequirements, UnverifiedToken, check_claims, parse_token

CACHED_TOKENS: Final = 16_384


class OktaTokenVerifier:
    """Verifies the access tokens of one or more Okta custom authorization servers."""

    def __init__(
        self,
        requirements: TokenRequirements,
        keys: Mapping[str, SigningKeys],
        *,
        cached_tokens: int = CACHED_TOKENS,
    ) -> None:
        """Create a verifier with an empty cache.

        Args:
            requirements: What the claims of a token must say.
            keys: The signing keys of each issuer in `requirements`. A key is valid only for
                tokens of the issuer that publishes it.
            cached_tokens: How many valid tokens to cache; 0 turns the cache off.
        """
        if keys.keys() != requirements.issuers:
            raise ValueError("keys and requirements.issuers must name the same issuers")
        self.requirements = requirements
        self._issuers = {
            issuer: CachedKeysVerifier(issuer, requirements, issuer_keys)
            for issuer, issuer_keys in keys.items()
        }
        self._cache: Cache[bytes, _Verified] = Cache(cached_tokens)

    async def verify(self, token: bytes) -> Principal:
        """Verify `token`, cache it and return the caller.

        Raises InvalidToken, or KeysUnavailable if the issuer's keys cannot be fetched.
        """
        started = time.perf_counter()
        try:
            verified = await self._verify(token)
        finally:
            telemetry.verified(time.perf_counter() - started)
        principal = verified.principal
        valid_until = principal.claims["exp"] + self.requirements.leeway
        self._cache.put(hashlib.sha256(token).digest(), verified, valid_until)
        return principal

    def get_cached(self, token: bytes) -> Principal | None:
        """Return the caller if `token` is in the cache and still valid, else None.

        An entry is valid until the token expires, and while the key that verified it is
        published; another key with the same id does not count.
        """
        verified = self._cache.get(hashlib.sha256(token).digest())
        if verified is None:
            return None
        principal, key, keys = verified
        if keys.get_cached(principal.kid) is not key:
            return None
        telemetry.tokens.cached += 1
        return principal

    async def _verify(self, token: bytes) -> "_Verified":
        unverified = parse_token(token)
        try:
            return await self._check(unverified)
        except OktaAuthError as error:
            error.kid = shown(unverified.kid)
            error.client = shown(client_of(unverified.claims) or "") or None
            raise

    async def _check(self, unverified: UnverifiedToken) -> "_Verified":
        claims = unverified.claims
        check_claims(claims, self.requirements, time.time())
        issuer = self._issuers[claims["iss"]]
        # The only await that can suspend, so the key is still cached when the library looks it up.
        try:
            key = await issuer.keys.get(unverified.kid)
        finally:
            checked("key", issuer.keys.get_cached(unverified.kid) is not None, "published", unverified.kid)
        try:
            await issuer.check(unverified)
        except InvalidToken:
            failed("signature", "made with the key")
            raise
        passed("signature", "made with the key")
        return _Verified(Principal.from_claims(claims, unverified.kid), key, issuer.keys)


class _Verified(NamedTuple):
    principal: Principal
    key: PyJWK
    keys: SigningKeys
