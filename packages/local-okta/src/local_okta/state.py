"""The state of a running local Okta. Nothing is written to disk."""

import math
import secrets
import time
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends
from starlette.requests import HTTPConnection

from local_okta.authorization_request import AuthorizationRequest
from local_okta.config import AUDIENCE, Config, Person
from local_okta.keys import KeyRing
from local_okta.store import Store

# In seconds.
CODE_LIFETIME: Final = 60
SIGN_IN_LIFETIME: Final = 600
SESSION_LIFETIME: Final = 12 * 3600
REFRESH_TOKEN_LIFETIME: Final = 7 * 24 * 3600
MAX_TOKEN_LIFETIME: Final = 24 * 3600
PROOF_LIFETIME: Final = 300


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


@dataclass
class Switches:
    """Faults that are switched on. `skew`, `delay` and `token_lifetime` are in seconds."""

    token_lifetime: int
    skew: int = 0
    delay: float = 0
    _outage_ends: float = -math.inf

    def now(self) -> int:
        """Return the time in seconds since 1970, with the skew added."""
        return int(time.time()) + self.skew

    def start_outage(self, seconds: float | None) -> None:
        """Return 503 for `seconds`, or until the reset if None."""
        self._outage_ends = math.inf if seconds is None else time.monotonic() + seconds

    def reset(self, token_lifetime: int) -> None:
        """End the outage, the delay and the skew, and set the token lifetime."""
        self._outage_ends = -math.inf
        self.skew = 0
        self.delay = 0
        self.token_lifetime = token_lifetime

    @property
    def outage(self) -> bool:
        """Whether every endpoint returns 503."""
        return time.monotonic() < self._outage_ends


class LocalOkta:
    """The state of one server: its configuration, keys, switches and what it issued."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.clients = config.clients
        self.keys = KeyRing()
        self.switches = Switches(token_lifetime=config.access_token_lifetime)
        self.sign_ins: Store[tuple[str, PendingSignIn]] = Store(SIGN_IN_LIFETIME)
        self.sessions: Store[Session] = Store(SESSION_LIFETIME)
        # Used codes stay here after they expire, because using one again ends the grant.
        self.codes: Store[Code] = Store(MAX_TOKEN_LIFETIME)
        self.refresh_tokens: Store[RefreshToken] = Store(REFRESH_TOKEN_LIFETIME)
        self.issued: Store[Grant] = Store(MAX_TOKEN_LIFETIME)
        self.dpop_nonce = secrets.token_urlsafe(24)
        self.used_proofs: Store[None] = Store(PROOF_LIFETIME)

    @property
    def issuer(self) -> str:
        """The issuer URL, the `iss` of every token."""
        return self.config.issuer

    def revoke(self, token: str) -> None:
        """Revoke a token of this server. A refresh token ends all tokens of its grant, as in Okta."""
        refresh_token = self.refresh_tokens.get(token)
        if refresh_token:
            refresh_token.grant.ended = True
        else:
            self.issued.pop(handle_of(self.keys.verify(token)))

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
