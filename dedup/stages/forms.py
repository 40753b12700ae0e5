"""Forms filled with other facts: obituaries, share prices, forecasts, lists of a court.

Two fillings of one form share much, in short passages in the same order; between them stand names,
figures and places in which they differ. Six things are weighed, in units of which `_FORM` make a
form; a correction of one report has long passages, and never gets there:

- how short the passages are, and how much of the text stands between them;
- whether the telling words of the titles stand in what is shared;
- how many of the rare words of one text the other has too;
- whether the texts begin alike, because the subject stands first;
- whether passages stand in another order, as in lists made of set phrases;
- how many others are fillings of a form with both: a form is seldom used once;

less what the lengths of the two texts differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Pairs
    from dedup.stages.passages import Shared

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]

_FORM, _MAYBE = 1.75, 1.0
"""Score of two fillings of one form; and of two that count as such for others."""

_LEAST_SHARE = 1 / 3
"""Share of the longer text in passages: two fillings share at least so much of the form."""

_SHORT, _LONG = 10, 25
"""Words of a passage: as short as between two slots, and too long for it."""

_BETWEEN = 0.3
"""Share of the text between passages from which on it is all that a form has."""

_FACTS = 0.6
"""Share of the rare words of one text in the other that says neither yes nor no."""

_OPENING = 4
"""Words that both begin with, of 8, that say neither yes nor no."""


def find(shared: Shared, pairs: Pairs) -> Bools:
    """Say of each pair whether it is one form filled with other facts.

    Args:
        shared: What the texts share.
        pairs: Their numbers, which tell who else is a filling of the form.
    """
    alone = _score(shared)
    others = _fillings(alone >= _MAYBE, pairs)
    found: Bools = alone + 0.7 * np.log2(1 + others) >= _FORM
    return found


def _score(shared: Shared) -> Floats:
    """Score each pair by itself; far below all bounds where it cannot be a form."""
    short = np.minimum(shared.words_a, shared.words_b)
    long = np.maximum(shared.words_a, shared.words_b)
    between = np.minimum(shared.between / np.maximum(short, 1), 1)
    pieces = np.clip((_LONG - shared.words_per_passage()) / (_LONG - _SHORT), 0, 1)
    pieces *= np.clip(between / _BETWEEN, 0, 1)
    facts = shared.rare_shared / np.maximum(shared.rare, 1)
    score = 3 * (pieces - 0.5)
    score -= 1.5 * shared.title_sides().mean(axis=1)
    score += np.where(shared.rare > 0, 3 * (_FACTS - facts), 0)
    score += 0.25 * (_OPENING - shared.opening)
    score += 2 * shared.jumps / np.maximum(shared.passages - 1, 1)
    score -= 2.5 * (long - short) / np.maximum(long, 1)
    is_possible = (pieces > 0) & (shared.share_of_longer() >= _LEAST_SHARE)
    found: Floats = np.where(is_possible, score, -99.0)
    return found


def _fillings(is_form: Bools, pairs: Pairs) -> Floats:
    """Count, for each pair, with how many others the one of fewer seems to share a form."""
    degree = np.bincount(pairs[is_form].reshape(-1), minlength=int(pairs.max(initial=-1)) + 1)
    found: Floats = np.minimum(degree[pairs[:, 0]], degree[pairs[:, 1]]) - is_form.astype(float)
    return found
