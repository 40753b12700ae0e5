"""rensa 0.5: its README's deduplicator, the pipeline of its speed comparison, and word 5-grams.

- readme: "Keep unique documents" of the README: `RMinHashDeduplicator(threshold=0.8, num_perm=128,
  use_lsh=True)` on `text.split()`, added in one batch. It tells only which articles to keep, so
  each dropped article is then looked up among the kept ones, which is how a user gets clusters.
- rho: the pipeline behind the README's speed comparison (`benchmarks/full_benchmark.py` there): rho
  sketch, 128 slots, 8 bands, threshold .8, one-shot flags, on its lower-cased `split()` 3-grams. It
  flags articles that have a copy and gives no pairs, so there are no clusters to score.
- words5: word 5-grams, 128 slots in 32 bands of 4 (64 of 2 below .4), candidates verified with
  exact Jaccard: rensa used for the task dedup does. Ours.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from peers import common
from rensa import RMinHash, RMinHashDeduplicator, RMinHashLSH

BATCH = 20
NUM_PERM = 128
SEED = 42


def find(corpus: Path, mode: str, threshold: float) -> list[int]:
    """Cluster in one of the three ways; no labels in the mode "rho"."""
    texts = common.read_texts(corpus)
    if mode == "rho":
        flag(texts, threshold)
        return []
    return common.clusters(len(texts), matcher(texts, mode)(threshold))


def flag(texts: list[str], threshold: float) -> list[bool]:
    """Flag articles that have a copy, as the README's speed comparison does."""
    matrix = RMinHash.digest_matrix_from_token_sets_rho(map(trigrams, texts), NUM_PERM, SEED)
    index = RMinHashLSH(threshold=threshold, num_perm=NUM_PERM, num_bands=8)
    return list(index.query_duplicate_flags_matrix_one_shot(matrix))


def trigrams(text: str) -> list[str]:
    """Lower-cased 3-grams of `split()`."""
    words = text.lower().split()
    if len(words) < 3:
        return words
    return list(map(" ".join, zip(words, words[1:], words[2:], strict=False)))


def matcher(texts: list[str], mode: str) -> Callable[[float], common.Pairs]:
    """Prepare what the mode allows to prepare."""
    if mode == "readme":
        return lambda threshold: keep_unique(texts, threshold)
    return Verified(texts).match


def keep_unique(texts: list[str], threshold: float) -> common.Pairs:
    """Keep the first of each group of copies, and look up the others among the kept."""
    deduplicator = RMinHashDeduplicator(threshold=threshold, num_perm=NUM_PERM, use_lsh=True)
    kept = deduplicator.add_pairs((str(i), text.split()) for i, text in enumerate(texts))
    dropped = [i for i, keep in enumerate(kept) if not keep]
    found = deduplicator.get_duplicate_sets([texts[i].split() for i in dropped])
    return ((int(b), a) for a, keys in zip(dropped, found, strict=True) for b in keys)


class Verified:
    """Signatures and hashed shingles of all texts."""

    def __init__(self, texts: list[str]) -> None:
        self.sets: list[np.ndarray] = []
        self.signatures: list[RMinHash] = []
        for start in range(0, len(texts), BATCH):
            shingled = [common.shingles(text) for text in texts[start : start + BATCH]]
            self.signatures += RMinHash.from_token_sets(shingled, NUM_PERM, SEED)
            # small batches, no strings kept: 6.5 CPU s and 0.4 GB for 10,000 articles of 5 kB;
            # with sets of strings 10.6 CPU s and 1.5 GB
            self.sets += [np.fromiter(map(hash, row), np.int64, len(row)) for row in shingled]

    def match(self, threshold: float) -> common.Pairs:
        """Yield the candidates whose exact Jaccard reaches the threshold."""
        bands = 64 if threshold < 0.4 else 32
        index = RMinHashLSH(threshold=threshold, num_perm=NUM_PERM, num_bands=bands)
        index.insert_many(self.signatures)
        for a, found in enumerate(index.query_all(self.signatures)):
            for b in found:
                if a < b and jaccard(self.sets[a], self.sets[b]) >= threshold:
                    yield a, b


def jaccard(a: np.ndarray, b: np.ndarray) -> float:
    """Shared over united, of arrays without repeats."""
    shared = len(np.intersect1d(a, b, assume_unique=True))
    return shared / (len(a) + len(b) - shared)


if __name__ == "__main__":
    common.main(find, matcher)
