"""Templates: text that a whole family of articles shares is no evidence that two are copies.

Weather bulletins, earnings briefs and pages with one long notice match each other by the thousand.
So a family of matching texts larger than `max_family` is looked at as a whole: shingles that more
than `max_family` of its texts share are its common text. A text that is common text for the most
part is a copy of it, as with a story that two hundred outlets carried; a text that is not has
something of its own to say, and its matches must hold on that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dedup import kernels

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Pairs
    from dedup.settings import Settings
    from dedup.shingles import ShingleSets

_OWN_SHARE = 0.5
"""A text with at least this share of uncommon shingles is judged by them alone."""


def template_matches(
    pairs: Pairs, rows: npt.NDArray[np.int64], sets: ShingleSets, settings: Settings
) -> npt.NDArray[np.bool_]:
    """Say which matches rest on a family's common text alone.

    Args:
        pairs: Matches, as places in `rows`.
        rows: The row in `sets` of each place.
        sets: Shingle sets.
        settings: Supplies `max_family` and `threshold`.
    """
    dropped = np.zeros(len(pairs), dtype=np.bool_)
    for members, matches in _families(len(rows), pairs, settings.max_family):
        local = np.searchsorted(members, pairs[matches])
        values, offsets, own_share = _own_sets(rows[members], sets, settings.max_family)
        at_stake = (own_share[local] >= _OWN_SHARE).any(axis=1)
        matches, local = matches[at_stake], np.ascontiguousarray(local[at_stake])
        shared = np.empty(len(local), dtype=np.int64)
        kernels.intersection_sizes(values, offsets, local, shared)
        union = np.diff(offsets)[local].sum(axis=1) - shared
        dropped[matches] = shared < settings.threshold * union
    return dropped


def _families(
    n: int, pairs: Pairs, max_family: int
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Give the nodes (sorted) and the matches of each connected family that is large enough."""
    root = kernels.connect(n, pairs)
    large = np.flatnonzero(np.bincount(root, minlength=n) > max_family)
    if len(large) == 0:
        return
    by_root = np.argsort(root, kind="stable")
    match_root = root[pairs[:, 0]]
    by_match_root = np.argsort(match_root, kind="stable")
    for family in large:
        first, last = np.searchsorted(root[by_root], [family, family + 1])
        first_match, last_match = np.searchsorted(match_root[by_match_root], [family, family + 1])
        yield by_root[first:last], by_match_root[first_match:last_match]


def _own_sets(
    rows: npt.NDArray[np.int64], sets: ShingleSets, max_family: int
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Take the family's common shingles out of its texts' sets.

    Returns:
        The sets that are left (values and offsets), and what share of each text they are.
    """
    sizes = sets.sizes()[rows]
    every = np.empty(int(sizes.sum()), dtype=np.uint32)
    offsets = np.empty(len(rows) + 1, dtype=np.int64)
    nothing = np.empty(0, dtype=np.uint32)
    kernels.leave_out(sets.values, sets.offsets, rows, nothing, every, offsets)
    distinct, counts = np.unique(every, return_counts=True)
    kernels.leave_out(
        sets.values, sets.offsets, rows, distinct[counts > max_family], every, offsets
    )
    return every[: offsets[-1]], offsets, np.diff(offsets) / np.maximum(sizes, 1)
