"""How the process starts, serves, loses a worker and ends."""

import http.client
import os
import re
import runpy
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local_okta.keys import KeyRing
from local_okta.pytest_plugin import OktaToken
from local_okta.state import LocalOkta
from tests.conftest import bearer
from tests.deploy.balancer import Balancer
from tests.deploy.service import ROOT, Service, running, start, wait_for
from tests.key_server import key_server


@pytest.fixture(scope="module")
def shared(okta_server: LocalOkta) -> Iterator[Service]:
    """One service for the tests that leave it as they found it."""
    with running(okta_server, "--timeout", "3") as service:
        yield service


@pytest.fixture
def service(okta_server: LocalOkta) -> Iterator[Service]:
    """A service of the test's own."""
    with running(okta_server) as service:
        yield service


def test_sigterm_under_load(service: Service, okta_token: OktaToken) -> None:
    """SIGTERM under load loses no request, and the process ends with status 0."""
    with Balancer(service.url, "/hello/Ada", bearer(okta_token())) as balancer:
        balancer.wait_for_requests(100)
        service.process.terminate()
        wait_for(lambda: not balancer.sending)
        assert service.end() == 0
    assert balancer.failures == []


@pytest.mark.parametrize("kept", [True, False], ids=["kept connections", "a connection each"])
def test_sigterm_under_blind_load(service: Service, kept: bool) -> None:  # noqa: FBT001 -- a parameter
    """SIGTERM loses no request of clients that do not look at `/readyz` either: they are served or refused."""
    outcomes: list[int | str] = []
    threads = [
        threading.Thread(target=send_until_refused, args=(service.url, outcomes, kept)) for _ in range(32)
    ]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(outcomes) > 500)
    service.process.terminate()
    for thread in threads:
        thread.join()
    assert set(outcomes) == {200}
    assert service.end() == 0


def send_until_refused(url: str, outcomes: list[int | str], kept: bool) -> None:  # noqa: FBT001 -- as above
    """Send requests until a connection is refused; add what became of each to `outcomes`."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    headers = {} if kept else {"Connection": "close"}
    try:
        while True:
            connection.request("GET", "/healthz", headers=headers)
            answer = connection.getresponse()
            answer.read()
            outcomes.append(answer.status)
    except ConnectionRefusedError:
        pass
    except (OSError, http.client.HTTPException) as error:
        outcomes.append(repr(error))
    finally:
        connection.close()


def test_requests_under_way_are_finished(service: Service) -> None:
    """A request that is under way when the listener closes gets its whole answer."""
    answers: list[str] = []
    slow = f"{service.url}/slow?seconds=4"
    threads = [
        threading.Thread(target=lambda: answers.append(httpx.get(slow, timeout=20).text)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    service.process.terminate()
    wait_for(lambda: service.status("/healthz") is None, 4)
    assert answers == []
    for thread in threads:
        thread.join()
    assert [answer.splitlines()[1:] for answer in answers] == [["done"]] * 8
    assert service.end() == 0


def test_readyz_turns_first(service: Service) -> None:
    """After SIGTERM `/readyz` answers 503 while requests are still served, then the listener closes."""
    with httpx.Client(base_url=service.url) as kept:
        assert "Connection" not in kept.get("/healthz").headers
        service.process.terminate()
        wait_for(lambda: service.status("/readyz") == 503, 1)
        answer = kept.get("/healthz")
        assert (answer.status_code, answer.headers["Connection"]) == (200, "close")
    assert httpx.get(f"{service.url}/readyz").json() == {"status": "draining"}
    time.sleep(1)
    assert service.status("/healthz") == 200
    wait_for(lambda: service.status("/healthz") is None, 5)


def test_second_sigterm(okta_server: LocalOkta) -> None:
    """A second SIGTERM ends the draining at once."""
    with running(okta_server, DRAIN_SECONDS="60") as service:
        service.process.terminate()
        wait_for(lambda: service.status("/readyz") == 503)
        service.process.terminate()
        assert service.end() == 0


def test_killed_worker(service: Service) -> None:
    """A worker that is killed is replaced, and nothing but its own requests fails."""
    before = service.workers()
    victim = min(before)
    outcomes: list[tuple[int, bool]] = []
    threads = [threading.Thread(target=lambda: outcomes.append(slow_request(service))) for _ in range(16)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: len(service.workers() - {victim}) == 2)
    for thread in threads:
        thread.join()
    assert {pid for pid, _ in outcomes} == before
    assert all(finished == (pid != victim) for pid, finished in outcomes)
    assert [service.status("/healthz") for _ in range(50)] == [200] * 50


def slow_request(service: Service) -> tuple[int, bool]:
    """The worker that took a slow request, and whether its answer came to its end."""
    with httpx.stream("GET", f"{service.url}/slow?seconds=3", timeout=20) as answer:
        lines = answer.iter_lines()
        pid = int(next(lines))
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


def test_key_fetches(okta_server: LocalOkta) -> None:
    """Three workers fetch the keys three times at start, and no more."""
    with (
        key_server(KeyRing()) as keys,
        running(okta_server, WEB_CONCURRENCY="3", OKTA_JWKS_URI=keys.url) as service,
    ):
        assert [service.status("/readyz") for _ in range(30)] == [200] * 30
        time.sleep(1)
        assert keys.fetches == 3


def test_wrong_settings() -> None:
    """Wrong settings end the start with status 78 and one line a fault, before a worker starts."""
    process = start(OKTA_ISSUER="https://dev-1-admin.okta.com/oauth2/default", CORS_ORIGINS="*")
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 78
    assert [line.split(":")[0] for line in errors.splitlines()] == ["OKTA_ISSUER", "CORS_ORIGINS"]


@pytest.mark.parametrize(("variable", "value"), [("DRAIN_SECONDS", "soon"), ("FORWARDED_ALLOW_IPS", "*")])
def test_wrong_server_settings(variable: str, value: str) -> None:
    """Wrong settings of the server end its start in the same way."""
    process = start(**{variable: value})
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 78
    assert re.fullmatch(rf"{variable}: .+\n", errors)


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


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu.max": "100000 100000\n"}, 1),
        ({"cpu.max": "10000 100000\n"}, 1),
        ({"cpu.max": "110000 100000\n"}, 2),
        ({"cpu.max": "max 100000\n"}, 2),
        ({"cpu.max": "900000 100000\n"}, 2),
        ({"cpu/cpu.cfs_quota_us": "50000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 1),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 2),
        ({}, 2),
    ],
)
def test_cpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], expected: int) -> None:
    """There are as many workers as CPUs: of the cgroup (version 2 or 1), or of the machine."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    assert runpy.run_path(str(ROOT / "gunicorn.conf.py"))["cpus"](tmp_path) == expected
