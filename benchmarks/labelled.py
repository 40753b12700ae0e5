"""The labelled data sets, and how labels found by any method are scored against them.

Sets labelled by articles are scored by clusters, sets labelled by pairs by those pairs. A method
that gives one clustering is scored with it at every level; dedup's `cluster` and `story` each at
their own. The README of the data folder tells who labelled what, and how far the labels carry.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dedup import evaluation

COLUMNS = {"id": "id", "text": "text", "title": "title", "source": "outlet", "date": "published"}
SCORES = (
    "pair_precision",
    "pair_recall",
    "pair_f1",
    "b_cubed_precision",
    "b_cubed_recall",
    "b_cubed_f1",
    "adjusted_rand",
    "largest_cluster",
)


@dataclass(frozen=True, slots=True)
class Level:
    """One set of gold labels: of articles, or of pairs.

    Attributes:
        column: Which of dedup's labels it judges, `cluster` or `story`.
        labels: Of each article in the order of the corpus, None where it is not scored.
        pairs: Rows of each labelled pair, and whether the two belong together; where `closed`, all
            other pairs belong apart, else nothing is said of them.
    """

    column: str
    labels: Sequence[Any] = ()
    pairs: Sequence[tuple[int, int, bool]] = ()
    closed: bool = False

    def score(self, found: Sequence[Any]) -> dict[str, float]:
        """Score one found label for each article; empty without labels."""
        if not found:
            return {}
        largest = {"largest_cluster": float(max(Counter(found).values()))}
        if self.pairs:
            return pair_scores(found, self.pairs, closed=self.closed) | largest
        kept = [i for i, label in enumerate(self.labels) if label is not None]
        ours, gold = [found[i] for i in kept], [self.labels[i] for i in kept]
        pairs, b_cubed = evaluation.pairwise(ours, gold), evaluation.b_cubed(ours, gold)
        return {
            "pair_precision": pairs.precision,
            "pair_recall": pairs.recall,
            "pair_f1": pairs.f1,
            "b_cubed_precision": b_cubed.precision,
            "b_cubed_recall": b_cubed.recall,
            "b_cubed_f1": b_cubed.f1,
            "adjusted_rand": evaluation.adjusted_rand(ours, gold),
        } | largest


def pair_scores(
    found: Sequence[Any], pairs: Sequence[tuple[int, int, bool]], *, closed: bool
) -> dict[str, float]:
    """Score the pairs that share a found label against listed pairs."""
    together = [(a, b) for a, b, _ in pairs if found[a] == found[b]]
    gold = [(a, b) for a, b, is_copy in pairs if is_copy]
    score = evaluation.pair_sets(together, gold)
    precision = score.precision
    if closed:
        n_found = sum(size * (size - 1) // 2 for size in Counter(found).values())
        precision = score.shared / n_found if n_found else 1.0
    recall = score.recall
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"pair_precision": precision, "pair_recall": recall, "pair_f1": f1}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A corpus on disk, as every method reads it, and its gold.

    Attributes:
        megabytes: Of its texts.
        levels: Gold by name.
        kilobytes: Length that the articles of a generated corpus were made for; None of others.
    """

    name: str
    path: Path
    articles: int
    megabytes: float
    levels: dict[str, Level]
    kilobytes: float | None = None


def corpus_of(
    name: str, path: Path, levels: dict[str, Level], *, kilobytes: float | None = None
) -> Labelled:
    """Describe a corpus."""
    texts = pq.read_table(path, columns=["text"])["text"]
    megabytes = pc.sum(pc.binary_length(texts)).as_py() / 1e6
    return Labelled(name, path, len(texts), megabytes, levels, kilobytes)


def read(folder: Path, name: str, work: Path) -> Labelled:
    """Read one labelled data set, and write its articles as every method reads them."""
    source = folder / name / "articles.parquet"
    table = pq.read_table(source)
    kept = {old: new for old, new in COLUMNS.items() if old in table.column_names}
    articles = table.select(list(kept)).rename_columns(list(kept.values()))
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:8]
    path = work / f"{name}-{digest}.parquet"
    if not path.exists():
        pq.write_table(articles, path, compression="zstd")
    return corpus_of(name, path, DATA_SETS[name](folder / name, table))


def by_column(table: pa.Table, column: str, *, judges: str | None = None) -> Level:
    """Gold from a column of the articles; aggregator pages are clustered but not scored."""
    labels = table[column].to_pylist()
    if "aggregator" in table.column_names:
        skipped = table["aggregator"].to_pylist()
        labels = [None if out else label for label, out in zip(labels, skipped, strict=True)]
    return Level(judges or column, labels=labels)


def by_pairs(
    folder: Path, table: pa.Table, positive: Sequence[Any], column: str, *, closed: bool = False
) -> Level:
    """Gold from a table of pairs; `positive` are the labels of pairs that belong together."""
    file = "labelled_pairs" if (folder / "labelled_pairs.parquet").exists() else "pairs"
    row = {name: i for i, name in enumerate(table["id"].to_pylist())}
    pairs = [
        (row[pair["id_a"]], row[pair["id_b"]], pair["label"] in positive)
        for pair in pq.read_table(folder / f"{file}.parquet").to_pylist()
    ]
    return Level(column, pairs=pairs, closed=closed)


def syndication_day(folder: Path, table: pa.Table) -> dict[str, Level]:
    """One day's news: text versions, and the reports they tell."""
    return {name: by_column(table, name) for name in ("cluster", "story")}


def scissors_and_paste(folder: Path, table: pa.Table) -> dict[str, Level]:
    """Reprints between newspapers of 1789-1850."""
    return {"cluster": by_column(table, "cluster")}


def minhash_sample(folder: Path, table: pa.Table) -> dict[str, Level]:
    """Ten planted pairs; all others are no copies."""
    return {"cluster": by_pairs(folder, table, (1,), "cluster", closed=True)}


def story_chains(folder: Path, table: pa.Table) -> dict[str, Level]:
    """Rewrites of press releases; every pair is labelled."""
    return {"story": by_pairs(folder, table, (1,), "story")}


def allsides(folder: Path, table: pa.Table) -> dict[str, Level]:
    """Judged pairs: reprints, versions, quotations, furniture; nothing is said of the others."""
    return {
        "cluster": by_pairs(folder, table, ("duplicate",), "cluster"),
        "story": by_pairs(folder, table, ("duplicate", "version"), "story"),
    }


def events(folder: Path, table: pa.Table) -> dict[str, Level]:
    """Articles on one event, mostly written independently: not copies."""
    return {"event": by_column(table, "cluster", judges="story")}


DATA_SETS: dict[str, Callable[[Path, pa.Table], dict[str, Level]]] = {
    "syndication_day": syndication_day,
    "scissors_and_paste": scissors_and_paste,
    "minhash_sample": minhash_sample,
    "story_chains": story_chains,
    "allsides": allsides,
    "ecbplus": events,
    "basil": events,
}
