"""okta-jwt-verifier as this package uses it."""

from typing import Any, Final

from jwt import PyJWK, get_algorithm_by_name
from jwt.exceptions import InvalidSignatureError
from okta_jwt_verifier import BaseJWTVerifier
from okta_jwt_verifier.exceptions import JWTValidationException

from .errors import InvalidToken, Reason
from .keys import SigningKeys
from .token import TokenRequirements, UnverifiedToken

_CLAIMS: Final = ("iss", "aud", "exp", "sub")
_RS256: Final = get_algorithm_by_name("RS256")


class CachedKeysVerifier(BaseJWTVerifier):
    """Verifies with okta-jwt-verifier, but parses the token and fetches the key elsewhere.

    The library's own `parse_token`, `get_jwk` and `verify_signature` parse each token twice and each
    key once per token, and lose the keys in an outage. The library's `verify_access_token` runs: it checks
    algorithm and claims and decides the order. docs/decisions/0003 compares the alternatives.
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
