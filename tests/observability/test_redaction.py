"""Spans contain no token and no query, whoever creates them."""

import os

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.util.types import AttributeValue

from backend.observability.tracing import Redaction, set_otel_variables

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("name", "value", "exported"),
    [
        pytest.param("url.path", f"/hello/{TOKEN}", "/hello/[token]", id="FastAPI's path"),
        pytest.param("url.query", f"access_token={TOKEN}", "REDACTED", id="FastAPI's query"),
        pytest.param("url.query", "code=opaque\nx", "REDACTED", id="opaque value"),
        # opentelemetry-instrumentation-fastapi, with and without OTEL_SEMCONV_STABILITY_OPT_IN
        pytest.param("http.url", f"http://a/{TOKEN}?t={TOKEN}", "http://a/[token]?REDACTED", id="http.url"),
        pytest.param("http.target", f"/{TOKEN}?code=opaque", "/[token]?REDACTED", id="http.target"),
        pytest.param("url.full", "http://a/b?code=opaque", "http://a/b?REDACTED", id="url.full"),
        pytest.param("http.request.header.x", ["a", TOKEN], ("a", "[token]"), id="captured field"),
        pytest.param("server.address", TOKEN, "[token]", id="Host header"),
        pytest.param("http.request.method", "GET", "GET", id="nothing to redact"),
        pytest.param("server.port", 8000, 8000, id="no text"),
    ],
)
def test_attribute_is_redacted(name: str, value: AttributeValue, exported: AttributeValue) -> None:
    """Tokens are found by value in every attribute; a query is removed as a whole."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    provider.add_span_processor(Redaction())
    provider.get_tracer("test").start_span("GET", attributes={name: value}).end()
    [span] = exporter.get_finished_spans()
    assert dict(span.attributes or {}) == {name: exported}


def test_variables_of_the_env_file_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment wins, and other variables are not passed on."""
    monkeypatch.setenv("OTEL_SERVICE_NAME", "from-environment")
    for name in ("OTEL_TRACES_SAMPLER", "FASTAPI_OTEL_AUTO_CONFIGURE", "OTEL_EXPORTER_OTLP_TIMEOUT"):
        monkeypatch.setenv(name, "unset")
        monkeypatch.delenv(name)
    set_otel_variables(
        {
            "OTEL_SERVICE_NAME": "from-file",
            "OTEL_TRACES_SAMPLER": "always_off",
            "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
            "OTHER": "x",
        }
    )
    assert os.environ["OTEL_SERVICE_NAME"] == "from-environment"
    assert os.environ["OTEL_TRACES_SAMPLER"] == "always_off"
    assert os.environ["FASTAPI_OTEL_AUTO_CONFIGURE"] == "true"
    assert os.environ["OTEL_EXPORTER_OTLP_TIMEOUT"] == "1.5"
    assert "OTHER" not in os.environ


def test_timeout_of_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds are the default only."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "7")
    set_otel_variables({})
    assert os.environ["OTEL_EXPORTER_OTLP_TIMEOUT"] == "7"
