"""The metrics of several workers, which add up."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_okta.pytest_plugin import OktaToken
from local_okta.state import LocalOkta
from tests.support.api import free_address
from tests.support.scrape import Scrape
from tests.support.service import Service, running, wait_for

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where gunicorn.conf.py puts them


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


def test_workers_add_up(workers: tuple[Service, str], okta_token: OktaToken) -> None:
    """With two workers every request is counted once, whichever took it, and after one is killed too."""
    service, address = workers
    token = okta_token()
    service.ask(token, 100)
    wait_for(lambda: Scrape(address).requests("GET", "/hello/{name}", 200) == 100, 5)
    [folder] = metrics_folders(service)
    before = service.workers()
    counted = {pid for pid in before if (folder / f"histogram_{pid}.db").exists()}
    assert counted == before

    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: len(service.workers() - {victim}) == 2 and not list(folder.glob(f"*_{victim}.db")))
    assert Scrape(address).requests("GET", "/hello/{name}", 200) == 100
    service.ask(token, 50)
    wait_for(lambda: Scrape(address).requests("GET", "/hello/{name}", 200) == 150, 5)
    # The worker that took the place of the other may not have been asked yet.
    wait_for(lambda: Scrape(address).value("okta_key_fetches_total", result="ok") == 3, 5)
    scrape = Scrape(address)
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
    service.ask(okta_token(), 10)
    wait_for(lambda: Scrape(address).requests("GET", "/hello/{name}", 200) == counted + 10, 5)
