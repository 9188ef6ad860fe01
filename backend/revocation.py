"""Which users are revoked: rows in the database, and what each worker knows of them."""

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Final, Literal

from fastapi import FastAPI
from fastapi_okta_auth import (
    LOGOUT_PATH,
    LogoutRequest,
    Principal,
    Subject,
    TokenUsed,
    UniversalLogout,
)
from sqlalchemy import Connection, delete, func, select
from sqlalchemy.exc import SQLAlchemyError

from backend.database import SESSION_SECONDS, Database, reason_of
from backend.models import RevokedUser, UsedLogoutToken
from backend.settings import Settings

OVERLAP: Final = timedelta(seconds=60)
"""Rows are read again for this long, because a transaction may commit later than one that began after it."""
SECONDS_BETWEEN_LINES: Final = 60

Status = Literal["off", "not read", "ready", "degraded"]
_log = logging.getLogger(__name__)


class RevokedUsers:
    """The revoked users that one worker knows: what Okta asks for each request."""

    def __init__(self, seconds: int) -> None:
        """Create it empty; an entry counts for `seconds` after its moment."""
        self._seconds = seconds
        self._moments: dict[tuple[str, str, str], float] = {}
        self._watchers: set[Callable[[], None]] = set()

    def revoked_at(self, user: Principal) -> float | None:
        """Return until when tokens of `user` are refused, or None."""
        moments, subjects = self._moments, user.subjects
        if moments.keys().isdisjoint(subjects):
            return None
        return max(moments[subject] for subject in subjects if subject in moments)

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` after each change, until the returned function is called."""
        self._watchers.add(changed)
        return lambda: self._watchers.discard(changed)

    def update(self, moments: Iterable[tuple[Subject, float]]) -> None:
        """Add `moments`, forget those that no longer count, and tell the watchers."""
        known = {**self._moments}
        for subject, moment in moments:
            known[subject] = max(moment, known.get(subject, -math.inf))
        end = time.time() - self._seconds
        known = {subject: moment for subject, moment in known.items() if moment > end}
        if known != self._moments:
            self._moments = known
            for changed in [*self._watchers]:
                changed()


class Revocations:
    """Keeps `users` up to date in one worker, and stores what Okta's Universal Logout requests.

    `users` and `logout` are None where UNIVERSAL_LOGOUT_ISSUER is empty.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        """Prepare it; nothing is read before the lifespan."""
        self._database = database
        self._interval = settings.universal_logout_seconds
        self._kept = timedelta(hours=settings.universal_logout_hours)
        self._since = datetime(1970, 1, 1, tzinfo=UTC) + OVERLAP
        self._read_at = -math.inf
        self._next_line = 0.0
        self.users: RevokedUsers | None = None
        self.logout: UniversalLogout | None = None
        if org := settings.universal_logout_issuer:
            self.users = RevokedUsers(int(self._kept.total_seconds()))
            self.logout = UniversalLogout(
                org,
                settings.resource_url + LOGOUT_PATH,
                settings.universal_logout_issuers,
                settings.okta_leeway,
            )

    @property
    def status(self) -> Status:
        """Whether the entries are known and recent."""
        if self.users is None:
            return "off"
        if self._read_at == -math.inf:
            return "not read"
        stale = time.monotonic() - self._read_at > self._interval + SESSION_SECONDS + 1
        return "degraded" if stale or (self.logout and self.logout.keys.degraded) else "ready"

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """Read the changes until the application ends."""
        app.state.revocations = self
        if self.logout is None:
            yield
            return
        async with self.logout.open():
            await self.read()
            reads = asyncio.create_task(self._keep_reading())
            try:
                yield
            finally:
                reads.cancel()
                with suppress(asyncio.CancelledError):
                    await reads

    async def read(self) -> None:
        """Read the changes; a database that is away leaves the known entries in force."""
        try:
            async with asyncio.timeout(SESSION_SECONDS), self._database.sessions() as session:
                changed = RevokedUser.changed >= self._since - OVERLAP
                rows = (await session.scalars(select(RevokedUser).where(changed))).all()
        except (SQLAlchemyError, TimeoutError, OSError) as error:
            self._log_fault(error)
            return
        self._read_at = time.monotonic()
        self._since = max([self._since, *[row.changed for row in rows]])
        if self.users is not None:
            self.users.update((Subject(row.issuer, row.format, row.subject), row.moment) for row in rows)

    async def store(self, request: LogoutRequest) -> None:
        """Store `request` in one transaction, and know it in this worker at once.

        Raises TokenUsed for a `jti` that was used, ServiceUnavailable without the database.
        """
        async with self._database.session() as session:
            connection = await session.connection()
            await connection.run_sync(store, request, self._kept.total_seconds())
        await self.read()

    async def _keep_reading(self) -> None:
        while True:
            await asyncio.sleep(0.9 * self._interval)  # the read takes time too
            await self.read()

    def _log_fault(self, error: Exception) -> None:
        now = time.monotonic()
        if now >= self._next_line:
            self._next_line = now + SECONDS_BETWEEN_LINES
            known = (
                "no revoked user is known"
                if self._read_at == -math.inf
                else "the known entries stay in force"
            )
            _log.error("revoked users not read: %s; %s", reason_of(error), known)


def store(connection: Connection, request: LogoutRequest, kept_seconds: float) -> None:
    """Store the revocation of each subject, and that the request's `jti` was used. Raises TokenUsed.

    Deletes what no longer counts: entries after `kept_seconds`, a `jti` after the expiry of its token.
    """
    # Each dialect has its own ON CONFLICT, and the one of the other database stays out of memory.
    insert = import_module(f"sqlalchemy.dialects.{connection.dialect.name}").insert
    now = time.time()
    connection.execute(delete(UsedLogoutToken).where(UsedLogoutToken.expires_at < now))
    used = insert(UsedLogoutToken).values(jti=request.jti, expires_at=request.expires_at)
    if connection.execute(used.on_conflict_do_nothing()).rowcount == 0:
        raise TokenUsed
    connection.execute(delete(RevokedUser).where(RevokedUser.moment < now - kept_seconds))
    for subject in request.subjects:
        row = insert(RevokedUser).values(
            issuer=subject.issuer, format=subject.format, subject=subject.value, moment=request.moment
        )
        newer = {"moment": row.excluded.moment, "changed": func.now()}
        connection.execute(
            row.on_conflict_do_update(
                index_elements=["issuer", "format", "subject"],
                set_=newer,
                where=RevokedUser.moment < row.excluded.moment,
            )
        )
