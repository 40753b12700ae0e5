"""Quality of dedup at default settings on the labelled data, as one table.

    python benchmarks/quality.py --data ../shared/data

What each data set holds, who labelled it and how far the labels carry is told in the README of the
data folder. Exact similarities come from `exact.py`, which shares no code with the package.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import exact
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import dedup
from dedup import evaluation

COLUMNS = {"id": "id", "text": "text", "title": "title", "source": "outlet", "date": "published"}

LONG = 20
"""Distinct 5-grams from which a text is too long to be a one-line bulletin."""


class Line(NamedTuple):
    """One measured number or score, as the table shows it."""

    data: str
    articles: int
    seconds: float
    measure: str
    result: str
    value: Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """What dedup found in one data set.

    Attributes:
        cluster: Cluster of each article id; `story` likewise.
        relations: Relation of each pair of the `pairs` table, by the set of its two ids.
        counts: Of `run.json`.
    """

    table: pa.Table
    cluster: dict[str, str]
    story: dict[str, str]
    relations: dict[frozenset[str], str]
    counts: dict[str, int]
    seconds: float

    def line(self, data: str, measure: str, result: str, value: Any) -> Line:
        """Put a number in the table."""
        return Line(data, self.table.num_rows, self.seconds, measure, result, value)


def read(folder: Path, name: str = "articles") -> pa.Table:
    """Read one table of a data set."""
    return pq.read_table(folder / f"{name}.parquet")


def find(table: pa.Table, **settings: Any) -> Outcome:
    """Cluster the articles of a table with default settings, but for those named."""
    renamed = {old: new for old, new in COLUMNS.items() if old in table.column_names}
    articles = table.select(list(renamed)).rename_columns(list(renamed.values()))
    start = time.perf_counter()
    result = dedup.cluster(articles, dedup.Settings(**settings))
    seconds = time.perf_counter() - start
    rows = result.articles.to_pydict()
    pairs = result.pairs.select(["id_a", "id_b", "relation"]).to_pylist()
    return Outcome(
        table=table,
        cluster=dict(zip(rows["id"], rows["cluster"], strict=True)),
        story=dict(zip(rows["id"], rows["story"], strict=True)),
        relations={frozenset((row["id_a"], row["id_b"])): row["relation"] for row in pairs},
        counts=result.run["counts"],
        seconds=seconds,
    )


def syndication_day(folder: Path) -> Iterator[Line]:
    """Clusters and stories of one day's news; aggregator pages are clustered but not scored."""
    outcome = find(read(folder))
    scored = [row for row in outcome.table.to_pylist() if not row["aggregator"]]
    for label, found in (("cluster", outcome.cluster), ("story", outcome.story)):
        yield from clustering_lines(outcome, "syndication_day", label, found, scored)


def scissors_and_paste(folder: Path) -> Iterator[Line]:
    """Reprints between newspapers of 1789-1850."""
    outcome = find(read(folder))
    rows = outcome.table.to_pylist()
    yield from clustering_lines(outcome, "scissors_and_paste", "cluster", outcome.cluster, rows)


def clustering_lines(
    outcome: Outcome, data: str, label: str, found: dict[str, str], rows: list[dict[str, Any]]
) -> Iterator[Line]:
    """Pairwise and B-cubed scores of found labels against a gold column."""
    labels, gold = [found[row["id"]] for row in rows], [row[label] for row in rows]
    for name, score in (
        ("pairs", evaluation.pairwise(labels, gold)),
        ("B-cubed", evaluation.b_cubed(labels, gold)),
    ):
        value = {"precision": score.precision, "recall": score.recall, "f1": score.f1}
        yield outcome.line(data, f"{label}, {name}: P / R / F1", _scores(value.values()), value)


def minhash_sample(folder: Path) -> Iterator[Line]:
    """Ten planted near-identical pairs."""
    yield pair_line(find(read(folder)), "minhash_sample", gold_pairs(folder), "cluster")


def story_chains(folder: Path) -> Iterator[Line]:
    """Rewrites of press releases: what copying of text can and cannot find."""
    outcome = find(read(folder))
    for label in ("cluster", "story"):
        yield pair_line(outcome, "story_chains", gold_pairs(folder), label)


def gold_pairs(folder: Path) -> list[tuple[str, str]]:
    """Pairs that the data labels as copies."""
    rows = read(folder, "pairs").to_pylist()
    return [(row["id_a"], row["id_b"]) for row in rows if row["label"] == 1]


