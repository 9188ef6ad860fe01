"""How the process ends."""

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken

from tests.support.api import bearer
from tests.support.balancer import Balancer
from tests.support.service import Service, running, wait_for

pytestmark = [pytest.mark.long, pytest.mark.slow]


def test_sigterm_loses_no_request_of_clients_that_look_at_readyz(
    service: Service, okta_token: OktaToken
) -> None:
    """SIGTERM under load loses no request, and the process ends with status 0."""
    with Balancer(service.url, "/hello/Ada", bearer(okta_token())) as balancer:
        balancer.wait_for_requests(100)
        service.process.terminate()
        wait_for(lambda: not balancer.sending)
        assert service.end() == 0
    assert balancer.failures == []


def test_requests_under_way_are_finished(service: Service) -> None:
    """A request that is under way when the listener closes gets its whole response."""
    begun: list[int] = []
    with ThreadPoolExecutor(8) as pool:
        responses = [pool.submit(service.slow, 6, begun) for _ in range(8)]
        wait_for(lambda: len(begun) == 8)
        service.process.terminate()
        wait_for(lambda: service.status("/healthz") is None, 5)
        assert not any(response.done() for response in responses)
    assert all(complete for _, complete in (response.result() for response in responses))
    assert service.end() == 0


def test_draining_announces_itself_before_the_listener_closes(local_okta_server: LocalOkta) -> None:
    """After SIGTERM `/readyz` returns 503 while requests are still served, and each response closes."""
    with running(local_okta_server, DRAIN_SECONDS="4") as service:
        with httpx.Client(base_url=service.url) as kept:
            assert "Connection" not in kept.get("/healthz").headers
            service.process.terminate()
            wait_for(lambda: service.log.count("draining: ") == 2, 2)
            assert service.status("/readyz") == 503
            response = kept.get("/healthz")
            assert (response.status_code, response.headers["Connection"]) == (200, "close")
        response = httpx.get(f"{service.url}/readyz")
        assert response.json() == {"status": "draining"}
        assert response.headers["Connection"] == "close"
        time.sleep(1)
        assert service.status("/healthz") == 200
        wait_for(lambda: service.status("/healthz") is None, 10)
        assert service.end() == 0
        assert service.log.count("draining: /readyz returns 503, the listener closes in 4 s") == 2


def test_clean_stop_logs_no_warning(local_okta_server: LocalOkta) -> None:
    """A clean stop logs nothing above INFO."""
    with running(local_okta_server, DRAIN_SECONDS="0", WEB_CONCURRENCY="1") as service:
        wait_for(lambda: "Application startup complete" in service.log, 10)
        started = len(service.log)
        service.process.terminate()
        assert service.end() == 0
        assert "Error while closing socket" not in service.log
        assert {json.loads(line)["level"] for line in service.log[started:].splitlines()} == {"info"}


def test_zero_drain_seconds_stop_at_once(local_okta_server: LocalOkta) -> None:
    """With DRAIN_SECONDS=0 an idle server ends without draining."""
    with running(local_okta_server, DRAIN_SECONDS="0") as service:
        service.process.terminate()
        assert service.end() == 0
        assert "the listener closes in 0 s" in service.log


def test_worker_that_is_signalled_too_drains_once(local_okta_server: LocalOkta) -> None:
    """With systemd each process gets SIGTERM by default; the second SIGTERM changes nothing."""
    with running(local_okta_server, DRAIN_SECONDS="3") as service:
        os.killpg(service.process.pid, signal.SIGTERM)
        wait_for(lambda: service.status("/readyz") == 503, 2)
        time.sleep(1)
        assert service.status("/healthz") == 200
        assert service.end() == 0


@pytest.mark.parametrize("signals", [["SIGINT"], ["SIGQUIT"], ["SIGTERM", "SIGINT"]], ids=" ".join)
def test_fast_stop_ends_an_idle_server(local_okta_server: LocalOkta, signals: list[str]) -> None:
    """SIGINT and SIGQUIT end an idle server, with a keep-alive connection and also while it drains."""
    with running(local_okta_server, DRAIN_SECONDS="60") as service, httpx.Client() as kept:
        kept.get(f"{service.url}/healthz")
        for name in signals:
            service.process.send_signal(signal.Signals[name])
            time.sleep(0.5)
        assert service.end() == 0
        assert "was sent SIGKILL" not in service.log


def test_fast_stop_cancels_what_takes_too_long(local_okta_server: LocalOkta) -> None:
    """SIGINT lets short requests finish, cancels long ones, and leaves nothing to kill."""
    with running(local_okta_server, DRAIN_SECONDS="60") as service, ThreadPoolExecutor(2) as pool:
        begun: list[int] = []
        long = pool.submit(service.slow, 30, begun)
        wait_for(lambda: len(begun) == 1)
        short = pool.submit(service.slow, 0.5, begun)
        wait_for(lambda: len(begun) == 2)
        service.process.send_signal(signal.SIGINT)
        assert service.end() == 0
        assert [short.result()[1], long.result()[1]] == [True, False]
        assert "was sent SIGKILL" not in service.log
        assert service.log.count("Application shutdown complete") == 2


def test_workers_end_themselves_when_the_master_is_killed(local_okta_server: LocalOkta) -> None:
    """Orphans finish what is under way, free the port, and say why in the log."""
    with running(local_okta_server, DRAIN_SECONDS="60") as service, ThreadPoolExecutor(1) as pool:
        workers = service.workers()
        begun: list[int] = []
        response = pool.submit(service.slow, 1, begun)
        wait_for(lambda: len(begun) == 1)
        service.process.kill()
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), 10)
        assert response.result()[1]
        assert service.status("/healthz") is None
        service.end()
        assert service.log.count("stopping: the gunicorn master process is gone") == 2


def test_reload_replaces_the_workers_without_draining(service: Service) -> None:
    """SIGHUP ends the old workers at once; load balancers need not notice."""
    before = service.workers()
    service.process.send_signal(signal.SIGHUP)
    wait_for(lambda: len(service.workers()) == 2 and not service.workers() & before)
    wait_for(lambda: service.log.count("signing keys fetched") == 4)
    assert [service.status("/readyz") for _ in range(20)] == [200] * 20
    assert "draining" not in service.log


def test_reload_does_not_drain_a_busy_worker(service: Service) -> None:
    """A worker that receives SIGHUP and SIGTERM at once ends without draining."""
    pid = min(service.workers())
    for number in (signal.SIGSTOP, signal.SIGHUP, signal.SIGTERM, signal.SIGCONT):
        os.kill(pid, number)
    wait_for(lambda: pid not in service.workers())
    assert "draining" not in service.log
