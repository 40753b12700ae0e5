"""Labelled piles made worse on purpose: what is left of the scores.

    python benchmarks/piles.py [--data DIR]

Each data set is clustered as it is, and then once for each way in which piles of news are worse
than labelled ones: all pages under one outlet, no outlets and addresses, no titles, every page
fetched five times with another list of links. Scores are pair F1 and B-cubed F1 of clusters and
stories; the last column is the pair F1 as a share of that of the pile as it is. Our own fixtures
are always measured, `syndication_day` and `scissors_and_paste` with --data.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import dedup
from dedup import evaluation, readers

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
FETCHES = 5

Row = dict[str, Any]
Gold = dict[str, dict[str, str]]

NOUNS = ("council", "bridge", "school", "ferry", "market", "station", "hospital", "harbour")
VERBS = ("opens", "closes", "reports", "celebrates", "questions", "repairs", "sells", "visits")
THINGS = ("lighthouse", "orchestra", "bakery", "timetable", "orchard", "stadium", "library")


def links(chance: random.Random) -> str:
    """Make a list of links as it stands under an article."""
    lines = ["Most read today"]
    for _ in range(12):
        line = [chance.choice(NOUNS).title(), chance.choice(VERBS), chance.choice(THINGS)]
        lines.append(" ".join([*line, "after", str(chance.randint(2, 60)), "years"]))
    return "\n".join(lines)


def as_it_is(rows: list[Row], gold: Gold) -> tuple[list[Row], Gold]:
    """Leave the pile."""
    return rows, gold


def one_outlet(rows: list[Row], gold: Gold) -> tuple[list[Row], Gold]:
    """Name the same outlet everywhere, as archives do."""
    return [{**row, "outlet": "Archive", "url": ""} for row in rows], gold


def no_outlets(rows: list[Row], gold: Gold) -> tuple[list[Row], Gold]:
    """Take away outlets and addresses."""
    return [{**row, "outlet": "", "url": ""} for row in rows], gold


def no_titles(rows: list[Row], gold: Gold) -> tuple[list[Row], Gold]:
    """Take away titles."""
    return [{**row, "title": ""} for row in rows], gold


def fetched_again(rows: list[Row], gold: Gold) -> tuple[list[Row], Gold]:
    """Fetch every page five times, each time with other links under the text."""
    chance = random.Random(5)
    pile, labels = [], {}
    for row in rows:
        for fetch in range(FETCHES):
            name = f"{row['id']}/{fetch}"
            pile.append({**row, "id": name, "text": f"{row['text']}\n\n{links(chance)}"})
            if row["id"] in gold:
                labels[name] = gold[row["id"]]
    return pile, labels


WAYS: dict[str, Callable[[list[Row], Gold], tuple[list[Row], Gold]]] = {
    "as it is": as_it_is,
    "one outlet": one_outlet,
    "no outlets": no_outlets,
    "no titles": no_titles,
    "fetched five times": fetched_again,
}


def fixtures() -> tuple[list[Row], Gold]:
    """Give our own newsroom and its labels."""
    batches = readers.read([str(FIXTURES / "newsroom.jsonl")], readers.ReadOptions())
    rows = [row for batch in batches for row in batch.articles.to_pylist()]
    gold = {row["id"]: row for row in _read_lines(FIXTURES / "gold" / "articles.jsonl")}
    return [_plain(row) for row in rows], gold


def data_set(folder: Path) -> tuple[list[Row], Gold]:
    """Give a labelled data set; aggregator pages have no label."""
    table = pq.read_table(folder / "articles.parquet").to_pylist()
    rows = [
        _plain({**row, "outlet": row.get("source"), "published": row.get("date")}) for row in table
    ]
    gold = {row["id"]: row for row in table if not row.get("aggregator")}
    return rows, gold


def _plain(row: Row) -> Row:
    names = ("id", "text", "title", "outlet", "published", "url")
    return {name: row.get(name) or "" for name in names} | {"published": row.get("published")}


def _read_lines(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def measure(name: str, rows: list[Row], gold: Gold, levels: tuple[str, ...]) -> Iterator[str]:
    """Score a pile in all ways."""
    clean: dict[str, float] = {}
    for way, spoil in WAYS.items():
        pile, labels = spoil(rows, gold)
        result = dedup.cluster(pile).articles
        ids = result.column("id").to_pylist()
        kept = [i for i, one in enumerate(ids) if one in labels]
        for level in levels:
            found = result.column(level).to_pylist()
            ours = [found[i] for i in kept]
            wanted = [labels[ids[i]][level] for i in kept]
            pairs, b_cubed = evaluation.pairwise(ours, wanted), evaluation.b_cubed(ours, wanted)
            share = pairs.f1 / clean.setdefault(level, pairs.f1)
            yield (
                f"| {name} | {way} | {level} | {pairs.precision:.3f} / {pairs.recall:.3f} / "
                f"{pairs.f1:.3f} | {b_cubed.f1:.3f} | {share:.2f} |"
            )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="Folder of the labelled data sets.")
    data = parser.parse_args().data
    print("| pile | made worse | level | pairs: P / R / F1 | B-cubed F1 | of clean |")
    print("|---|---|---|---|---:|---:|")
    piles = [("fixtures", *fixtures(), ("cluster", "story"))]
    if data:
        for name, levels in (
            ("syndication_day", ("cluster", "story")),
            ("scissors_and_paste", ("cluster",)),
        ):
            piles.append((name, *data_set(data / name), levels))
    for pile in piles:
        for line in measure(*pile):
            print(line)


if __name__ == "__main__":
    main()