def pair_line(outcome: Outcome, data: str, gold: list[tuple[str, str]], label: str) -> Line:
    """Score the pairs that share a label against listed pairs."""
    found = together(getattr(outcome, label))
    score = evaluation.pair_sets(found, gold)
    value = {"precision": score.precision, "recall": score.recall, "f1": score.f1}
    text = f"{_scores(value.values())} ({score.shared} of {score.gold}, {score.found} found)"
    return outcome.line(data, f"same {label}, pairs: P / R / F1", text, value)


def together(labels: dict[str, str]) -> set[frozenset[str]]:
    """List all pairs of ids with one label; for small data only."""
    groups: dict[str, list[str]] = {}
    for article, label in labels.items():
        groups.setdefault(label, []).append(article)
    return {frozenset((a, b)) for ids in groups.values() for a in ids for b in ids if a < b}


def bbc(folder: Path) -> Iterator[Line]:
    """All pairs with exact Jaccard >= .8."""
    outcome = find(read(folder))
    yield from exact_lines(outcome, "bbc", 0.8)


def reuters21578(folder: Path) -> Iterator[Line]:
    """All pairs with exact Jaccard >= .5; no labels.

    Hundreds of its texts are the placeholder "Blah blah blah.", rightly one cluster, so texts
    without a single 5-gram do not count for the largest.
    """
    outcome = find(read(folder))
    yield from exact_lines(outcome, "reuters21578", 0.5)
    sets = exact.shingle_sets(outcome.table["text"].to_pylist())
    long = [i for i, shingles in zip(outcome.cluster, sets, strict=True) if shingles]
    yield largest_line(outcome, "reuters21578", long)


def exact_lines(outcome: Outcome, data: str, threshold: float) -> Iterator[Line]:
    """How many of the truly similar pairs are matches, and how many are in one cluster."""
    ids, texts = (outcome.table[name].to_pylist() for name in ("id", "text"))
    sets = exact.shingle_sets(texts)
    pairs = exact.similar_pairs(sets, threshold)
    named = [(ids[a], ids[b]) for a, b in pairs]
    long = [(ids[a], ids[b]) for a, b in pairs if min(len(sets[a]), len(sets[b])) >= LONG]
    measure = f"exact Jaccard >= {threshold:g}"
    yield share_line(outcome, data, f"{measure}: matched", named, is_match)
    yield share_line(outcome, data, f"{measure}, {LONG}+ 5-grams: matched", long, is_match)
    yield share_line(outcome, data, f"{measure}: one cluster", named, is_one)


def is_match(outcome: Outcome, a: str, b: str) -> bool:
    """Whether the pair is in the `pairs` table, for more than its furniture."""
    return outcome.relations.get(frozenset((a, b)), "furniture") != "furniture"


def is_one(outcome: Outcome, a: str, b: str) -> bool:
    """Whether the pair is in one cluster."""
    return outcome.cluster[a] == outcome.cluster[b]


def is_one_story(outcome: Outcome, a: str, b: str) -> bool:
    """Whether the pair is in one story."""
    return outcome.story[a] == outcome.story[b]


def share_line(
    outcome: Outcome,
    data: str,
    measure: str,
    pairs: list[tuple[str, str]],
    test: Callable[[Outcome, str, str], bool],
) -> Line:
    """Count the pairs that pass a test."""
    passed = sum(test(outcome, a, b) for a, b in pairs)
    share = passed / len(pairs) if pairs else 1.0
    text = f"{passed} of {len(pairs)} ({100 * share:.1f} %)"
    return outcome.line(data, measure, text, {"passed": passed, "of": len(pairs)})


def largest_line(outcome: Outcome, data: str, ids: Iterable[str] = ()) -> Line:
    """Size of the largest cluster and story, of some articles or all: chaining would show here."""
    articles = list(ids) or list(outcome.cluster)
    labels = (outcome.cluster, outcome.story)
    cluster, story = (max(Counter(label[i] for i in articles).values()) for label in labels)
    value = {"cluster": cluster, "story": story}
    return outcome.line(data, "largest cluster / story", f"{cluster} / {story}", value)


def basil(folder: Path) -> Iterator[Line]:
    """Independent reports of the same events, by three outlets."""
    return independent(folder, "basil")


def ecbplus(folder: Path) -> Iterator[Line]:
    """Reports of the same events, some copied."""
    return independent(folder, "ecbplus")


