"""How the process serves, logs, and replaces a worker."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken

from tests.support.service import Service, running, wait_for

pytestmark = [pytest.mark.long, pytest.mark.slow]


@pytest.fixture(scope="module")
def shared(local_okta_server: LocalOkta) -> Iterator[Service]:
    """One service for the tests that do not stop it."""
    with running(local_okta_server, "--timeout", "3") as service:
        yield service


def test_killed_worker_is_replaced(service: Service) -> None:
    """A worker that is killed is replaced, and nothing but its own requests fails."""
    before = service.workers()
    victim = min(before)
    begun: list[int] = []
    with ThreadPoolExecutor(64) as pool:
        responses = [pool.submit(service.slow, 4, begun)]
        while set(begun) != before:  # one worker may take whatever comes at the same moment
            assert len(responses) < 64
            responses.append(pool.submit(service.slow, 4, begun))
            time.sleep(0.02)
        os.kill(victim, signal.SIGKILL)
        wait_for(lambda: len(service.workers() - {victim}) == 2)
    outcomes = [response.result() for response in responses]
    assert {pid for pid, _ in outcomes} == before
    assert all(complete == (pid != victim) for pid, complete in outcomes)
    assert [service.status("/healthz") for _ in range(50)] == [200] * 50


def test_blocked_worker_is_replaced(shared: Service) -> None:
    """A worker whose event loop is blocked is replaced."""
    before = shared.workers()

    def hang() -> None:
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{shared.url}/hang", timeout=30)

    thread = threading.Thread(target=hang)
    thread.start()
    wait_for(lambda: bool(shared.workers() - before), 15)
    thread.join()
    assert len(before - shared.workers()) == 1
    wait_for(lambda: len(shared.workers()) == 2)


def test_exception_is_logged_and_not_sent(shared: Service) -> None:
    """The traceback of an exception in a route is logged, and not sent."""
    assert httpx.get(f"{shared.url}/boom").json() == {"error": "Internal Server Error"}
    wait_for(lambda: "ZeroDivisionError: secret detail" in shared.log, 5)


def test_forwarded_headers_count_from_named_proxies_only(
    shared: Service, local_okta_server: LocalOkta
) -> None:
    """X-Forwarded headers from an address that FORWARDED_ALLOW_IPS does not name are ignored."""
    headers = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    seen = httpx.get(f"{shared.url}/caller", headers=headers).json()
    assert (seen["host"], seen["scheme"]) == ("203.0.113.7", "https")
    with running(local_okta_server, WEB_CONCURRENCY="1", FORWARDED_ALLOW_IPS="10.0.0.0/8") as elsewhere:
        seen = httpx.get(f"{elsewhere.url}/caller", headers=headers).json()
    assert (seen["host"], seen["scheme"]) == ("127.0.0.1", "http")


def lines_of(service: Service, identity: str, count: int = 1) -> list[dict[str, Any]]:
    """Return the lines of a request."""
    wait_for(lambda: service.log.count(f'"request_id":"{identity}"') == count, 5)
    return [json.loads(line) for line in service.log.splitlines() if identity in line]


def test_traceback_has_the_request_id(shared: Service) -> None:
    """The traceback of an exception has the request id of the response."""
    identity = httpx.get(f"{shared.url}/boom", trust_env=False).headers["X-Request-ID"]
    access, error = lines_of(shared, identity, 2)
    assert access["event"] == "GET '/boom' 500"
    assert error["event"].startswith("Exception in ASGI application")
    assert error["exception"].endswith("ZeroDivisionError: secret detail")


def test_each_request_has_one_access_line(shared: Service, okta_token: OktaToken) -> None:
    """Many concurrent requests, valid or not, each have exactly one complete line."""
    for token, status in ((okta_token(), 200), (okta_token(exp=1), 401)):
        for identity in shared.ask(token, 100):
            [line] = lines_of(shared, identity)
            assert (line["event"], line["client"]) == (f"GET '/hello/Ada' {status}", "0oalocalspa")
            assert ("user_id" in line, "code" in line) == (status == 200, status == 401)
