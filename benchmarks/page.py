"""The page of `compare.py`: tables, the peers that are ahead, and how cost grows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

COSTS = ("cpu_seconds", "wall_seconds", "peak_megabytes")
SCORES = ("pair_precision", "pair_recall", "pair_f1")
B_CUBED = ("b_cubed_precision", "b_cubed_recall", "b_cubed_f1")
COLUMNS = (
    "corpus",
    "level",
    "kilobytes",
    "articles",
    "megabytes",
    "method",
    "version",
    "setting",
    "threshold",
    *COSTS,
    "articles_per_cpu_second",
    "megabytes_per_cpu_second",
    *SCORES,
    *B_CUBED,
    "adjusted_rand",
    "largest_cluster",
    "failure",
    "date",
)
CLOSE_F1 = 0.02
BUSY = 1.2
"""Wall over CPU seconds from which the machine was not ours alone."""
CHARTS = {
    "speed-recall": "Speed against recall",
    "cost-size": "CPU seconds against articles",
    "memory-size": "Peak memory against articles",
}

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """Where and how the numbers were made."""

    machine: str
    system: str
    dedup: str
    timeout: float
    memory: float
    seed: int
    repeats: int


def markdown(rows: list[Row], facts: Facts, sources: dict[str, str]) -> str:
    """Write the whole page."""
    return "\n\n".join(filter(None, sections(rows, facts, sources))) + "\n"


def sections(rows: list[Row], facts: Facts, sources: dict[str, str]) -> Iterator[str]:
    """Yield the parts of the page, empty ones too."""
    yield "# Benchmarks"
    yield introduction(rows, facts)
    yield "## Methods"
    yield methods(rows, sources)
    yield "## Where a peer is ahead"
    yield ahead(rows)
    yield "## Speed beside the fastest peers"
    yield lead(rows)
    yield "## Growth"
    yield growth(rows)
    yield "\n\n".join(f"![{title}](benchmarks/{name}.svg)" for name, title in CHARTS.items())
    yield "## All rows"
    yield READING
    for (corpus, level), group in grouped(rows):
        yield f"### {corpus}, {level}"
        yield table(group)


READING = """\
*Recommended* is the threshold its documentation names, *best* the one with the highest pair F1 of a
sweep on this corpus (of generated corpora: on the smallest of that length); where a sweep was
stopped, the best is of the thresholds it had come to, from the top. P / R / F1 are over pairs of
articles, then B-cubed; ARI is the adjusted Rand index. Data labelled by pairs have neither of the
last two. *Largest* is the largest cluster found. CPU is of one core, start-up included; peak memory
is of all processes of the method."""


def introduction(rows: list[Row], facts: Facts) -> str:
    """Say what was run, on what, and with which command."""
    dates = sorted({row["date"] for row in rows if row.get("date")})
    span = " to ".join(dict.fromkeys((dates[0], dates[-1]))) if dates else "not yet run"
    timed = [row for row in rows if row.get("cpu_seconds")]
    busy = sum(row["wall_seconds"] > BUSY * row["cpu_seconds"] for row in timed)
    shared = (
        f" In {busy} of {len(timed)} rows wall time is over {BUSY} times CPU time: other work ran\n"
        "  beside, or the method waited; CPU time is then higher too."
    )
    runs = "one run" if facts.repeats == 1 else f"the median of {facts.repeats} runs"
    return f"""\
dedup and other ways to find copied articles, on labelled news and on generated corpora whose copies
are known. `python benchmarks/compare.py --data DIR --output docs` makes this page,
[results.csv](benchmarks/results.csv) with all figures, and the charts; `DIR` is the folder of the
labelled data, described in [benchmarks](../benchmarks/README.md). Their texts are third-party and
not part of this repository.

- Machine: {facts.machine}; {facts.system}. Date: {span}. dedup {facts.dedup}.
- Each figure is {runs} on one core, the whole process from file to clusters. A run is stopped after
  {facts.timeout:g} s or at {facts.memory:,.0f} MB.{shared if busy else ""}
