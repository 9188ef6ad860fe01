"""Issues tokens, and finds those issued earlier that are still active."""

from dataclasses import dataclass
from typing import Any

import jwt

from local_okta.claims import access_claims, id_claims, subject_claims
from local_okta.state import REFRESH_TOKEN_LIFETIME, Grant, LocalOkta, RefreshToken, handle_of


def token_response(
    okta: LocalOkta, grant: Grant, scopes: tuple[str, ...], nonce: str | None = None
) -> dict[str, Any]:
    """Issue the tokens that `scopes` ask for and return the response of RFC 6749 §5.1.

    `expires_in` is in seconds. The scope `openid` adds an ID token. A grant of
    `offline_access` adds a refresh token, even if `scopes` is narrower.
    """
    access_token = okta.keys.sign(access_claims(okta, grant, scopes))
    response: dict[str, Any] = {
        "token_type": "DPoP" if grant.jkt else "Bearer",
        "expires_in": okta.switches.token_lifetime,
        "access_token": access_token,
        "scope": " ".join(scopes),
    }
    if "offline_access" in grant.scopes:
        refresh_token = RefreshToken(grant, issued_at=okta.switches.now())
        response["refresh_token"] = okta.refresh_tokens.add(refresh_token)
    if "openid" in scopes:
        response["id_token"] = okta.keys.sign(id_claims(okta, grant, scopes, access_token, nonce))
    return response


@dataclass(frozen=True)
class ActiveToken:
    """An active token: its grant and its claims."""

    grant: Grant
    claims: dict[str, Any]

    @property
    def is_access_token(self) -> bool:
        """Whether it is an access token, not an ID or a refresh token."""
        return str(self.claims.get("jti")).startswith("AT.")

    @property
    def scopes(self) -> tuple[str, ...]:
        """The token's scopes; an ID token has none."""
        return tuple(self.claims.get("scp") or self.claims.get("scope", "").split())


def find_active(okta: LocalOkta, token: str) -> ActiveToken | None:
    """Return the token if this server issued it and it is neither expired nor revoked, else None."""
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
    return ActiveToken(grant, claims)


def _find_signed(okta: LocalOkta, token: str) -> ActiveToken | None:
    try:
        claims = okta.keys.verify(token)
    except jwt.InvalidTokenError:
        return None
    grant, expiry = okta.issued.get(handle_of(claims)), claims.get("exp")
    if grant is None or not isinstance(expiry, int | float) or expiry <= okta.switches.now():
        return None
    return ActiveToken(grant, claims)
