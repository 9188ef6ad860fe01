"""The React app in frontend/, served by Vite if there is a Node."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Final

from dotenv import dotenv_values

from backend.settings import Settings
from dev.processes import in_use, start, stop

FOLDER: Final = Path(__file__).parent.parent / "frontend"
START_SECONDS: Final = 15
_NEEDS: Final = "it needs Node 22.18 or newer"
_GET_NODE: Final = "see https://nodejs.org/download, or run nvm install 22; then start make run again"


def app_variables(settings: Settings, api_url: str, *, local: bool) -> dict[str, str]:
    """Return the app's settings, which are those of the API. For an org, `frontend/.env.local` wins."""
    values = {
        "VITE_OKTA_ISSUER": settings.okta_issuer[0],
        "VITE_OKTA_CLIENT_ID": settings.okta_client_id[0],
        "VITE_API_URL": api_url,
        "VITE_DPOP": str(settings.dpop == "required").lower(),
    }
    own = {} if local else dotenv_values(FOLDER / ".env.local")
    return {name: value for name, value in values.items() if name not in own}


def start_app(processes: list[subprocess.Popen[bytes]], port: int, variables: dict[str, str]) -> None:
    """Serve the app on `port` and add its process to `processes`; print one line on the outcome.

    Installs its packages first if needed. The API does not need the app, so without a Node
    only that line is printed. The environment wins over `variables`.
    """
    if not FOLDER.exists():
        return
    fault = _find_fault(port)
    if fault is None:
        # Vite itself and not npm, which does not pass signals on.
        vite = FOLDER / "node_modules" / "vite" / "bin" / "vite.js"
        os.environ |= {**variables, **os.environ}
        process = start(["node", vite, "--logLevel", "warn", "--port", str(port)], FOLDER)
        processes.append(process)  # first, so that a signal stops it too
        if _listens(process, port):
            print(f"  App         http://localhost:{port}", flush=True)
            return
        stop([process])
        processes.remove(process)
        fault = "Vite did not start"
    print(f"  App         not served: {fault}", flush=True)


def _find_fault(port: int) -> str | None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        return f"{_NEEDS}, with npm: {_GET_NODE}"
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if not runs_vite(version):
        return f"{_NEEDS}, and this is {version.strip()}: {_GET_NODE}"
    if in_use(port):
        return f"port {port} is in use: stop what listens there, or set APP_PORT"
    return None if _install() else "npm ci failed"


def runs_vite(version: str) -> bool:
    """Return whether Vite supports this version of Node: `engines` in frontend/package.json."""
    major, minor = map(int, re.findall(r"\d+", version)[:2])
    return (major, minor) >= (22, 18)


def _install() -> bool:
    mark, lock = FOLDER / "node_modules" / ".package-lock.json", FOLDER / "package-lock.json"
    if mark.exists() and mark.stat().st_mtime >= lock.stat().st_mtime:
        return True
    print("  Setting up frontend/node_modules ...", flush=True)
    done = subprocess.run(["npm", "ci", "--silent"], cwd=FOLDER, check=False).returncode == 0
    if done:
        mark.touch()
    return done


def _listens(process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if in_use(port):
            return True
        time.sleep(0.1)
    return False
