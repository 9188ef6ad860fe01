"""Traces and metrics, as they arrive at an OpenTelemetry collector."""

import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken

from tests.support.api import bearer, free_address
from tests.support.api_process import running as running_uvicorn
from tests.support.collector import Collector, Respond, collecting, exporting_to, hang, refuse
from tests.support.pages import ROOT
from tests.support.service import Service, running, wait_for

pytestmark = [pytest.mark.long, pytest.mark.slow]

PAGE = (ROOT / "docs" / "how-to" / "logs-and-metrics.md").read_text()
STOP_SECONDS = 4
REQUESTS = "http.server.request.duration"
HELLO = {"http.route": "/hello/{name}", "http.response.status_code": 200}
METRICS = {
    REQUESTS, "http.server.active_requests",
    "okta.refusals", "okta.tokens", "okta.token.verification.duration",
    "okta.keys.fetches", "okta.keys.held", "okta.keys.age",
}  # fmt: skip


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    """A collector."""
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="module")
def workers(local_okta_server: LocalOkta, collector: Collector) -> Iterator[Service]:
    """Two gunicorn workers that export to the collector."""
    with running(local_okta_server, **exporting_to(collector.url)) as service:
        yield service


def test_every_worker_exports_its_own_series(
    workers: Service, collector: Collector, okta_token: OktaToken
) -> None:
    """Each request is counted once, by the worker that answered it."""
    workers.ask(okta_token(), 100)
    wait_for(lambda: collector.total(REQUESTS, HELLO) == 100, 30)
    wait_for(lambda: collector.total("okta.keys.fetches", {"okta.result": "ok"}) == 2, 30)
    assert len({series.instance for series in collector.history}) == 2
    assert (
        sum(collector.total("okta.tokens", {"okta.token.cached": cached}) for cached in (True, False)) == 100
    )
    assert collector.total("okta.keys.held") == 2


def test_refusals_are_counted_by_code(workers: Service, collector: Collector, okta_token: OktaToken) -> None:
    """A refusal in the middleware and one in a dependency count; FastAPI counts both by status."""
    before = collector.total(REQUESTS, {"http.response.status_code": 401})
    workers.ask(okta_token(exp=1), 3)
    httpx.get(f"{workers.url}/reports", headers=bearer(okta_token()))
    wait_for(lambda: collector.total("okta.refusals", {"okta.refusal.code": "expired"}) == 3, 30)
    wait_for(lambda: collector.total("okta.refusals", {"okta.refusal.code": "insufficient_scope"}) == 1, 30)
    wait_for(lambda: collector.total(REQUESTS, {"http.response.status_code": 401}) == before + 3, 30)
    assert collector.names() >= METRICS


