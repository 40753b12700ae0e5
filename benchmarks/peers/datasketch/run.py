"""datasketch 2.0: MinHash LSH on word 5-grams.

128 permutations (the default), `MinHash.generator` (its bulk interface, which reuses the
permutations), bands and rows by its own optimiser for the threshold, `check_duplication=False` (its
documented way to faster inserts). What `query` returns counts as a match, as in the examples of its
documentation, whose threshold is .5.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from datasketch import MinHash, MinHashLSH
from peers import common

NUM_PERM = 128


def find(corpus: Path, mode: str, threshold: float) -> list[int]:
    """Sign, insert all, query all."""
    index = MinHashLSH(threshold=threshold, num_perm=NUM_PERM)
    signatures = sign(common.read_texts(corpus))
    for i, signature in enumerate(signatures):
        index.insert(i, signature, check_duplication=False)
    hits = map(index.query, signatures)
    matches = ((a, b) for a, found in enumerate(hits) for b in found if a < b)
    return common.clusters(len(signatures), matches)


def sign(texts: list[str]) -> list[MinHash]:
    """Sign the word 5-grams of each text."""
    encoded = ([s.encode() for s in common.shingles(text)] for text in texts)
    return list(MinHash.generator(encoded, num_perm=NUM_PERM))


def matcher(texts: list[str], mode: str) -> Callable[[float], common.Pairs]:
    """Sign once, and put into the bands of any threshold."""
    signatures = np.array([signature.hashvalues for signature in sign(texts)])

    def match(threshold: float) -> common.Pairs:
        index = MinHashLSH(threshold=threshold, num_perm=NUM_PERM)
        return common.bucket_pairs(signatures, bands=index.b, rows=index.r)

    return match


if __name__ == "__main__":
    common.main(find, matcher)
