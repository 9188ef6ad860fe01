"""The metrics: what they count, where they are served, and that the workers' add up."""

import logging
import os
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter
from prometheus_client.parser import text_string_to_metric_families

from local_okta.pytest_plugin import OktaToken
from local_okta.serving import bind, serve
from local_okta.state import LocalOkta
from tests.conftest import APP_ORIGIN, app_for, bearer, free_address, settings_for, wait_until_ready
from tests.deploy.service import Service, running, wait_for

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where gunicorn.conf.py puts them
REQUESTS = "http_server_request_duration_seconds_count"


class Scrape(dict[tuple[str, frozenset[tuple[str, str]]], float]):
    """One answer of the exporter: the value of each series."""

    def __init__(self, address: str) -> None:
        answer = httpx.get(f"http://{address}/metrics", trust_env=False)
        answer.raise_for_status()
        for family in text_string_to_metric_families(answer.text):
            for sample in family.samples:
                self[sample.name, frozenset(sample.labels.items())] = sample.value

    def value(self, name: str, **labels: str) -> float:
        """The value of one series."""
        return self[name, frozenset(labels.items())]

    def requests(self, method: str, route: str, status: int) -> float:
        """How many requests ended so; 0 where no such series exists."""
        labels = {
            "http_request_method": method, "http_route": route, "http_response_status_code": str(status),
        }  # fmt: skip
        return self.get((REQUESTS, frozenset(labels.items())), 0)


class Measured:
    """An application with metrics."""

    def __init__(self, url: str, address: str) -> None:
        self.client = httpx.Client(base_url=url)
        self.address = address

    def scrape(self) -> Scrape:
        """The metrics now."""
        return Scrape(self.address)

    def wait_for(self, method: str, route: str, status: int, count: int = 1) -> Scrape:
        """The metrics, once so many requests are counted."""
        wait_for(lambda: self.scrape().requests(method, route, status) == count, 5)
        return self.scrape()


@pytest.fixture
def measured(okta: LocalOkta) -> Iterator[Measured]:
    """An application with metrics, for one test."""
    address = free_address()
    app = app_for(settings_for(okta, metrics_address=address))
    router = APIRouter(prefix="/books")
    router.add_api_route("/{title}", lambda title: title)
    app.include_router(router, prefix="/v1")
    with serve(app) as url:
        wait_until_ready(url)
        measured = Measured(url, address)
        yield measured
        measured.client.close()


def test_requests(measured: Measured, okta_token: OktaToken) -> None:
    """Requests are counted by method, declared route and status, with their duration."""
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


def test_labels_are_bounded(measured: Measured, okta_token: OktaToken) -> None:
    """Rare methods and made-up paths make no series of their own."""
    headers = bearer(okta_token())
    for method in ("PROPFIND", "MKCOL", "SEARCH"):
        measured.client.request(method, f"/{method}", headers=headers)
    scrape = measured.wait_for("_OTHER", "unmatched", 404, 3)
    assert {dict(labels)["http_request_method"] for name, labels in scrape if name == REQUESTS} == {
        "GET",
        "_OTHER",
    }


def test_refusals(measured: Measured, okta_token: OktaToken) -> None:
    """Refusals are counted by the reason code of the log, each from 0; a refused preflight is one."""
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


def test_tokens(measured: Measured, okta_token: OktaToken) -> None:
    """Tokens are counted by whether their verdict was remembered, and the others' verdicts are timed."""
    token = okta_token()
    for presented in (token, token, token, okta_token(exp=1), "garbage"):
        measured.client.get("/", headers=bearer(presented))
    scrape = measured.wait_for("GET", "unmatched", 401, 2)
    assert scrape.value("okta_tokens_total", remembered="true") == 2
    assert scrape.value("okta_tokens_total", remembered="false") == 3
    assert scrape.value("okta_token_verification_seconds_count") == 3
    assert 0 < scrape.value("okta_token_verification_seconds_sum") < 1


def test_keys(measured: Measured, okta: LocalOkta, okta_token: OktaToken) -> None:
    """Keys held, when they were fetched, and each fetch with its result are told."""
    scrape = measured.scrape()
    assert scrape.value("okta_keys_held") == 1
    fetched = scrape.value("okta_keys_fetched_timestamp_seconds")
    assert 0 <= time.time() - fetched < 30
    assert scrape.value("okta_key_fetches_total", result="ok") == 1
    assert scrape.value("okta_key_fetches_total", result="failed") == 0
    okta.keys.rotate(overlap=True)
    okta.switches.start_outage(None)
    measured.client.get("/", headers=bearer(okta_token()))
    scrape = measured.wait_for("GET", "unmatched", 503)
    assert scrape.value("okta_key_fetches_total", result="failed") >= 1
    assert scrape.value("okta_keys_held") == 1
    assert scrape.value("okta_keys_fetched_timestamp_seconds") == fetched


def test_not_on_the_public_port(measured: Measured, okta_token: OktaToken) -> None:
    """The API itself has no /metrics: without a token it is refused, with one it is not found."""
    assert measured.client.get("/metrics").status_code == 401
    assert measured.client.get("/metrics", headers=bearer(okta_token())).status_code == 404


def test_the_exporter_ends_with_the_application(okta: LocalOkta) -> None:
    """The address is free again once the application has ended."""
    address = free_address()
    for _ in range(2):
        with serve(app_for(settings_for(okta, metrics_address=address))):
            Scrape(address)
        with pytest.raises(httpx.ConnectError):
            Scrape(address)


