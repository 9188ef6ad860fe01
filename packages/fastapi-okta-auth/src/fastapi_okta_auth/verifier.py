"""Verify access tokens and cache the ones that are valid."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from jwt import PyJWK, get_algorithm_by_name
from jwt.exceptions import InvalidSignatureError

from .errors import MAX_SHOWN, InvalidToken, OktaAuthError, Reason
from .hooks import HookCaller, VerifierHooks
from .keys import SigningKeys
from .library import BaseJWTVerifier, JWTValidationException
from .principal import Principal, client_of
from .token import TokenRequirements, UnverifiedToken, check_claims, parse_token

CACHED_TOKENS: Final = 16_384
_CLAIMS: Final = ("iss", "aud", "exp", "sub")
_RS256: Final = get_algorithm_by_name("RS256")


class OktaTokenVerifier:
    """Verifies the access tokens of one or more Okta custom authorization servers."""

    def __init__(
        self,
        requirements: TokenRequirements,
        keys: Mapping[str, SigningKeys],
        *,
        cached_tokens: int = CACHED_TOKENS,
        hooks: VerifierHooks | None = None,
    ) -> None:
        """Create a verifier with an empty cache.

        Args:
            requirements: What the claims of a token must say.
            keys: The signing keys of each issuer in `requirements`. A key is valid only for
                tokens of the issuer that publishes it.
            cached_tokens: How many valid tokens to cache; 0 turns the cache off.
            hooks: Called on cache hits and verifications.
        """
        if keys.keys() != requirements.issuers:
            raise ValueError("keys and requirements.issuers must name the same issuers")
        self.requirements = requirements
        self._issuers = {
            issuer: CachedKeysVerifier(issuer, requirements, issuer_keys)
            for issuer, issuer_keys in keys.items()
        }
        self._hooks = hooks or VerifierHooks()
        self._call_hook = HookCaller()
        self._cached_tokens = cached_tokens
        self._cache: OrderedDict[bytes, _Verified] = OrderedDict()  # least recently used first

    async def verify(self, token: bytes) -> Principal:
        """Verify `token`, cache it and return the caller.

        Raises InvalidToken, or KeysUnavailable if the issuer's keys cannot be fetched.
        """
        started = time.perf_counter()
        try:
            verified = await self._verify(token)
        finally:
            self._call_hook(self._hooks.token_verified, time.perf_counter() - started)
        self._cache[hashlib.sha256(token).digest()] = verified
        if len(self._cache) > self._cached_tokens:
            self._cache.popitem(last=False)
        return verified.principal

    def get_cached(self, token: bytes) -> Principal | None:
        """Return the caller if `token` is in the cache and still valid, else None.

        An entry is valid until the token expires, and while the key that verified it is
        published; another key with the same id does not count.
        """
        digest = hashlib.sha256(token).digest()
        verified = self._cache.get(digest)
        if verified is None:
            return None
        principal, key, keys, valid_until = verified
        if valid_until <= time.time() or keys.get_cached(principal.kid) is not key:
            return None
        self._cache.move_to_end(digest)
        self._call_hook(self._hooks.cache_hit)
        return principal

    async def _verify(self, token: bytes) -> "_Verified":
        unverified = parse_token(token)
        try:
            return await self._check(unverified)
        except OktaAuthError as error:
            error.kid = unverified.kid[:MAX_SHOWN]
            error.client = (client_of(unverified.claims) or "")[:MAX_SHOWN] or None
            raise

    async def _check(self, unverified: UnverifiedToken) -> "_Verified":
        claims = unverified.claims
        check_claims(claims, self.requirements, time.time())
        issuer = self._issuers[claims["iss"]]
        # The only await that can suspend, so the key is still cached when the library looks it up.
        key = await issuer.keys.get(unverified.kid)
        await issuer.check(unverified)
        principal = Principal.from_claims(claims, unverified.kid)
        return _Verified(principal, key, issuer.keys, claims["exp"] + self.requirements.leeway)


class CachedKeysVerifier(BaseJWTVerifier):
    """okta-jwt-verifier with our parsing and our cached keys; the checks and their order are the library's.

    See docs/decisions/0003 for what the library does and what runs before it.
    """

    def __init__(self, issuer: str, requirements: TokenRequirements, keys: SigningKeys) -> None:
        """Verify tokens of `issuer` with `keys`."""
        # The library refuses http:// at construction; the settings allow it for a loopback issuer.
        super().__init__(
            issuer="https://" + issuer.partition("://")[2],
            audience=sorted(requirements.audiences),
            leeway=requirements.leeway,
        )
        self.issuer = issuer
        self.keys = keys

    async def check(self, token: UnverifiedToken) -> None:
        """Check algorithm, claims and signature of `token`, whose key must be in the cache.

        Raises InvalidToken, without the library's message, which may quote the token.
        """
        try:
            await self.verify_access_token(token, _CLAIMS)
        except JWTValidationException as error:
            invalid_signature = isinstance(error.__context__, InvalidSignatureError)
            raise InvalidToken(Reason.SIGNATURE if invalid_signature else Reason.CLAIMS) from None

    def parse_token(self, token: UnverifiedToken) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
        """Return the parts that token.py has parsed, so that two parsers cannot disagree."""
        return token

    async def get_jwk(self, kid: str) -> PyJWK | None:
        """Return the cached key; the library would fetch the key set for every unknown `kid`."""
        return self.keys.get_cached(kid)

    def verify_signature(self, token: UnverifiedToken, okta_jwk: PyJWK) -> None:
        """Verify with the key parsed at fetch time; the library would parse token and key again."""
        if not _RS256.verify(token.signing_input, okta_jwk.key, token.signature):
            raise InvalidSignatureError


class _Verified(NamedTuple):
    principal: Principal
    key: PyJWK
    keys: SigningKeys
    valid_until: float
