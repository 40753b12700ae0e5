"""Text that a whole family of articles shares is no evidence that two of them are copies.

Weather bulletins, earnings briefs and pages with one long notice match each other by the thousand;
pages of one outlet match by picture galleries and by headlines set into the text, which no line or
sentence of its own gives away. Two kinds of family are looked at:

- the texts that close matches tie together, when there are more than `max_family`: common is what
  more than `max_family` of them share;
- the texts of one outlet, for matches within it that leave doubt: common is what more than two of
  them share, and no text of another outlet that matches one of them: versions of an agency's story
  in one outlet have the agency's words in common.

A text that is common text for the most part is a copy of it, as with a story that two hundred
outlets carried; a text that is not has something of its own to say, and its matches must hold on
that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup import kernels

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Pairs
    from dedup.settings import Settings
    from dedup.stages.shingles import ShingleSets

    Rows = npt.NDArray[np.int64]

_OWN_SHARE, _OWN_SHARE_IN_OUTLET = 0.5, 0.25
"""A text with at least this share of uncommon shingles is judged by them alone."""

_OUTLET_TEXTS = 2
"""What more texts of one outlet than this share is common there."""

_SURE = 0.55
"""From this Jaccard on, a match within an outlet stands: two pages share more than half of all they
say, which versions of one report do, and pages that share a gallery hardly ever."""


def furniture_matches(
    pairs: Pairs,
    jaccard: npt.NDArray[np.float64],
    could_tie: npt.NDArray[np.bool_],
    rows: Rows,
    outlets: Rows,
    sets: ShingleSets,
    settings: Settings,
    executor: Executor | None = None,
    between: Callable[[], None] = lambda: None,
) -> npt.NDArray[np.bool_]:
    """Say which matches rest on a family's common text alone: their relation is `furniture`.

    Args:
        pairs: Matches, as places in `rows`.
        jaccard: Of each match.
        could_tie: Which of them are close enough to tie a cluster or a story together.
        rows: The row in `sets` of each place.
        outlets: A number for the outlet of each place, -1 where it is unknown.
        sets: Shingle sets.
        settings: Supplies `max_family` and what makes a match.
        executor: Threads to share the work; the result is the same without.
        between: Called between tasks, to let go of memory.
    """

    def judge(family: _Family) -> Rows:
        own = pairs[family.matches]
        common = _repeated(rows[np.unique(own)], sets)
        common = common[_count(rows[family.texts], common, sets, between) > family.most]
        if len(family.elsewhere):
            common = common[_count(rows[family.elsewhere], common, sets, between) == 0]
        if len(common) == 0:
            return family.matches[:0]
        is_baseless = _without_ground(own, rows, common, sets, family)
        return family.matches[is_baseless]

    families = [
        *_webs(len(rows), pairs, np.flatnonzero(could_tie), settings),
        *_outlets(outlets, pairs, jaccard, settings),
    ]
    is_furniture = np.zeros(len(pairs), dtype=np.bool_)
    for found in map(judge, families) if executor is None else executor.map(judge, families):
        is_furniture[found] = True
    return is_furniture


_TEXTS_AT_ONCE = 4_000


class _Family(NamedTuple):
    """Places of texts that belong together, and numbers of matches among them.

    What more than `most` of them share is common; a text with at least a share `enough` of its own
    is judged by that, and matches from the given Jaccard or containment on. What texts
    `elsewhere` have too is not common.
    """

    texts: Rows
    matches: Rows
    elsewhere: Rows
    most: int
    enough: float
    jaccard: float
    containment: float


def _webs(n: int, pairs: Pairs, ties: Rows, settings: Settings) -> Iterator[_Family]:
    """Give the texts that close matches tie together, where there are more than `max_family`."""
    root = kernels.connect(n, pairs[ties])
    large = np.flatnonzero(np.bincount(root, minlength=n) > settings.max_family)
    limits = (settings.threshold, settings.story_containment)
    of_ties = _places(root[pairs[ties, 0]], large)
    for texts, matches in zip(_places(root, large), of_ties, strict=True):
        yield _Family(texts, ties[matches], texts[:0], settings.max_family, _OWN_SHARE, *limits)


def _outlets(
    outlets: Rows, pairs: Pairs, jaccard: npt.NDArray[np.float64], settings: Settings
) -> Iterator[_Family]:
    """Give the texts of each outlet that has matches within itself, other than sure ones."""
    first, second = outlets[pairs[:, 0]], outlets[pairs[:, 1]]
    within = np.where((first == second) & (jaccard < _SURE), first, -1)
    names = np.unique(within[within >= 0])
    limits = (settings.threshold, settings.containment)
    across = pairs[first != second]
    here, there = across.T.reshape(-1), across[:, ::-1].T.reshape(-1)
    found = (_places(outlets, names), _places(within, names), _places(outlets[here], names))
    for texts, matches, links in zip(*found, strict=True):
        elsewhere = np.unique(there[links][np.isin(here[links], pairs[matches])])
        yield _Family(texts, matches, elsewhere, _OUTLET_TEXTS, _OWN_SHARE_IN_OUTLET, *limits)


def _places(numbers: Rows, wanted: Rows) -> list[Rows]:
    """List, for each wanted number, where it stands."""
    order = np.argsort(numbers, kind="stable")
    starts = np.searchsorted(numbers[order], wanted, side="left")
    ends = np.searchsorted(numbers[order], wanted, side="right")
    return [order[start:end] for start, end in zip(starts, ends, strict=True)]


def _repeated(rows: Rows, sets: ShingleSets) -> npt.NDArray[np.uint32]:
    """List, sorted, the shingles that two texts or more have."""
    every = _take(rows, np.empty(0, dtype=np.uint32), sets)[0]
    every.sort()
    repeated = every[1:][every[1:] == every[:-1]]
    distinct: npt.NDArray[np.uint32] = repeated[
        np.append(True, repeated[1:] != repeated[:-1])[: len(repeated)]
    ]
    return distinct


def _count(
    rows: Rows, wanted: npt.NDArray[np.uint32], sets: ShingleSets, between: Callable[[], None]
) -> npt.NDArray[np.int64]:
    """Count the texts that have each of some shingles (sorted)."""
    counts = np.zeros(len(wanted), dtype=np.int64)
    for start in range(0, len(rows), _TEXTS_AT_ONCE):
        part = rows[start : start + _TEXTS_AT_ONCE]
        kernels.count_marked(sets.values, sets.offsets, part, wanted, counts)
        between()
    return counts


def _without_ground(
    pairs: Pairs,
    rows: Rows,
    common: npt.NDArray[np.uint32],
    sets: ShingleSets,
    family: _Family,
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
    has_own = (own_share[local] >= family.enough).any(axis=1)
    holds = (jaccard >= family.jaccard) | (containment >= family.containment)
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
