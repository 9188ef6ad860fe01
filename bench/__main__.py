"""`make bench`: the comparison table, in one run."""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

from bench import growth, report, systems
from bench.issuer import issuer
from bench.load import Sample, run_wrk

PLOT: Final = Path("docs/images/performance.svg")
TURNS: Final = 2
PASSES: Final = 2
WARM_UP_SECONDS: Final = 1


def main() -> None:
    """Measure all systems in turn, several times over, and print the medians."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--seconds", type=int, default=1, help="for each system, four times in each round (%(default)s)"
    )
    parser.add_argument(
        "--memory", type=int, default=100_000, help="tokens for the memory test (%(default)s)"
    )
    parser.add_argument("--growth", action="store_true", help="only how cost grows with tokens and keys")
    arguments = parser.parse_args()
    if arguments.growth:
        print(growth.table())
        return
    rows = systems.present()
    if len(rows) < len(systems.SYSTEMS):
        print("Node or bench/node/node_modules is missing: its rows are left out", file=sys.stderr)
    with issuer() as okta, tempfile.TemporaryDirectory() as folder:
        counts = {systems.ONE: 1, systems.SOME: 1_000, systems.MANY: 32_000, systems.NONE: 0}
        counts["memory"] = arguments.memory
        files = {name: Path(folder) / name for name in counts}
        for name, count in counts.items():
            files[name].write_text("\n".join(okta.tokens(count)) + "\n")
        samples = measure(rows, okta.url, files, arguments.rounds, arguments.seconds)
        print(report.table(samples))
        print(report.noise(samples))
        report.plot(samples, PLOT)
        if arguments.memory:
            print(memory(okta.url, files["memory"], arguments.memory))


def measure(
    rows: list[systems.System], issuer: str, files: dict[str, Path], rounds: int, seconds: int
) -> dict[str, list[Sample]]:
    """Measure the systems in turn, `rounds` times.

    Each round starts the servers anew: where a process happens to lie in memory makes it
    a few percent faster or slower for as long as it lives.
    """
    samples: dict[str, list[Sample]] = {row.name: [] for row in rows}
    for number in range(1, rounds + 1):
        tries: dict[str, list[Sample]] = {row.name: [] for row in rows}
        with systems.running(rows, issuer) as where:
            for row in rows:
                run_wrk(where[row.name][0], files[row.warm_up], seconds=WARM_UP_SECONDS, ok=row.ok)
            # There and back: a machine that becomes slower meanwhile does it to all of them alike.
            for row in (*rows, *reversed(rows)) * TURNS:
                sent = sum(one.total for one in tries[row.name])
                url, tokens = where[row.name][0], files[row.tokens]
                tries[row.name].append(run_wrk(url, tokens, seconds=seconds, ok=row.ok, skip=sent))
        for name, measured in tries.items():
            # As Python's timeit has it: what else the machine does can only make it slower.
            samples[name].append(max(measured, key=lambda one: one.rate))
        print(f"round {number} of {rounds} done", file=sys.stderr)
    return samples


def memory(issuer: str, tokens_file: Path, count: int) -> str:
    """Send `count` distinct tokens, twice, to the open application and to ours; compare their memory."""
    rows = [row for row in systems.SYSTEMS if row.name in (report.BASELINE, "ours, one token")]
    resident: list[list[float]] = []
    with systems.running(rows, issuer) as where:
        for row in rows:
            url, process = where[row.name]
            resident.append([])
            for _ in range(PASSES):
                sent = 0
                while sent < count:
                    sent += run_wrk(url, tokens_file, seconds=10, ok=True, skip=sent).total
                resident[-1].append(systems.memory_of(process))
    above = [ours - bare for bare, ours in zip(*resident, strict=True)]
    return f"memory above no authentication after {count:,} distinct tokens, and as many again: " + ", ".join(
        f"{megabytes:.0f} MB" for megabytes in above
    )


if __name__ == "__main__":
    main()
