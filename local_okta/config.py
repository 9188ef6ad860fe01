"""What the local Okta knows: its address, clients, people and scopes."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

AUDIENCE: Final = "api://default"
SPA_CLIENT_ID: Final = "0oalocalspa"
SERVICE_CLIENT_ID: Final = "0oalocalservice"
SERVICE_CLIENT_SECRET: Final = "local-okta-not-a-secret"  # noqa: S105 -- printed in the docs
OPENID_SCOPES: Final = ("openid", "profile", "email", "offline_access", "groups")
CUSTOM_SCOPES: Final = ("reports:read",)
SCOPES: Final = OPENID_SCOPES + CUSTOM_SCOPES


@dataclass(frozen=True)
class Person:
    """Someone who can sign in. `uid` is Okta's user id, `login` the name they sign in with."""

    uid: str
    login: str
    given_name: str
    family_name: str
    groups: tuple[str, ...]

    @property
    def name(self) -> str:
        """Full name, as shown on the sign-in page."""
        return f"{self.given_name} {self.family_name}"


PEOPLE: Final = (
    Person("00ulocalada", "ada@example.com", "Ada", "Lovelace", ("Everyone", "Admins")),
    Person("00ulocalgrace", "grace@example.com", "Grace", "Hopper", ("Everyone",)),
)


def person_by_login(login: str) -> Person | None:
    """Return the person with this login, or None."""
    return next((person for person in PEOPLE if person.login == login), None)


@dataclass(frozen=True)
class Client:
    """A registered application. A client without a secret is public (RFC 6749 §2.1)."""

    client_id: str
    grant_types: tuple[str, ...]
    scopes: tuple[str, ...]
    secret: str | None = None
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()


@dataclass(frozen=True)
class Config:
    """Settings of one local Okta.

    The server answers under the path of `issuer`. `access_token_lifetime` is in seconds
    and holds for ID tokens too. `cors_origins` may call the endpoints from a browser.
    """

    issuer: str = "http://localhost:9000/oauth2/default"
    access_token_lifetime: int = 3600
    redirect_uris: tuple[str, ...] = (
        "http://localhost:3000/login/callback",
        "http://localhost:8000/docs/oauth2-redirect",
    )
    post_logout_redirect_uris: tuple[str, ...] = (
        "http://localhost:3000",
        "http://localhost:3000/",
    )
    cors_origins: tuple[str, ...] = ("http://localhost:3000", "http://localhost:8000")

    @property
    def clients(self) -> Mapping[str, Client]:
        """The two registered clients, by client id."""
        spa = Client(
            SPA_CLIENT_ID,
            grant_types=("authorization_code", "refresh_token"),
            scopes=SCOPES,
            redirect_uris=self.redirect_uris,
            post_logout_redirect_uris=self.post_logout_redirect_uris,
        )
        service = Client(
            SERVICE_CLIENT_ID,
            grant_types=("client_credentials",),
            scopes=CUSTOM_SCOPES,
            secret=SERVICE_CLIENT_SECRET,
        )
        return MappingProxyType({spa.client_id: spa, service.client_id: service})


def origin_of(uri: str) -> str:
    """Return the origin (scheme, host, port) of an absolute URI."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"
