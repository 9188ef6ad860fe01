"""`make run`: the API and the app, with the Okta org in `.env` or with a local Okta.

It starts `python -m local_okta` and `python -m backend.seed` (for the local Okta only), uvicorn with
reload, and Vite (dev/app.py).
"""

import http.client
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Final

from fastapi_okta_auth import SettingsError

from backend.settings import EX_CONFIG, Settings
from dev.app import app_variables, start_app
from dev.local import Ports, configure
from dev.processes import in_use, start, stop

ROOT: Final = Path(__file__).parent.parent
START_SECONDS: Final = 30
POLL_SECONDS: Final = 0.1


class Stopped(Exception):
    """A signal asks `make run` to stop."""


def main() -> int:
    """Start the servers, print how to call them and stop them together; return the exit status."""
    try:
        ports = configure()
        settings = Settings.load()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return EX_CONFIG
    local = settings.okta_issuer == (ports.issuer,)
    needed = {"API_PORT": ports.api, **({"OKTA_PORT": ports.okta} if local else {})}
    used = {variable: port for variable, port in needed.items() if in_use(port)}
    for variable, port in used.items():
        print(f"port {port} is in use: stop what listens there, or set {variable}", file=sys.stderr)
    if used:
        return 1
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _raise_stopped)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        return _serve(processes, settings, ports, local=local)
    except Stopped:
        return 0
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stop(processes)


def _raise_stopped(number: int, _: FrameType | None) -> None:
    raise Stopped(number)


def _serve(processes: list[subprocess.Popen[bytes]], settings: Settings, ports: Ports, *, local: bool) -> int:
    """Start the servers and wait until one exits; return 1."""
    if local:
        urls = [
            "--app-url",
            ports.app_url,
            "--api-url",
            ports.api_url,
        ]
        processes.append(start([sys.executable, "-m", "local_okta", "--port", str(ports.okta), *urls]))
        subprocess.run([sys.executable, "-m", "backend.seed"], check=False)  # a fault is one line
    reload = ["--reload", "--reload-dir", str(ROOT / "backend")]
    api = ["uvicorn", "backend.main:app", "--port", str(ports.api), *reload]
    processes.append(start([sys.executable, "-m", *api]))
    if _is_ready(processes, ports.api, "/readyz" if local else "/healthz"):
        print(_instructions(settings, ports, local=local), flush=True)
        start_app(processes, ports.app, app_variables(settings, ports.api_url, local=local))
        while all(process.poll() is None for process in processes):
            time.sleep(POLL_SECONDS)
    print("a server exited or did not get ready; see its output above", file=sys.stderr)
    return 1


def _is_ready(processes: list[subprocess.Popen[bytes]], port: int, probe: str) -> bool:
    """Return whether the API's probe succeeds within START_SECONDS, before a server exits."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and all(process.poll() is None for process in processes):
        if _status(port, probe) == 200:
            return True
        time.sleep(POLL_SECONDS)
    return False


def _status(port: int, path: str) -> int | None:
    connection = http.client.HTTPConnection("localhost", port, timeout=1)  # never through a proxy
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _instructions(settings: Settings, ports: Ports, *, local: bool) -> str:
    changed = f" OKTA_ISSUER={ports.issuer}" if ports.okta != Ports().okta else ""
    token = f"$(make -sC {shlex.quote(str(Path.cwd()))} token{changed})" if local else "$TOKEN"
    issuer = ", ".join(settings.okta_issuer)
    okta = f"Local Okta  {issuer}" if local else f"Okta org    {issuer}   (without it: make run LOCAL_OKTA=1)"
    return f"""
  {okta}
  API         {ports.api_url}   (documentation: {ports.api_url}/docs)

  Try it in another terminal:

    curl -H "Authorization: Bearer {token}" {ports.api_url}/hello/Ada

  A change in backend/ restarts the API. After a change of .env, start make run again.
  Ctrl-C stops everything."""


if __name__ == "__main__":
    sys.exit(main())
