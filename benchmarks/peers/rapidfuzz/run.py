"""rapidfuzz: `fuzz.ratio` of every pair of articles by `process.cdist`, a match from .7.

Texts go through its `default_process` (lower case, no punctuation) and are compared character by
character. Its documentation names no threshold for texts; .7 is that of `process.dedupe` in
thefuzz, which it replaces.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from peers import common
from rapidfuzz import fuzz, process, utils

ROWS = 200
LOWEST = 0.3


def find(corpus: Path, mode: str, threshold: float) -> list[int]:
    """Compare all pairs."""
    texts = common.read_texts(corpus)
    a, b, _ = similar(texts, threshold)
    return common.clusters(len(texts), zip(a.tolist(), b.tolist(), strict=True))


def similar(texts: list[str], lowest: float) -> tuple[np.ndarray, ...]:
    """Rows a < b of each pair whose score reaches `lowest`, and the score in [0, 1]."""
    normal = [utils.default_process(text) for text in texts]
    found = []
    for start in range(0, len(texts), ROWS):
        scores = process.cdist(
            normal[start : start + ROWS],
            normal[start:],
            scorer=fuzz.ratio,
            score_cutoff=100 * lowest,
            dtype=np.float32,
        )
        a, b = np.nonzero(np.triu(scores, 1) >= 100 * lowest)
        found.append((a + start, b + start, scores[a, b] / 100))
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def matcher(texts: list[str], mode: str) -> Callable[[float], common.Pairs]:
    """Compare once, and choose by any threshold from `LOWEST`."""
    a, b, scores = similar(texts, LOWEST)

    def match(threshold: float) -> common.Pairs:
        kept = scores >= threshold
        return zip(a[kept].tolist(), b[kept].tolist(), strict=True)

    return match


if __name__ == "__main__":
    common.main(find, matcher)
