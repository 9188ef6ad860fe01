"""What goes wrong during a soak. Everything here runs in threads until `stop` is set."""

import math
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from threading import Event
from typing import Final

from local_okta.keys import SigningKey
from okta_support.key_server import FAULTS, KeyServer, Respond, well
from okta_support.redis_server import RedisServer

from tests.soak.callers import Tokens
from tests.soak.outcome import Outcome
from tests.support.dead import CLIENTS, FACTOR, seconds_open
from tests.support.greedy import KINDS, flooding
from tests.support.postgresql import PostgreSQL

CALM_SECONDS: Final = 1, 4
FAULT_SECONDS: Final = 0.5, 4
FLOOD_SECONDS: Final = 3

Fault = Callable[[], AbstractContextManager[None]]


class Outages:
    """When one server was away. The service may take `recovery` seconds to notice that it is back."""

    def __init__(self, recovery: float = 0) -> None:
        self._recovery = recovery
        self._times: list[tuple[float, float]] = []

    def inject(self, faults: Mapping[str, Fault], outcome: Outcome, stop: Event) -> None:
        """Cause one of `faults` after the other."""
        while not stop.wait(random.uniform(*CALM_SECONDS)):
            name = random.choice([*faults])
            outcome.faults[name] += 1
            self._times.append((time.monotonic(), math.inf))
            with faults[name]():
                stop.wait(random.uniform(*FAULT_SECONDS))
            self._times[-1] = self._times[-1][0], time.monotonic() + self._recovery

    def during(self, begun: float, ended: float) -> bool:
        """Return whether there was one between two moments (monotonic seconds)."""
        return any(start <= ended and begun <= end for start, end in self._times)


def issuer_faults(server: KeyServer) -> dict[str, Fault]:
    """Return all faults of the server of signing keys, and a new key besides the first one."""
    first = server.keys.published[0]

    @contextmanager
    def responding(respond: Respond) -> Iterator[None]:
        server.respond = respond
        yield
        server.respond = well

    @contextmanager
    def new_key() -> Iterator[None]:
        server.keys.published = SigningKey(), first
        yield

    faults: dict[str, Fault] = {
        f"issuer: {name}": lambda respond=respond: responding(respond)  # type: ignore[misc]  # mypy infers no default
        for name, respond in FAULTS.items()
    }
    return {**faults, "issuer: new key": new_key}


def redis_faults(server: RedisServer) -> dict[str, Fault]:
    """Return a crash, after which the server is empty, and a server that is no longer the primary."""

    @contextmanager
    def killed() -> Iterator[None]:
        server.stop()
        yield
        server.start()

    @contextmanager
    def read_only() -> Iterator[None]:
        server.command("REPLICAOF", "127.0.0.1", "9")
        yield
        server.command("REPLICAOF", "NO", "ONE")

    return {"Redis: killed": killed, "Redis: read-only": read_only}


def database_faults(server: PostgreSQL) -> dict[str, Fault]:
    """Return a crash, and a server that hangs."""

    @contextmanager
    def killed() -> Iterator[None]:
        server.kill()
        yield
        server.start()

    @contextmanager
    def frozen() -> Iterator[None]:
        server.freeze()
        yield
        server.thaw()

    return {"database: killed": killed, "database: frozen": frozen}


def flood(url: str, token: str, outcome: Outcome, stop: Event) -> None:
    """Run one kind of greedy client after the other."""
    while not stop.is_set():
        name = random.choice([*KINDS])
        outcome.floods[name] += 1
        with flooding(url, KINDS[name], token):
            stop.wait(FLOOD_SECONDS)


def linger(name: str, url: str, tokens: Tokens, outcome: Outcome, stop: Event) -> None:
    """Be the dead client `name`, again and again."""
    client = CLIENTS[name]
    while not stop.is_set():
        with suppress(OSError):  # the service has ended
            seconds = seconds_open(url, client, tokens.valid(client.lifetime))
            outcome.let_go[name] += not stop.is_set()
            if seconds > FACTOR * client.limit:
                outcome.failures[f"dead client held for {seconds:.0f} s: {name}"] += 1
