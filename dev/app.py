"""The companion app in frontend/, where there is a Node to serve it."""

import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Final

from dev.ports import in_use
from dev.sessions import end_session

FOLDER: Final = Path(__file__).parent.parent / "frontend"
URL: Final = "http://localhost:3000"
PORT: Final = 3000
START_SECONDS: Final = 15
_OLDEST: Final = (20, 19)


def start_app(processes: list[subprocess.Popen[bytes]]) -> None:
    """Start the app on PORT, its packages installed if need be; say in one line how that went.

    It joins `processes` before anything else can happen, so that a signal ends it too. Where it
    cannot be served, which the API does not need, it is not among them.
    """
    fault = _what_is_missing()
    if fault is None:
        process = _serve()
        processes.append(process)
        if _listens(process):
            print(f"  App         {URL}", flush=True)
            return
        processes.remove(process)
        fault = "Vite did not start"
    print(f"  App         not served: {fault}", flush=True)


def _what_is_missing() -> str | None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "it needs Node 20.19 or newer, with npm"
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < _OLDEST:
        return f"it needs Node 20.19 or newer, and this is {version.strip()}"
    if in_use(PORT):
        return f"port {PORT} is in use"
    return None if _installed() else "npm ci failed"


def _installed() -> bool:
    mark, lock = FOLDER / "node_modules" / ".package-lock.json", FOLDER / "package-lock.json"
    if mark.exists() and mark.stat().st_mtime >= lock.stat().st_mtime:
        return True
    print("  Setting up frontend/node_modules ...", flush=True)
    return subprocess.run(["npm", "ci", "--silent"], cwd=FOLDER, check=False).returncode == 0


def _serve() -> subprocess.Popen[bytes]:
    # Vite itself and not npm, which would stand between it and our signals.
    vite = FOLDER / "node_modules" / "vite" / "bin" / "vite.js"
    return subprocess.Popen(["node", vite, "--logLevel", "warn"], cwd=FOLDER, start_new_session=True)


def _listens(process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if in_use(PORT):
            return True
        time.sleep(0.1)
    end_session(process)
    return False
