"""The state of a running local Okta. Nothing is written to disk."""

import secrets
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import Depends
from starlette.requests import HTTPConnection

from local_okta.authorization_request import AuthorizationRequest
from local_okta.config import AUDIENCE, Config, Person, origin_of
from local_okta.keys import KeyRing
from local_okta.middleware import Switches

# In seconds.
CODE_LIFETIME: Final = 60
SIGN_IN_LIFETIME: Final = 600
SESSION_LIFETIME: Final = 12 * 3600
REFRESH_TOKEN_LIFETIME: Final = 7 * 24 * 3600
MAX_TOKEN_LIFETIME: Final = 24 * 3600
PROOF_LIFETIME: Final = 300


V = TypeVar("V")


class Store(Generic[V]):
    """Stores each value under a handle and drops it `lifetime` seconds later."""

    def __init__(self, lifetime: float) -> None:
        self._lifetime = lifetime
        self._values: dict[str, tuple[float, V]] = {}

    def add(self, value: V, handle: str | None = None) -> str:
        """Store a value under a random handle, or under the given one, and return the handle."""
        self._drop_expired()
        handle = handle or secrets.token_urlsafe(32)
        self._values[handle] = (time.monotonic() + self._lifetime, value)
        return handle

    def get(self, handle: str | None) -> V | None:
        """Return the value under a handle, or None if it is unknown or has expired."""
        self._drop_expired()
        entry = self._values.get(handle or "")
        return entry[1] if entry else None

    def pop(self, handle: str | None) -> V | None:
        """Return the value under a handle as `get` does, and remove it."""
        self._drop_expired()
        entry = self._values.pop(handle or "", None)
        return entry[1] if entry else None

    def __contains__(self, handle: str) -> bool:
        self._drop_expired()
        return handle in self._values

    def remove(self, unwanted: Callable[[V], bool]) -> None:
        """Remove the values that are `unwanted`."""
        self._values = {handle: entry for handle, entry in self._values.items() if not unwanted(entry[1])}

    def values(self) -> list[V]:
        """Return the values that have not expired."""
        self._drop_expired()
        return [value for _, value in self._values.values()]

    def _drop_expired(self) -> None:
        # Every value has the same lifetime, so the oldest is always first.
        now = time.monotonic()
        while self._values:
            handle, (deadline, _) = next(iter(self._values.items()))
            if deadline > now:
                return
            del self._values[handle]


@dataclass(frozen=True)
class Session:
    """A person who signed in with a browser; `auth_time` is in seconds since 1970."""

    person: Person
    auth_time: int
    second_factor: bool = False


@dataclass(frozen=True)
class PendingSignIn:
    """A sign-in under way. `person` is set once they only lack the second factor."""

    asked: AuthorizationRequest
    person: Person | None = None


@dataclass
class Grant:
    """What one sign-in, or one client acting for itself, may do.

    Its tokens are bound to the DPoP key with the thumbprint `jkt`, if there is one.
    `actor` is the `act` claim of a token exchange (RFC 8693 §4.1). Every token of the
    grant is inactive once `ended` is true.
    """

    client_id: str
    scopes: tuple[str, ...]
    session: Session | None = None
    acr: str | None = None
    jkt: str | None = None
    audience: str = AUDIENCE
    actor: dict[str, Any] | None = None
    ended: bool = False


@dataclass
class Code:
    """An authorization code (RFC 6749 §4.1.2), valid once and until `expires` (monotonic seconds)."""

    grant: Grant
    redirect_uri: str
    code_challenge: str
    nonce: str | None
    expires: float
    used: bool = False


@dataclass
class RefreshToken:
    """A refresh token, valid once: using it returns the next one of the same grant."""

    grant: Grant
    issued_at: int
    used: bool = False


class LocalOkta:
    """The state of one server: its configuration, people, keys, switches and what it issued.

    A change of one of `people` applies to their sessions and to their next tokens.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.clients = config.clients
        self.people = deepcopy([*config.people])
        self.keys = KeyRing()
        self.org_keys = KeyRing()
        self.switches = Switches(token_lifetime=config.access_token_lifetime)
        self.sign_ins: Store[tuple[str, PendingSignIn]] = Store(SIGN_IN_LIFETIME)
        self.sessions: Store[Session] = Store(SESSION_LIFETIME)
        # Used codes stay here after they expire, because using one again ends the grant.
        self.codes: Store[Code] = Store(MAX_TOKEN_LIFETIME)
        self.refresh_tokens: Store[RefreshToken] = Store(REFRESH_TOKEN_LIFETIME)
        self.issued: Store[Grant] = Store(MAX_TOKEN_LIFETIME)
        self.last_logout = ""  # whom the last Universal Logout named, and what the API answered
        self.dpop_nonce = secrets.token_urlsafe(24)
        self.used_proofs: Store[None] = Store(PROOF_LIFETIME)

    @property
    def issuer(self) -> str:
        """The issuer URL, the `iss` of every token."""
        return self.config.issuer

    def person(self, name: str) -> Person:
        """Return the person with this login, first name or uid; raise `LookupError` if it is not one."""
        name = name.casefold()
        names = [(person, (person.login, person.given_name, person.uid)) for person in self.people]
        found = [person for person, all_of_them in names if name in map(str.casefold, all_of_them)]
        if len(found) != 1:
            logins = ", ".join(person.login for person in self.people)
            raise LookupError(f"{name} is nobody, or several people; their logins are: {logins}")
        return found[0]

    def person_by_login(self, login: str | None) -> Person | None:
        """Return the person with this login, which is not case-sensitive, or None."""
        login = (login or "").casefold()
        return next((person for person in self.people if person.login.casefold() == login), None)

    def revoke(self, token: str) -> None:
        """Revoke a token of this server. A refresh token ends all tokens of its grant, as in Okta."""
        refresh_token = self.refresh_tokens.get(token)
        if refresh_token:
            refresh_token.grant.ended = True
        else:
            self.issued.pop(handle_of(self.keys.verify(token)))

    def sign_out(self, person: Person) -> None:
        """End every session and grant of a person, as Universal Logout does at Okta itself."""
        self.sessions.remove(lambda session: session.person == person)
        for grant in [*self.issued.values(), *(token.grant for token in self.refresh_tokens.values())]:
            grant.ended = grant.ended or (grant.session is not None and grant.session.person == person)

    @property
    def org(self) -> str:
        """The URL of the org, the `iss` of its Universal Logout requests."""
        return origin_of(self.issuer)

    def settings(self, **changes: str) -> dict[str, str]:
        """Return the settings of an API that accepts this server's tokens, in lower case.

        `changes` adds or replaces some of them. Environment variables are upper-case.
        """
        return {
            "okta_issuer": self.issuer,
            "okta_client_id": ",".join(self.clients),
            "okta_audience": AUDIENCE,
            **changes,
        }


def handle_of(claims: dict[str, Any]) -> str:
    """Return the handle under which `issued` holds a token's grant."""
    return str(claims.get("jti")).partition(".")[2]


def _okta_of(connection: HTTPConnection) -> LocalOkta:
    okta = connection.app.state.okta
    assert isinstance(okta, LocalOkta)  # noqa: S101 -- narrows the type
    return okta


CurrentOkta = Annotated[LocalOkta, Depends(_okta_of)]
