"""How the process serves, logs, and loses a worker."""

import os
import re
import signal
import threading
from collections.abc import Iterator

import httpx
import pytest

from local_okta.pytest_plugin import OktaToken
from local_okta.state import LocalOkta
from tests.support.api import NO_TLS
from tests.support.service import Service, running, wait_for

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def shared(okta_server: LocalOkta) -> Iterator[Service]:
    """One service for the tests that leave it as they found it."""
    with running(okta_server, "--timeout", "3") as service:
        yield service


def test_killed_worker(service: Service) -> None:
    """A worker that is killed is replaced, and nothing but its own requests fails."""
    before = service.workers()
    victim = min(before)
    begun: list[int] = []
    outcomes: list[tuple[int, bool]] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(slow_request(service, begun))) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(begun) == len(threads))
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: len(service.workers() - {victim}) == 2)
    for thread in threads:
        thread.join()
    assert {pid for pid, _ in outcomes} == before
    assert all(finished == (pid != victim) for pid, finished in outcomes)
    assert [service.status("/healthz") for _ in range(50)] == [200] * 50


def slow_request(service: Service, begun: list[int]) -> tuple[int, bool]:
    """The worker that took a slow request, also added to `begun`, and whether its answer came to its end."""
    with httpx.stream("GET", f"{service.url}/slow?seconds=4", timeout=20, verify=NO_TLS) as answer:
        lines = answer.iter_lines()
        pid = int(next(lines))
        begun.append(pid)
        try:
            return pid, list(lines) == ["done"]
        except httpx.HTTPError:
            return pid, False


def test_hung_worker(shared: Service) -> None:
    """A worker whose event loop stands still is replaced."""
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


def test_exception_is_logged(shared: Service) -> None:
    """The traceback of an exception in a route is logged, and not sent."""
    assert httpx.get(f"{shared.url}/boom").json() == {"error": "Internal Server Error"}
    wait_for(lambda: "ZeroDivisionError: secret detail" in shared.log, 5)


def test_forwarded_headers(shared: Service, okta_server: LocalOkta) -> None:
    """X-Forwarded headers count from a proxy that was named, and from nobody else."""
    headers = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    seen = httpx.get(f"{shared.url}/caller", headers=headers).json()
    assert seen == {"host": "203.0.113.7", "scheme": "https"}
    with running(okta_server, WEB_CONCURRENCY="1", FORWARDED_ALLOW_IPS="10.0.0.0/8") as elsewhere:
        seen = httpx.get(f"{elsewhere.url}/caller", headers=headers).json()
    assert seen == {"host": "127.0.0.1", "scheme": "http"}


def test_limits(shared: Service) -> None:
    """Header fields of more than 32 KiB are refused by the server itself."""
    assert httpx.get(f"{shared.url}/healthz", headers={"X": "a" * 33_000}).status_code == 400
    assert httpx.get(f"{shared.url}/healthz", headers={"X": "a" * 31_000}).status_code == 200


def test_traceback_has_the_request_id(shared: Service) -> None:
    """The server's traceback of an exception stands under the request id that the caller got."""
    identity = httpx.get(f"{shared.url}/boom", trust_env=False).headers["X-Request-ID"]
    wait_for(lambda: f"[{identity}]: Exception in ASGI application" in shared.log, 5)
    wait_for(lambda: f"[{identity}]: GET '/boom' 500 " in shared.log, 5)


def lines_of(service: Service, identities: list[str]) -> list[str]:
    """The one line of each request."""
    wait_for(lambda: all(f"[{identity}]: " in service.log for identity in identities), 5)
    lines = [re.findall(rf"^.* \[{identity}\]: .*$", service.log, re.MULTILINE) for identity in identities]
    assert {len(of_one) for of_one in lines} == {1}
    return [line for [line] in lines]


def test_one_line_for_a_request(shared: Service, okta_token: OktaToken) -> None:
    """Of many requests at once each has its line, whole and once, whether it is refused or not."""
    for token, end in (
        (okta_token(), "subject='ada@example.com'"),
        (okta_token(exp=1), "client='0oalocalspa'"),
    ):
        for line in lines_of(shared, shared.ask(token, 100)):
            assert re.match(r"\d{4}-\d\d-\d\d .* GET '/hello/Ada' ", line)
            assert line.endswith(end)
