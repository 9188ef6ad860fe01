"""How the process ends."""

import http.client
import socket
import threading
import time

import httpx
import pytest

from backend.server import draining as drain
from local_okta.pytest_plugin import OktaToken
from local_okta.state import LocalOkta
from tests.support.api import bearer
from tests.support.balancer import Balancer
from tests.support.service import Service, running, wait_for

pytestmark = pytest.mark.long


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
    with socket.create_server(("127.0.0.1", 0)) as listener:
        if not drain.admit_no_more(listener):
            pytest.xfail("this kernel wants CAP_NET_ADMIN for a socket filter")
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


def test_readyz_turns_first(okta_server: LocalOkta) -> None:
    """After SIGTERM `/readyz` answers 503 while requests are still served, then the listener closes."""
    with running(okta_server, DRAIN_SECONDS="4") as service:
        with httpx.Client(base_url=service.url) as kept:
            assert "Connection" not in kept.get("/healthz").headers
            service.process.terminate()
            wait_for(lambda: service.status("/readyz") == 503, 2)
            answer = kept.get("/healthz")
            assert (answer.status_code, answer.headers["Connection"]) == (200, "close")
        assert httpx.get(f"{service.url}/readyz").json() == {"status": "draining"}
        time.sleep(1)
        assert service.status("/healthz") == 200
        wait_for(lambda: service.status("/healthz") is None, 10)


def test_second_sigterm(okta_server: LocalOkta) -> None:
    """A second SIGTERM ends the draining at once."""
    with running(okta_server, DRAIN_SECONDS="60") as service:
        service.process.terminate()
        wait_for(lambda: service.status("/readyz") == 503)
        service.process.terminate()
        assert service.end() == 0
