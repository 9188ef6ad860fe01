"""PostgreSQL that is down, slow, full, frozen or killed, and a SQLite file that is locked or full."""

import logging
import sqlite3
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from sqlalchemy import Connection, event

from backend.database import POOL_SIZE
from backend.main import create_app
from backend.migrate import migrate
from tests.data.running import Running, at_once, running
from tests.support.api import settings_for
from tests.support.postgresql import PostgreSQL, postgresql
from tests.support.service import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.long]

# What the limits promise, three times: a loaded machine is slower, and no limit is longer.
POOL_SECONDS = 3 * 4
FROZEN_SECONDS = 3 * 13


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgreSQL]:
    """A server that the tests of this module stop and start again."""
    with postgresql() as server:
        migrate(server.url)
        yield server


@pytest.fixture
def server(own_server: PostgreSQL) -> Iterator[PostgreSQL]:
    """The server, running again after the test."""
    yield own_server
    own_server.stop()
    own_server.start()


@pytest.fixture
def service(local_okta: LocalOkta, okta_token: OktaToken, server: PostgreSQL) -> Iterator[Running]:
    """The application with that server."""
    with running(local_okta, okta_token, server.url) as service:
        service.wait_until(200, "ready")
        yield service


def timed(service: Running, token: str) -> tuple[int, float]:
    """Return the status of `GET /reports`, and how many seconds it took."""
    begun = time.monotonic()
    return service.call(token).status_code, time.monotonic() - begun


def fill_the_pool(service: Running, token: str) -> set[int]:
    """Send as many requests at once as there are connections; return their statuses."""
    return {status for status, _ in at_once([partial(timed, service, token)] * POOL_SIZE)}


