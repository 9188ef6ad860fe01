"""The systems to compare: how each server is started and which requests it gets."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from bench.server import Server

HERE: Final = Path(__file__).parent
NODE_MODULES: Final = HERE / "node" / "node_modules"
START_SECONDS: Final = 30

ONE, MANY, NONE = "one token", "new tokens", "no token"
PROOFS: Final = {"DPoP RS256": "RS256", "DPoP ES256": "ES256"}
"""Requests with one token and a new proof each, by the algorithm of the proofs."""
LOGGED, BARE = "FastAPI, access log, no authentication", "bare FastAPI with CORS"


@dataclass(frozen=True)
class System:
    """A row of the table.

    `command` starts the server on `{port}`. `tokens` names the requests it gets, `ok` says whether they
    succeed, `baseline` names the row it is compared with.
    """

    name: str
    command: tuple[str, ...]
    baseline: str = BARE
    tokens: str = ONE
    ok: bool = True


def _uvicorn(app: str, *options: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "uvicorn", app, "--port", "{port}", *options)


_QUIET: Final = ("--no-access-log", "--log-level", "warning")
_GUNICORN: Final = (sys.executable, "-m", "gunicorn", "--workers", "1", "--bind", "127.0.0.1:{port}")
_OURS: Final = ("env", "LOG_LEVEL=WARNING", *_GUNICORN)
_DPOP: Final = ("env", "DPOP=allowed", "LOG_LEVEL=WARNING", *_GUNICORN)
_NODE: Final = ("node", str(HERE / "node" / "server.js"))

SYSTEMS: Final = (
    System(LOGGED, _uvicorn("bench.apps.bare:app"), LOGGED),
    System("ours as shipped", _GUNICORN, LOGGED),
    System(BARE, _uvicorn("bench.apps.bare:app", *_QUIET)),
    System("ours, logs off", _OURS),
    System("ours, logs off, new tokens", _OURS, tokens=MANY),
    System("ours, logs off, refusals", _OURS, tokens=NONE, ok=False),
    *(System(f"ours, logs off, {name}", _DPOP, tokens=name) for name in PROOFS),
    System("PyJWKClient in a dependency", _uvicorn("bench.apps.pyjwkclient:app", *_QUIET)),
    System("the tutorial", _uvicorn("bench.apps.tutorial:app", *_QUIET)),
    System("express-oauth2-jwt-bearer", (*_NODE, "bearer", "{port}")),
    System("express, @okta/jwt-verifier", (*_NODE, "okta", "{port}")),
)
START: Final = {"bare FastAPI": _uvicorn("bench.apps.bare:app"), "ours": _uvicorn("backend.main:app")}
"""The commands whose start-up time and idle memory are compared: one uvicorn process each."""


def present() -> list[System]:
    """Return the systems that this machine can run: Node's only if Node and its packages are installed."""
    has_node = shutil.which("node") is not None and NODE_MODULES.is_dir()
    return [system for system in SYSTEMS if has_node or system.command[0] != "node"]


@contextmanager
def running(command: tuple[str, ...], issuer: str, port: int) -> Iterator[Server]:
    """Run a server on the first core until the block ends; yield it when it responds."""
    started = ["taskset", "-c", "0", *(part.format(port=port) for part in command)]
    # Logs go to a file, as in production; so each line is JSON.
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryFile() as log,
        subprocess.Popen(
            started, env=_environment(issuer, folder), stdout=log, stderr=log, start_new_session=True
        ) as server,
    ):
        try:
            url = f"http://127.0.0.1:{port}/hello/Ada"
            _wait_for(url, server)
            yield Server(url, server.pid)
        finally:
            os.killpg(server.pid, signal.SIGTERM)  # `node` may be a wrapper that does not pass signals on


def _environment(issuer: str, folder: str) -> dict[str, str]:
    return {
        **os.environ,
        "OKTA_ISSUER": issuer,
        "OKTA_CLIENT_ID": "0oalocalspa",
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bench.db",
        "DRAIN_SECONDS": "0",
        "NODE_ENV": "production",
    }


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    with httpx.Client() as client:
        while time.monotonic() < deadline and server.poll() is None:
            try:
                client.get(url)
            except httpx.TransportError:
                time.sleep(0.005)
            else:
                return
    raise RuntimeError(f"no server responds at {url}")
