"""The metrics of one process: what they count, and how they are served."""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from fastapi import APIRouter
from local_okta.pytest_plugin import OktaToken
from local_okta.serving import bind, serve
from local_okta.state import LocalOkta

from backend.observability.metrics_server import MAX_CONNECTIONS
from tests.support.api import APP_ORIGIN, app_for, bearer, free_address, settings_for, wait_until_ready
from tests.support.scrape import REQUESTS, Scrape
from tests.support.service import wait_for


class Measured:
    """An application with metrics."""

    def __init__(self, url: str, address: str) -> None:
        self.client = httpx.Client(base_url=url)
        self.address = address

    def scrape(self) -> Scrape:
        """Fetch the metrics."""
        return Scrape(self.address)

    def wait_for(self, method: str, route: str, status: int, count: int = 1) -> Scrape:
        """The metrics, as soon as `count` such requests are counted."""
        wait_for(lambda: self.scrape().requests(method, route, status) == count, 5)
        return self.scrape()


@pytest.fixture
def measured(local_okta: LocalOkta) -> Iterator[Measured]:
    """An application with metrics, for one test."""
    address = free_address()
    app = app_for(settings_for(local_okta, metrics_address=address))
    router = APIRouter(prefix="/books")
    router.add_api_route("/{title}", lambda title: title)
    app.include_router(router, prefix="/v1")
    with serve(app) as url:
        wait_until_ready(url)
        measured = Measured(url, address)
        yield measured
        measured.client.close()


def test_requests_are_counted_by_method_route_and_status(measured: Measured, okta_token: OktaToken) -> None:
    """The route is the declared path; the duration is in seconds."""
    headers = bearer(okta_token())
    for name in ("Ada", "Grace"):
        measured.client.get(f"/hello/{name}", headers=headers)
    measured.client.get("/v1/books/emma", headers=headers)
    measured.client.post("/hello/Ada", headers=headers)
    measured.client.get("/nowhere", headers=headers)
    measured.client.get("/boom", headers=headers)
    scrape = measured.wait_for("GET", "/boom", 500)
    assert scrape.requests("GET", "/hello/{name}", 200) == 2
    assert scrape.requests("GET", "/v1/books/{title}", 200) == 1
    assert scrape.requests("GET", "unmatched", 404) == 1
    assert scrape.requests("POST", "/hello/{name}", 405) == 1
    [seconds] = [
        value
        for (name, labels), value in scrape.items()
        if name.endswith("_sum") and ("http_route", "/boom") in labels
    ]
    assert 0 < seconds < 5


def test_unknown_methods_and_paths_share_one_series(measured: Measured, okta_token: OktaToken) -> None:
    """A caller cannot create series with methods or paths of its choice."""
    headers = bearer(okta_token())
    for method in ("PROPFIND", "MKCOL", "SEARCH"):
        measured.client.request(method, f"/{method}", headers=headers)
    scrape = measured.wait_for("_OTHER", "unmatched", 404, 3)
    assert {dict(labels)["http_request_method"] for name, labels in scrape if name == REQUESTS} == {
        "GET",
        "_OTHER",
    }


def test_refusals_are_counted_by_reason_code(measured: Measured, okta_token: OktaToken) -> None:
    """Each reason starts at 0; a refused preflight counts."""
    assert measured.scrape().value("http_refusals_total", reason="expired") == 0
    measured.client.get("/", headers=bearer(okta_token(exp=1)))
    measured.client.get("/", headers=bearer(okta_token(aud="api://other")))
    measured.client.get("/")
    measured.client.get("/reports", headers=bearer(okta_token()))
    for origin in (APP_ORIGIN, "http://localhost:5173"):
        preflight = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        measured.client.options("/", headers=preflight)
    scrape = measured.wait_for("OPTIONS", "unmatched", 400)
    counted = {
        dict(labels)["reason"]: value
        for (name, labels), value in scrape.items()
        if name == "http_refusals_total" and value
    }
    assert counted == {
        "expired": 1, "audience": 1, "no_credentials": 1, "insufficient_scope": 1, "preflight_refused": 1,
    }  # fmt: skip