def independent(folder: Path, data: str) -> Iterator[Line]:
    """Pairs of different events that were put together: false whatever the label rules."""
    outcome = find(read(folder))
    rows = outcome.table.select(["id", "cluster"]).to_pydict()
    event = dict(zip(rows["id"], rows["cluster"], strict=True))
    for label in ("cluster", "story"):
        pairs = together(getattr(outcome, label))
        false = sum(len({event[article] for article in pair}) == 2 for pair in pairs)
        text = f"{false} of {len(pairs)} pairs"
        yield outcome.line(data, f"different events in one {label} (0 wanted)", text, false)
    yield largest_line(outcome, data)


def allsides(folder: Path) -> Iterator[Line]:
    """Recall of exactly known overlaps, and labelled pairs."""
    table = read(folder)
    overlaps = read(folder, "exact_overlap_pairs").to_pylist()
    whole = find(table, keep_furniture=True)
    useless = (whole.counts["candidates"] - len(whole.relations)) / table.num_rows
    measure = "--keep-furniture: candidates that do not match, per article"
    yield whole.line("allsides", measure, f"{useless:.2f}", useless)
    outcome = find(table)
    for name, found in (("--keep-furniture: ", whole), ("", outcome)):
        for column, least in (("jaccard5", 0.5), ("containment5", 0.5), ("containment5", 0.2)):
            pairs = [(row["id_a"], row["id_b"]) for row in overlaps if row[column] >= least]
            measure = f"{name}{column} >= {least}: matched"
            yield share_line(found, "allsides", measure, pairs, is_match)
    labelled = read(folder, "labelled_pairs").to_pylist()
    yield from relation_lines(outcome, labelled)
    for label in ("duplicate", "version", "quote", "boilerplate"):
        pairs = [(row["id_a"], row["id_b"]) for row in labelled if row["label"] == label]
        wanted = {"duplicate": " (all wanted)", "version": ""}.get(label, " (0 wanted)")
        for name, test in (("cluster", is_one), ("story", is_one_story)):
            measure = f"`{label}` pairs in one {name}{wanted}"
            yield share_line(outcome, "allsides", measure, pairs, test)
    yield largest_line(outcome, "allsides")


def relation_lines(outcome: Outcome, labelled: list[dict[str, Any]]) -> Iterator[Line]:
    """Relations found for labelled pairs, and whether the pairs are placed as the labels ask."""
    names = {"boilerplate": "furniture"}
    gold = {(row["id_a"], row["id_b"]): names.get(row["label"], row["label"]) for row in labelled}
    confusion = Counter(
        (label, outcome.relations.get(frozenset(pair), "no match")) for pair, label in gold.items()
    )
    text = ", ".join(
        f"{label} as {found} {count}" for (label, found), count in sorted(confusion.items())
    )
    yield outcome.line("allsides", "labelled pairs, gold as found", text, dict.fromkeys([text]))

    def is_right(outcome: Outcome, a: str, b: str) -> bool:
        return outcome.relations.get(frozenset((a, b)), "furniture") == gold[a, b]

    def is_placed(outcome: Outcome, a: str, b: str) -> bool:
        if gold[a, b] == "duplicate":
            return is_one(outcome, a, b)
        return is_one_story(outcome, a, b) == (gold[a, b] == "version")

    for measure, test in (("relation right", is_right), ("placed right", is_placed)):
        yield share_line(outcome, "allsides", f"labelled pairs: {measure}", list(gold), test)


DATA_SETS: dict[str, Callable[[Path], Iterator[Line]]] = {
    "syndication_day": syndication_day,
    "minhash_sample": minhash_sample,
    "scissors_and_paste": scissors_and_paste,
    "bbc": bbc,
    "basil": basil,
    "ecbplus": ecbplus,
    "story_chains": story_chains,
    "reuters21578": reuters21578,
    "allsides": allsides,
}


def _scores(values: Iterable[float]) -> str:
    return " / ".join(f"{value:.3f}" for value in values)


def markdown(lines: list[Line]) -> str:
    """Show the lines as a Markdown table."""
    rows = ["| data | articles | seconds | measure | result |", "|---|---:|---:|---|---|"]
    rows += [
        f"| {line.data} | {line.articles:,} | {line.seconds:.2f} | {line.measure} | {line.result} |"
        for line in lines
    ]
    return "\n".join(rows)


def main() -> None:
    """Measure the data sets asked for and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--only", nargs="+", choices=DATA_SETS, default=list(DATA_SETS))
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    options = parser.parse_args()
    find(read(options.data / "minhash_sample").slice(0, 50))  # compile first, time later
    lines = [line for name in options.only for line in DATA_SETS[name](options.data / name)]
    print(markdown(lines))
    if options.json:
        options.json.write_text(json.dumps([line._asdict() for line in lines], indent=2) + "\n")


if __name__ == "__main__":
    main()