def test_address_in_use(okta: LocalOkta, okta_token: OktaToken, caplog: pytest.LogCaptureFixture) -> None:
    """Where the address is taken, one line says so, and the API serves without metrics."""
    with bind("127.0.0.1", 0) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with serve(app_for(settings_for(okta, metrics_address=address))) as url:
            assert httpx.get(url, headers=bearer(okta_token())).status_code == 200
    [line] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert line.getMessage().startswith(f"metrics are not served at {address}: ")
    assert line.exc_info is None


def test_ipv6(okta: LocalOkta) -> None:
    """An IPv6 address is written in brackets."""
    with bind("::1", 0) as taken:
        address = f"[::1]:{taken.getsockname()[1]}"
    with serve(app_for(settings_for(okta, metrics_address=address))):
        assert Scrape(address).value("okta_keys_held") in (0, 1)


@pytest.fixture(scope="module")
def workers(okta_server: LocalOkta) -> Iterator[tuple[Service, str]]:
    """Two gunicorn workers with metrics, and the metrics' address."""
    address = free_address()
    with running(okta_server, METRICS_ADDRESS=address) as service:
        yield service, address
        service.process.terminate()
        service.process.wait(20)
        assert metrics_folders(service) == []


def metrics_folders(service: Service) -> list[Path]:
    """The folders with metrics of the workers of `service`."""
    master = f"counter_{service.process.pid}.db"
    return [file.parent for file in SHARED_MEMORY.glob(f"metrics-*/{master}")]


def ask(service: Service, token: str, count: int) -> list[str]:
    """Ask so often, eight at a time and on connections of their own; return the requests' ids."""

    def send(_: int) -> str:
        answer = httpx.get(f"{service.url}/hello/Ada", headers=bearer(token), trust_env=False)
        return str(answer.headers["X-Request-ID"])

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(send, range(count)))


def test_workers_add_up(workers: tuple[Service, str], okta_token: OktaToken) -> None:
    """With two workers every request is counted once, whichever took it, and after one is killed too."""
    service, address = workers
    token = okta_token()
    ask(service, token, 100)
    wait_for(lambda: Scrape(address).requests("GET", "/hello/{name}", 200) == 100, 5)
    [folder] = metrics_folders(service)
    before = service.workers()
    counted = {pid for pid in before if (folder / f"histogram_{pid}.db").exists()}
    assert counted == before

    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: len(service.workers() - {victim}) == 2 and not list(folder.glob(f"*_{victim}.db")))
    assert Scrape(address).requests("GET", "/hello/{name}", 200) == 100
    ask(service, token, 50)
    wait_for(lambda: Scrape(address).requests("GET", "/hello/{name}", 200) == 150, 5)
    scrape = Scrape(address)
    assert scrape.value("okta_key_fetches_total", result="ok") == 3
    assert (
        scrape.value("okta_tokens_total", remembered="true")
        + scrape.value("okta_tokens_total", remembered="false")
        == 150
    )


def test_gauges_of_workers(workers: tuple[Service, str]) -> None:
    """Gauges tell of the workers, and not of the process that starts them and fetches no keys."""
    scrape = Scrape(workers[1])
    assert scrape.value("okta_keys_held") == 1
    assert time.time() - scrape.value("okta_keys_fetched_timestamp_seconds") < 120


def test_reload(workers: tuple[Service, str], okta_token: OktaToken) -> None:
    """New workers after SIGHUP go on counting where the old ones were, and log in the same form."""
    service, address = workers
    before = service.workers()
    counted = Scrape(address).requests("GET", "/hello/{name}", 200)
    service.process.send_signal(signal.SIGHUP)
    wait_for(lambda: len(service.workers()) == 2 and not service.workers() & before)
    ask(service, okta_token(), 10)
    wait_for(lambda: Scrape(address).requests("GET", "/hello/{name}", 200) == counted + 10, 5)


def test_traceback_has_the_request_id(workers: tuple[Service, str]) -> None:
    """The server's traceback of an exception stands under the request id that the caller got."""
    service, _ = workers
    identity = httpx.get(f"{service.url}/boom", trust_env=False).headers["X-Request-ID"]
    wait_for(lambda: f"[{identity}]: Exception in ASGI application" in service.log, 5)
    wait_for(lambda: f"[{identity}]: GET '/boom' 500 " in service.log, 5)


def lines_of(service: Service, identities: list[str]) -> list[str]:
    """The one line of each request."""
    wait_for(lambda: all(f"[{identity}]: " in service.log for identity in identities), 5)
    lines = [re.findall(rf"^.* \[{identity}\]: .*$", service.log, re.MULTILINE) for identity in identities]
    assert {len(of_one) for of_one in lines} == {1}
    return [line for [line] in lines]


def test_one_line_for_a_request(workers: tuple[Service, str], okta_token: OktaToken) -> None:
    """Of many requests at once each has its line, whole and once, whether it is refused or not."""
    service, _ = workers
    for token, end in (
        (okta_token(), "subject='ada@example.com'"),
        (okta_token(exp=1), "client='0oalocalspa'"),
    ):
        for line in lines_of(service, ask(service, token, 100)):
            assert re.match(r"\d{4}-\d\d-\d\d .* GET '/hello/Ada' ", line)
            assert line.endswith(end)
