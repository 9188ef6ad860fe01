"""Who calls: what the rest of the application may know of a verified token."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller, as a verified access token names it.

    `subject` is `sub`, `client` is `cid`, `scopes` is `scp`, `groups` is `groups`
    (empty unless the authorization server adds that claim), `expiry` is `exp` in
    seconds since the epoch, `kid` names the key that signed the token. `claims` holds every
    claim, for what has no field here.
    """

    subject: str
    client: str
    scopes: tuple[str, ...]
    groups: tuple[str, ...]
    expiry: int
    claims: Mapping[str, Any]
    kid: str

    @classmethod
    def from_claims(cls, claims: Mapping[str, Any], kid: str) -> Self:
        """The principal that `claims` describe, verified by the key `kid` (Okta: "Access token payload")."""
        return cls(
            subject=claims["sub"],
            client=claims["cid"],
            scopes=_strings(claims.get("scp")),
            groups=_strings(claims.get("groups")),
            expiry=int(claims["exp"]),
            claims=claims,
            kid=kid,
        )


def _strings(value: object) -> tuple[str, ...]:
    # A claim of another shape grants nothing: a plain string must not be read as its letters.
    if not isinstance(value, list):
        return ()
    return tuple([item for item in value if isinstance(item, str)])
