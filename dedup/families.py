"""Text that a whole family of articles shares is no evidence that two of them are copies.

Weather bulletins, earnings briefs and pages with one long notice match each other by the thousand;
pages of one outlet match by their menus and captions. Two kinds of family are looked at:

- the texts that matches tie together, when there are more than `max_family`: common is what more
  than `max_family` of them share;
- the texts of one outlet, for matches within it: common is what more than two of them share.

A text that is common text for the most part is a copy of it, as with a story that two hundred
outlets carried; a text that is not has something of its own to say, and its matches must hold on
that.
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

_OWN_SHARE, _OWN_SHARE_IN_OUTLET = 0.5, 0.25
"""A text with at least this share of uncommon shingles is judged by them alone."""

_OUTLET_TEXTS = 2
"""What more texts of one outlet than this share is common there."""


def furniture_matches(
    pairs: Pairs,
    rows: npt.NDArray[np.int64],
    outlets: npt.NDArray[np.int64],
    sets: ShingleSets,
    settings: Settings,
) -> npt.NDArray[np.bool_]:
    """Say which matches rest on a family's common text alone: their relation is `furniture`.

    Args:
        pairs: Matches, as places in `rows`.
        rows: The row in `sets` of each place.
        outlets: A number for the outlet of each place, -1 where it is unknown.
        sets: Shingle sets.
        settings: Supplies `max_family` and `threshold`.
    """
    dropped = np.zeros(len(pairs), dtype=np.bool_)
    for members, matches in _families(len(rows), pairs, settings.max_family):
        everyone = rows[members]
        common = _common(everyone, everyone, sets, settings.max_family)
        dropped[matches] |= _without_ground(
            pairs[matches], rows, common, sets, settings.threshold, _OWN_SHARE
        )
    for texts, matches in _outlets(outlets, pairs):
        matched = rows[np.unique(pairs[matches])]
        common = _common(rows[texts], matched, sets, _OUTLET_TEXTS)
        dropped[matches] |= _without_ground(
            pairs[matches], rows, common, sets, settings.threshold, _OWN_SHARE_IN_OUTLET
        )
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


def _outlets(
    outlets: npt.NDArray[np.int64], pairs: Pairs
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Give the texts of each outlet that has matches within itself, and those matches."""
    first, second = outlets[pairs[:, 0]], outlets[pairs[:, 1]]
    within = np.flatnonzero((first == second) & (first >= 0))
    if len(within) == 0:
        return
    by_outlet = np.argsort(outlets, kind="stable")
    for outlet in np.unique(first[within]):
        start, end = np.searchsorted(outlets[by_outlet], [outlet, outlet + 1])
        yield by_outlet[start:end], within[first[within] == outlet]


def _common(
    family: npt.NDArray[np.int64],
    matched: npt.NDArray[np.int64],
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
    rows: npt.NDArray[np.int64],
    common: npt.NDArray[np.uint32],
    sets: ShingleSets,
    threshold: float,
    enough: float,
) -> npt.NDArray[np.bool_]:
    """Say which pairs have a text of its own that does not match without the common text."""
    places = np.unique(pairs)
    values, offsets = _take(rows[places], common, sets)
    local = np.searchsorted(places, pairs)
    own_share = np.diff(offsets) / np.maximum(sets.sizes()[rows[places]], 1)
    shared = np.empty(len(local), dtype=np.int64)
    kernels.intersection_sizes(values, offsets, local, shared)
    union = np.diff(offsets)[local].sum(axis=1) - shared
    has_own = (own_share[local] >= enough).any(axis=1)
    found: npt.NDArray[np.bool_] = has_own & (shared < threshold * union)
    return found


def _take(
    rows: npt.NDArray[np.int64], without: npt.NDArray[np.uint32], sets: ShingleSets
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Copy the sets of some rows, without some shingles: values and offsets."""
    values = np.empty(int(sets.sizes()[rows].sum()), dtype=np.uint32)
    offsets = np.empty(len(rows) + 1, dtype=np.int64)
    kernels.leave_out(sets.values, sets.offsets, rows, without, values, offsets)
    return values[: offsets[-1]], offsets
