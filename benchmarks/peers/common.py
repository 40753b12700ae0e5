"""What every peer's driver needs: the corpus, word 5-grams, clusters from matches, one JSON out.

Runs in the peer's own environment, so only the standard library and pyarrow. The times it writes
are of the whole process so far, start-up and imports included, and of each stage.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

WORDS = re.compile(r"\w+")
SHINGLE_SIZE = 5


def read_options(description: str, modes: Iterable[str]) -> argparse.Namespace:
    """Parse the options that all drivers share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("corpus", type=Path, help="Parquet file with the columns id and text")
    parser.add_argument("-o", "--output", type=Path, required=True, help="JSON with the labels")
    parser.add_argument("--mode", choices=list(modes), default=next(iter(modes)))
    return parser.parse_args()


def read_texts(path: Path) -> list[str]:
    """Read the texts of the corpus, in order."""
    import pyarrow.parquet as pq

    return pq.read_table(path, columns=["id", "text"])["text"].to_pylist()


def shingles(text: str) -> set[str]:
    r"""Word 5-grams of the lower-cased text, words being \w+; a shorter text is one shingle."""
    words = WORDS.findall(text.lower())
    if len(words) < SHINGLE_SIZE:
        return {" ".join(words)}
    return set(map(" ".join, zip(*(words[i:] for i in range(SHINGLE_SIZE)), strict=False)))


def clusters(n_articles: int, matches: Iterable[tuple[int, int]]) -> list[int]:
    """Label the connected components of the matches by their first article (union-find)."""
    parent = list(range(n_articles))

    def root(article: int) -> int:
        while parent[article] != article:
            parent[article] = parent[parent[article]]
            article = parent[article]
        return article

    for a, b in matches:
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    return [root(article) for article in range(n_articles)]


@dataclass(slots=True)
class Run:
    """Collects what a driver found, stage by stage.

    Attributes:
        labels: One label for each article; empty where the mode does not give clusters.
        candidates: Distinct pairs that the index returned, where the peer tells.
        matches: Distinct pairs that were accepted, where the peer tells.
    """

    package: str
    mode: str
    settings: str
    labels: list[int] = field(default_factory=list)
    candidates: int | None = None
    matches: int | None = None
    note: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the wall seconds of a block to the stage of this name."""
        start = time.perf_counter()
        yield
        elapsed = time.perf_counter() - start
        self.seconds[name] = self.seconds.get(name, 0.0) + elapsed

    def write(self, path: Path) -> None:
        """Write labels, counts, times and peak memory as JSON."""
        own, children = (
            resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        record = {
            "package": self.package,
            "version": version(self.package),
            "mode": self.mode,
            "settings": self.settings,
            "note": self.note,
            "candidates": self.candidates,
            "matches": self.matches,
            "cpu_seconds": own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime,
            "stage_seconds": self.seconds,
            "peak_megabytes": own.ru_maxrss / 1024,
            "labels": self.labels,
        }
        path.write_text(json.dumps(record) + "\n")
