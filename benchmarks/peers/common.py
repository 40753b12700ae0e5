r"""What every peer's `run.py` needs: texts, word 5-grams, bands, clusters, one way to be called.

    cd benchmarks && python -m peers.NAME.run CORPUS -o FOLDER --mode MODE --threshold T...

A peer gives `find(corpus, mode, threshold)`, which does the whole task as its documentation does
it, and is what is timed, and `matcher(texts, mode)`, which prepares the texts once and then matches
them at any threshold, and only serves to choose one. One threshold is a timed run, several are a
sweep. `FOLDER/<threshold>.json` has one label for each article. Standard library, pyarrow, numpy.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

WORDS = re.compile(r"\w+")
SHINGLE_SIZE = 5

Pairs = Iterable[tuple[int, int]]
Find = Callable[[Path, str, float], list[int]]
Matcher = Callable[[list[str], str], Callable[[float], Pairs]]


def main(find: Find, matcher: Matcher) -> None:
    """Cluster a corpus at each threshold asked for and write the labels."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path, help="Parquet file with the columns id and text")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for the labels")
    parser.add_argument("--mode", default="")
    parser.add_argument("--threshold", type=float, nargs="+", required=True)
    options = parser.parse_args()
    if len(options.threshold) == 1:
        labels = find(options.corpus, options.mode, *options.threshold)
        write(options.output, *options.threshold, labels)
        return
    texts = read_texts(options.corpus)
    match = matcher(texts, options.mode)
    for threshold in options.threshold:
        write(options.output, threshold, clusters(len(texts), match(threshold)))


def write(folder: Path, threshold: float, labels: list[int]) -> None:
    """Write the labels found at one threshold, so that a sweep cut short keeps what it has."""
    part = folder / "part"
    part.write_text(json.dumps(labels))
    part.rename(folder / f"{threshold:g}.json")


def read_texts(path: Path) -> list[str]:
    """Read the texts of the corpus, in order."""
    import pyarrow.parquet as pq

    return pq.read_table(path, columns=["text"])["text"].to_pylist()


def words(text: str) -> list[str]:
    r"""Lower-cased words, being \w+."""
    return WORDS.findall(text.lower())


def shingles(text: str) -> set[str]:
    """Word 5-grams of the text; a shorter text is one shingle."""
    found = words(text)
    if len(found) < SHINGLE_SIZE:
        return {" ".join(found)}
    return set(map(" ".join, zip(*(found[i:] for i in range(SHINGLE_SIZE)), strict=False)))


def clusters(n_articles: int, matches: Pairs) -> list[int]:
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


def bucket_pairs(signatures, *, bands: int, rows: int) -> Iterator[tuple[int, int]]:
    """Pair each article with the first one of its bucket, band by band.

    Args:
        signatures: MinHash values, one row for each article, at least `bands * rows` of them.
        bands: Number of bands.
        rows: Values in a band.
    """
    for band in range(bands):
        first: dict[bytes, int] = {}
        for article, values in enumerate(signatures[:, band * rows : (band + 1) * rows]):
            earlier = first.setdefault(values.tobytes(), article)
            if earlier != article:
                yield earlier, article


def best_bands(threshold: float, num_perm: int) -> tuple[int, int]:
    """Bands and rows that err least around a threshold, as datasketch, text-dedup and daft choose.

    The areas under the curve `1 - (1 - s**r)**b` are summed at 1,000 points.
    """
    import numpy as np

    s = np.linspace(0, 1, 1_001)
    best, least = (1, 1), float("inf")
    for bands in range(1, num_perm + 1):
        for rows in range(1, num_perm // bands + 1):
            found = 1 - (1 - s**rows) ** bands
            error = found[s < threshold].sum() + (1 - found[s >= threshold]).sum()
            if error < least:
                best, least = (bands, rows), error
    return best
