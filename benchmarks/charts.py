"""Draw the charts of `compare.py` from its CSV file, as SVG with the same bytes for the same rows.

python benchmarks/charts.py docs/benchmarks/results.csv docs/benchmarks
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes

Row = dict[str, str]
COLOURS = plt.colormaps["tab20"].colors


def main() -> None:
    """Read the rows and draw."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    with options.results.open(encoding="utf-8", newline="") as file:
        every = list(csv.DictReader(file))
    rows = [row for row in every if row["kilobytes"] and row["articles_per_cpu_second"]]
    plt.rcParams |= {"svg.hashsalt": "dedup", "svg.fonttype": "none", "font.size": 9}
    for name, draw in (
        ("speed-recall", speed_recall),
        ("cost-size", cost_size),
        ("memory-size", memory_size),
    ):
        figure, axes = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
        draw(rows, list(axes))
        handles = {line.get_label(): line for axis in axes for line in axis.get_lines()}
        figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=6)
        figure.savefig(options.output / f"{name}.svg", metadata={"Date": None})
        plt.close(figure)


def speed_recall(rows: list[Row], axes: list[Axes]) -> None:
    """Articles per CPU second against recall of pairs, each method at its best, by level."""
    size = common_size(rows)
    for axis, level in zip(axes, ("cluster", "story"), strict=True):
        chosen = [row for row in rows if (row["level"], row["setting"]) == (level, "best")]
        for method, style, group in by_method(chosen, rows):
            for row in group:
                if (row["articles"], row["kilobytes"]) == size and row["pair_recall"]:
                    x, y = float(row["articles_per_cpu_second"]), float(row["pair_recall"])
                    axis.plot([x], [y], label=method, linestyle="", markersize=8, **style)
        axis.set(xscale="log", xlabel="articles per CPU second", ylabel=f"recall of {level} pairs")
        axis.set_ylim(0, 1.03)
        axis.set_title(f"{int(size[0]):,} articles of {float(size[1]):g} kB, each at its best")
        axis.grid(visible=True, which="both", alpha=0.2)


def common_size(rows: list[Row]) -> tuple[str, str]:
    """Choose the generated corpus on which most methods ended, of these the largest."""
    methods: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        methods.setdefault((row["articles"], row["kilobytes"]), set()).add(row["method"])
    return max(methods, key=lambda size: (len(methods[size]), int(size[0]), -float(size[1])))


def cost_size(rows: list[Row], axes: list[Axes]) -> None:
    """CPU seconds against articles, on logarithmic axes."""
    against_size(rows, axes, "cpu_seconds", "CPU seconds")


def memory_size(rows: list[Row], axes: list[Axes]) -> None:
    """Peak memory against articles, on logarithmic axes."""
    against_size(rows, axes, "peak_megabytes", "peak memory, MB")


def against_size(rows: list[Row], axes: list[Axes], column: str, label: str) -> None:
    """Draw a line for each method, at its recommended settings or else its best, by length."""
    for axis, kilobytes in zip(axes, (1, 5), strict=True):
        chosen = [row for row in rows if float(row["kilobytes"]) == kilobytes]
        for method, style, group in by_method(chosen, rows):
            usual = [row for row in group if row["setting"] == "recommended"] or group
            points = sorted({int(row["articles"]): float(row[column]) for row in usual}.items())
            if points:
                axis.plot(*zip(*points, strict=True), label=method, **style)
        axis.set(xscale="log", yscale="log", xlabel="articles", ylabel=label)
        axis.set_title(f"articles of {kilobytes} kB")
        axis.grid(visible=True, which="both", alpha=0.2)


def by_method(rows: list[Row], every: list[Row]) -> Iterator[tuple[str, dict, list[Row]]]:
    """Yield each method, how it is drawn in every chart, and its rows."""
    for number, method in enumerate(dict.fromkeys(row["method"] for row in every)):
        style = {"color": COLOURS[number % 20], "marker": "osD^v<>pP*Xhd8"[number % 14]}
        yield method, style, [row for row in rows if row["method"] == method]


if __name__ == "__main__":
    main()
