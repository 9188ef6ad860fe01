"""The configuration of the local Okta: its address, clients, people and scopes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

AUDIENCE: Final = "api://default"
SPA_CLIENT_ID: Final = "0oalocalspa"
SERVICE_CLIENT_ID: Final = "0oalocalservice"
SERVICE_CLIENT_SECRET: Final = "local-okta-not-a-secret"  # noqa: S105 -- printed in the docs
API_CLIENT_ID: Final = "0oalocalapi"
API_CLIENT_SECRET: Final = "local-okta-api-not-a-secret"  # noqa: S105 -- printed in the docs
AGENT_CLIENT_ID: Final = "0oalocalagent"
AGENT_CLIENT_SECRET: Final = "local-okta-agent-not-a-secret"  # noqa: S105 -- printed in the docs
TOKEN_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 -- a grant type
OPENID_SCOPES: Final = ("openid", "profile", "email", "offline_access", "groups")
CUSTOM_SCOPES: Final = ("reports:read", "reports:approve")
SCOPES: Final = OPENID_SCOPES + CUSTOM_SCOPES
LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")


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
        """The full name, as the sign-in page shows it."""
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
    """A registered application. A client without a secret is public (RFC 6749 §2.1).

    A client introspects its own tokens, and those of every client if `introspects_all`.
    """

    client_id: str
    purpose: str
    grant_types: tuple[str, ...]
    scopes: tuple[str, ...]
    secret: str | None = None
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    introspects_all: bool = False


@dataclass(frozen=True)
class Config:
    """Settings of one local Okta.

    The server serves the path of `issuer`. `access_token_lifetime` is in seconds and
    applies to ID tokens too. Browsers on `cors_origins` may call the endpoints. A token
    exchange may ask for one of `audiences`. Requests must name a loopback host, the
    issuer's host or one of `allowed_hosts`.
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
    audiences: tuple[str, ...] = (AUDIENCE, "api://reports", "http://localhost:8000")
    allowed_hosts: tuple[str, ...] = ()

    def with_urls(self, app: str | None, api: str | None) -> "Config":
        """Return this configuration with redirect URIs and CORS for another app and API too."""
        config = self
        if app:
            config = replace(
                config,
                redirect_uris=(*config.redirect_uris, f"{app}/login/callback"),
                post_logout_redirect_uris=(*config.post_logout_redirect_uris, app, f"{app}/"),
                cors_origins=(*config.cors_origins, app),
            )
        if api:
            config = replace(
                config,
                redirect_uris=(*config.redirect_uris, f"{api}/docs/oauth2-redirect"),
                cors_origins=(*config.cors_origins, api),
            )
        return config

    @property
    def hosts(self) -> list[str]:
        """The host names that a request may name, without a port."""
        return [*LOOPBACK_HOSTS, _host_of(self.issuer), *self.allowed_hosts]

    @property
    def clients(self) -> Mapping[str, Client]:
        """The registered clients, by client id."""
        spa = Client(
            SPA_CLIENT_ID,
            purpose="single-page app",
            grant_types=("authorization_code", "refresh_token"),
            scopes=SCOPES,
            redirect_uris=self.redirect_uris,
            post_logout_redirect_uris=self.post_logout_redirect_uris,
        )
        service = Client(
            SERVICE_CLIENT_ID,
            purpose="service without a user",
            grant_types=("client_credentials",),
            scopes=CUSTOM_SCOPES,
            secret=SERVICE_CLIENT_SECRET,
        )
        api = Client(
            API_CLIENT_ID,
            purpose="the API itself: introspection, and calls to other APIs",
            grant_types=(TOKEN_EXCHANGE,),
            scopes=CUSTOM_SCOPES,
            secret=API_CLIENT_SECRET,
            introspects_all=True,
        )
        agent = Client(
            AGENT_CLIENT_ID,
            purpose="agent that acts for a user",
            grant_types=(TOKEN_EXCHANGE,),
            scopes=CUSTOM_SCOPES,
            secret=AGENT_CLIENT_SECRET,
        )
        return MappingProxyType({client.client_id: client for client in (spa, service, api, agent)})


def origin_of(uri: str) -> str:
    """Return the origin (scheme, host, port) of an absolute URI."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def _host_of(uri: str) -> str:
    host = urlsplit(uri).hostname or ""
    return f"[{host}]" if ":" in host else host
