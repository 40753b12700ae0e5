"""Text that a whole family of articles shares is no evidence that two of them are copies.

Weather bulletins, earnings briefs and pages with one long notice match each other by the thousand.
Where matches tie more than `max_family` texts together, what more than `max_family` of them share
is common. A text that is common text for the most part is a copy of it, as with a story that two
hundred outlets carried; a text that is not has something of its own to say, and its matches must
hold on that.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup import kernels

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Pairs
    from dedup.settings import Settings
    from dedup.shingles import ShingleSets

    Rows = npt.NDArray[np.int64]

_OWN_SHARE = 0.5
"""A text with at least this share of uncommon shingles is judged by them alone."""


def furniture_matches(
    pairs: Pairs,
    rows: Rows,
    sets: ShingleSets,
    settings: Settings,
    executor: Executor | None = None,
) -> npt.NDArray[np.bool_]:
    """Say which matches rest on a family's common text alone: their relation is `furniture`.

    Args:
        pairs: Matches that could tie a cluster or a story together, as places in `rows`.
        rows: The row in `sets` of each place.
        sets: Shingle sets.
        settings: Supplies `max_family`, `threshold` and `story_containment`.
        executor: Threads to share the work; the result is the same without.
    """

    def judge(family: _Family) -> Rows:
        own = pairs[family.matches]
        common = _common(rows[family.texts], rows[np.unique(own)], sets, settings.max_family)
        if len(common) == 0:
            return family.matches[:0]
        is_baseless = _without_ground(own, rows, common, sets, settings)
        return family.matches[is_baseless]

    families = list(_webs(len(rows), pairs, settings.max_family))
    is_furniture = np.zeros(len(pairs), dtype=np.bool_)
    for found in map(judge, families) if executor is None else executor.map(judge, families):
        is_furniture[found] = True
    return is_furniture


class _Family(NamedTuple):
    """Places of texts that belong together, and numbers of matches among them."""

    texts: Rows
    matches: Rows


def _webs(n: int, pairs: Pairs, max_family: int) -> Iterator[_Family]:
    """Give the texts that matches tie together, where there are more than `max_family`."""
    root = kernels.connect(n, pairs)
    large = np.flatnonzero(np.bincount(root, minlength=n) > max_family)
    for texts, matches in zip(_places(root, large), _places(root[pairs[:, 0]], large), strict=True):
        yield _Family(texts, matches)


def _places(numbers: Rows, wanted: Rows) -> list[Rows]:
    """List, for each wanted number, where it stands."""
    order = np.argsort(numbers, kind="stable")
    starts = np.searchsorted(numbers[order], wanted, side="left")
    ends = np.searchsorted(numbers[order], wanted, side="right")
    return [order[start:end] for start, end in zip(starts, ends, strict=True)]


def _common(
    family: Rows,
    matched: Rows,
    sets: ShingleSets,
    most: int,
) -> npt.NDArray[np.uint32]:
    """List, sorted, the shingles of two matched texts or more that more than `most` of all have."""
    every = _take(matched, np.empty(0, dtype=np.uint32), sets)[0]
    every.sort()
    repeated = every[1:][every[1:] == every[:-1]]
    repeated = repeated[np.append(True, repeated[1:] != repeated[:-1])[: len(repeated)]]
    counts = np.zeros(len(repeated), dtype=np.int64)
    kernels.count_marked(sets.values, sets.offsets, family, repeated, counts)
    common: npt.NDArray[np.uint32] = repeated[counts > most]
    return common


def _without_ground(
    pairs: Pairs,
    rows: Rows,
    common: npt.NDArray[np.uint32],
    sets: ShingleSets,
    settings: Settings,
) -> npt.NDArray[np.bool_]:
    """Say which pairs have a text of its own that does not match without the common text."""
    places = np.unique(pairs)
    values, offsets = _take(rows[places], common, sets)
    local = np.searchsorted(places, pairs)
    own_share = np.diff(offsets) / np.maximum(_sizes(rows[places], sets), 1)
    shared = np.empty(len(local), dtype=np.int64)
    kernels.intersection_sizes(values, offsets, local, shared)
    sizes = np.diff(offsets)[local]
    jaccard = shared / np.maximum(sizes.sum(axis=1) - shared, 1)
    containment = shared / np.maximum(sizes.min(axis=1), 1)
    has_own = (own_share[local] >= _OWN_SHARE).any(axis=1)
    holds = (jaccard >= settings.threshold) | (containment >= settings.story_containment)
    found: npt.NDArray[np.bool_] = has_own & ~holds
    return found


def _take(
    rows: Rows, without: npt.NDArray[np.uint32], sets: ShingleSets
) -> tuple[npt.NDArray[np.uint32], Rows]:
    """Copy the sets of some rows, without some shingles: values and offsets."""
    values = np.empty(int(_sizes(rows, sets).sum()), dtype=np.uint32)
    offsets = np.empty(len(rows) + 1, dtype=np.int64)
    kernels.leave_out(sets.values, sets.offsets, rows, without, values, offsets)
    return values[: offsets[-1]], offsets


def _sizes(rows: Rows, sets: ShingleSets) -> Rows:
    """Count the members of some rows' sets; the work is that of the rows, not of all sets."""
    sizes: Rows = sets.offsets[rows + 1] - sets.offsets[rows]
    return sizes
