"""Keep tokens out of spans. FastAPI creates the spans where OpenTelemetry is set up."""

import logging
import os
import sys

from opentelemetry import trace

from backend.observability.access_log import without_token

_log = logging.getLogger(__name__)


def redact_spans() -> None:
    """Remove query strings, and tokens in paths, from all spans from now on.

    Call it once the tracer provider is set. Without one it only warns, if the environment asks for
    traces.
    """
    if "opentelemetry.sdk.trace" not in sys.modules:  # whoever sets a provider imports this
        if asked := _variables():
            _log.warning("no traces: %s is set, but OpenTelemetry is not set up", ", ".join(asked))
        return
    from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider  # noqa: PLC0415 - optional and slow

    class Redaction(SpanProcessor):
        def on_start(self, span: Span, parent_context: object = None) -> None:  # noqa: ARG002 - the SDK's
            attributes = span.attributes or {}
            if "url.query" in attributes:
                span.set_attribute("url.query", "REDACTED")
            if "url.path" in attributes:
                span.set_attribute("url.path", without_token(str(attributes["url.path"])))

    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        provider.add_span_processor(Redaction())


def _variables() -> list[str]:
    """Return the variables that enable traces."""
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return []
    return sorted(name for name in os.environ if name.startswith(("OTEL_", "FASTAPI_OTEL_")))
