"""`make run`: a local Okta, the API and the app, or the API alone where OKTA_ISSUER is a real org."""

import contextlib
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Final

import requests

from backend.settings import EX_CONFIG, Settings, SettingsError
from dev.app import start_app
from dev.foreground import own_foreground_group
from dev.local import use_local_okta
from dev.ports import in_use
from dev.sessions import end_session

API: Final = "http://localhost:8000"
API_PORT: Final = 8000
OKTA_PORT: Final = 9000
START_SECONDS: Final = 30
POLL_SECONDS: Final = 0.1
STOP_SECONDS: Final = 10


def main() -> int:
    """Start the servers, say how to call them, end them together; return the exit status."""
    local = use_local_okta()
    try:
        settings = Settings.load()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return EX_CONFIG
    servers: dict[int, tuple[str, ...]] = {API_PORT: ("uvicorn", "backend.main:app", "--port", str(API_PORT))}
    if local:
        servers = {OKTA_PORT: ("local_okta", "--port", str(OKTA_PORT)), **servers}
    for port in servers:
        if in_use(port):
            print(f"port {port} is in use: end what listens there, then try again", file=sys.stderr)
            return 1
    with own_foreground_group():
        return _serve(list(servers.values()), settings, local=local)


def _serve(modules: list[tuple[str, ...]], settings: Settings, *, local: bool) -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        # Each in a session of its own, so that a signal reaches it from here alone.
        processes.extend(
            subprocess.Popen([sys.executable, "-m", *module], start_new_session=True) for module in modules
        )
        if _ready(processes, "readyz" if local else "healthz"):
            _say_ready(settings, local=local)
            if local:
                start_app(processes)
        while all(process.poll() is None for process in processes):
            time.sleep(POLL_SECONDS)
        print("a server ended by itself; its last words stand above", file=sys.stderr)
    except _StoppedError:
        return 0
    finally:
        _end(processes)
    return 1


def _stop(number: int, _: FrameType | None) -> None:
    raise _StoppedError(number)


class _StoppedError(Exception):
    """A signal asked us to end."""


def _ready(processes: list[subprocess.Popen[bytes]], probe: str) -> bool:
    """Whether the API answers the probe before a server ends or START_SECONDS are over."""
    session = requests.Session()
    session.trust_env = False
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and all(process.poll() is None for process in processes):
        with contextlib.suppress(requests.RequestException):
            if session.get(f"{API}/{probe}", timeout=1).ok:
                return True
        time.sleep(POLL_SECONDS)
    return False


def _say_ready(settings: Settings, *, local: bool) -> None:
    token = f"$(make -sC {shlex.quote(str(Path.cwd()))} token)" if local else "$TOKEN"
    issuer = "Local Okta" if local else "Only the API: the issuer is"
    print(
        f"""
  {issuer}  {settings.okta_issuer[0]}
  API         {API}   (documentation: {API}/docs)

  Try it in another terminal:

    curl -H "Authorization: Bearer {token}" {API}/hello/Ada

  Ctrl-C ends it.""",
        flush=True,
    )


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for process in processes:
        end_session(process)
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
