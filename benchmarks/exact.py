r"""Exact set similarity of texts, the slow way, to check dedup against.

Shares no code with the package: words are \w+ of the lower-cased text, a shingle is a tuple of five
words (numbered, not hashed), and a text is the set of its shingles. All pairs at a threshold are
found by prefix filtering (Bayardo, Ma & Srikant, "Scaling up all pairs similarity search", WWW
2007): two sets of Jaccard >= t share one of the rarest (1 - t) of either's shingles, so only those
are indexed. No shingle is left out for being frequent, so no pair is missed.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

WORDS = re.compile(r"\w+")
SHINGLE_SIZE = 5


def shingle_sets(texts: Iterable[str]) -> list[frozenset[int]]:
    """Number the distinct word 5-grams of all texts and give each text's set."""
    numbers: dict[tuple[str, ...], int] = defaultdict(lambda: len(numbers))
    return [frozenset(numbers[shingle] for shingle in _shingles(text)) for text in texts]


def _shingles(text: str) -> Iterator[tuple[str, ...]]:
    words = WORDS.findall(text.lower())
    return zip(*(words[i:] for i in range(SHINGLE_SIZE)), strict=False)


def jaccard(a: frozenset[int], b: frozenset[int]) -> float:
    """Shared over united; 0 for two empty sets."""
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared) if shared else 0.0


def similar_pairs(sets: list[frozenset[int]], threshold: float) -> set[tuple[int, int]]:
    """Find all pairs (a, b), a < b, with Jaccard >= threshold."""
    frequency = Counter(shingle for shingles in sets for shingle in shingles)
    indexed: dict[int, list[int]] = defaultdict(list)
    pairs = set()
    for b, shingles in enumerate(sets):
        rarest = sorted(shingles, key=lambda shingle: (frequency[shingle], shingle))
        prefix = rarest[: len(rarest) - math.ceil(threshold * len(rarest)) + 1]
        earlier = {a for shingle in prefix for a in indexed[shingle]}
        pairs |= {(a, b) for a in earlier if jaccard(sets[a], shingles) >= threshold}
        for shingle in prefix:
            indexed[shingle].append(b)
    return pairs
