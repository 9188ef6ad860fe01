"""The claims of the tokens, the same as Okta's."""

import hashlib
from typing import Any

from jwt.utils import base64url_encode

from local_okta.config import Person
from local_okta.state import Grant, LocalOkta


def access_claims(okta: LocalOkta, grant: Grant, scopes: tuple[str, ...]) -> dict[str, Any]:
    """Return an access token's claims and store its `jti`."""
    claims: dict[str, Any] = {
        "jti": f"AT.{okta.issued.add(grant)}",
        "iss": okta.issuer,
        "aud": grant.audience,
        **_times(okta),
        **(_delegated_claims(grant, scopes) if grant.actor else _own_claims(grant, scopes)),
    }
    if grant.jkt:
        claims["cnf"] = {"jkt": grant.jkt}
    return claims


def _own_claims(grant: Grant, scopes: tuple[str, ...]) -> dict[str, Any]:
    claims = {"ver": 1, "cid": grant.client_id, "scp": list(scopes), **subject_claims(grant)}
    if grant.session:
        claims["auth_time"] = grant.session.auth_time
        claims["groups"] = list(grant.session.person.groups)
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
