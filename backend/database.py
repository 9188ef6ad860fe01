"""The database: its engine, a session for each request, and its status for `/readyz`.

A pool or a client of your own opens and closes in a lifespan too.
"""

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from fastapi import Depends, FastAPI, Request
from fastapi_okta_auth import ServiceUnavailable
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

MIGRATIONS: Final = Path(__file__).parent / "migrations"
NEWEST: Final = max(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*.py")).partition("_")[0]
"""The number of the newest migration. Numbers grow, so a database at a later migration works too."""

POOL_SIZE: Final = 10
WAIT_SECONDS: Final = 2
"""How long to wait for a connection, for one statement, and for a SQLite file that another process locks."""
SESSION_SECONDS: Final = 3
COMMAND_WAIT_SECONDS: Final = 60
CHECK_SECONDS: Final = 1
DEGRADED_SECONDS: Final = 5

Status = Literal["not reached", "not migrated", "ready", "degraded"]

_UNAVAILABLE: Final = (OperationalError, InterfaceError, InternalError, PoolTimeoutError, TimeoutError)
_log = logging.getLogger(__name__)
logging.getLogger("aiosqlite").setLevel(logging.INFO)  # at DEBUG it logs every value
logging.getLogger("psycopg").setLevel(logging.ERROR)  # it warns of each request that a server holds up
logging.getLogger("alembic").setLevel(logging.WARNING)  # it logs each of its plugins


class Database:
    """One database, in one worker. The application opens `lifespan`; routes take `Session`."""

    def __init__(self, url: SecretStr) -> None:
        """Prepare the pool of the database at `url`; nothing is connected before the lifespan."""
        self._url = url.get_secret_value()
        self._sqlite = self._url.startswith("sqlite")
        self.engine = _async_engine(self._url)
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._status: Status = "not reached"
        self._logged = ""
        self._last_check = -math.inf

    @property
    def status(self) -> Status:
        """What the last check found; `degraded` means that the database was ready and no longer responds."""
        stale = time.monotonic() - self._last_check > DEGRADED_SECONDS
        return "degraded" if self._status == "ready" and stale else self._status

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """Check the database until the application ends, then close the pool.

        The application starts without it, too.
        """
        app.state.database = self  # where `Session` finds it, and the probe
        self._turns = asyncio.Semaphore(1 if self._sqlite else POOL_SIZE)
        await self._check()
        checks = asyncio.create_task(self._keep_checking())
        try:
            yield
        finally:
            checks.cancel()
            with suppress(asyncio.CancelledError):
                await checks
            await self.engine.dispose()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """Open a session, which is committed at the end and rolled back after an exception.

        Raises ServiceUnavailable after SESSION_SECONDS at the latest; nothing is tried again.
        """
        if self._status not in {"ready", "degraded"}:
            raise _unavailable()
        try:
            async with self._turn(), asyncio.timeout(SESSION_SECONDS), self.sessions.begin() as session:
                yield session
        except _UNAVAILABLE as error:
            _log.warning("request without the database: %s", reason_of(error))
            raise _unavailable() from None

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        # A semaphore serves in turn. The pool's queue does not: who has waited longest may lose its place.
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._turns.acquire()
        except TimeoutError:
            raise TimeoutError("all connections are in use") from None
        try:
            yield
        finally:
            self._turns.release()

    async def _keep_checking(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            await self._check()

    async def _check(self) -> None:
        try:
            if self._status in {"ready", "degraded"}:
                await self._ping()
            elif await self._version() < NEWEST:
                self._note("not migrated", f"run `python -m backend.migrate`: it is not at {NEWEST}")
                return
        except (SQLAlchemyError, TimeoutError, OSError) as error:
            self._note("not reached" if self._status == "not reached" else "degraded", reason_of(error))
        else:
            self._last_check = time.monotonic()
            self._note("ready", f"at migration {NEWEST} or later")

    async def _ping(self) -> None:
        if self._sqlite:
            return  # a file does not go away
        async with self._turn(), asyncio.timeout(SESSION_SECONDS), self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def _version(self) -> str:
        """Return the newest migration that was applied, or "". Migrates a SQLite file first."""
        async with asyncio.timeout(SESSION_SECONDS), self.engine.connect() as connection:
            version = await connection.run_sync(version_of)
        if self._sqlite and version < NEWEST:
            from backend.migrate import migrate  # noqa: PLC0415 - Alembic is slow to import

            await asyncio.to_thread(migrate, self._url)
            return NEWEST
        return version

    def _note(self, status: Status, reason: str) -> None:
        self._status = status
        if status != self._logged:
            self._logged = status
            _log.log(logging.INFO if status == "ready" else logging.ERROR, "database %s: %s", status, reason)


def _unavailable() -> ServiceUnavailable:
    return ServiceUnavailable("database_unavailable", retry_after=WAIT_SECONDS)


def version_of(connection: Connection) -> str:
    """Return the number of the newest migration that was applied, or ""."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


def reason_of(error: Exception) -> str:
    """Return what the driver says, in one line for the log."""
    said = str(error.orig if isinstance(error, DBAPIError) else error)
    return said.partition("\n")[0] or type(error).__name__


def sync_engine(url: str, *, foreign_keys: bool = True) -> Engine:
    """Create an engine for a command, which needs no asyncio and may wait longer than a request."""
    if not url.startswith("sqlite"):
        return create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": WAIT_SECONDS})
    sync_url = make_url(url).set(drivername="sqlite")
    arguments = _sqlite_arguments(url, COMMAND_WAIT_SECONDS)
    engine = create_engine(sync_url, poolclass=NullPool, connect_args=arguments)
    _set_up_sqlite(engine, foreign_keys=foreign_keys)
    return engine


def _async_engine(url: str) -> AsyncEngine:
    return _sqlite_engine(url) if url.startswith("sqlite") else _postgresql_engine(url)


def _postgresql_engine(url: str) -> AsyncEngine:
    limits = {
        "connect_timeout": WAIT_SECONDS,
        "tcp_user_timeout": SESSION_SECONDS * 1000,  # milliseconds, for a host that is gone
        "options": f"-c statement_timeout={WAIT_SECONDS * 1000}",
    }
    return create_async_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        pool_pre_ping=True,
        connect_args=limits,
    )


def _sqlite_engine(url: str) -> AsyncEngine:
    # One connection, because SQLite has one writer, and does not serve those who wait for it in turn.
    engine = create_async_engine(
        url,
        pool_size=1,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        connect_args=_sqlite_arguments(url, WAIT_SECONDS),
    )
    _set_up_sqlite(engine.sync_engine, foreign_keys=True)
    return engine


def _sqlite_arguments(url: str, wait_seconds: int) -> dict[str, Any]:
    """Create the folder of the file, and return what its connections need."""
    with suppress(OSError):  # the connection's own error is logged
        Path(make_url(url).database or "").parent.mkdir(parents=True, exist_ok=True)
    return {"isolation_level": None, "timeout": wait_seconds}  # None: BEGIN is ours, below


def _set_up_sqlite(engine: Engine, *, foreign_keys: bool) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute(f"PRAGMA foreign_keys = {foreign_keys:d}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Otherwise a transaction that reads and then writes fails at once if another one has written.
        connection.exec_driver_sql("BEGIN IMMEDIATE")


async def _session(request: Request) -> AsyncIterator[AsyncSession]:
    database: Database = request.app.state.database
    async with database.session() as session:
        yield session


# scope="function": the transaction is committed before the response is sent.
Session = Annotated[AsyncSession, Depends(_session, scope="function")]
"""The request's session: committed after the route returns, rolled back if it raises."""
