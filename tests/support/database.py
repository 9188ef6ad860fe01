"""Tests with a database that is as before afterwards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backend.database import Database


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