- Generated corpora have seed {facts.seed} (`benchmarks/corpus.py`). Their copies follow rules, so
  they measure speed and growth; how well copies are found is measured on the labelled news.
- `cluster` is the same text version, `story` all versions of one report. dedup gives both, peers
  give one clustering, which is scored at both levels. `event` is the same event, mostly told in
  other words: no copies, shown because the labels are there."""


def grouped(rows: list[Row]) -> Iterator[tuple[tuple[str, str], list[Row]]]:
    """Yield the rows of each corpus and level, in the order in which corpora come first."""
    order = list(dict.fromkeys((row["corpus"], row["level"]) for row in rows))
    ordered = sorted(rows, key=lambda row: order.index((row["corpus"], row["level"])))
    for key, group in groupby(ordered, lambda row: (row["corpus"], row["level"])):
        yield key, list(group)


def methods(rows: list[Row], sources: dict[str, str]) -> str:
    """Name each method, its version and where its settings come from."""
    versions = {row["method"]: row["version"] for row in rows}
    lines = ["| method | version | recommended settings |", "|---|---|---|"]
    lines += [f"| {name} | {versions[name]} | {sources[name]} |" for name in versions]
    return "\n".join(lines)


def table(rows: list[Row]) -> str:
    """Show the rows of one corpus and level; a best that is the recommended is one row."""
    head = (
        "method | setting | threshold | pairs P / R / F1 | B-cubed P / R / F1 | ARI | largest | "
        "CPU s | wall s | articles per CPU s | MB per CPU s | peak MB | failure"
    )
    lines = [f"| {head} |", "|---|---|---:|---|---|" + "---:|" * 7 + "---|"]
    for _, group in groupby(rows, lambda row: (row["method"], row["threshold"])):
        same = list(group)
        row = same[0]
        cells = [row["method"], ", ".join(each["setting"] for each in same)]
        cells += [number(row["threshold"], 2), triple(row, SCORES), triple(row, B_CUBED)]
        cells += [number(row.get("adjusted_rand"), 3), number(row.get("largest_cluster"), 0)]
        cells += [number(row.get(name), 2) for name in ("cpu_seconds", "wall_seconds")]
        cells += [number(row.get("articles_per_cpu_second"), 0)]
        cells += [number(row.get("megabytes_per_cpu_second"), 1)]
        cells += [number(row.get("peak_megabytes"), 0), row["failure"].replace("|", "/")]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def ahead(rows: list[Row]) -> str:
    """List every peer whose pair or B-cubed F1 is above dedup's at the same kind of setting."""
    lines = []
    for (corpus, level), group in grouped(rows):
        for setting in ("recommended", "best"):
            scored = [row for row in of(group, setting) if row.get("pair_f1") is not None]
            ours = max((row for row in scored if is_ours(row)), key=by_f1, default=None)
            for row in scored if ours else ():
                better = [
                    f"{name} {row[column]:.3f} to {ours[column]:.3f}"
                    for name, column in (("pair F1", "pair_f1"), ("B-cubed F1", "b_cubed_f1"))
                    if row.get(column) is not None and row[column] > ours[column] + 5e-4
                ]
                if better:
                    where = f"{corpus}, {level}, {setting}"
                    lines.append(f"- {where}: {row['method']}, {', '.join(better)}")
    return "\n".join(lines) or "Nowhere, among the rows below."


def of(rows: list[Row], setting: str) -> list[Row]:
    """Choose the rows of a setting."""
    return [row for row in rows if row["setting"] == setting]


def is_ours(row: Row) -> bool:
    """Tell dedup's rows."""
    return row["method"].startswith("dedup")


def by_f1(row: Row) -> tuple[float, float]:
    """Rank rows: higher pair F1, then faster."""
    return row["pair_f1"], row["articles_per_cpu_second"]


