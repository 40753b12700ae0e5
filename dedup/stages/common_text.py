"""Matches that rest on text which stands around reports, and is the report of neither page.

What `furniture` could not show block by block (a headline set into a sentence, a gallery, a notice
that only two pages have) shows where two pages are laid side by side. What they share is furniture
when `evidence` speaks against it on both pages and nothing says that they are about the same thing.
Where it speaks weakly, and the outlets are one or unknown, a third text decides: if most of what
two pages share stands on a page that clearly has another report, it is furniture too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup import kernels

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Pairs
    from dedup.stages.passages import Shared
    from dedup.stages.shingles import ShingleSets
    from dedup.stages.similarity import Overlaps

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Rows = npt.NDArray[np.int64]

_AGAINST, _UNTITLED, _APART = -0.5, -1.5, -2.0
"""How much must speak against it, of both pages: where titles say something, where they do not,
and where the pages are of different outlets, whose furniture is seldom the same."""

_FEW = 3
"""Passages of furniture that different outlets share: a notice or two, no scraps."""

_OUTLETS = 0.5
"""What speaks for furniture where two pages are of one outlet, and against where they are not."""

_ABOUT_ONE = 0.2
"""Share of two titles' telling words in what the other page has of its own, from which on the
pages are about the same thing."""

_SURE, _DOUBT = 0.55, 1.5
"""From this Jaccard on a match stands; from this evidence on there is no doubt about it."""

_ELSEWHERE, _MOST_OTHERS = 0.7, 16
"""Share of what two pages share that stands on a third with another report; third pages tried."""


def find(
    shared: Shared, overlaps: Overlaps, rows: Pairs, outlets: Pairs, sets: ShingleSets
) -> Bools:
    """Say of each pair whether what it shares stands around reports on both pages.

    Args:
        shared: What the texts share.
        overlaps: The same pairs.
        rows: The row in `sets` of each text.
        outlets: A number for the outlet of each, -1 if unknown, -2 if there are several.
        sets: Shingle sets.
    """
    sides = shared.sides()
    best = sides.max(axis=1)
    is_known = (outlets >= 0).all(axis=1)
    is_within = is_known & (outlets[:, 0] == outlets[:, 1])
    is_apart = is_known & ~is_within
    strength = sides.sum(axis=1) - _OUTLETS * is_within + _OUTLETS * is_apart
    is_titled = (shared.titles[:, :, :2].sum(axis=2) > 0).any(axis=1)
    differ = shared.titles[:, :, 2].mean(axis=1) < _ABOUT_ONE
    clear: Bools = (shared.passages > 0) & differ & (best < 0)
    clear &= strength < np.where(is_titled, _AGAINST, _UNTITLED)
    clear &= ~is_apart | ((strength < _APART) & (shared.passages <= _FEW))
    may_be_one = is_within | (outlets == -1).all(axis=1)
    in_doubt = ~clear & differ & may_be_one & (best < _DOUBT) & (overlaps.jaccard() < _SURE)
    asked = np.flatnonzero(in_doubt)
    if len(asked) and clear.any():
        shares = _shares_elsewhere(overlaps.pairs, asked, clear, rows, sets)
        clear[asked] = shares >= _ELSEWHERE
    return clear


def _shares_elsewhere(
    pairs: Pairs, asked: Rows, clear: Bools, rows: Pairs, sets: ShingleSets
) -> Floats:
    """Give how much of what each pair shares stands on third pages that have other reports."""
    ends = np.concatenate((pairs[clear], pairs[clear][:, ::-1]))
    texts = np.concatenate((rows[clear], rows[clear][:, ::-1]))
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    counts = np.bincount(ends[:, 0], minlength=int(pairs.max()) + 1)
    starts = np.concatenate(([0], np.cumsum(counts)))
    shares = np.empty(len(asked))
    kernels.share_elsewhere(
        sets.values,
        sets.offsets,
        rows[asked],
        pairs[asked],
        starts,
        texts[order, 1],
        _MOST_OTHERS,
        shares,
    )
    return shares
