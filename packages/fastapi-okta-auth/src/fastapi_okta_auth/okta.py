"""Okta: everything that verifies the tokens of an application, opened and closed as one."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, Self, TypedDict, Unpack

from fastapi import FastAPI
from starlette.types import Scope

from .checks import add_checks
from .credentials import BEARER_ONLY, BEARER_OR_DPOP, Credentials, credentials
from .docs import add_docs
from .dpop.nonces import Nonces
from .dpop.proof import Proof
from .dpop.replay import replay_store
from .dpop.scheme import DPoP
from .errors import BEARER, InvalidToken, OktaAuthError, Reason, Scheme, ServiceUnavailable
from .explain import failed, passed
from .introspection import Introspection
from .keys import SigningKeys
from .metadata import add_metadata, covers, metadata_url
from .principal import Principal
from .revocation import RevokedUsers, check_not_revoked
from .settings import OktaSettings
from .token import TokenRequirements
from .verifier import CACHED_TOKENS, OktaTokenVerifier

_NOT_STARTED: Final = (
    "the lifespan of the application has not run, so there are no signing keys: use `with TestClient(app)`;"
    " with ASGITransport, asgi_lifespan.LifespanManager(app) or `async with okta`; for a mounted"
    " application, FastAPI(lifespan=okta.lifespan) in its parent; in a server, no --lifespan off"
)
_SECONDS_BETWEEN_LINES: Final = 60
_BINDING: Final = "the key of the proof; absent for a bearer token"

_log = logging.getLogger(__name__)


class Values(TypedDict, total=False):
    """Settings in code; docs/reference/settings.md describes each under its name in the environment."""

    issuer: str | Sequence[str]
    client_id: str | Sequence[str]
    audience: str | Sequence[str]
    jwks_uri: str
    leeway: int
    resource_url: str
    dpop: str
    dpop_replay_store: str
    dpop_nonce_secrets: str | Sequence[str]
    introspection_client_id: str
    introspection_client_secret: str
    introspection_cache_seconds: int
    explain_checks: bool


_PREFIXED: Final = frozenset({"issuer", "client_id", "audience", "jwks_uri", "leeway"})


class Okta:
    """Verifies access tokens, with the keys of each issuer, DPoP and introspection.

    `OktaJWTMiddleware` opens and closes it with the application. Where that does not run, as in a
    mounted application, use `lifespan`, or `async with okta`.
    """

    def __init__(
        self,
        settings: OktaSettings | None = None,
        *,
        log_refusals: bool = True,
        revoked_users: RevokedUsers | None = None,
        **values: Unpack[Values],
    ) -> None:
        """Read the settings and prepare everything; send no request.

        Args:
            settings: All settings; without them, they are read from the environment and `.env`.
            log_refusals: Whether the middleware logs each refusal; `scope["refusal"]` has it in any case.
            revoked_users: Whose tokens to refuse, whatever Okta said when it issued them.
            values: Settings in code, which win over the environment.

        Raises SettingsError for an invalid value.
        """
        named = {f"okta_{name}" if name in _PREFIXED else name: value for name, value in values.items()}
        self.settings = settings or OktaSettings.load(**named)
        self.log_refusals = log_refusals
        self.revoked_users = revoked_users
        self.keys = {issuer: SigningKeys(issuer, url) for issuer, url in self.settings.jwks_uris.items()}
        cached_tokens = 0 if self.settings.explain_checks else CACHED_TOKENS  # a cached token is not checked
        self.verifier = OktaTokenVerifier(
            _requirements(self.settings), self.keys, cached_tokens=cached_tokens
        )
        self.dpop = _dpop(self.settings)
        self.introspection = _introspection(self.settings)
        self._metadata: dict[str, str] = {}
        self._times_open = 0
        self._opened = AsyncExitStack()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._next_line = 0.0
        for line in type(self.settings).misspelled_variables():
            _log.warning("%s", line)

    @property
    def leeway(self) -> int:
        """The allowed clock skew in seconds."""
        return self.settings.okta_leeway

    @property
    def ready(self) -> bool:
        """Whether tokens of any issuer can be verified."""
        return any(keys.ready for keys in self.keys.values())

    @property
    def degraded(self) -> bool:
        """Whether the last fetch of any issuer's keys failed."""
        return any(keys.degraded or not keys.ready for keys in self.keys.values())

    async def __aenter__(self) -> Self:
        """Start to fetch the keys, without waiting for them. Nested calls share one start."""
        loop = asyncio.get_running_loop()
        if self._times_open and loop is not self._loop:
            raise RuntimeError("this Okta is open in another event loop: create one for each")
        if not self._times_open:
            self._loop = loop
            async with AsyncExitStack() as stack:
                for keys in self.keys.values():
                    await stack.enter_async_context(keys)
                if self.dpop is not None:
                    await stack.enter_async_context(self.dpop)
                if self.introspection is not None:
                    stack.push_async_callback(self.introspection.aclose)
                self._opened = stack.pop_all()
        self._times_open += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop, unless another caller still uses it."""
        self._times_open -= 1
        if not self._times_open:
            await self._opened.aclose()

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """Open Okta for an application that mounts a protected one: `FastAPI(lifespan=okta.lifespan)`."""
        async with self:
            yield

    async def authenticate(self, scope: Scope, offered: bytes | None = None) -> Principal:
        """Return the caller of the request of `scope`.

        `offered` is the token of a WebSocket's subprotocol. Where the response should carry a DPoP
        nonce, `scope["dpop_nonce"]` has it. Raises OktaAuthError.
        """
        sent = Credentials(b"bearer", offered) if offered else credentials(scope["headers"], self._schemes)
        if not self._times_open:
            raise self._not_started()
        proof = self._proof(sent.scheme, scope)
        user = self.verifier.get_cached(sent.token) or await self.verifier.verify(sent.token)
        if self.revoked_users is not None:
            check_not_revoked(user, self.revoked_users)
        if proof is None and "cnf" not in user.claims:
            passed("cnf", "absent for a bearer token")
            return user
        try:
            await self._check_binding(proof, scope, sent.token, user)
        except OktaAuthError as error:
            failed("cnf", _BINDING, error.code)
            error.kid, error.client = user.kid, user.client_id
            raise
        passed("cnf", "the key of the proof")
        return user

    def _proof(self, scheme: bytes, scope: Scope) -> Proof | None:
        if self.dpop is None:
            return None
        try:
            return self.dpop.proof(scheme, scope["headers"])
        except OktaAuthError as error:
            failed("cnf", _BINDING, error.code)
            raise

    async def _check_binding(self, proof: Proof | None, scope: Scope, token: bytes, user: Principal) -> None:
        if proof is None or self.dpop is None:
            # RFC 7800 section 3: the sender must prove possession of the key, which a bearer token cannot.
            raise InvalidToken(Reason.BOUND)
        scope["dpop_nonce"] = await self.dpop.check(proof, scope, token, user.claims)

    def _not_started(self) -> ServiceUnavailable:
        now = time.monotonic()
        if now >= self._next_line:
            self._next_line = now + _SECONDS_BETWEEN_LINES
            _log.error(_NOT_STARTED)
        return ServiceUnavailable("not_started")

    @property
    def _schemes(self) -> frozenset[bytes]:
        return BEARER_ONLY if self.dpop is None else BEARER_OR_DPOP

    def schemes(self, scope: Scope, error: OktaAuthError) -> tuple[Scheme, ...]:
        """Return the schemes to offer to the request of `scope`, refused with `error`."""
        return (BEARER,) if self.dpop is None else self.dpop.schemes(scope["headers"], error)

    def metadata_url(self, path: str) -> str:
        """Return the URL of the metadata that covers `path`, or "" if none was added."""
        covering = [prefix for prefix in self._metadata if covers(prefix, path)]
        return self._metadata[max(covering, key=len)] if covering else ""

    def add_metadata(self, app: FastAPI, path: str = "", scopes: Sequence[str] = ()) -> None:
        """Serve the metadata of `app`, or of what it serves at and below `path`, without a token.

        RFC 9728 section 2 names its members. Refusals of requests there name its URL. It lists `scopes` in
        addition to those of the routes: a client that finds a scope here requests it when it signs in.
        """
        base, issuers = self.settings.resource_url, self.settings.okta_issuer
        self._metadata[path] = metadata_url(base + path)
        members = {} if self.dpop is None else self.dpop.metadata
        add_metadata(app, base, path, issuers, scopes, **members)

    def add_docs(self, app: FastAPI) -> None:
        """Serve `/docs`, which signs in with PKCE, and `/openapi.json`, without a token.

        They replace FastAPI's own pages, which load scripts from a CDN. With EXPLAIN_CHECKS, `POST /checks`
        explains what a route would say to a token.
        """
        add_docs(app, self.settings, self.dpop)
        if self.settings.explain_checks:
            add_checks(app, self)


def _requirements(settings: OktaSettings) -> TokenRequirements:
    return TokenRequirements(
        issuers=frozenset(settings.okta_issuer),
        audiences=frozenset(settings.okta_audience),
        client_ids=frozenset(settings.okta_client_id),
        leeway=settings.okta_leeway,
    )


def _dpop(settings: OktaSettings) -> DPoP | None:
    if settings.dpop == "off":
        return None
    secrets = [secret.get_secret_value() for secret in settings.dpop_nonce_secrets]
    return DPoP(
        settings.resource_url,
        replay_store(settings.dpop_replay_store.get_secret_value(), settings.resource_url),
        Nonces(secrets) if secrets else None,
        required=settings.dpop == "required",
        leeway=settings.okta_leeway,
    )


def _introspection(settings: OktaSettings) -> Introspection | None:
    if not settings.introspection_client_id:
        return None
    return Introspection(
        settings.okta_issuer[0],
        settings.introspection_client_id,
        settings.introspection_client_secret.get_secret_value(),
        settings.introspection_cache_seconds,
    )
