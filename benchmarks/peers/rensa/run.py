"""rensa 0.5: its README's deduplicator, its fast rho pipeline, and word 5-grams verified exactly.

    cd benchmarks && python -m peers.rensa.run CORPUS -o labels.json --mode readme

- readme: "Keep unique documents" of the README: `RMinHashDeduplicator(threshold=0.8, num_perm=128,
  use_lsh=True)` on `text.split()`, added in one batch. It tells only which articles to keep, so
  each dropped article is then looked up among the kept ones, which is how a user gets clusters.
- rho: the pipeline behind the README's speed comparison (`benchmarks/full_benchmark.py` there): rho
  sketch, 128 slots, 8 bands, threshold .8, one-shot flags, on its lower-cased `split()` 3-grams. It
  flags articles that have a copy and gives no pairs, so there are no clusters to score.
- verified: word 5-grams, 128 slots in 32 bands, candidates verified with exact Jaccard >= .4.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from peers import common
from rensa import RMinHash, RMinHashDeduplicator, RMinHashLSH

BATCH = 20
NUM_PERM = 128
SEED = 42
VERIFIED_THRESHOLD = 0.4


def readme(corpus: Path) -> common.Run:
    """The README's deduplicator."""
    run = common.Run("rensa", "readme", "RMinHashDeduplicator .8, 128, LSH, text.split()")
    with run.stage("read"):
        texts = common.read_texts(corpus)
    deduplicator = RMinHashDeduplicator(threshold=0.8, num_perm=NUM_PERM, use_lsh=True)
    with run.stage("add"):
        kept = deduplicator.add_pairs((str(i), text.split()) for i, text in enumerate(texts))
    with run.stage("look up"):
        dropped = [i for i, keep in enumerate(kept) if not keep]
        found = deduplicator.get_duplicate_sets([texts[i].split() for i in dropped])
        matches = {(int(b), a) for a, keys in zip(dropped, found, strict=True) for b in keys}
    run.matches = len(matches)
    run.labels = common.clusters(len(texts), matches)
    return run


def rho(corpus: Path) -> common.Run:
    """The README's speed comparison: flags only."""
    run = common.Run("rensa", "rho", "rho sketch, 128 slots, 8 bands, .8, 3-grams of split()")
    with run.stage("read"):
        texts = common.read_texts(corpus)
    with run.stage("sketch"):
        matrix = RMinHash.digest_matrix_from_token_sets_rho(map(_trigrams, texts), NUM_PERM, SEED)
    with run.stage("flag"):
        index = RMinHashLSH(threshold=0.8, num_perm=NUM_PERM, num_bands=8)
        flags = index.query_duplicate_flags_matrix_one_shot(matrix)
    run.note = f"flags {sum(flags)} of {len(texts)} articles as having a copy; gives no pairs"
    return run


def _trigrams(text: str) -> list[str]:
    words = text.lower().split()
    if len(words) < 3:
        return words
    return list(map(" ".join, zip(words, words[1:], words[2:], strict=False)))


def verified(corpus: Path) -> common.Run:
    """Word 5-grams, 32 bands, exact Jaccard."""
    run = common.Run("rensa", "verified", "word 5-grams, 32 bands of 4, exact Jaccard >= .4")
    with run.stage("read"):
        texts = common.read_texts(corpus)
    sets: list[np.ndarray] = []
    signatures: list[RMinHash] = []
    with run.stage("shingle and sign"):
        for start in range(0, len(texts), BATCH):
            shingled = [common.shingles(text) for text in texts[start : start + BATCH]]
            signatures += RMinHash.from_token_sets(shingled, NUM_PERM, SEED)
            # small batches, no strings kept: 6.5 CPU s and 0.4 GB for 10,000 articles of 5 kB;
            # with sets of strings 10.6 CPU s and 1.5 GB
            sets += [np.fromiter(map(hash, row), np.int64, len(row)) for row in shingled]
    with run.stage("candidates"):
        index = RMinHashLSH(threshold=VERIFIED_THRESHOLD, num_perm=NUM_PERM, num_bands=32)
        index.insert_many(signatures)
        hits = index.query_all(signatures)
        candidates = {(a, b) for a, found in enumerate(hits) for b in found if a < b}
    with run.stage("verify"):
        matches = [(a, b) for a, b in candidates if jaccard(sets[a], sets[b]) >= VERIFIED_THRESHOLD]
    run.candidates, run.matches = len(candidates), len(matches)
    run.labels = common.clusters(len(texts), matches)
    return run


def jaccard(a: np.ndarray, b: np.ndarray) -> float:
    """Shared over united, of arrays without repeats."""
    shared = len(np.intersect1d(a, b, assume_unique=True))
    return shared / (len(a) + len(b) - shared)


MODES = {"readme": readme, "verified": verified, "rho": rho}

if __name__ == "__main__":
    options = common.read_options(__doc__, MODES)
    MODES[options.mode](options.corpus).write(options.output)
