"""The table and the plot."""

from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Final

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt

from bench.load import CONNECTIONS, Sample
from bench.systems import BARE, SYSTEMS, System

Samples = Mapping[tuple[str, int], list[Sample]]
"""The samples of each system, by name and number of connections: one per round."""

HEAD: Final = """\
| system | compared with | requests/s at 1 | requests/s at 32 | CPU per request at 1 | CPU per request at 32 |
|---|---|---|---|---|---|"""


def ratio(samples: Samples, system: System, connections: int, value: Callable[[Sample], float]) -> float:
    """Return the median, over the rounds, of a system's value divided by its baseline's in the same round."""
    measured, base = samples[system.name, connections], samples[system.baseline, connections]
    return median(value(one) / value(of) for one, of in zip(measured, base, strict=True))


def table(samples: Samples) -> str:
    """Return a Markdown table of the ratios, and the absolute figures of the baselines."""
    lines = [HEAD]
    for system in _measured(samples):
        rates = [ratio(samples, system, number, lambda one: one.rate) for number in CONNECTIONS]
        cpus = [ratio(samples, system, number, lambda one: one.cpu) for number in CONNECTIONS]
        figures = " | ".join(f"{figure:.2f}" for figure in (*rates, *cpus))
        if system.name == system.baseline:
            figures = " | ".join(_absolute(samples, system))
        compared = "" if system.name == system.baseline else system.baseline
        lines.append(f"| {system.name} | {compared} | {figures} |")
    return "\n".join(lines)


def noise(samples: Samples) -> str:
    """Return how much the baseline differs between the rounds of this run."""
    rates = [sample.rate for sample in samples[BARE, 32]]
    spread = (max(rates) - min(rates)) / median(rates)
    return f"{len(rates)} rounds; {BARE} at 32 connections differed by {spread:.0%} between them."


def plot(samples: Samples, path: Path) -> None:
    """Write a bar chart of the ratios at 32 connections to `path`, as SVG."""
    systems = [system for system in _measured(samples) if system.name != system.baseline][::-1]
    values = [ratio(samples, system, 32, lambda one: one.rate) for system in systems]
    colours = ["#00297a" if system.name.startswith("ours") else "#9aa5b8" for system in systems]
    plt.rcParams["svg.hashsalt"] = "bench"  # the same file for the same figures
    figure, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
    bars = axes.barh([system.name for system in systems], values, color=colours)
    axes.bar_label(bars, [f"{value:.2f}" for value in values], padding=3)
    axes.axvline(1, color="#555", linewidth=0.8, linestyle=":")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel("requests per second, as a ratio to FastAPI without authentication")
    figure.savefig(path, metadata={"Date": None})


def _measured(samples: Samples) -> list[System]:
    return [system for system in SYSTEMS if (system.name, 1) in samples]


def _absolute(samples: Samples, system: System) -> list[str]:
    rates = [f"{median(one.rate for one in samples[system.name, number]):,.0f}/s" for number in CONNECTIONS]
    return rates + [
        f"{median(one.cpu for one in samples[system.name, number]):.0f} µs" for number in CONNECTIONS
    ]
