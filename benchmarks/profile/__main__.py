"""Where the time of `dedup cluster` goes, and how far each part is from what limits it.

    python benchmarks/profile
    python benchmarks/profile --articles 1000000 --kilobytes 1

Runs the command once on one core from Parquet and once from JSON Lines, and shows the stages of
`run.json`. Then it times parts alone, the best of three: the tokeniser beside copying memory, the
readers beside pyarrow and orjson on the same files. A folder rather than a module, because Python's
own `profile` would not be found beside it.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import compare
import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from dedup import readers
from dedup.text import tokenizer

REPEATS = 3
COPIED_BYTES = 1 << 28


def account(bench: compare.Bench, name: str, data: compare.labelled.Labelled) -> dict[str, Any]:
    """Give what one run cost, kept or new, with `run.json` under "run"."""
    method = compare.BY_NAME[name]
    outcome = bench.outcome(method, compare.DEFAULT, data)
    if outcome is None or outcome.failure:
        raise SystemExit(f"{name}: {outcome.failure if outcome else 'not run'}")
    return outcome.cost


def shares(runs: dict[str, dict[str, Any]]) -> str:
    """Show CPU seconds and share of each stage, as a Markdown table."""
    lines = [f"| stage | {' | '.join(f'{name}, CPU s | share' for name in runs)} |"]
    lines.append("|---|" + "---:|---:|" * len(runs))
    names = list(
        dict.fromkeys(stage for run in runs.values() for stage in run["run"]["cpu_seconds"])
    )
    for stage in [*names, "start-up, imports, writing", "whole process"]:
        cells = []
        for run in runs.values():
            total, stages = run["cpu_seconds"], run["run"]["cpu_seconds"]
            parts = stages | {
                "whole process": total,
                "start-up, imports, writing": total - sum(stages.values()),
            }
            seconds = parts.get(stage, 0.0)
            cells += [f"{seconds:.2f}", f"{100 * seconds / total:.1f} %"]
        lines.append(f"| {stage} | {' | '.join(cells)} |")
    return "\n".join(lines)


def held(run: dict[str, Any], n_articles: int) -> str:
    """Show the bytes that the run held, and its peak."""
    lines = ["| held | MB | bytes an article |", "|---|---:|---:|"]
    sizes = run["run"]["bytes"] | {"peak of the process": run["peak_megabytes"] * (1 << 20)}
    for name, size in sizes.items():
        if isinstance(size, int | float):
            lines.append(f"| {name} | {size / 1e6:,.1f} | {size / n_articles:,.0f} |")
    return "\n".join(lines)


def limits(parquet: Path, lines: Path) -> str:
    """Time parts of dedup and what limits them on the same bytes, as a Markdown table."""
    table = pq.read_table(parquet, columns=["text"], use_threads=False)
    texts = table["text"].combine_chunks()
    n_text = int(pa.compute.sum(pa.compute.binary_length(texts)).as_py())
    source = np.ones(COPIED_BYTES, np.uint8)
    target = np.zeros_like(source)
    parts = (
        ("tokeniser", n_text, lambda: tokenizer.tokenise(texts)),
        ("copying memory", COPIED_BYTES, lambda: np.copyto(target, source)),
        ("JSON Lines reader", lines.stat().st_size, lambda: drain(readers.read([str(lines)]))),
        ("orjson alone, line by line", lines.stat().st_size, lambda: parse(lines)),
        ("Parquet reader", n_text, lambda: drain(readers.read([str(parquet)]))),
        ("pyarrow alone, text column", n_text, lambda: read_column(parquet)),
    )
    speeds = [n_bytes / seconds(part) for _, n_bytes, part in parts]
    rows = ["| part | MB per CPU s | its limit | of the limit |", "|---|---:|---|---:|"]
    for i in range(0, len(parts), 2):
        limit = f"{parts[i + 1][0]}: {speeds[i + 1] / 1e6:,.0f} MB per CPU s"
        share = f"{100 * speeds[i] / speeds[i + 1]:.0f} %"
        rows.append(f"| {parts[i][0]} | {speeds[i] / 1e6:,.0f} | {limit} | {share} |")
    return "\n".join(rows)


def drain(batches: Any) -> None:
    """Read to the end."""
    for _ in batches:
        pass


def parse(path: Path) -> None:
    """Parse each line and keep nothing."""
    with path.open("rb") as file:
        for line in file:
            orjson.loads(line)


def read_column(path: Path) -> None:
    """Read the texts batch by batch."""
    drain(pq.ParquetFile(path).iter_batches(columns=["text"], use_threads=False))


def seconds(part: Callable[[], Any]) -> float:
    """Give the least CPU seconds of a few runs, after one that compiles and warms up."""
    part()
    taken = []
    for _ in range(REPEATS):
        start = time.process_time()
        part()
        taken.append(time.process_time() - start)
    return min(taken)


def main() -> None:
    """Read the options, run, and print three tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--kilobytes", type=float, default=1.0)
    parser.add_argument("--work", type=Path, default=Path(".benchmarks"))
    own = parser.parse_args()
    options = compare.read_options(["--work", str(own.work), "--timeout", "3600"])
    bench = compare.Bench(options)
    data = bench.generated(own.articles, own.kilobytes)
    lines = compare.json_lines(data.path)
    runs = {name: account(bench, name, data) for name in ("dedup", "dedup:jsonl")}
    os.sched_setaffinity(0, {bench.cores[-1]})
    pa.set_cpu_count(1)
    print(f"{data.name}, {data.megabytes:,.0f} MB of text; {compare.processor()}, one core.\n")
    print(shares({"Parquet": runs["dedup"], "JSON Lines": runs["dedup:jsonl"]}))
    print(f"\n{held(runs['dedup'], data.articles)}\n\n{limits(data.path, lines)}")


if __name__ == "__main__":
    main()
