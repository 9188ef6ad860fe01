"""The metrics: requests, refusals, verified tokens, signing keys, process."""

import platform
import time
from contextlib import AbstractContextManager
from typing import Final

from fastapi_okta_auth import VerifierHooks
from fastapi_okta_auth.client import FAULTS
from fastapi_okta_auth.dpop_errors import BindingReason, NonceRequired, ProofReason
from fastapi_okta_auth.errors import (
    Forbidden,
    InsufficientScope,
    KeysUnavailable,
    MalformedHeader,
    NoCredentials,
    Reason,
    UnsupportedScheme,
)
from fastapi_okta_auth.introspection import NOT_CONFIGURED
from fastapi_okta_auth.replay import REPLAY_STORE_FULL, REPLAY_STORE_UNAVAILABLE
from fastapi_okta_auth.step_up import SIGN_IN_REASONS
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from starlette.types import Scope

from backend import __version__
from backend.observability.access_log import PREFLIGHT_REFUSED
from backend.observability.metrics_server import metrics_server

REASONS: Final = (
    *(reason.name.lower() for reason in Reason),
    *(
        error.reason
        for error in (
            NoCredentials,
            UnsupportedScheme,
            MalformedHeader,
            InsufficientScope,
            Forbidden,
            KeysUnavailable,
        )
    ),
    PREFLIGHT_REFUSED,
    *SIGN_IN_REASONS.values(),
    *(reason.name.lower() for reason in (*BindingReason, *ProofReason)),
    NonceRequired.reason,
    REPLAY_STORE_FULL,
    REPLAY_STORE_UNAVAILABLE,
    NOT_CONFIGURED,
    *(f"{purpose}_{fault}" for purpose in ("introspection", "token_exchange") for fault in FAULTS),
)
"""Every reason code of a refusal, in the log and in `http_refusals_total`."""

# OpenTelemetry's list, and its name for all other methods: a caller can send any method.
_METHODS: Final = frozenset(
    {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE", "WEBSOCKET"}
)
_OTHER: Final = "_OTHER"
_UNMATCHED: Final = "unmatched"
_VERIFICATION_SECONDS: Final = (0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.005, 0.05, 0.5, 5.0)


class Metrics(VerifierHooks):
    """The metrics of one application, in a registry of their own.

    Names follow OpenTelemetry's semantic conventions where they define one, and Prometheus'
    naming rules elsewhere.
    """

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call] # they double the number of series
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "http_server_request_duration_seconds",
            "Duration of HTTP requests and WebSocket connections",
            ("http_request_method", "http_route", "http_response_status_code"),
            registry=self.registry,
        )
        self._refusals = Counter(
            "http_refusals", "Refused requests, by reason code", ("reason",), registry=self.registry
        )
        self._tokens = Counter(
            "okta_tokens",
            "Tokens checked, by whether the cache had them",
            ("cached",),
            registry=self.registry,
        )
        self._verification = Histogram(
            "okta_token_verification_seconds",
            "Time to verify a token that the cache did not have",
            buckets=_VERIFICATION_SECONDS,
            registry=self.registry,
        )
        self._fetches = Counter(
            "okta_key_fetches",
            "Fetches of the signing keys, by issuer and result",
            ("issuer", "result"),
            registry=self.registry,
        )
        self._keys = Gauge("okta_keys_held", "Signing keys in use", ("issuer",), registry=self.registry)
        self._fetched = Gauge(
            "okta_keys_fetched_timestamp_seconds",
            "When the signing keys in use were fetched; 0 if never",
            ("issuer",),
            registry=self.registry,
        )
        build = Gauge(
            "app_build_info",
            "Always 1; the labels name what runs",
            ("version", "python"),
            registry=self.registry,
        )
        build.labels(__version__, platform.python_version()).set(1)
        ProcessCollector(registry=self.registry)
        self._start_at_zero()

    def _start_at_zero(self) -> None:
        # rate() misses the first increment of a counter that did not exist before.
        for reason in REASONS:
            self._refusals.labels(reason)
        for cached in ("true", "false"):
            self._tokens.labels(cached)

    def served(self, address: str) -> AbstractContextManager[None]:
        """Serve the metrics at `address` (host:port) until the block ends."""
        return metrics_server(self.registry, address)

    def request(self, scope: Scope, status: int, seconds: float, reason: str | None) -> None:
        """Count a request that has ended after `seconds`; `reason` is the code of a refusal."""
        method = scope.get("method", "WEBSOCKET")
        known = method if method in _METHODS else _OTHER
        self._requests.labels(known, _route(scope), status).observe(seconds)
        if reason is not None:
            self._refusals.labels(reason).inc()

    def cache_hit(self) -> None:
        """Count a token that is in the cache."""
        self._tokens.labels("true").inc()

    def token_verified(self, seconds: float) -> None:
        """Count a token whose verification took `seconds`, valid or not."""
        self._tokens.labels("false").inc()
        self._verification.observe(seconds)

    def key_hooks(self, issuer: str) -> VerifierHooks:
        """Return the hooks for the signing keys of `issuer`."""
        for result in ("ok", "failed"):
            self._fetches.labels(issuer, result)
        return _KeyHooks(self._fetches, self._keys.labels(issuer), self._fetched.labels(issuer), issuer)


class _KeyHooks(VerifierHooks):
    def __init__(self, fetches: Counter, keys: Gauge, fetched: Gauge, issuer: str) -> None:
        self._fetches, self._keys, self._fetched, self._issuer = fetches, keys, fetched, issuer

    def keys_fetched(self, count: int, *, ok: bool) -> None:
        self._fetches.labels(self._issuer, "ok" if ok else "failed").inc()
        self._keys.set(count)
        if ok:
            self._fetched.set(time.time())


def _route(scope: Scope) -> str:
    """Return the path as the route declares it: the requested path would create a series per value."""
    # Only here is the prefix of an included router.
    context = scope.get("fastapi", {}).get("effective_route_context")
    template: str = getattr(context or scope.get("route"), "path_format", _UNMATCHED)
    return template
