"""How well the rules of `dedup.relations` tell duplicates, versions and quotations apart.

    python benchmarks/relations.py --data ../shared/data

Three thresholds were chosen on the labelled pairs of `allsides`: the share of the longer text that
makes one text version, the share of quoted words that makes a quotation, and the share of the
longer text below which whole paragraphs can be an excerpt. So the table shows, beside the share of
right relations at the defaults, leave-one-out: for each pair the thresholds that are best on all
others are chosen from a grid (the middle one of equals) and judge it. `syndication_day` and the
fixtures were not used to choose them; there, pairs that the gold puts in two stories count as
`quote` when they match at all, those of two clusters of one story as `version`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import dedup
from dedup import readers
from dedup.engines import local
from dedup.stages import relations

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"

GRID = {
    "_SAME": (0.69, 0.72, 0.75, 0.78, 0.81, 0.84, 0.87),
    "_QUOTED": (0.3, 0.4, 0.45, 0.5, 0.6, 0.7),
    "_EXCERPT_OF": (0.2, 0.25, 1 / 3, 0.4, 0.5),
}
NAMES = {"id": "id", "text": "text", "title": "title", "source": "outlet", "date": "published"}


def judged(table: pa.Table) -> tuple[list[frozenset[str]], tuple[Any, ...]]:
    """Run dedup; give the pairs that its rules judged, and what they were judged by."""
    taken: list[tuple[Any, ...]] = []
    original = relations.judge

    def judge(*arguments: Any) -> relations.Relations:
        taken.append(arguments)
        return original(*arguments)

    relations.judge = judge
    try:
        renamed = {old: new for old, new in NAMES.items() if old in table.column_names}
        known = table.select(list(renamed)).rename_columns(list(renamed.values()))
        local.cluster(readers.from_table(known, readers.ReadOptions()), dedup.Settings())
    finally:
        relations.judge = original
    rows = taken[0][2].rows
    ids = table.column("id").to_pylist()
    return [frozenset((ids[a], ids[b])) for a, b in rows.tolist()], taken[0]


def allsides(folder: Path) -> Iterator[str]:
    """Right relations of labelled pairs at the defaults, and left one out."""
    pairs, arguments = judged(pq.read_table(folder / "articles.parquet"))
    place = {pair: i for i, pair in enumerate(pairs)}
    labelled = [
        (place[frozenset((row["id_a"], row["id_b"]))], row["label"])
        for row in pq.read_table(folder / "labelled_pairs.parquet").to_pylist()
        if frozenset((row["id_a"], row["id_b"])) in place
    ]
    places, gold = (np.array(column) for column in zip(*labelled, strict=True))
    default = relations.judge(*arguments).names[places] == gold
    right = []
    for values in itertools.product(*GRID.values()):
        before = {name: getattr(relations, name) for name in GRID}
        for name, value in zip(GRID, values, strict=True):
            setattr(relations, name, value)
        right.append(relations.judge(*arguments).names[places] == gold)
        for name, value in before.items():
            setattr(relations, name, value)
    table = np.array(right)
    left_out = []
    for i in range(len(gold)):
        score = table.sum(axis=1) - table[:, i]
        best = np.flatnonzero(score == score.max())
        left_out.append(table[best[len(best) // 2], i])
    yield f"| allsides, {len(gold)} labelled pairs outside furniture | {_share(default)} |"
    yield f"| the same, leave-one-out | {_share(np.array(left_out))} |"
    means = table.mean(axis=1)
    yield f"| the same, worst to best of the grid | {means.min():.3f} to {means.max():.3f} |"


def syndication_day(folder: Path) -> Iterator[str]:
    """Confusion of relations on pairs whose clusters and stories are labelled."""
    table = pq.read_table(folder / "articles.parquet")
    pairs, arguments = judged(table)
    rows = {row["id"]: row for row in table.to_pylist() if not row["aggregator"]}
    found = relations.judge(*arguments).names
    confusion: Counter[tuple[str, str]] = Counter()
    for pair, name in zip(pairs, found, strict=True):
        a, b = (rows.get(article) for article in pair)
        if a and b:
            gold = "quote" if a["story"] != b["story"] else "version"
            confusion["duplicate" if a["cluster"] == b["cluster"] else gold, str(name)] += 1
    yield from _confusion("syndication_day", confusion)


def fixtures() -> Iterator[str]:
    """Confusion of relations on the pairs of our own fixtures that match."""
    result = local.cluster(
        readers.read([str(FIXTURES / "newsroom.jsonl")], readers.ReadOptions()), dedup.Settings()
    )
    found = {frozenset((r["id_a"], r["id_b"])): r["relation"] for r in result.pairs.to_pylist()}
    lines = (FIXTURES / "gold" / "pairs.jsonl").read_text(encoding="utf-8").splitlines()
    gold = {frozenset((r["id_a"], r["id_b"])): r["relation"] for r in map(json.loads, lines)}
    confusion = Counter((gold[pair], found[pair]) for pair in gold if pair in found)
    yield from _confusion("fixtures", confusion)


def _confusion(data: str, confusion: Counter[tuple[str, str]]) -> Iterator[str]:
    for (gold, found), count in sorted(confusion.items()):
        yield f"| {data}, gold {gold} found {found} | {count:,} |"


def _share(right: np.ndarray) -> str:
    return f"{right.sum()} of {len(right)} ({right.mean():.1%})"


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    options = parser.parse_args()
    print("| data | relations right |\n|---|---|")
    for line in (
        *allsides(options.data / "allsides"),
        *syndication_day(options.data / "syndication_day"),
        *fixtures(),
    ):
        print(line)


if __name__ == "__main__":
    main()
