"""What Prometheus is told: requests, refusals, verified tokens, signing keys."""

import time
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import Scope

from backend.okta import VerifierHooks
from backend.okta.errors import (
    Forbidden,
    InsufficientScope,
    KeysUnavailable,
    MalformedHeader,
    NoCredentials,
    Reason,
    UnsupportedScheme,
)  # fmt: skip

PREFLIGHT_REFUSED: Final = "preflight_refused"
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
)
"""Every reason code of a refusal, in the log and in `http_refusals_total`."""

# OpenTelemetry's list and its word for the rest: anyone can make up a method.
_METHODS: Final = frozenset(
    {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE", "WEBSOCKET"}
)
_OTHER: Final = "_OTHER"
_UNMATCHED: Final = "unmatched"
_VERIFICATION_SECONDS: Final = (0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.005, 0.05, 0.5, 5.0)


class Metrics(VerifierHooks):
    """The metrics of one application, in a `registry` of their own.

    Their names follow OpenTelemetry's semantic conventions where there is one, and
    Prometheus' naming rules elsewhere. Gauges tell of the worker that is worst off.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "http_server_request_duration_seconds",
            "Duration of HTTP requests and WebSocket connections",
            ("http_request_method", "http_route", "http_response_status_code"),
            registry=self.registry,
        )
        self._refusals = Counter(
            "http_refusals",
            "Requests refused, by the reason code of the log",
            ("reason",),
            registry=self.registry,
        )
        self._tokens = Counter(
            "okta_tokens", "Tokens presented, by whether their verdict was remembered", ("remembered",),
            registry=self.registry,
        )  # fmt: skip
        self._verification = Histogram(
            "okta_token_verification_seconds",
            "Time to the verdict on a token that was not remembered",
            buckets=_VERIFICATION_SECONDS,
            registry=self.registry,
        )
        self._fetches = Counter(
            "okta_key_fetches", "Fetches of the key set, by result", ("result",), registry=self.registry
        )
        self._held = Gauge(
            "okta_keys_held", "Signing keys held", registry=self.registry, multiprocess_mode="livemin"
        )
        self._fetched = Gauge(
            "okta_keys_fetched_timestamp_seconds",
            "When the signing keys held were fetched; 0 if never",
            registry=self.registry,
            multiprocess_mode="livemin",
        )
        self._series: dict[tuple[str, str, int], Histogram] = {}
        self._new_remembered = 0
        self._start_at_zero()

    def _start_at_zero(self) -> None:
        # A counter that appears with its first event hides that event from rate().
        for reason in REASONS:
            self._refusals.labels(reason)
        for result in ("ok", "failed"):
            self._fetches.labels(result)
        self._remembered, _ = self._tokens.labels("true"), self._tokens.labels("false")

    def request(self, scope: Scope, status: int, seconds: float, reason: str | None) -> None:
        """Count a request that is over; `reason` is given where it was refused."""
        labels = scope.get("method", "WEBSOCKET"), _route(scope), status
        series = self._series.get(labels)
        if series is None:
            series = self._new_series(*labels)
        series.observe(seconds)
        if reason is not None:
            self._refusals.labels(reason).inc()
        if self._new_remembered:
            self._remembered.inc(self._new_remembered)
            self._new_remembered = 0

    def _new_series(self, method: str, route: str, status: int) -> Histogram:
        if method not in _METHODS:
            return self._requests.labels(_OTHER, route, status)
        series = self._series[method, route, status] = self._requests.labels(method, route, status)
        return series

    def cache_hit(self) -> None:
        """Count a token that had been verified before; the counter learns of it with the next request."""
        self._new_remembered += 1

    def token_verified(self, seconds: float) -> None:
        """Count a token that was verified, or refused, in so many seconds."""
        self._tokens.labels("false").inc()
        self._verification.observe(seconds)

    def keys_fetched(self, count: int, *, ok: bool) -> None:
        """Count a fetch of the key set."""
        self._fetches.labels("ok" if ok else "failed").inc()
        self._held.set(count)
        if ok:
            self._fetched.set(time.time())


def _route(scope: Scope) -> str:
    """The path that the route was declared with: a path itself would make a series for each name."""
    # A router that was included leaves its prefix here alone.
    context = scope.get("fastapi", {}).get("effective_route_context")
    template: str = getattr(context or scope.get("route"), "path_format", _UNMATCHED)
    return template
