"""OpenTelemetry's variables, and spans without tokens.

FastAPI records spans and metrics, and each worker exports its own. fastapi_okta_auth/telemetry.py
adds the metrics of tokens.
"""

import asyncio
import logging
import os
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Final

from fastapi import FastAPI
from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider

from backend.observability.logging import JWT

ENDPOINTS: Final = tuple(f"OTEL_EXPORTER_OTLP_{signal}ENDPOINT" for signal in ("", "METRICS_", "TRACES_"))
_JWT: Final = re.compile(JWT)
_QUERY: Final = re.compile(r"(?<=\?).+", re.DOTALL)
# The first is FastAPI's; the others, of opentelemetry-instrumentation-fastapi, are whole URLs.
_QUERIES: Final = {"url.query": re.compile(".+", re.DOTALL)} | dict.fromkeys(
    ("url.full", "http.url", "http.target"), _QUERY
)

_log = logging.getLogger(__name__)


def set_otel_variables(variables: Mapping[str, str]) -> None:
    """Set OpenTelemetry's variables among `variables`; those of the environment win.

    Call it before the application is created, with what `.env` says.
    """
    for name, value in variables.items():
        if name.startswith(("OTEL_", "FASTAPI_OTEL_")):
            os.environ.setdefault(name, value)
    # By default 10 s: a receiver that does not respond would hold the stop for twice as long.
    os.environ.setdefault("OTEL_EXPORTER_OTLP_TIMEOUT", "1.5")


@asynccontextmanager
async def exporting(_: FastAPI) -> AsyncIterator[None]:
    """Keep tokens and query strings out of spans and, at the end, export what is left. A lifespan.

    FastAPI sets the providers before this runs. Traces and metrics are exported at the same time, because
    FastAPI ends them one after the other, and twice: a receiver that does not respond would hold
    the stop for four timeouts.
    """
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        _redact(provider)
    elif os.environ.get("OTEL_SDK_DISABLED", "").lower() != "true":
        _warn_if_incomplete()
    yield
    logging.getLogger("opentelemetry").setLevel(logging.ERROR)  # it warns that FastAPI ends it again
    providers = (trace.get_tracer_provider(), metrics.get_meter_provider())
    ends = [provider.shutdown for provider in providers if hasattr(provider, "shutdown")]
    await asyncio.gather(*map(asyncio.to_thread, ends))


@cache  # once for each provider: an application may start again in the same process
def _redact(provider: TracerProvider) -> None:
    provider.add_span_processor(Redaction())


def _warn_if_incomplete() -> None:
    enabled = os.environ.get("FASTAPI_OTEL_AUTO_CONFIGURE", "").lower() == "true"
    if enabled != any(os.environ.get(name) for name in ENDPOINTS):
        _log.warning(
            "no traces and metrics: set both FASTAPI_OTEL_AUTO_CONFIGURE=true and OTEL_EXPORTER_OTLP_ENDPOINT"
        )


class Redaction(SpanProcessor):
    """Replaces tokens, by value, and query strings in the attributes of a span that starts."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:  # noqa: ARG002 - the SDK's
        """Change the attributes that contain either."""
        for name, value in dict(span.attributes or {}).items():
            if (redacted := _redacted(name, value)) != value:
                span.set_attribute(name, redacted)


def _redacted(name: str, value: Any) -> Any:
    if isinstance(value, tuple):  # such as a header field that an instrumentation captures
        return tuple(_redacted(name, item) for item in value)
    if not isinstance(value, str):
        return value
    if query := _QUERIES.get(name):
        value = query.sub("REDACTED", value)
    return _JWT.sub("[token]", value)
