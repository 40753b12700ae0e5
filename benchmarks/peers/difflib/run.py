"""difflib of the standard library: `ratio()` of every pair of articles, a match from .6.

"As a rule of thumb, a `ratio()` value over 0.6 means the sequences are close matches" (its
documentation, and the default of `get_close_matches`, whose order of checks is followed: the upper
bounds `real_quick_ratio` and `quick_ratio` first). Sequences are lower-cased words: on characters
one pair of articles takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from pathlib import Path

from peers import common

LOWEST = 0.3


def find(corpus: Path, mode: str, threshold: float) -> list[int]:
    """Compare all pairs."""
    texts = common.read_texts(corpus)
    return common.clusters(len(texts), ((a, b) for a, b, _ in similar(texts, threshold)))


def similar(texts: list[str], lowest: float) -> Iterator[tuple[int, int, float]]:
    """Yield pairs a < b whose ratio reaches `lowest`, and the ratio."""
    sequences = [common.words(text) for text in texts]
    matching = SequenceMatcher()
    for b, second in enumerate(sequences):
        matching.set_seq2(second)
        for a in range(b):
            matching.set_seq1(sequences[a])
            if matching.real_quick_ratio() >= lowest and matching.quick_ratio() >= lowest:
                ratio = matching.ratio()
                if ratio >= lowest:
                    yield a, b, ratio


def matcher(texts: list[str], mode: str) -> Callable[[float], common.Pairs]:
    """Compare once, and choose by any threshold from `LOWEST`."""
    pairs = list(similar(texts, LOWEST))
    return lambda threshold: ((a, b) for a, b, ratio in pairs if ratio >= threshold)


if __name__ == "__main__":
    common.main(find, matcher)
