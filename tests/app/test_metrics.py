"""The metrics of one process: what they count, and where they are served."""

import logging
import time
from collections.abc import Iterator

import httpx
import pytest
from fastapi import APIRouter

from local_okta.pytest_plugin import OktaToken
from local_okta.serving import bind, serve
from local_okta.state import LocalOkta
from tests.support.api import APP_ORIGIN, app_for, bearer, free_address, settings_for, wait_until_ready
from tests.support.scrape import REQUESTS, Scrape
from tests.support.service import wait_for


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
