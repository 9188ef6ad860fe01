"""The verified caller: `request.user`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self

from starlette.authentication import BaseUser


@dataclass(frozen=True)
class Principal(BaseUser):
    """The caller, as named by a verified access token. Immutable, because requests share it.

    Args:
        issuer: `iss`, the authorization server that vouches for the caller.
        user_id: `uid`, Okta's stable id of the user; None for a service. Store data under `issuer` and
            `user_id`: `subject` is the login, which can be given to somebody else.
        subject: `sub`, the login of a user or the client id of a service.
        client_id: The client that presents the token: `cid`, `client_id` or the outermost `act.sub`.
        scopes: `scp`, or `scope` (RFC 8693 section 4.2) if the token has no `scp`.
        groups: `groups`; empty unless the authorization server adds this claim.
        expires_at: `exp`, in seconds since the epoch.
        claims: Every claim, read-only: objects are mappings, arrays are tuples.
        kid: The id of the key that signed the token.
    """

    issuer: str
    user_id: str | None
    subject: str
    client_id: str
    scopes: tuple[str, ...]
    groups: tuple[str, ...]
    expires_at: int
    claims: Mapping[str, Any] = field(repr=False, hash=False)
    kid: str

    @classmethod
    def from_claims(cls, claims: Mapping[str, Any], kid: str) -> Self:
        """Build the principal from checked `claims` (Okta: "Access token payload")."""
        scopes = claims["scp"] if "scp" in claims else _split(claims.get("scope"))
        return cls(
            issuer=claims["iss"],
            user_id=_user_id(claims),
            subject=claims["sub"],
            client_id=client_of(claims) or "",
            scopes=_strings(scopes),
            groups=_strings(claims.get("groups")),
            expires_at=int(claims["exp"]),
            claims=_frozen(claims),
            kid=kid,
        )

    @property
    def actor(self) -> str | None:
        """The party that acts on behalf of the subject: the outermost `act.sub` (RFC 8693 section 4.1)."""
        return actor_of(self.claims)

    @cached_property
    def subjects(self) -> tuple[tuple[str, str, str], ...]:
        """How a revocation can name the user: tuples equal to a `Subject`; none for a service.

        A token without `uid`, such as an agent's, names the user in `sub` alone.
        """
        if self.user_id is None and self.subject == self.client_id:
            return ()
        by_id = (self.issuer, "iss_sub", self.user_id or self.subject)
        logins = {self.subject, self.claims.get("email")}
        return by_id, *(
            (self.issuer, "email", login.casefold()) for login in logins if isinstance(login, str)
        )

    @property
    def is_authenticated(self) -> bool:
        """Always True, as for any authenticated user in Starlette."""
        return True

    @property
    def display_name(self) -> str:
        """The subject; an access token of Okta has no other name."""
        return self.subject

    @property
    def identity(self) -> str:
        """The subject."""
        return self.subject


def _user_id(claims: Mapping[str, Any]) -> str | None:
    uid = claims.get("uid")
    return uid if isinstance(uid, str) and uid else None


def client_of(claims: Mapping[str, Any]) -> str | None:
    """Return the client id in `claims`: `cid`, else `client_id`, else `act.sub`.

    Sources: Okta: "Access token payload"; RFC 9068 section 2.2; RFC 8693 section 4.1.
    """
    for name in ("cid", "client_id"):
        if name in claims:
            value = claims[name]
            return value if isinstance(value, str) else None
    return actor_of(claims)


def actor_of(claims: Mapping[str, Any]) -> str | None:
    """Return the outermost `act.sub` in `claims`, or None if there is no such string."""
    act = claims.get("act")
    sub = act.get("sub") if isinstance(act, Mapping) else None
    return sub if isinstance(sub, str) else None


def _strings(value: object) -> tuple[str, ...]:
    # Any other type grants nothing: a string must not be read as a list of its characters.
    if isinstance(value, list) and {str}.issuperset(map(type, value)):
        return tuple(value)
    return ()


def _split(scope: object) -> list[str]:
    # RFC 6749 section 3.3: only the space separates.
    return [part for part in scope.split(" ") if part] if isinstance(scope, str) else []


def _frozen(claims: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(
        {
            name: _frozen_value(value) if isinstance(value, (dict, list)) else value
            for name, value in claims.items()
        }
    )


def _frozen_value(value: Any) -> Any:
    if isinstance(value, dict):
        return _frozen(value)
    return tuple([_frozen_value(item) if isinstance(item, (dict, list)) else item for item in value])
