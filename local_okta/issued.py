"""Finding the tokens that this server issued and that are still active."""

from dataclasses import dataclass
from typing import Any

import jwt

from local_okta.grants import Grant
from local_okta.state import REFRESH_TOKEN_LIFETIME, LocalOkta
from local_okta.tokens import subject_claims


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
