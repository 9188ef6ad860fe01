"""What a client was granted, and the codes and refresh tokens that stand for it."""

from dataclasses import dataclass

from local_okta.config import Person


@dataclass
class Session:
    """A person signed in with a browser; `auth_time` in seconds since 1970."""

    person: Person
    auth_time: int


@dataclass
class Grant:
    """What one sign-in, or one client acting for itself, allows.

    Every token of the grant stops being active once `ended` is set.
    """

    client_id: str
    scopes: tuple[str, ...]
    session: Session | None = None
    ended: bool = False


@dataclass
class Code:
    """An authorization code (RFC 6749 §4.1.2): good once, before `expires` (monotonic seconds)."""

    grant: Grant
    redirect_uri: str
    code_challenge: str
    nonce: str | None
    expires: float
    used: bool = False


@dataclass
class RefreshToken:
    """A refresh token, good once: using it gives the next one of the same grant."""

    grant: Grant
    issued_at: int
    used: bool = False