def is_unavailable(response: httpx.Response) -> bool:
    """Return whether the response says that the database is away, and when to come back."""
    return (
        response.status_code == 503
        and response.json()["error"] == "Service Unavailable"
        and int(response.headers["Retry-After"]) > 0
        and "WWW-Authenticate" not in response.headers
    )


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the database logged. Fails if a line has a traceback."""
    records = [record for record in caplog.records if record.name == "backend.database"]
    assert not any(record.exc_info for record in records)
    return [record.getMessage() for record in records]


def test_down_at_the_start(
    local_okta: LocalOkta, okta_token: OktaToken, server: PostgreSQL, caplog: pytest.LogCaptureFixture
) -> None:
    """The service starts without its database, and uses it as soon as it is there."""
    caplog.set_level(logging.INFO)
    server.stop()
    with running(local_okta, okta_token, server.url) as service:
        assert service.readiness() == (503, "database not reached")
        ada = service.token("ada")
        assert service.call(ada, path="/me").status_code == 200
        assert is_unavailable(service.call(ada))
        server.start()
        service.wait_until(200, "ready")
        assert service.call(ada).status_code == 200
    assert [line.partition(":")[0] for line in lines(caplog)] == ["database not reached", "database ready"]


def test_down_later(service: Running, server: PostgreSQL, caplog: pytest.LogCaptureFixture) -> None:
    """Routes without data go on, the others are 503; the service stays in the load balancer."""
    ada = service.token("ada")
    assert service.submit(ada).status_code == 201
    server.kill()
    assert is_unavailable(service.call(ada))
    assert service.call(ada, path="/me").status_code == 200
    service.wait_until(200, "degraded")
    server.start()
    service.wait_until(200, "ready")
    assert service.submit(ada).status_code == 201
    [reason] = [line for line in lines(caplog) if line.startswith("request without the database")]
    assert "\n" not in reason


def test_restart_between_two_requests(service: Running, server: PostgreSQL) -> None:
    """Connections that the server has closed are replaced before a request gets one."""
    ada = service.token("ada")
    assert fill_the_pool(service, ada) == {200}
    server.kill()
    server.start()
    assert {service.call(ada).status_code for _ in range(POOL_SIZE)} == {200}


def test_migration_is_missing(
    local_okta: LocalOkta, okta_token: OktaToken, server: PostgreSQL, caplog: pytest.LogCaptureFixture
) -> None:
    """`/readyz` says so, and one line says which command helps."""
    caplog.set_level(logging.INFO)
    url = server.create_database("not_migrated")
    with running(local_okta, okta_token, url) as service:
        assert service.readiness() == (503, "database not migrated")
        assert is_unavailable(service.call(service.token("ada")))
        time.sleep(2)  # for two more checks
        [line] = lines(caplog)
        assert "python -m backend.migrate" in line
        migrate(url)
        service.wait_until(200, "ready")


def test_slow_statement_and_pool_without_a_connection(service: Running, server: PostgreSQL) -> None:
    """A statement ends at its limit, and nobody queues for longer than that."""
    ada = service.token("ada")
    assert service.submit(ada).status_code == 201
    with server.connect() as connection, connection.transaction():
        connection.execute("LOCK TABLE reports IN ACCESS EXCLUSIVE MODE")
        answers = at_once([partial(timed, service, ada)] * (POOL_SIZE + 4))
        assert service.call(ada, path="/me").status_code == 200
    assert {status for status, _ in answers} == {503}
    assert max(seconds for _, seconds in answers) < POOL_SECONDS
    assert service.call(ada).status_code == 200


def test_frozen(service: Running, server: PostgreSQL) -> None:
    """Every request ends, though the server keeps its connections and says nothing."""
    ada = service.token("ada")
    assert fill_the_pool(service, ada) == {200}
    server.freeze()
    answers = at_once([partial(timed, service, ada)] * (POOL_SIZE + 4))
    service.wait_until(200, "degraded")
    assert service.call(ada, path="/me").status_code == 200
    server.thaw()
    assert {status for status, _ in answers} == {503}
    assert max(seconds for _, seconds in answers) < FROZEN_SECONDS
    service.wait_until(200, "ready")
    wait_for(lambda: service.call(ada).status_code == 200)


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    """A SQLite database that is migrated."""
    path = tmp_path / "app.db"
    migrate(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def sqlite_service(local_okta: LocalOkta, okta_token: OktaToken, sqlite_file: Path) -> Iterator[Running]:
    """The application with that file."""
    with running(local_okta, okta_token, f"sqlite+aiosqlite:///{sqlite_file}") as service:
        service.wait_until(200, "ready")
        yield service


def test_sqlite_file_is_locked(sqlite_service: Running, sqlite_file: Path) -> None:
    """A process that does not end its transaction costs 503, and nothing once it ends."""
    ada = sqlite_service.token("ada")
    other = sqlite3.connect(sqlite_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answers = at_once([partial(timed, sqlite_service, ada)] * 3)
    other.execute("ROLLBACK")
    other.close()
    assert {status for status, _ in answers} == {503}
    assert max(seconds for _, seconds in answers) < POOL_SECONDS
    wait_for(lambda: sqlite_service.submit(ada).status_code == 201)


def test_disk_is_full(local_okta: LocalOkta, okta_token: OktaToken, sqlite_file: Path) -> None:
    """Nothing is written, what was written can be read, and writing goes on once there is space."""
    app = create_app(settings_for(local_okta, database_url=f"sqlite+aiosqlite:///{sqlite_file}"))
    with serve(app) as url:
        service = Running(url, okta_token)
        service.wait_until(200, "ready")
        max_pages = [1_000_000]

        @event.listens_for(app.state.database.engine.sync_engine, "begin", insert=True)
        def limit(connection: Connection) -> None:
            # SQLite takes the size of the file if that is more.
            connection.exec_driver_sql(f"PRAGMA max_page_count = {max_pages[0]}")

        ada = service.token("ada")
        assert service.submit(ada).status_code == 201
        max_pages[0] = 1
        refused = [service.submit(ada, title="x" * 200) for _ in range(50)]
        assert is_unavailable(refused[-1])
        assert service.call(ada).status_code == 200
        max_pages[0] = 1_000_000
        assert service.submit(ada).status_code == 201
