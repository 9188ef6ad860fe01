"""okta-jwt-verifier, fed with a token that is read and keys that are held already."""

from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

from jwt import PyJWK, PyJWT, get_algorithm_by_name
from jwt.exceptions import InvalidSignatureError
from okta_jwt_verifier import BaseJWTVerifier
from okta_jwt_verifier.exceptions import JWTValidationException

from .claims import Expected
from .errors import InvalidToken, Reason
from .jws import UnverifiedToken
from .keys import SigningKeys

_CLAIMS: Final = ("iss", "aud", "exp", "cid", "sub")
_RS256: Final = get_algorithm_by_name("RS256")
# As the library asks for these claims.
_PYJWT: Final = PyJWT(
    {"require": list(_CLAIMS), "verify_iat": False, "verify_nbf": False, "verify_jti": False}
)


class HeldKeysVerifier(BaseJWTVerifier):
    """The library's verifier, with its own parsing and fetching cut off.

    What stays the library's: which checks are made and in which order, the algorithm, the
    claims, and that all are checked (docs/decisions/0003).
    """

    def __init__(self, expected: Expected, keys: SigningKeys) -> None:
        """Expect what `expected` says; look keys up in `keys`."""
        # Numbers are passed explicitly: from the environment they would arrive as strings.
        super().__init__(
            issuer=urlsplit(expected.issuer)._replace(scheme="https").geturl(),
            audience=expected.audience,
            leeway=expected.leeway,
            max_retries=0,
            max_requests=1,
            request_timeout=1,
        )
        # The library insists on https; settings allow http for a loopback issuer alone.
        self.issuer = expected.issuer
        self._keys = keys

    async def check(self, token: UnverifiedToken) -> None:
        """Check algorithm, claims and signature of `token`, whose key is held.

        Raises InvalidToken. The library's own message is dropped: it may quote the token.
        """
        try:
            await self.verify_access_token(token, claims_to_verify=_CLAIMS)
        except JWTValidationException as error:
            bad_signature = isinstance(error.__context__, InvalidSignatureError)
            raise InvalidToken(Reason.SIGNATURE if bad_signature else Reason.CLAIMS) from None

    def parse_token(self, token: UnverifiedToken) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
        """What parse_token of jws.py has read: one strict reading, so that no two can differ."""
        return token.header, token.claims, token.signing_input, token.signature

    async def get_jwk(self, kid: str) -> PyJWK | None:
        """The held key of that id; the library's own look-up would fetch it, once per forged id."""
        return self._keys.held(kid)

    def verify_claims(self, claims: dict[str, Any], claims_to_verify: object, leeway: int = 0) -> None:  # noqa: ARG002 - always _CLAIMS
        """Check the claims with PyJWT, as the library does; to make a new one for each token costs more."""
        _PYJWT._validate_claims(claims, _PYJWT.options, self.audience, self.issuer, leeway=leeway)  # noqa: SLF001

    def verify_signature(self, token: UnverifiedToken, okta_jwk: PyJWK) -> None:
        """Check the signature with a key that was parsed when it was fetched, not once per token."""
        if not _RS256.verify(token.signing_input, okta_jwk.key, token.signature):
            raise InvalidSignatureError

    def get_jwk_sync(self, kid: str) -> NoReturn:
        """Refused: the library's blocking path keeps keys for ever."""
        raise NotImplementedError("blocking verification is not supported")
