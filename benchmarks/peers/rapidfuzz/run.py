"""rapidfuzz: the similarity of every pair of articles by `process.cdist`.

Texts go through its `default_process` (lower case, no punctuation). Its documentation names no
threshold for texts; .7 is that of `process.dedupe` in thefuzz, which it replaces.

- ratio: `fuzz.ratio`, the similarity of the whole texts, character by character.
- tokens: `fuzz.token_set_ratio`, which forgives what only one of the texts has.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from peers import common
from rapidfuzz import fuzz, process, utils

ROWS = 200
LOWEST = 0.3
SCORERS = {"ratio": fuzz.ratio, "tokens": fuzz.token_set_ratio}


def find(corpus: Path, mode: str, threshold: float) -> list[int]:
    """Compare all pairs."""
    texts = common.read_texts(corpus)
    a, b, _ = similar(texts, mode, threshold)
    return common.clusters(len(texts), zip(a.tolist(), b.tolist(), strict=True))


def similar(texts: list[str], mode: str, lowest: float) -> tuple[np.ndarray, ...]:
    """Rows a < b of each pair whose score reaches `lowest`, and the score in [0, 1]."""
    normal = [utils.default_process(text) for text in texts]
    found = []
    for start in range(0, len(texts), ROWS):
        scores = process.cdist(
            normal[start : start + ROWS],
            normal[start:],
            scorer=SCORERS[mode],
            score_cutoff=100 * lowest,
            dtype=np.float32,
        )
        a, b = np.nonzero(np.triu(scores, 1) >= 100 * lowest)
        found.append((a + start, b + start, scores[a, b] / 100))
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def matcher(texts: list[str], mode: str) -> Callable[[float], common.Pairs]:
    """Compare once, and choose by any threshold from `LOWEST`."""
    a, b, scores = similar(texts, mode, LOWEST)

    def match(threshold: float) -> common.Pairs:
        kept = scores >= threshold
        return zip(a[kept].tolist(), b[kept].tolist(), strict=True)

    return match


if __name__ == "__main__":
    common.main(find, matcher)
