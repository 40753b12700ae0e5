"""gaoya 0.2: its README's index on single words, and word 5-grams with the same bands.

- readme: `MinHashStringIndex(hash_size=32, jaccard_threshold=0.5, num_bands=42, band_size=3,
  num_hashes=42*3, analyzer='word', lowercase=True, ngram_range=(1,1))`. On single words most pairs
  of long articles share a band, so time grows with the square of the corpus.
- words5: the same with `ngram_range=(5, 5)`. Ours.

Both insert and query in bulk (`par_bulk_insert_docs`, `par_bulk_query`, as in its notebook), with
`id_container="smallvec"`, which its docstring recommends where few articles are similar. gaoya
itself drops candidates whose estimated Jaccard is below the threshold.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gaoya.minhash import MinHashStringIndex
from peers import common

BATCH = 1_000
WORDS = {"readme": 1, "words5": 5}


def find(corpus: Path, mode: str, threshold: float) -> list[int]:
    """Insert all, query all."""
    texts = common.read_texts(corpus)
    return common.clusters(len(texts), matcher(texts, mode)(threshold))


def matcher(texts: list[str], mode: str) -> Callable[[float], common.Pairs]:
    """Nothing can be prepared: the index takes texts."""
    return lambda threshold: match(texts, WORDS[mode], threshold)


def match(texts: list[str], n_words: int, threshold: float) -> common.Pairs:
    """Yield what the index finds for each text."""
    index = MinHashStringIndex(
        hash_size=32,
        jaccard_threshold=threshold,
        num_bands=42,
        band_size=3,
        num_hashes=42 * 3,
        analyzer="word",
        lowercase=True,
        ngram_range=(n_words, n_words),
        id_container="smallvec",
    )
    index.par_bulk_insert_docs(list(range(len(texts))), texts)
    for start in range(0, len(texts), BATCH):
        hits = index.par_bulk_query(texts[start : start + BATCH])
        yield from ((a, b) for a, found in enumerate(hits, start) for b in found if a < b)


if __name__ == "__main__":
    common.main(find, matcher)
