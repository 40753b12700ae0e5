"""scikit-learn: TF-IDF cosine of every pair of articles, a copy from .85.

The rule of the content-sharing networks made from NELA-GT (Horne, Nørregaard & Adalı, "Different
spirals of sameness", ICWSM 2019, after Horne & Adalı 2017): articles with a cosine of at least .85
are copies. `TfidfVectorizer()` as it comes. All pairs are compared, a thousand rows at a time, by
sparse product: no blocking, so no pair is lost, and time grows with the square of the corpus.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from peers import common
from sklearn.feature_extraction.text import TfidfVectorizer

ROWS = 1_000
LOWEST = {"few texts": 0.2, "many": 0.3}


def find(corpus: Path, mode: str, threshold: float) -> list[int]:
    """Weigh the words, multiply, keep what reaches the threshold."""
    texts = common.read_texts(corpus)
    a, b, _ = similar(texts, threshold)
    return common.clusters(len(texts), zip(a.tolist(), b.tolist(), strict=True))


def similar(texts: list[str], lowest: float) -> tuple[np.ndarray, ...]:
    """Rows a < b of each pair whose cosine reaches `lowest`, and the cosine."""
    weights = TfidfVectorizer(dtype=np.float32).fit_transform(texts)
    found = []
    for start in range(0, len(texts), ROWS):
        cosines = (weights[start : start + ROWS] @ weights[start:].T).tocoo()
        kept = (cosines.data >= lowest) & (cosines.row < cosines.col)
        found.append((cosines.row[kept] + start, cosines.col[kept] + start, cosines.data[kept]))
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def matcher(texts: list[str], mode: str) -> Callable[[float], common.Pairs]:
    """Multiply once, and choose by any threshold from `LOWEST`."""
    a, b, cosines = similar(texts, LOWEST["few texts" if len(texts) <= 2 * ROWS else "many"])

    def match(threshold: float) -> common.Pairs:
        kept = cosines >= threshold
        return zip(a[kept].tolist(), b[kept].tolist(), strict=True)

    return match


if __name__ == "__main__":
    common.main(find, matcher)
