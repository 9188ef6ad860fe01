"""The tokens, with Okta's claims."""

import hashlib
from typing import Any

from jwt.utils import base64url_encode

from local_okta.config import AUDIENCE, Person
from local_okta.state import Grant, LocalOkta


def access_claims(okta: LocalOkta, grant: Grant, scopes: tuple[str, ...]) -> dict[str, Any]:
    """Return an access token's claims and remember its `jti`."""
    claims = {
        "ver": 1,
        "jti": f"AT.{okta.issued.add(grant)}",
        "iss": okta.issuer,
        "aud": AUDIENCE,
        **_times(okta),
        "cid": grant.client_id,
        "scp": list(scopes),
        **subject_claims(grant),
    }
    if grant.session:
        claims["auth_time"] = grant.session.auth_time
        claims["groups"] = list(grant.session.person.groups)
    return claims


def subject_claims(grant: Grant) -> dict[str, str]:
    """Return `sub` and `uid` of a person, or a client acting for itself as its own `sub`.

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
        "amr": ["pwd"],
        "auth_time": grant.session.auth_time,
        "at_hash": base64url_encode(digest[: len(digest) // 2]).decode(),
        **profile_claims(grant.session.person, scopes),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    return claims


def profile_claims(person: Person, scopes: tuple[str, ...]) -> dict[str, Any]:
    """Return what the scopes `profile`, `email` and `groups` tell of a person."""
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
