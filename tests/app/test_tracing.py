"""OpenTelemetry traces, set up as in the docs, contain no token."""

import json

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.api import bearer
from tests.support.api_process import running
from tests.support.service import wait_for

pytestmark = [pytest.mark.long, pytest.mark.slow]


def test_console_spans_have_no_query_and_no_token(local_okta: LocalOkta, okta_token: OktaToken) -> None:
    """`opentelemetry-instrument` prints one span per request."""
    token = okta_token()
    console = ("--traces_exporter", "console", "--metrics_exporter", "none", "--logs_exporter", "none")
    with running(local_okta, "opentelemetry-instrument", *console, OTEL_BSP_SCHEDULE_DELAY="100") as api:
        httpx.get(f"{api.url}/hello/{token}?access_token={token}", headers=bearer(token))
        httpx.get(f"{api.url}/me", headers=bearer(okta_token(exp=1)))
        wait_for(lambda: '"http.response.status_code": 401' in api.log, 10)
    printed = api.log
    assert '"name": "GET /hello/{name}"' in printed
    assert '"url.path": "/hello/[token]"' in printed
    assert '"url.query": "REDACTED"' in printed
    assert not any(part in printed for part in token.split(".")[1:])


class Collector:
    """An OpenTelemetry collector that accepts spans and any other signal, by OTLP over HTTP."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.signals: set[str] = set()
        self.app = FastAPI(openapi_url=None)
        self.app.add_route("/v1/{signal}", self.take, methods=["POST"])

    async def take(self, request: Request) -> Response:
        """Accept an export."""
        self.signals.add(request.path_params["signal"])
        self.bodies.append(await request.body())
        return Response()

    def spans(self) -> dict[str, str]:
        """Return the trace id of each span by name."""
        return {
            span.name: span.trace_id.hex()
            for body in self.bodies
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }


def test_collector_gets_spans_only_with_the_trace_id_of_caller_and_log(
    local_okta: LocalOkta, okta_token: OktaToken
) -> None:
    """FASTAPI_OTEL_AUTO_CONFIGURE exports neither metrics nor logs, and no token."""
    collector, trace_id = Collector(), "0af7651916cd43dd8448eb211c80319c"
    token = okta_token()
    with (
        serve(collector.app) as endpoint,
        running(
            local_okta, FASTAPI_OTEL_AUTO_CONFIGURE="true", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint,
            OTEL_BSP_SCHEDULE_DELAY="100", LOG_FORMAT="json",
        ) as api,
    ):  # fmt: skip
        headers = {"traceparent": f"00-{trace_id}-b7ad6b7169203331-01", **bearer(token)}
        httpx.get(f"{api.url}/hello/Ada?access_token={token}", headers=headers)
        wait_for(lambda: "GET /hello/{name}" in collector.spans(), 10)
    assert collector.signals == {"traces"}
    assert collector.spans()["GET /hello/{name}"] == trace_id
    assert not any(part.encode() in body for body in collector.bodies for part in token.split("."))
    [line] = [json.loads(line) for line in api.log.splitlines() if "/hello/Ada" in line]
    assert line["trace_id"] == trace_id


@pytest.mark.parametrize(
    ("variables", "warned"),
    [
        pytest.param({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, True, id="asked for"),
        pytest.param({"FASTAPI_OTEL_AUTO_CONFIGURE": "true"}, True, id="asked for by FastAPI's variable"),
        pytest.param({"OTEL_SERVICE_NAME": "x", "OTEL_SDK_DISABLED": "true"}, False, id="switched off"),
        pytest.param({}, False, id="not asked for"),
    ],
)
def test_traces_that_are_not_set_up_are_a_warning(
    local_okta: LocalOkta, okta_token: OktaToken, variables: dict[str, str], *, warned: bool
) -> None:
    """Where a variable asks for traces, but nothing sets them up, the API serves without them."""
    with running(local_okta, **variables) as api:  # type: ignore[arg-type] # none of them is `keys`
        assert httpx.get(f"{api.url}/hello/Ada", headers=bearer(okta_token())).status_code == 200
    warning = f"no traces: {next(iter(variables), '')} is set, but OpenTelemetry is not set up"
    assert (warning in api.log) == warned
