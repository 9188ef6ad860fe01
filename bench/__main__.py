"""Measure what verification costs, compared with no verification and with other libraries."""

import argparse
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from bench import report, systems
from bench.issuer import Issuer, issuer
from bench.load import CONNECTIONS, Sample, run_wrk

PLOT: Final = Path("docs/images/performance.svg")
FIRST_PORT: Final = 18100
TOKENS: Final = {systems.ONE: 1, systems.MANY: 32_000, systems.NONE: 0}
PROOFS_PER_SECOND: Final = 8_000  # more than a worker accepts


def main() -> None:
    """Measure all systems in turn, in several rounds, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2, help="per system and number of connections")
    arguments = parser.parse_args()
    rows = systems.present()
    if len(rows) < len(systems.SYSTEMS):
        print("Node or bench/node/node_modules is missing: its rows are left out", file=sys.stderr)
    with issuer() as okta, tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / name for name in (*TOKENS, *systems.PROOFS)}
        for name, count in TOKENS.items():
            files[name].write_text("\n".join(okta.tokens(count)) + "\n")
        samples: dict[tuple[str, int], list[Sample]] = defaultdict(list)
        for number in range(1, arguments.rounds + 1):
            measure_round(rows, okta, files, arguments.seconds, samples)
            print(f"round {number} of {arguments.rounds} done", file=sys.stderr)
        print(report.table(samples), report.noise(samples), start(okta.url, arguments.rounds), sep="\n\n")
        report.plot(samples, PLOT)


def measure_round(
    rows: list[systems.System],
    okta: Issuer,
    files: dict[str, Path],
    seconds: int,
    samples: dict[tuple[str, int], list[Sample]],
) -> None:
    """Restart each server and measure all of them, forward and backward; keep the better result."""
    sent: dict[str, int] = defaultdict(int)
    tries: dict[tuple[str, int], list[Sample]] = defaultdict(list)
    with ExitStack() as stack:
        servers = {
            row.name: stack.enter_context(systems.running(row.command, okta.url, port))
            for port, row in enumerate(rows, FIRST_PORT)
        }
        for connections in CONNECTIONS:
            for row in (*rows, *rows, *reversed(rows)):  # the first pass warms up
                server, tokens = servers[row.name], files[row.tokens]
                if algorithm := systems.PROOFS.get(row.tokens):
                    proofs = okta.proofs(algorithm, PROOFS_PER_SECOND * seconds)
                    tokens.write_text("\n".join(proofs) + "\n")
                    sent[row.name] = 0
                sample = run_wrk(server, tokens, connections, seconds, sent[row.name])
                if sample.refused != (0 if row.ok else sample.total):
                    raise RuntimeError(f"{row.name}: {sample.refused} of {sample.total} were refused")
                sent[row.name] += sample.total
                tries[row.name, connections].append(sample)
    for key, (_, *measured) in tries.items():
        # Other load on the machine only ever makes a server slower.
        samples[key].append(max(measured, key=lambda one: one.rate))


def start(url: str, rounds: int) -> str:
    """Return a Markdown table of the time to the first response and of the idle memory.

    The best of three starts per round, in turn: other load on the machine only ever makes a server slower.
    """
    lines = ["| started with uvicorn | first response | idle memory |", "|---|---|---|"]
    measured = defaultdict(list)
    for _ in range(3 * rounds):
        for name, command in systems.START.items():
            measured[name].append(start_once(command, url))
    for name, samples in measured.items():
        seconds, mebibytes = (min(values) for values in zip(*samples, strict=True))
        lines.append(f"| {name} | {seconds:.2f} s | {mebibytes:.0f} MiB |")
    return "\n".join(lines)


def start_once(command: tuple[str, ...], url: str) -> tuple[float, float]:
    """Return the seconds until the server responds, and its resident memory in MiB."""
    began = time.perf_counter()
    with systems.running(command, url, FIRST_PORT - 1) as server:
        seconds = time.perf_counter() - began
        time.sleep(1)
        return seconds, server.resident_mebibytes()


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error}\n{error.stderr}")
