"""What a span must not hold. The spans themselves are FastAPI's own, made where OpenTelemetry is set up."""

from opentelemetry import trace

from backend.observability.access_log import without_token


def redact_spans() -> None:
    """Take query strings, and tokens in paths, out of all spans from now on.

    To be called when the tracer provider is set. Does nothing where there is none.
    """
    try:
        from opentelemetry.sdk.trace import (  # noqa: PLC0415 - an optional extra
            Span,
            SpanProcessor,
            TracerProvider,
        )
    except ImportError:
        return

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
