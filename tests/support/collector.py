"""An OpenTelemetry collector: it receives spans and metrics by OTLP over HTTP, and decodes them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from typing import Any, NamedTuple, cast

from fastapi import FastAPI, Request, Response
from local_okta.serving import serve
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

Respond = Callable[[], Awaitable[Response]]


async def accept() -> Response:
    """Accept an export."""
    return Response(media_type="application/x-protobuf")


async def refuse() -> Response:
    """Refuse an export, so that the exporter tries again."""
    return Response(status_code=503)


async def hang() -> Response:
    """Take longer than the exporter waits."""
    await asyncio.sleep(60)
    return Response()


class Series(NamedTuple):
    """One series: the worker that sends it, its name and its attributes."""

    instance: str
    name: str
    attributes: frozenset[tuple[str, Any]]


class Collector:
    """What was received. `history` has every value of each series, in order; `points` has the last point."""

    def __init__(self, respond: Respond = accept) -> None:
        self.respond = respond
        self.url = ""
        self.bodies: list[bytes] = []
        self.signals: set[str] = set()
        self.spans: list[Span] = []
        self.history: dict[Series, list[float]] = {}
        self.points: dict[Series, Any] = {}
        self.metrics: dict[str, Metric] = {}
        self.jobs: dict[str, str] = {}
        self.app = FastAPI(openapi_url=None)
        self.app.add_route("/v1/{signal}", self.take, methods=["POST"])
        self.app.add_route("/metrics", self.scrape)

    async def take(self, request: Request) -> Response:
        """Receive an export."""
        signal, body = request.path_params["signal"], await request.body()
        self.signals.add(signal)
        self.bodies.append(body)
        if signal == "traces":
            self._take_spans(ExportTraceServiceRequest.FromString(body))
        elif signal == "metrics":
            self.take_metrics(ExportMetricsServiceRequest.FromString(body))
        return await self.respond()

    def _take_spans(self, export: ExportTraceServiceRequest) -> None:
        for resource in export.resource_spans:
            for scope in resource.scope_spans:
                self.spans += scope.spans

    def take_metrics(self, export: ExportMetricsServiceRequest) -> None:
        """Receive metrics."""
        for resource in export.resource_metrics:
            described = _attributes(resource.resource.attributes)
            instance = described["service.instance.id"]
            self.jobs[instance] = described["service.name"]
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    self._take_metric(instance, metric)

    def _take_metric(self, instance: str, metric: Metric) -> None:
        kind = metric.WhichOneof("data") or ""
        self.metrics[metric.name] = metric
        for point in getattr(metric, kind).data_points:
            series = Series(instance, metric.name, frozenset(_attributes(point.attributes).items()))
            value = point.count if kind == "histogram" else _number(point)
            self.history.setdefault(series, []).append(value)
            self.points[series] = point

    def total(self, name: str, attributes: dict[str, Any] | None = None) -> float:
        """Return the sum of the last values of all series with this name and at least these attributes."""
        wanted = (attributes or {}).items()
        return sum(
            values[-1]
            for series, values in self.history.copy().items()
            if series.name == name and wanted <= dict(series.attributes).items()
        )

    def names(self) -> set[str]:
        """Return the names of the metrics."""
        return set(self.metrics)

    def prometheus(self, *, target: bool = True) -> list[str]:
        """Return all series as Prometheus names them, with the labels `job` and `instance` if `target`.

        The rules are those of its OTLP receiver: dots become underscores, the unit and `_total` follow.
        """
        lines = []
        for series, point in sorted(
            self.points.items(), key=lambda item: (item[0].name, sorted(item[0].attributes))
        ):
            metric = self.metrics[series.name]
            labels = {name.replace(".", "_"): _text(value) for name, value in sorted(series.attributes)}
            if target:
                labels |= {"job": self.jobs[series.instance], "instance": series.instance}
            lines += _samples(metric, point, labels)
        return lines

    async def scrape(self, _: Request) -> Response:
        """Serve the series to Prometheus, as a collector does."""
        return Response("\n".join(self.prometheus()) + "\n", media_type="text/plain; version=0.0.4")


def prometheus_name(name: str, unit: str) -> str:
    """Return the name that Prometheus gives to a metric, without `_total`."""
    return name.replace(".", "_") + {"s": "_seconds"}.get(unit, "")


def _samples(metric: Metric, point: Any, labels: dict[str, str]) -> list[str]:
    name = prometheus_name(metric.name, metric.unit)
    kind = metric.WhichOneof("data")
    if kind == "histogram":
        bounds = [*map(str, point.explicit_bounds), "+Inf"]
        counts = accumulate(point.bucket_counts)
        buckets = [
            _sample(f"{name}_bucket", {**labels, "le": bound}, count)
            for bound, count in zip(bounds, counts, strict=True)
        ]
        return [
            *buckets,
            _sample(f"{name}_count", labels, point.count),
            _sample(f"{name}_sum", labels, point.sum),
        ]
    suffix = "_total" if kind == "sum" and metric.sum.is_monotonic else ""
    return [_sample(name + suffix, labels, _number(point))]


def _sample(name: str, labels: dict[str, str], value: float) -> str:
    shown = ",".join(f'{label}="{text}"' for label, text in labels.items())
    return f"{name}{{{shown}}} {value}"


def _number(point: Any) -> float:
    return cast("float", getattr(point, point.WhichOneof("value")))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _attributes(pairs: Iterable[KeyValue]) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: AnyValue) -> Any:
    return getattr(value, value.WhichOneof("value") or "string_value")


@contextmanager
def collecting(respond: Respond = accept) -> Iterator[Collector]:
    """Run a collector on a free port."""
    collector = Collector(respond)
    with serve(collector.app) as url:
        collector.url = url
        yield collector


def exporting_to(url: str) -> dict[str, str]:
    """Return the variables that let the service export to `url`, every 0.2 s."""
    return {
        "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
        "OTEL_SERVICE_NAME": "api",
        "OTEL_EXPORTER_OTLP_ENDPOINT": url,
        "OTEL_BSP_SCHEDULE_DELAY": "200",
        "OTEL_METRIC_EXPORT_INTERVAL": "200",
    }