def test_tokens_are_counted_by_whether_they_were_cached(measured: Measured, okta_token: OktaToken) -> None:
    """Verifications of tokens that are not cached are timed."""
    token = okta_token()
    for presented in (token, token, token, okta_token(exp=1), "garbage"):
        measured.client.get("/", headers=bearer(presented))
    scrape = measured.wait_for("GET", "unmatched", 401, 2)
    assert scrape.value("okta_tokens_total", cached="true") == 2
    assert scrape.value("okta_tokens_total", cached="false") == 3
    assert scrape.value("okta_token_verification_seconds_count") == 3
    assert 0 < scrape.value("okta_token_verification_seconds_sum") < 1


def test_signing_keys_and_their_fetches_are_counted(
    measured: Measured, local_okta: LocalOkta, okta_token: OktaToken
) -> None:
    """The number of keys, the time of the last fetch and each result are served."""
    scrape = measured.scrape()
    assert scrape.value("okta_keys_held") == 1
    fetched = scrape.value("okta_keys_fetched_timestamp_seconds")
    assert 0 <= time.time() - fetched < 30
    assert scrape.value("okta_key_fetches_total", result="ok") == 1
    assert scrape.value("okta_key_fetches_total", result="failed") == 0
    local_okta.keys.rotate(overlap=True)
    local_okta.switches.start_outage(None)
    measured.client.get("/", headers=bearer(okta_token()))
    scrape = measured.wait_for("GET", "unmatched", 503)
    assert scrape.value("okta_key_fetches_total", result="failed") >= 1
    assert scrape.value("okta_keys_held") == 1
    assert scrape.value("okta_keys_fetched_timestamp_seconds") == fetched


def test_public_port_does_not_serve_the_metrics(measured: Measured, okta_token: OktaToken) -> None:
    """On the API's port, /metrics is 401 without a token and 404 with one."""
    assert measured.client.get("/metrics").status_code == 401
    assert measured.client.get("/metrics", headers=bearer(okta_token())).status_code == 404


def test_server_stops_with_the_application(local_okta: LocalOkta) -> None:
    """The address is free again after the application has stopped."""
    address = free_address()
    for _ in range(2):
        with serve(app_for(settings_for(local_okta, metrics_address=address))):
            Scrape(address)
        with pytest.raises(httpx.ConnectError):
            Scrape(address)


def test_address_in_use_is_logged_and_the_api_serves(
    local_okta: LocalOkta, okta_token: OktaToken, caplog: pytest.LogCaptureFixture
) -> None:
    """An address in use is one ERROR line; the API serves without metrics."""
    with bind("127.0.0.1", 0) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with serve(app_for(settings_for(local_okta, metrics_address=address))) as url:
            assert httpx.get(url, headers=bearer(okta_token())).status_code == 200
    [line] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert line.getMessage().startswith(f"metrics are not served at {address}: ")
    assert line.exc_info is None


def test_ipv6_address_in_brackets_is_served(local_okta: LocalOkta) -> None:
    """METRICS_ADDRESS accepts `[::1]:port`."""
    with bind("::1", 0) as taken:
        address = f"[::1]:{taken.getsockname()[1]}"
    with serve(app_for(settings_for(local_okta, metrics_address=address))):
        assert Scrape(address).value("okta_keys_held") in (0, 1)


def test_process_and_build_are_described(measured: Measured) -> None:
    """The start time shows a restart, and the build info names the version."""
    scrape = measured.scrape()
    assert 0 <= time.time() - scrape.value("process_start_time_seconds") < 86_400
    [labels] = [dict(labels) for name, labels in scrape if name == "app_build_info"]
    assert set(labels) == {"version", "python"}


def test_idle_connections_are_bounded_and_do_not_block_a_scrape(measured: Measured) -> None:
    """300 idle connections take at most MAX_CONNECTIONS threads; Prometheus is still served."""
    host, _, port = measured.address.partition(":")
    before = threading.active_count()
    with ExitStack() as connections:
        for _ in range(300):
            connections.enter_context(socket.create_connection((host, int(port))))
        assert measured.scrape().value("okta_keys_held") == 1
        wait_for(lambda: threading.active_count() <= before + MAX_CONNECTIONS, 5)
