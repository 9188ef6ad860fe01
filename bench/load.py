"""Send load from the second core with wrk."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.server import Server

CONNECTIONS: Final = (1, 32)
_SCRIPT: Final = Path(__file__).parent / "tokens.lua"


@dataclass(frozen=True)
class Sample:
    """One run of wrk: requests per second, CPU microseconds per request, requests, responses without 2xx."""

    rate: float
    cpu: float
    total: int
    refused: int


def run_wrk(server: Server, tokens: Path, connections: int, seconds: int, skip: int) -> Sample:
    """Send requests with the tokens in a file, one per line, in order: see tokens.lua.

    `skip` is the number of lines to start after.
    """
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    before = server.cpu_seconds()
    done = subprocess.run(
        [*command, "-s", str(_SCRIPT), server.url, "--", str(tokens), str(skip)],
        capture_output=True,
        text=True,
        check=True,
    )
    used = server.cpu_seconds() - before
    total = int(_find(r"(\d+) requests in", done.stdout))
    refused = int(_find(r"Non-2xx or 3xx responses: (\d+)", done.stdout) or 0)
    return Sample(float(_find(r"Requests/sec:\s+([\d.]+)", done.stdout)), used / total * 1e6, total, refused)


def _find(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else ""
