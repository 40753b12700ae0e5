"""Fingerprints: candidates among texts that share a part only.

MinHash finds texts that are alike as wholes; of real pairs in which half of the shorter text is
copied, nine in ten are not. So each text also leaves prints (winnowed shingle hashes, see
`shingles`), and texts with several prints in common are candidates. A print that very many texts
share would cost their square; it links each of them to some of the others only. Page furniture
has prints of its own, and they count among few texts only.
"""

from __future__ import annotations

import itertools
from concurrent.futures import Executor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup import kernels
from dedup.kernels import pair_keys

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Pairs
    from dedup.stages.shingles import Prints

    Rows = npt.NDArray[np.int64]

MOST_TEXTS = 60
"""A print of more texts is crowded: it counts between some of them only."""

MOST_PAGES = 16
"""Furniture of more texts is not followed: their pairs would be many and say nothing."""

LEAST_SHARED, LEAST_SHARE = 2, 0.05
"""Prints to share: so many, and so large a share of the fewer that two texts have."""

SHORT = 32
"""With a text of fewer shingles one print will do: a long text may have no second one there."""

_PLACES_PER_TASK = 50_000


_POSTINGS_AT_ONCE = 1 << 23


class Sharing(NamedTuple):
    """Texts with prints in common.

    Attributes:
        pairs: Places in `rows` (see `candidate_pairs`), a < b, sorted, no repeats.
        crowded: Prints that more than `MOST_TEXTS` texts have.
    """

    pairs: Pairs
    crowded: int


def candidate_pairs(
    prints: Prints, rows: Rows, n_shingles: Rows, executor: Executor | None = None
) -> Sharing:
    """Find the pairs of texts that share prints.

    Args:
        prints: Of all texts.
        rows: The texts to compare, in an order that does not depend on the input's.
        n_shingles: Shingles of each text.
        executor: Threads to share the work; the result is the same without.
    """
    postings, sizes, crowded = _shared_postings(prints, rows)
    least = np.where(n_shingles[rows] < SHORT, 1, LEAST_SHARED)
    lists = kernels.by_place(postings, len(rows))

    def find(first: int) -> npt.NDArray[np.uint64]:
        last = min(first + _PLACES_PER_TASK, len(rows))
        return kernels.sharing_pairs(
            postings, *lists, MOST_TEXTS, sizes, first, last, least, LEAST_SHARE
        )

    firsts = range(0, len(rows), _PLACES_PER_TASK)
    found = list(map(find, firsts) if executor is None else executor.map(find, firsts))
    packed = np.concatenate([np.empty(0, dtype=np.uint64), *found])
    return Sharing(pair_keys.unpack(pair_keys.distinct(packed)), crowded)


def _shared_postings(prints: Prints, rows: Rows) -> tuple[npt.NDArray[np.uint64], Rows, int]:
    """List the postings of prints that several texts share, one range of prints after the other.

    Returns:
        The postings, sorted; the number of prints of each text; how many prints are crowded.
    """
    n_prints = int((prints.offsets[rows + 1] - prints.offsets[rows]).sum())
    n_parts = n_prints // _POSTINGS_AT_ONCE + 1
    bounds = [part * (1 << 32) // n_parts for part in range(n_parts + 1)]
    room = n_prints if n_parts == 1 else n_prints // n_parts * 9 // 8
    items, spare = np.empty((2, room), dtype=np.uint64)
    sizes = np.zeros(len(rows), dtype=np.int64)
    found, n_crowded = [], 0
    for lowest, behind in itertools.pairwise(bounds):
        n = kernels.pack_prints(prints.values, prints.offsets, rows, lowest, behind, items)
        if n > len(items):  # prints are spread evenly, unless somebody made them otherwise
            items, spare = np.empty((2, n), dtype=np.uint64)
            kernels.pack_prints(prints.values, prints.offsets, rows, lowest, behind, items)
        # Texts come in order, so that sorting by print alone will do.
        ordered = kernels.sort_bits(items[:n], spare[:n], 32, 64)
        kept, crowded = kernels.drop_lone(ordered, MOST_TEXTS, MOST_PAGES, sizes)
        n_crowded += crowded
        if n_parts == 1:
            return ordered[:kept].copy(), sizes, n_crowded
        found.append(ordered[:kept].copy())
    del items, spare, ordered
    return np.concatenate(found), sizes, n_crowded
