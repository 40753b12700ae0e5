"""gaoya 0.2: its README's index on single words, and word 5-grams with the same bands.

    cd benchmarks && python -m peers.gaoya.run CORPUS -o labels.json --mode readme

- readme: `MinHashStringIndex(hash_size=32, jaccard_threshold=0.5, num_bands=42, band_size=3,
  num_hashes=42*3, analyzer='word', lowercase=True, ngram_range=(1,1))`. On single words most pairs
  of long articles share a band, so time grows with the square of the corpus.
- words5: the same with `ngram_range=(5, 5)`.

Both insert and query in bulk (`par_bulk_insert_docs`, `par_bulk_query`, as in its notebook), with
`id_container="smallvec"`, which its docstring recommends where few articles are similar. gaoya
itself drops candidates whose estimated Jaccard is below the threshold.
"""

from __future__ import annotations

from pathlib import Path

from gaoya.minhash import MinHashStringIndex
from peers import common

BATCH = 1_000


def readme(corpus: Path) -> common.Run:
    """Single words, as in the README."""
    return _run(corpus, "readme", ngram_range=(1, 1))


def words5(corpus: Path) -> common.Run:
    """Word 5-grams."""
    return _run(corpus, "words5", ngram_range=(5, 5))


def _run(corpus: Path, mode: str, *, ngram_range: tuple[int, int]) -> common.Run:
    run = common.Run(
        "gaoya", mode, f"threshold .5, 42 bands of 3, lower-cased word {ngram_range[0]}-grams"
    )
    with run.stage("read"):
        texts = common.read_texts(corpus)
    index = MinHashStringIndex(
        hash_size=32,
        jaccard_threshold=0.5,
        num_bands=42,
        band_size=3,
        num_hashes=42 * 3,
        analyzer="word",
        lowercase=True,
        ngram_range=ngram_range,
        id_container="smallvec",
    )
    with run.stage("insert"):
        index.par_bulk_insert_docs(list(range(len(texts))), texts)
    matches: set[tuple[int, int]] = set()
    with run.stage("query"):
        for start in range(0, len(texts), BATCH):
            hits = index.par_bulk_query(texts[start : start + BATCH])
            matches.update((a, b) for a, found in enumerate(hits, start) for b in found if a < b)
    run.matches = len(matches)
    run.labels = common.clusters(len(texts), matches)
    return run


MODES = {"words5": words5, "readme": readme}

if __name__ == "__main__":
    options = common.read_options(__doc__, MODES)
    MODES[options.mode](options.corpus).write(options.output)
