"""Start the service with all that it needs, and load it while things go wrong."""

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Final

import httpx
from local_okta.serving import running as running_okta
from okta_support.key_server import key_server
from okta_support.redis_server import redis_server

from backend.migrate import migrate
from tests.soak.callers import KINDS, Tokens
from tests.soak.faults import Outages, database_faults, flood, issuer_faults, linger, redis_faults
from tests.soak.outcome import Outcome
from tests.support.api import NO_TLS
from tests.support.dead import CLIENTS
from tests.support.postgresql import postgresql
from tests.support.service import running

CALLERS: Final = 2
"""Of each kind, at once."""
PAUSE_SECONDS: Final = 0.02
DATABASE_RECOVERY_SECONDS: Final = 1
"""As docs/how-to/use-another-database.md says. A Redis that is back costs nothing."""


def run(seconds: float) -> Outcome:
    """Start everything and load it for `seconds`."""
    outages = {"issuer": Outages(), "redis": Outages(), "database": Outages(DATABASE_RECOVERY_SECONDS)}
    stop = Event()
    with (
        TemporaryDirectory() as folder,
        running_okta() as okta,
        key_server(okta.keys) as keys,
        redis_server(Path(folder)) as redis,
        postgresql() as database,
        # Ends after the service, and so after the connections of dead clients.
        ThreadPoolExecutor(len(outages) + len(CLIENTS) + 1) as pool,
    ):
        migrate(database.url)
        settings = {
            "OKTA_JWKS_URI": keys.url,
            "OKTA_LEEWAY": "0",  # for the client whose token expires
            "DPOP": "allowed",
            "DPOP_REPLAY_STORE": redis.url,
            "DATABASE_URL": database.url,
            "LOG_FORMAT": "json",
        }
        with running(okta, **settings) as service:
            outcome, tokens = Outcome(service), Tokens(okta)
            disturbances = [
                pool.submit(outages["issuer"].inject, issuer_faults(keys), outcome, stop),
                pool.submit(outages["redis"].inject, redis_faults(redis), outcome, stop),
                pool.submit(outages["database"].inject, database_faults(database), outcome, stop),
                pool.submit(flood, service.url, tokens.valid(), outcome, stop),
                *(pool.submit(linger, name, service.url, tokens, outcome, stop) for name in CLIENTS),
            ]
            try:
                asyncio.run(load(service.url, tokens, outages, outcome, time.monotonic() + seconds))
            finally:
                stop.set()
    for disturbance in disturbances:
        disturbance.result()  # raises what went wrong in a thread
    outcome.check_memory()
    return outcome


async def load(
    url: str, tokens: Tokens, outages: Mapping[str, Outages], outcome: Outcome, end: float
) -> None:
    """Call `url` as each kind of caller until `end` (monotonic seconds), and count the answers."""

    async def call(name: str) -> None:
        kind = KINDS[name]
        while (begun := time.monotonic()) < end:
            answer = await kind.send(client, tokens)
            ended = time.monotonic()
            expected = answer in kind.answers or (
                answer in kind.away and outages[kind.needs].during(begun, ended)
            )
            outcome.answered(name, answer, ended - begun, expected=expected)
            await asyncio.sleep(PAUSE_SECONDS)

    async def look() -> None:
        while time.monotonic() < end:
            await asyncio.sleep(1)
            outcome.look()

    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False, verify=NO_TLS) as client:
        await asyncio.gather(look(), *(call(name) for name in KINDS for _ in range(CALLERS)))
