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


def ratios(samples: Samples, name: str) -> list[float]:
    """Requests a second of a system over the baseline's of the same round, for each round."""
    return [sample.rate / of.rate for sample, of in zip(samples[name], samples[BASELINE], strict=True)]


def table(samples: Samples) -> str:
    """A Markdown table: requests a second, their ratio, the ratio of the 99th percentiles.

    All are medians of the rounds; after the ratio stand the lowest and the highest one.
    """
    lines = ["| system | requests/s | ratio | in the rounds | p99 ratio |", "|---|---|---|---|---|"]
    for name, measured in samples.items():
        rate, each = median(sample.rate for sample in measured), ratios(samples, name)
        p99 = median(sample.p99 / of.p99 for sample, of in zip(measured, samples[BASELINE], strict=True))
        spread = f"{min(each):.2f} to {max(each):.2f}"
        lines.append(f"| {name} | {rate:,.0f} | {median(each):.2f} | {spread} | {p99:.2f} |")
    return "\n".join(lines)


def noise(samples: Samples) -> str:
    """How much the baseline itself differs between rounds, and a warning where that is too much."""
    rates = [sample.rate for sample in samples[BASELINE]]
    spread = (max(rates) - min(rates)) / median(rates)
    told = f"The baseline differs by {spread:.0%} between rounds"
    return f"{told}: this machine is too noisy to tell." if spread > NOISY else f"{told}."


def plot(samples: Samples, path: Path) -> None:
    """Write a bar for each system's ratio to `path`, as SVG without a date in it."""
    names = list(samples)[::-1]
    values = [median(ratios(samples, name)) for name in names]
    colours = ["#00297a" if name.startswith("ours") else "#9aa5b8" for name in names]
    plt.rcParams["svg.hashsalt"] = "bench"
    figure, axes = plt.subplots(figsize=(8, 3.6), layout="constrained")
    bars = axes.barh(names, values, color=colours)
    axes.bar_label(bars, [f"{value:.2f}" for value in values], padding=3)
    axes.axvline(1, color="#555", linewidth=0.8, linestyle=":")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel("requests per second, relative to no authentication")
    figure.savefig(path, metadata={"Date": None})
