"""Finding the tokens that this server issued and that are still active."""

from dataclasses import dataclass
from typing import Any

import jwt

from local_okta.claims import access_claims, id_claims, subject_claims
from local_okta.state import REFRESH_TOKEN_LIFETIME, Grant, LocalOkta, RefreshToken


def token_response(
    okta: LocalOkta, grant: Grant, scopes: tuple[str, ...], nonce: str | None = None
) -> dict[str, Any]:
    """Issue the tokens that `scopes` ask for and return the answer of RFC 6749 §5.1.

    `expires_in` is in seconds. With `openid` there is an ID token; a grant of
    `offline_access` gives a refresh token, also when `scopes` is narrower.
    """
    access_token = okta.keys.sign(access_claims(okta, grant, scopes))
    answer: dict[str, Any] = {
        "token_type": "Bearer",
        "expires_in": okta.switches.token_lifetime,
        "access_token": access_token,
        "scope": " ".join(scopes),
    }
    if "offline_access" in grant.scopes:
        refresh_token = RefreshToken(grant, issued_at=okta.switches.now())
        answer["refresh_token"] = okta.refresh_tokens.add(refresh_token)
    if "openid" in scopes:
        answer["id_token"] = okta.keys.sign(id_claims(okta, grant, scopes, access_token, nonce))
    return answer


@dataclass(frozen=True)
class ActiveToken:
    """A token good for now: its grant, what it says, and its handle in the store."""

    grant: Grant
    claims: dict[str, Any]
    handle: str

    @property
    def is_access_token(self) -> bool:
        """Whether it is an access token, not an ID or a refresh token."""
        return str(self.claims.get("jti")).startswith("AT.")


def find_active(okta: LocalOkta, token: str) -> ActiveToken | None:
    """Return the token if it is unexpired, unrevoked and of this server, else None."""
    found = _find_refresh_token(okta, token) or _find_signed(okta, token)
    return None if found is None or found.grant.ended else found


def _find_refresh_token(okta: LocalOkta, token: str) -> ActiveToken | None:
    refresh_token = okta.refresh_tokens.get(token)
    if refresh_token is None or refresh_token.used:
        return None
    grant, issued_at = refresh_token.grant, refresh_token.issued_at
    claims = {
        "iss": okta.issuer,
        "iat": issued_at,
        "exp": issued_at + REFRESH_TOKEN_LIFETIME,
        "scp": list(grant.scopes),
        **subject_claims(grant),
    }
    return ActiveToken(grant, claims, token)


def _find_signed(okta: LocalOkta, token: str) -> ActiveToken | None:
    try:
        claims = okta.keys.verify(token)
    except jwt.InvalidTokenError:
        return None
    handle = str(claims.get("jti")).partition(".")[2]
    grant = okta.issued.get(handle)
    expiry = claims.get("exp")
    if grant is None or not isinstance(expiry, int | float) or expiry <= okta.switches.now():
        return None
    return ActiveToken(grant, claims, handle)
