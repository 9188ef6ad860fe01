"""Nothing is lost that was answered with 2xx: the server and the workers are killed under load."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import httpx
import pytest
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken

from backend.migrate import migrate
from tests.data.running import Running
from tests.support.postgresql import PostgreSQL, postgresql
from tests.support.service import Service, running

pytestmark = [pytest.mark.slow, pytest.mark.long]

CLIENTS = 4


@pytest.fixture
def own_server() -> Iterator[PostgreSQL]:
    """A server to kill."""
    with postgresql() as server:
        yield server


def write(service: Running, token: str, stop: threading.Event, written: list[str], number: int) -> None:
    """Submit reports until `stop`; add the title of each that was answered with 201."""
    count = 0
    while not stop.is_set():
        count += 1
        title = f"{number}-{count}"
        with suppress(httpx.HTTPError):
            if service.submit(token, title=title).status_code == 201:
                written.append(title)


def under_load(service: Running, token: str, kill: Callable[[], None]) -> list[str]:
    """Call `kill` three times while clients write; return the titles that were answered with 201."""
    stop, written = threading.Event(), list[str]()
    clients = [
        threading.Thread(target=write, args=(service, token, stop, written, number))
        for number in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    for _ in range(3):
        before = len(written)
        deadline = time.monotonic() + 60
        while len(written) < before + 20:
            assert time.monotonic() < deadline, "nothing is written any more"
            time.sleep(0.01)
        kill()
    stop.set()
    for client in clients:
        client.join()
    return written


def stored(service: Running, token: str) -> list[str]:
    """Return the titles of all reports, page by page."""
    titles: list[str] = []
    cursor = None
    while True:
        query = {"limit": 100} | ({"cursor": cursor} if cursor else {})
        response = service.call(token, params=query)
        if response.status_code == 503:  # of a worker that has not reached the server yet
            time.sleep(0.1)
            continue
        page = response.json()
        titles += [report["title"] for report in page["reports"]]
        cursor = page["next"]
        if cursor is None:
            return titles


def check(service: Service, token: str, sign: OktaToken, kill: Callable[[], None]) -> None:
    """Compare what was answered with what is stored."""
    api = Running(service.url, sign)
    written = under_load(api, token, kill)
    api.wait_until(200, "ready")
    titles = stored(api, token)
    print(f"answered with 201: {len(written)}, stored: {len(titles)}")
    assert len(set(titles)) == len(titles)
    assert set(written) <= set(titles)


def kill_a_worker(service: Service) -> None:
    """Kill one of the workers; the master starts another one."""
    os.kill(min(service.workers()), signal.SIGKILL)


def test_postgresql_and_workers_are_killed(
    local_okta: LocalOkta, okta_token: OktaToken, own_server: PostgreSQL
) -> None:
    """What PostgreSQL had committed is there after it has recovered."""
    migrate(own_server.url)
    with running(local_okta, DATABASE_URL=own_server.url) as service:

        def kill() -> None:
            own_server.kill()
            kill_a_worker(service)
            own_server.start()

        token = Running(service.url, okta_token).token("ada")
        check(service, token, okta_token, kill)


def test_workers_with_sqlite_are_killed(
    local_okta: LocalOkta, okta_token: OktaToken, tmp_path: os.PathLike[str]
) -> None:
    """What SQLite had committed is there for the next worker."""
    url = f"sqlite+aiosqlite:///{os.fspath(tmp_path)}/app.db"
    with running(local_okta, DATABASE_URL=url) as service:
        token = Running(service.url, okta_token).token("ada")
        check(service, token, okta_token, lambda: kill_a_worker(service))