def test_docs_list_the_fields_of_a_line(workers: Service, okta_token: OktaToken) -> None:
    """The table in the docs has each field of real lines, and no other."""
    preflight = {"Origin": "http://localhost:5173", "Access-Control-Request-Method": "GET"}
    answers = [
        httpx.get(f"{workers.url}/hello/Ada", headers=bearer(okta_token())),
        httpx.get(f"{workers.url}/reports", headers=bearer(okta_token())),
        httpx.options(f"{workers.url}/reports", headers=preflight),
        httpx.get(f"{workers.url}/boom"),
    ]
    assert [answer.status_code for answer in answers] == [200, 403, 400, 500]
    ids = [answer.headers["X-Request-ID"] for answer in answers]
    wait_for(
        lambda: all(workers.log.count(identity) for identity in ids) and workers.log.count(ids[-1]) == 2, 10
    )
    lines = [json.loads(line) for line in workers.log.splitlines() if any(one in line for one in ids)]
    table = PAGE.partition("| field | meaning |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (`[^|]+`) \|", table, re.MULTILINE)
    assert set().union(*lines) == {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def replace_workers(service: Service, how: Callable[[], None]) -> None:
    """Replace one or all workers."""
    before = service.workers()
    how()
    wait_for(lambda: len(service.workers()) == 2 and service.workers() != before)
    wait_for(lambda: service.status("/readyz") == 200)


def test_series_only_grow_when_workers_are_replaced(
    workers: Service, collector: Collector, okta_token: OktaToken
) -> None:
    """A killed worker and a reload start new series; none goes down, and no request is lost."""
    token = okta_token()
    workers.ask(token, 20)
    wait_for(lambda: collector.total(REQUESTS, HELLO) >= 20, 30)
    time.sleep(1)  # all that was counted is exported
    counted = collector.total(REQUESTS, HELLO)
    replace_workers(workers, lambda: os.kill(min(workers.workers()), signal.SIGKILL))
    workers.ask(token, 20)
    wait_for(lambda: collector.total(REQUESTS, HELLO) == counted + 20, 30)
    replace_workers(workers, lambda: workers.process.send_signal(signal.SIGHUP))
    workers.ask(token, 20)
    wait_for(lambda: collector.total(REQUESTS, HELLO) == counted + 40, 30)
    assert len({series.instance for series in collector.history}) >= 4
    for series, values in collector.history.items():
        metric = collector.metrics[series.name]
        if metric.WhichOneof("data") == "histogram" or metric.sum.is_monotonic:
            assert values == sorted(values), series


def test_two_hundred_routes_have_a_series_each(
    workers: Service, collector: Collector, okta_token: OktaToken
) -> None:
    """The size of an export has no limit that many routes could reach."""
    routes = [f"/many/{number}" for number in range(200)]
    with httpx.Client(base_url=workers.url, headers=bearer(okta_token())) as client:
        assert {client.get(route).status_code for route in routes} == {200}
    for route in routes:
        wait_for(lambda route=route: collector.total(REQUESTS, {"http.route": route}) == 1, 30)  # type: ignore[misc]  # a lambda


def test_span_has_the_trace_id_of_caller_and_log_and_no_token(
    local_okta: LocalOkta, okta_token: OktaToken, collector: Collector
) -> None:
    """A token in the path and in the query is in no export, and neither is an exception's message."""
    trace_id, token = "0af7651916cd43dd8448eb211c80319c", okta_token()
    with running_uvicorn(local_okta, keys=True, **exporting_to(collector.url)) as api:
        headers = {"traceparent": f"00-{trace_id}-b7ad6b7169203331-01", **bearer(token)}
        httpx.get(f"{api.url}/hello/{token}?access_token={token}", headers=headers)
        wait_for(lambda: any(span.trace_id.hex() == trace_id for span in collector.spans), 30)
    [span] = [span for span in collector.spans if span.trace_id.hex() == trace_id]
    attributes = {pair.key: pair.value.string_value for pair in span.attributes}
    assert span.name == "GET /hello/{name}"
    assert (attributes["url.path"], attributes["url.query"]) == ("/hello/[token]", "REDACTED")
    assert not any(part.encode() in body for body in collector.bodies for part in token.split("."))
    assert collector.signals == {"traces", "metrics"}
    [line] = [json.loads(line) for line in api.log.splitlines() if "/hello/[token]" in line]
    assert line["trace_id"] == trace_id


@pytest.mark.parametrize("respond", [None, refuse, hang], ids=["down", "refuses", "hangs"])
def test_failing_collector_fails_no_request_and_delays_the_stop_little(
    local_okta: LocalOkta, okta_token: OktaToken, respond: Respond | None
) -> None:
    """Each worker logs one line a minute about it, and the last exports end after their timeouts."""
    with collecting(respond or refuse) as collector:
        url = collector.url if respond else f"http://{free_address()}"
        with running(local_okta, DRAIN_SECONDS="0", **exporting_to(url)) as service:
            service.ask(okta_token(), 100)
            wait_for(lambda: service.log.count('"logger":"opentelemetry') == 2, 30)
            service.ask(okta_token(), 100)
            began = time.monotonic()
            service.process.terminate()
            assert service.end() == 0
            # The limit is that of telemetry; a worker that is killed has exceeded it by far.
            assert time.monotonic() - began < 3 * STOP_SECONDS
            assert service.log.count("GET '/hello/Ada' 200") == 200
            assert service.log.count('"logger":"opentelemetry') == 2


@pytest.mark.parametrize(
    ("variables", "warned"),
    [
        pytest.param({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, True, id="endpoint alone"),
        pytest.param({"FASTAPI_OTEL_AUTO_CONFIGURE": "true"}, True, id="FastAPI's variable alone"),
        pytest.param(
            {"FASTAPI_OTEL_AUTO_CONFIGURE": "true", "OTEL_SDK_DISABLED": "true"}, False, id="switched off"
        ),
        pytest.param({}, False, id="not asked for"),
    ],
)
def test_incomplete_variables_are_a_warning(
    local_okta: LocalOkta, okta_token: OktaToken, variables: dict[str, str], *, warned: bool
) -> None:
    """Where a variable asks for an export, but nothing sets it up, the API serves without it."""
    with running_uvicorn(local_okta, **variables) as api:  # type: ignore[arg-type] # none of them is `keys`
        assert httpx.get(f"{api.url}/hello/Ada", headers=bearer(okta_token())).status_code == 200
    assert ("no traces and metrics: set both FASTAPI_OTEL_AUTO_CONFIGURE=true" in api.log) == warned


def test_console_exporter_of_opentelemetry_instrument(local_okta: LocalOkta, okta_token: OktaToken) -> None:
    """`opentelemetry-instrument` sets up the SDK itself; its spans have no token either."""
    token = okta_token()
    console = ("--traces_exporter", "console", "--metrics_exporter", "none", "--logs_exporter", "none")
    with running_uvicorn(
        local_okta, "opentelemetry-instrument", *console, OTEL_BSP_SCHEDULE_DELAY="100"
    ) as api:
        httpx.get(f"{api.url}/hello/{token}?access_token={token}", headers=bearer(token))
        wait_for(lambda: '"name": "GET /hello/{name}"' in api.log, 10)
    assert '"url.path": "/hello/[token]"' in api.log
    assert not any(part in api.log for part in token.split(".")[1:])
