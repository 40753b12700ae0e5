"""What a sentence is by its nearest source sentence: copied, reworded or added."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dedup.kernels.compiling import part

if TYPE_CHECKING:
    from dedup.kernels.arrays import I32, Bools

COPIED, REWRITTEN, ADDED = 0, 1, 2
"""Labels of sentences, as `align_sentences` gives them."""

LEAST_COPIED = 0.65
"""Share of a sentence that must be copied for it to count as a copy."""

_LEAST_TOLD = 0.29
"""Share of a sentence's content from which it is reworded."""

CONTRADICTED = 0.5
"""What is left of the likeness of two sentences with different numbers."""

SHORT = 4
"""A sentence of fewer words is copied only if it is a sentence of the source."""


class Compared(NamedTuple):
    """The words of two texts.

    Attributes:
        bounds_a: Words of sentence i of the text are `mine[bounds_a[i] : bounds_a[i + 1]]`.
        bounds_b: The same of the source and `theirs`.
        mine: Words of the text, by their places among the distinct ones of the source; -1 for
            those that it does not have.
        theirs: Words of the source, likewise.
        numbers_a: Which words of the text are numbers.
        numbers_b: Which words of the source are numbers.
    """

    bounds_a: I32
    bounds_b: I32
    mine: I32
    theirs: I32
    numbers_a: Bools
    numbers_b: Bools


@part
def judge(words, i, j, copying, content):
    """Label a sentence by its nearest source sentence."""
    bounds_a, bounds_b = words.bounds_a, words.bounds_b
    length = bounds_a[i + 1] - bounds_a[i]
    if length < SHORT:
        if copying >= 1.0 - 1e-9 and bounds_b[j + 1] - bounds_b[j] <= length + 1:
            return COPIED, 1.0
        return ADDED, 0.0
    if copying >= LEAST_COPIED:
        if copying == 1.0 or not contradict(words, i, j):
            return COPIED, copying
        return REWRITTEN, copying * CONTRADICTED
    if content >= _LEAST_TOLD and contradict(words, i, j):
        content *= CONTRADICTED
    similarity = min(max(content, copying * LEAST_COPIED), LEAST_COPIED)
    return REWRITTEN if content >= _LEAST_TOLD else ADDED, similarity


@part
def contradict(words, i, j):
    """Say whether both sentences have numbers that the other has not.

    Those of the sentences around the source sentence count as its own.
    """
    bounds_b, mine, theirs = words.bounds_b, words.mine, words.theirs
    start, end = words.bounds_a[i], words.bounds_a[i + 1]
    around = theirs[bounds_b[max(j - 1, 0)] : bounds_b[min(j + 2, len(bounds_b) - 1)]]
    other = False
    for k in range(start, end):
        if words.numbers_a[k]:
            other |= not _holds(around, mine[k])
    if not other:
        return False
    for p in range(bounds_b[j], bounds_b[j + 1]):
        if words.numbers_b[p] and not _holds(mine[start:end], theirs[p]):
            return True
    return False


@part
def _holds(codes: I32, code: int) -> bool:
    for other in codes:  # noqa: SIM110, numba knows no any()
        if other == code:
            return True
    return False
