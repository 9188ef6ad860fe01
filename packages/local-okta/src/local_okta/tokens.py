"""The tokens: their claims, the same as Okta's, how they are issued, and which are still active."""

import hashlib
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.utils import base64url_encode

from local_okta.config import Person
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


def access_claims(okta: LocalOkta, grant: Grant, scopes: tuple[str, ...]) -> dict[str, Any]:
    """Return an access token's claims and store its `jti`."""
    claims: dict[str, Any] = {
        "jti": f"AT.{okta.issued.add(grant)}",
        "iss": okta.issuer,
        "aud": grant.audience,
        **_times(okta),
        **(_delegated_claims(grant, scopes) if grant.actor else own_claims(grant, scopes)),
    }
    if grant.jkt:
        claims["cnf"] = {"jkt": grant.jkt}
    return claims


def own_claims(grant: Grant, scopes: tuple[str, ...]) -> dict[str, Any]:
    """Return an access token's claims about its client and its person, without those of its validity."""
    claims: dict[str, Any] = {"ver": 1, "cid": grant.client_id, "scp": list(scopes), **subject_claims(grant)}
    if grant.session:
        claims["auth_time"] = grant.session.auth_time
        claims["groups"] = list(grant.session.person.groups)
        claims |= grant.session.person.claims
    if grant.acr:
        claims["acr"] = grant.acr
    return claims


def _delegated_claims(grant: Grant, scopes: tuple[str, ...]) -> dict[str, Any]:
    """Return the claims of Okta's agent tokens: `scope` is a string, and the client is in `act`."""
    return {"sub": subject_claims(grant)["sub"], "scope": " ".join(scopes), "act": grant.actor}


def subject_claims(grant: Grant) -> dict[str, str]:
    """Return `sub` and `uid` of a person, or the `sub` of a client that acts for itself.

    In an access token `sub` is the login, in an ID token the uid.
    """
    if grant.session is None:
        return {"sub": grant.client_id}
    person = grant.session.person
    return {"sub": person.login, "uid": person.uid}


def id_claims(
    okta: LocalOkta,
    grant: Grant,
    scopes: tuple[str, ...],
    access_token: str,
    nonce: str | None,
) -> dict[str, Any]:
    """Return an ID token's claims (OpenID Connect Core §2, `at_hash` by §3.1.3.6)."""
    if grant.session is None:
        msg = "an ID token is about a person"
        raise ValueError(msg)
    digest = hashlib.sha256(access_token.encode()).digest()
    claims = {
        "sub": grant.session.person.uid,
        "ver": 1,
        "iss": okta.issuer,
        "aud": grant.client_id,
        **_times(okta),
        "jti": f"ID.{okta.issued.add(grant)}",
        "amr": ["mfa", "otp", "pwd"] if grant.session.second_factor else ["pwd"],
        "auth_time": grant.session.auth_time,
        "at_hash": base64url_encode(digest[: len(digest) // 2]).decode(),
        **profile_claims(grant.session.person, scopes),
    }
    optional = {"acr": grant.acr, "nonce": nonce}
    return claims | {name: value for name, value in optional.items() if value is not None}


def profile_claims(person: Person, scopes: tuple[str, ...]) -> dict[str, Any]:
    """Return the claims about a person that the scopes `profile`, `email` and `groups` allow."""
    claims: dict[str, Any] = {}
    if "profile" in scopes:
        claims["name"] = person.name
        claims["preferred_username"] = person.login
        claims["given_name"] = person.given_name
        claims["family_name"] = person.family_name
    if "email" in scopes:
        claims["email"] = person.login
        claims["email_verified"] = True
    if "groups" in scopes:
        claims["groups"] = list(person.groups)
    return claims


def _times(okta: LocalOkta) -> dict[str, int]:
    now = okta.switches.now()
    return {"iat": now, "exp": now + okta.switches.token_lifetime}
