"""Load from the second core, by wrk."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CONNECTIONS: Final = 32
_SCRIPT: Final = Path(__file__).parent / "tokens.lua"
_UNITS: Final = {"us": 1e-3, "ms": 1.0, "s": 1e3}


@dataclass(frozen=True)
class Sample:
    """What one run of wrk saw: requests a second, 99th percentile in milliseconds, requests in all."""

    rate: float
    p99: float
    total: int


def run_wrk(url: str, tokens: Path, *, seconds: int, ok: bool, skip: int = 0) -> Sample:
    """Send requests with the tokens of a file, one a line, in turn (an empty line: without one).

    The first `skip` of them are passed over.

    Raises RuntimeError where an answer is other than expected: nothing but 2xx where `ok`,
    nothing but refusals where not.
    """
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    done = subprocess.run(
        [*command, "-s", str(_SCRIPT), url, "--", str(tokens), str(skip)],
        capture_output=True,
        text=True,
        check=True,
    )
    total = int(_find(r"(\d+) requests in", done.stdout))
    refused = int(_find(r"Non-2xx or 3xx responses: (\d+)", done.stdout) or 0)
    if refused != (0 if ok else total):
        raise RuntimeError(f"{url}: {refused} of {total} answers were refusals")
    amount, unit = re.findall(r"99%\s+([\d.]+)(us|ms|s)", done.stdout)[0]
    rate = float(_find(r"Requests/sec:\s+([\d.]+)", done.stdout))
    return Sample(rate, float(amount) * _UNITS[unit], total)


def _find(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else ""
