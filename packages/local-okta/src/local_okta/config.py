"""The configuration of the local Okta: its address, clients, people and scopes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
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
REPORTS_SCOPES: Final = ("reports:read", "reports:write", "reports:approve")
FILE_NAME: Final = "local-okta.toml"
URI_FIELDS: Final = ("redirect_uris", "post_logout_redirect_uris")
LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")


@dataclass
class Person:
    """Someone who can sign in. `uid` is Okta's user id, `login` the name they sign in with.

    `claims` are added to their access tokens.
    """

    uid: str
    login: str
    given_name: str
    family_name: str
    groups: tuple[str, ...] = ("Everyone",)
    claims: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The full name, as the sign-in page shows it."""
        return f"{self.given_name} {self.family_name}"


PEOPLE: Final = (
    Person("00ulocalada", "ada@example.com", "Ada", "Lovelace", ("Everyone", "Admins")),
    Person("00ulocalgrace", "grace@example.com", "Grace", "Hopper"),
)


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
    applies to ID tokens too. `cors_origins` are the trusted origins. A token
    exchange may ask for one of `audiences`. Requests must name a loopback host, the
    issuer's host or one of `allowed_hosts`. The switches work from this machine only, unless
    `switches_for_all`. `client_changes` are fields of clients by client
    id, known or new. Universal Logout requests go to
    `api`. `file` is where the user can change people, scopes and clients.
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
    switches_for_all: bool = False
    people: tuple[Person, ...] = PEOPLE
    custom_scopes: tuple[str, ...] = REPORTS_SCOPES
    client_changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    api: str = "http://localhost:8000"
    file: str = FILE_NAME

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
                api=api,
            )
        return config

    @property
    def hosts(self) -> list[str]:
        """The host names that a request may name, without a port."""
        return [*LOOPBACK_HOSTS, _host_of(self.issuer), *self.allowed_hosts]

    @property
    def scopes(self) -> tuple[str, ...]:
        """Every scope that a client can be given."""
        return OPENID_SCOPES + self.custom_scopes

    @property
    def app_origins(self) -> set[str]:
        """The origins of the applications that people sign in to in a browser."""
        uris = [uri for client in self.clients.values() for uri in client.redirect_uris]
        return {origin_of(uri) for uri in uris if uri.startswith(("http://", "https://"))}

    @property
    def clients(self) -> dict[str, Client]:
        """The registered clients, by client id."""
        clients = {client.client_id: client for client in self._own_clients()}
        for client_id, changes in self.client_changes.items():
            known = clients.get(client_id) or self._new_client(client_id, changes)
            # URIs are added, so that `make run`, /docs and `local-okta token` keep working.
            uris = {name: (*getattr(known, name), *changes.get(name, ())) for name in URI_FIELDS}
            clients[client_id] = replace(known, **{**changes, **uris})
        return clients

    def _new_client(self, client_id: str, changes: Mapping[str, Any]) -> Client:
        """Return a new client before its changes: with a secret it is a service, without one an app."""
        if "secret" in changes:
            return Client(client_id, f"from {self.file}", ("client_credentials",), self.custom_scopes)
        return Client(client_id, f"from {self.file}", ("authorization_code", "refresh_token"), self.scopes)

    def _own_clients(self) -> tuple[Client, ...]:
        spa = Client(
            SPA_CLIENT_ID,
            purpose="single-page app",
            grant_types=("authorization_code", "refresh_token"),
            scopes=self.scopes,
            redirect_uris=self.redirect_uris,
            post_logout_redirect_uris=self.post_logout_redirect_uris,
        )
        service = Client(
            SERVICE_CLIENT_ID,
            purpose="service without a user",
            grant_types=("client_credentials",),
            scopes=self.custom_scopes,
            secret=SERVICE_CLIENT_SECRET,
        )
        api = Client(
            API_CLIENT_ID,
            purpose="the API itself: introspection, and calls to other APIs",
            grant_types=(TOKEN_EXCHANGE,),
            scopes=self.custom_scopes,
            secret=API_CLIENT_SECRET,
            introspects_all=True,
        )
        agent = Client(
            AGENT_CLIENT_ID,
            purpose="agent that acts for a user",
            grant_types=(TOKEN_EXCHANGE,),
            scopes=self.custom_scopes,
            secret=AGENT_CLIENT_SECRET,
        )
        return spa, service, agent, api


def origin_of(uri: str) -> str:
    """Return the origin (scheme, host, port) of an absolute URI."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def _host_of(uri: str) -> str:
    host = urlsplit(uri).hostname or ""
    return f"[{host}]" if ":" in host else host
