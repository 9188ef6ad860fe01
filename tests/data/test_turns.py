"""Who waits for a connection is served in turn."""

import asyncio
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import text

from backend.database import Database

pytestmark = pytest.mark.anyio

CLIENTS = 16
REQUESTS = 30


async def test_nobody_is_overtaken(tmp_path: Path) -> None:
    """While a request waits for the connection, every other client is served once at most."""
    database = Database(SecretStr(f"sqlite+aiosqlite:///{tmp_path}/app.db"))
    served = 0
    waits: list[int] = []

    async def send() -> None:
        nonlocal served
        for _ in range(REQUESTS):
            before = served
            async with database.session() as session:
                await session.execute(text("SELECT 1"))
                waits.append(served - before)
                served += 1

    async with database.lifespan(FastAPI()):
        await asyncio.gather(*[send() for _ in range(CLIENTS)])
    assert len(waits) == CLIENTS * REQUESTS
    assert max(waits) <= CLIENTS