def lead(rows: list[Row]) -> str:
    """Compare dedup's articles per CPU second with those of the fastest peers."""
    lines = [
        f"| corpus, level | dedup | pair F1 | fastest peer with F1 within {CLOSE_F1} or above | "
        "dedup over it | fastest peer at any F1 | dedup over it |",
        "|---|---:|---:|---|---:|---|---:|",
    ]
    for (corpus, level), group in grouped(rows):
        finished = [row for row in group if row.get("articles_per_cpu_second")]
        peers = [row for row in finished if not is_ours(row)]
        ours = [row for row in finished if is_ours(row) and row["method"] != "dedup:jsonl"]
        if not group[0]["kilobytes"] or not peers or not ours:
            continue
        best = max(ours, key=by_f1)
        close = [row for row in peers if (row.get("pair_f1") or 0) >= best["pair_f1"] - CLOSE_F1]
        cells = [f"{corpus}, {level}", number(best["articles_per_cpu_second"], 0)]
        cells.append(number(best["pair_f1"], 3))
        for choice in (close, peers):
            if choice:
                peer = max(choice, key=lambda row: row["articles_per_cpu_second"])
                speed = peer["articles_per_cpu_second"]
                score = number(peer.get("pair_f1"), 3)
                cells.append(f"{peer['method']} at {peer['threshold']:g}: {speed:,.0f}, F1 {score}")
                cells.append(f"{best['articles_per_cpu_second'] / speed:.2f}")
            else:
                cells += ["none", "–"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) if len(lines) > 2 else "No generated corpus was run."


def growth(rows: list[Row]) -> str:
    """Fit CPU seconds = c * articles ** exponent to each method's recommended runs by length."""
    lines = [
        "| method | length | articles | exponent of CPU | CPU s | peak MB | story precision |",
        "|---|---|---|---:|---|---|---|",
    ]
    runs: dict[tuple[str, str], dict[int, Row]] = {}
    for row in rows:
        if row["level"] == "story" and row["kilobytes"] and row.get("articles_per_cpu_second"):
            length = f"{row['kilobytes']:g} kB"
            setting = "recommended" if any_recommended(rows, row["method"]) else "best"
            if row["setting"] == setting:
                runs.setdefault((row["method"], length), {})[row["articles"]] = row
    for (method, length), by_size in runs.items():
        if len(by_size) > 1:
            sizes = sorted(by_size)
            cells = [method, length, " / ".join(f"{size:,}" for size in sizes)]
            cells.append(f"{exponent({n: by_size[n]['cpu_seconds'] for n in sizes}):.2f}")
            for column, places in (("cpu_seconds", 1), ("peak_megabytes", 0)):
                cells.append(" / ".join(number(by_size[n][column], places) for n in sizes))
            cells.append(" / ".join(number(by_size[n].get("pair_precision"), 3) for n in sizes))
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) if len(lines) > 2 else "One size only."


def any_recommended(rows: list[Row], method: str) -> bool:
    """Tell whether a method has settings of its own."""
    return any(row["method"] == method and row["setting"] == "recommended" for row in rows)


def exponent(seconds: dict[int, float]) -> float:
    """Fit a power of the size to the seconds by least squares of the logarithms."""
    x = [math.log(size) for size in seconds]
    y = [math.log(value) for value in seconds.values()]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    products = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return products / sum((a - mean_x) ** 2 for a in x)


def triple(row: Row, names: tuple[str, ...]) -> str:
    """Show precision, recall and F1."""
    if row.get(names[0]) is None:
        return "–"
    return " / ".join(number(row.get(name), 3) for name in names)


def number(value: float | None, places: int) -> str:
    """Show a number, a dash where there is none."""
    return "–" if value is None else f"{value:,.{places}f}"


def plain(value: Any) -> Any:
    """Round for the CSV file."""
    return round(value, 4) if isinstance(value, float) else value
