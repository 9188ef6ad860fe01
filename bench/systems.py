"""What is measured: each system is a server on the first core and the requests it gets."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

HERE: Final = Path(__file__).parent
NODE_MODULES: Final = HERE / "node" / "node_modules"
FIRST_PORT: Final = 18100
START_SECONDS: Final = 30

ONE, SOME, MANY, NONE = "one token", "1,000 tokens", "32,000 tokens", "no token"


@dataclass(frozen=True)
class System:
    """A row of the table. `command` starts the server, with {port} in it.

    `tokens` is what it is sent while it is measured, `warm_up` what it is sent before.
    """

    name: str
    command: tuple[str, ...]
    tokens: str = ONE
    warm_up: str = ONE
    ok: bool = True


def _uvicorn(app: str) -> tuple[str, ...]:
    server = (sys.executable, "-m", "uvicorn", app, "--port", "{port}")
    return (*server, "--no-access-log", "--log-level", "warning")


_OURS: Final = _uvicorn("backend.main:app")
# Its lines go to a file, as they would in production, that nobody has to remove.
_LOGGED: Final = (
    "sh", "-c", 'log=$(mktemp) && exec 2>"$log" && rm "$log" && exec "$@"', "sh",
    "env", "LOG_LEVEL=INFO",
)  # fmt: skip
_NODE: Final = ("node", str(HERE / "node" / "server.js"))

SYSTEMS: Final = (
    System("no authentication", _uvicorn("bench.apps.open:app")),
    System("bare FastAPI with CORS", _uvicorn("bench.apps.bare:app")),
    System("the tutorial's way", _uvicorn("bench.apps.tutorial:app")),
    System("PyJWKClient in a dependency", _uvicorn("bench.apps.pyjwkclient:app")),
    System("express, @okta/jwt-verifier", (*_NODE, "okta", "{port}")),
    System("express-oauth2-jwt-bearer", (*_NODE, "bearer", "{port}")),
    System("ours, one token", _OURS),
    System("ours, one token, logs and metrics", (*_LOGGED, "METRICS_ADDRESS=127.0.0.1:18098", *_OURS)),
    System(
        "ours, one token, JSON logs and metrics",
        (*_LOGGED, "LOG_FORMAT=json", "METRICS_ADDRESS=127.0.0.1:18099", *_OURS),
    ),
    System("ours, 1,000 tokens in turn", _OURS, SOME, SOME),
    # None of them comes twice, so that all are verified while they are measured.
    System("ours, new tokens", _OURS, MANY),
    System("ours, refusing", _OURS, NONE, NONE, ok=False),
)


def present() -> list[System]:
    """The systems that this machine can run: those of Node where it and its packages are there."""
    has_node = shutil.which("node") is not None and NODE_MODULES.is_dir()
    return [system for system in SYSTEMS if has_node or system.command[0] != "node"]


@contextmanager
def running(systems: list[System], issuer: str) -> Iterator[dict[str, tuple[str, int]]]:
    """Start a server for each system, all on the first core; give URL and process id by name."""
    environment = {
        **os.environ, "OKTA_ISSUER": issuer, "OKTA_CLIENT_ID": "0oalocalspa",
        "LOG_LEVEL": "WARNING", "NODE_ENV": "production",
    }  # fmt: skip
    servers: list[subprocess.Popen[bytes]] = []
    where: dict[str, tuple[str, int]] = {}
    try:
        for port, system in enumerate(systems, FIRST_PORT):
            command = [part.format(port=port) for part in system.command]
            servers.append(subprocess.Popen(["taskset", "-c", "0", *command], env=environment))
            where[system.name] = (f"http://127.0.0.1:{port}/hello/Ada", servers[-1].pid)
        for url, _ in where.values():
            _wait_for(url)
        yield where
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing answers at {url}")


def memory_of(process: int) -> float:
    """The resident memory of `process` in megabytes."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(process)
