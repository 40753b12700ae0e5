"""Exact similarity of candidate pairs: nothing is decided on an estimate.

Jaccard is shared/union, containment shared/smaller; both over the sets of 32-bit shingle hashes.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dedup import kernels

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Pairs
    from dedup.stages.shingles import ShingleSets

_PAIRS_PER_TASK = 1_000
"""Pairs that one task of a thread counts."""


@dataclass(frozen=True, slots=True)
class Overlaps:
    """What pairs of sets share.

    Attributes:
        pairs: The pairs, shape (n, 2).
        shared: Members in both sets.
        size_a: Members of the first set of each pair.
        size_b: Members of the second.
    """

    pairs: Pairs
    shared: npt.NDArray[np.int64]
    size_a: npt.NDArray[np.int64]
    size_b: npt.NDArray[np.int64]

    def jaccard(self) -> npt.NDArray[np.float64]:
        """Shared over union, 0 where both are empty."""
        return _ratio(self.shared, self.size_a + self.size_b - self.shared)

    def containment_a(self) -> npt.NDArray[np.float64]:
        """Share of the first set found in the second."""
        return _ratio(self.shared, self.size_a)

    def containment_b(self) -> npt.NDArray[np.float64]:
        """Share of the second set found in the first."""
        return _ratio(self.shared, self.size_b)

    def containment(self) -> npt.NDArray[np.float64]:
        """Shared over the smaller set."""
        return _ratio(self.shared, np.minimum(self.size_a, self.size_b))

    def share_of_larger(self) -> npt.NDArray[np.float64]:
        """Shared over the larger set: high only where each is much of the other."""
        return _ratio(self.shared, np.maximum(self.size_a, self.size_b))

    def where(self, keep: npt.NDArray[np.bool_]) -> Overlaps:
        """Keep some of the pairs."""
        return Overlaps(self.pairs[keep], self.shared[keep], self.size_a[keep], self.size_b[keep])


def verify(pairs: Pairs, sets: ShingleSets, executor: Executor | None = None) -> Overlaps:
    """Count exactly what the two sets of each pair share.

    Args:
        pairs: Row numbers into `sets`, shape (n, 2).
        sets: Shingle sets.
        executor: Threads to share the work; the result is the same without.
    """
    shared = np.empty(len(pairs), dtype=np.int64)

    def count(start: int) -> None:
        part = slice(start, start + _PAIRS_PER_TASK)
        kernels.intersection_sizes(sets.values, sets.offsets, pairs[part], shared[part])

    starts = range(0, len(pairs), _PAIRS_PER_TASK)
    for _ in map(count, starts) if executor is None else executor.map(count, starts):
        pass
    sizes = sets.sizes()
    return Overlaps(pairs, shared, sizes[pairs[:, 0]], sizes[pairs[:, 1]])


def join(*parts: Overlaps) -> Overlaps:
    """Put lists of pairs end to end."""
    return Overlaps(
        np.concatenate([part.pairs for part in parts]),
        np.concatenate([part.shared for part in parts]),
        np.concatenate([part.size_a for part in parts]),
        np.concatenate([part.size_b for part in parts]),
    )


def _ratio(part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
