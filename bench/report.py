"""The table and the plot."""

from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Final

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt

from bench.load import Sample

BASELINE: Final = "no authentication"
NOISY: Final = 0.1

Samples = Mapping[str, list[Sample]]


def ratios(samples: Samples) -> dict[str, tuple[float, float]]:
    """Requests a second and 99th percentile of each system over the baseline's of the same round; medians."""
    base = samples[BASELINE]
    return {
        name: (
            median(sample.rate / of.rate for sample, of in zip(measured, base, strict=True)),
            median(sample.p99 / of.p99 for sample, of in zip(measured, base, strict=True)),
        )
        for name, measured in samples.items()
    }


def table(samples: Samples) -> str:
    """A Markdown table: requests a second, their ratio, the ratio of the 99th percentiles."""
    lines = ["| system | requests/s | ratio | p99 ratio |", "|---|---|---|---|"]
    for name, (rate, p99) in ratios(samples).items():
        rates = median(sample.rate for sample in samples[name])
        lines.append(f"| {name} | {rates:,.0f} | {rate:.2f} | {p99:.2f} |")
    return "\n".join(lines)


def noise(samples: Samples) -> str:
    """A warning where the baseline itself differs too much between rounds, else nothing."""
    rates = [sample.rate for sample in samples[BASELINE]]
    spread = (max(rates) - min(rates)) / median(rates)
    if spread <= NOISY:
        return ""
    return f"The baseline differs by {spread:.0%} between rounds: this machine is too noisy to tell."


def plot(samples: Samples, path: Path) -> None:
    """Write a bar for each system's ratio to `path`, as SVG without a date in it."""
    names = list(samples)[::-1]
    values = [ratios(samples)[name][0] for name in names]
    colours = ["#00297a" if name.startswith("ours") else "#9aa5b8" for name in names]
    plt.rcParams["svg.hashsalt"] = "bench"
    figure, axes = plt.subplots(figsize=(8, 3.6), layout="constrained")
    bars = axes.barh(names, values, color=colours)
    axes.bar_label(bars, [f"{value:.2f}" for value in values], padding=3)
    axes.axvline(1, color="#555", linewidth=0.8, linestyle=":")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel("requests per second, relative to no authentication")
    figure.savefig(path, metadata={"Date": None})
