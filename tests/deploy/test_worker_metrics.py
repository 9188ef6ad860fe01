"""The metrics of several gunicorn workers, which add up."""

import json
import logging
import os
import signal
import socket
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_okta.pytest_plugin import OktaToken
from local_okta.state import LocalOkta
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from backend.observability.worker_metrics import WorkerMetrics, sent_over
from tests.support.api import free_address
from tests.support.scrape import Scrape
from tests.support.service import Service, running, wait_for

pytestmark = [pytest.mark.long, pytest.mark.slow]

OTHER_PID = 1


@pytest.fixture(scope="module")
def workers(local_okta_server: LocalOkta) -> Iterator[tuple[Service, str]]:
    """Two gunicorn workers with metrics, and the address of the metrics."""
    address = free_address()
    with running(local_okta_server, METRICS_ADDRESS=address) as service:
        yield service, address


def hello_requests(address: str) -> float:
    """Return how many requests of /hello/{name} succeeded."""
    return Scrape(address).requests("GET", "/hello/{name}", 200)


def test_totals_never_go_down_when_a_worker_is_killed(
    workers: tuple[Service, str], okta_token: OktaToken
) -> None:
    """Every request is counted once, whichever worker served it, before and after a worker is killed."""
    service, address = workers
    token = okta_token()
    service.ask(token, 100)
    wait_for(lambda: hello_requests(address) == 100, 5)
    before = service.workers()
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: len(service.workers() - {victim}) == 2)
    assert hello_requests(address) == 100
    service.ask(token, 50)
    wait_for(lambda: hello_requests(address) == 150, 5)
    wait_for(lambda: Scrape(address).value("okta_key_fetches_total", result="ok") == 3, 5)
    scrape = Scrape(address)
    tokens = [scrape.value("okta_tokens_total", cached=cached) for cached in ("true", "false")]
    assert sum(tokens) == 150
    assert scrape.value("gunicorn_worker_exits_total") == 1


def test_gauges_are_those_of_the_live_workers(workers: tuple[Service, str]) -> None:
    """The master fetches no keys and does not count."""
    wait_for(lambda: Scrape(workers[1]).value("okta_keys_held") == 1, 5)
    scrape = Scrape(workers[1])
    assert time.time() - scrape.value("okta_keys_fetched_timestamp_seconds") < 120
    [build] = [value for (name, _), value in scrape.items() if name == "app_build_info"]
    assert build == 1


def test_totals_go_on_after_a_reload(workers: tuple[Service, str], okta_token: OktaToken) -> None:
    """Workers that SIGHUP replaces send their last counts before they end."""
    service, address = workers
    before = service.workers()
    counted = hello_requests(address)
    service.ask(okta_token(), 10)
    service.process.send_signal(signal.SIGHUP)
    wait_for(lambda: len(service.workers()) == 2 and not service.workers() & before)
    service.ask(okta_token(), 10)
    wait_for(lambda: hello_requests(address) == counted + 20, 5)


def test_workers_write_to_no_mapped_file(workers: tuple[Service, str]) -> None:
    """A truncated file or a full file system kills a process that writes to a mapped file."""
    for pid in workers[0].workers():
        mappings = [line.split(maxsplit=5) for line in Path(f"/proc/{pid}/maps").read_text().splitlines()]
        shared = {mapping[5] for mapping in mappings if mapping[1] == "rw-s" and len(mapping) == 6}
        memory = {"/dev/zero (deleted)", "anon_inode:[io_uring]"}
        assert shared - memory == set()


@pytest.fixture
def registry() -> CollectorRegistry:
    """Metrics of a worker."""
    registry = CollectorRegistry()
    Counter("jobs", "Jobs", ("kind",), registry=registry).labels("print").inc(3)
    Gauge("level", "Level", registry=registry).set(5)
    Gauge("process_open_fds", "Files", registry=registry).set(7)
    return registry


def totals(master: WorkerMetrics) -> str:
    """Return what the master serves."""
    registry = CollectorRegistry()
    registry.register(master)
    return generate_latest(registry).decode()


def test_lowest_gauge_counts_and_process_gauges_add_up(registry: CollectorRegistry) -> None:
    """`process_open_fds` of two workers is their sum; any other gauge is the lower one."""
    master = WorkerMetrics()
    with sent_over(master.sender, registry):
        pass
    gauges = [("level", 4), ("process_open_fds", 1)]
    metrics: list[object] = [(name, "Text", "gauge", [(name, {}, value)]) for name, value in gauges]
    master.sender.send(zlib.compress(json.dumps({"pid": OTHER_PID, "metrics": metrics}).encode()))
    wait_for(lambda: "level 4.0" in totals(master), 5)
    assert "process_open_fds 8.0" in totals(master)
    master.forget(OTHER_PID)
    assert "level 5.0" in totals(master)
    assert "gunicorn_worker_exits_total 1.0" in totals(master)


def test_master_that_is_gone_is_logged_once(
    registry: CollectorRegistry, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that cannot send its metrics keeps serving, and sends them when it can."""
    monkeypatch.setattr("backend.observability.worker_metrics.SEND_SECONDS", 0.01)
    receiver, sender = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.close()
    with sent_over(sender, registry):
        wait_for(lambda: bool(caplog.records), 5)
        time.sleep(0.1)
    sender.close()
    [record] = caplog.records
    assert (record.levelno, record.getMessage()) == (logging.ERROR, "metrics are not sent to the master")


def test_message_that_cannot_be_read_is_logged(
    registry: CollectorRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    """An unreadable message ends neither the master nor the next message."""
    master = WorkerMetrics()
    master.sender.send(b"garbage")
    with sent_over(master.sender, registry):
        pass
    wait_for(lambda: 'jobs_total{kind="print"} 3.0' in totals(master), 5)
    master.forget(os.getpid())
    assert [record.getMessage() for record in caplog.records] == ["metrics of a worker are lost"]
