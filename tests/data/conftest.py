"""The application with SQLite and with PostgreSQL, and people who call it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken

from backend.database import Database
from backend.main import create_app
from backend.migrate import migrate
from tests.support.api import bearer, settings_for
from tests.support.postgresql import PostgreSQL, postgresql
from tests.support.service import wait_for

REPORT = {"title": "Train to Graz", "amount": "48.20", "currency": "EUR"}
SCOPES = ["reports:read", "reports:write", "reports:approve"]
ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]


@asynccontextmanager
async def rolled_back(database: Database) -> AsyncIterator[None]:
    """Run all sessions of `database` in one transaction, each in a savepoint, and roll it back.

    (SQLAlchemy: "Joining a Session into an External Transaction".)
    """
    async with database.engine.connect() as connection:
        transaction = await connection.begin()
        database.sessions.configure(bind=connection, join_transaction_mode="create_savepoint")
        try:
            yield
        finally:
            database.sessions.configure(bind=database.engine, join_transaction_mode="conditional_savepoint")
            await transaction.rollback()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQL]:
    """One server for all tests that do not stop it."""
    with postgresql() as server:
        yield server


def new_database(engine: str, folder: Path, request: pytest.FixtureRequest) -> str:
    """Create an empty database, and return its URL."""
    if engine == "sqlite":
        return f"sqlite+aiosqlite:///{folder}/data/app.db"
    server: PostgreSQL = request.getfixturevalue("postgresql_server")
    return server.create_database(f"test_{folder.name.replace('-', '_')}".lower())


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    return new_database(request.param, tmp_path, request)


@pytest.fixture
def database_url(empty_url: str) -> str:
    """The URL of a database with all migrations."""
    migrate(empty_url)
    return empty_url


@pytest.fixture(scope="session", params=ENGINES)
def started(
    request: pytest.FixtureRequest, local_okta_server: LocalOkta, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    """The application, once for each engine."""
    url = new_database(request.param, tmp_path_factory.mktemp("started"), request)
    migrate(url)
    with TestClient(create_app(settings_for(local_okta_server, database_url=url))) as client:
        wait_for(lambda: client.get("/readyz").is_success)
        yield client


@pytest.fixture
def client(started: TestClient) -> Iterator[TestClient]:
    """A client of the application, whose transactions are rolled back after the test."""
    assert isinstance(started.app, FastAPI)
    assert started.portal
    with started.portal.wrap_async_context_manager(rolled_back(started.app.state.database)):
        yield started


class Call(Protocol):
    """Sends a request as one person."""

    def __call__(self, method: str, path: str = "/reports", **options: Any) -> Response:
        """Return the response."""


class Callers(Protocol):
    """Makes a `Call` for a person."""

    def __call__(self, person: str, /, *groups: str, scopes: list[str] = SCOPES, **claims: Any) -> Call:
        """Return the `Call` of `person`, who is in `groups`."""


@pytest.fixture
def caller(client: TestClient, okta_token: OktaToken) -> Callers:
    """Call as a person: `caller("ada")("GET")`."""

    def of(name: str, /, *groups: str, scopes: list[str] = SCOPES, **claims: Any) -> Call:
        person = {"uid": f"00ulocal{name}", "sub": f"{name}@example.com", "scp": scopes, "groups": groups}
        token = okta_token(**{**person, **claims})

        def call(method: str, path: str = "/reports", **options: Any) -> Response:
            headers = bearer(token) | options.pop("headers", {})
            return client.request(method, path, headers=headers, **options)

        return call

    return of


def submit(call: Call, **changes: Any) -> int:
    """Submit a report, and return its id."""
    response = call("POST", json=REPORT | changes)
    assert response.status_code == 201, response.text
    number: int = response.json()["id"]
    return number
