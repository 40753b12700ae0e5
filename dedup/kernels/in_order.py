"""Weak matches that count because they stand in the order of the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.compiling import part
from dedup.kernels.labels import ADDED, CONTRADICTED, LEAST_COPIED, REWRITTEN, SHORT, contradict
from dedup.kernels.nearest import meet

if TYPE_CHECKING:
    from dedup.kernels.arrays import F64, I8
    from dedup.kernels.sentences import Terms

_IN_ORDER = 0.16
"""Likeness from which a sentence in the source's order is reworded."""

_RIVAL, _FLOOR, _SKIPPED, _CEILING, _CHAIN, _CHAINS = 0.5, 0.06, 0.06, 0.5, 0.15, 3
_MERGED = 0.4


@part
def add_grams(a: Terms, b: Terms, labels: I8, near: F64) -> None:
    """Make what is `near` to sentences without a match the mean of itself and the cosine of pieces.

    A piece of a word weighs by how few sentences of the source hold it (TF-IDF, binary counts).
    """
    n, m = near.shape
    starts_a, places_a, starts_b, places_b = a.starts, a.places, b.starts, b.places
    same = meet(a.values, b.values)
    weights = np.zeros(m + 1)
    for df in range(m + 1):
        weights[df] = (np.log((1.0 + m) / (1.0 + df)) + 1.0) ** 2
    norms_a, norms_b, shared = np.zeros(n), np.zeros(m), np.zeros((n, m))
    for v in range(len(same)):
        u = same[v]
        weight = weights[starts_b[u + 1] - starts_b[u] if u >= 0 else 0]
        for h in range(starts_a[v], starts_a[v + 1]):
            i = places_a[h]
            if labels[i] != ADDED:
                continue
            norms_a[i] += weight
            if u >= 0:
                for g in range(starts_b[u], starts_b[u + 1]):
                    shared[i, places_b[g]] += weight
    for u in range(len(b.values)):
        weight = weights[starts_b[u + 1] - starts_b[u]]
        for g in range(starts_b[u], starts_b[u + 1]):
            norms_b[places_b[g]] += weight
    for i in range(n):
        if labels[i] == ADDED:
            for j in range(m):
                cosine = shared[i, j] / max(np.sqrt(norms_a[i] * norms_b[j]), 1e-9)
                near[i, j] = (near[i, j] + cosine) / 2.0


@part
def follow_order(words, near, labels, best, similarity):
    """Count weak matches that stand in the order of the source.

    What a pair of sentences is more alike than either is to another, is its gain; the chains of
    pairs with the highest gain are found as a local alignment finds them (Smith and Waterman 1981),
    each taking its sentences from the next.
    """
    n, m = near.shape
    gains = _gains(near)
    best_ends = np.empty((n + 1, m + 1))
    steps = np.empty((n + 1, m + 1), dtype=np.int8)
    link = np.empty(n, dtype=np.int32)
    for _ in range(_CHAINS):
        i, j = _chain(gains, best_ends, steps)
        if best_ends[i, j] < _CHAIN:
            break
        link[:] = -1
        while steps[i, j]:
            step = steps[i, j]
            i -= step != 3
            j -= step != 2
            if step == 1:
                link[i] = j
        for i in range(n):
            j = link[i]
            if j < 0:
                continue
            gains[i] = -_FLOOR
            gains[:, j] = -_FLOOR
            if labels[i] != ADDED or words.bounds_a[i + 1] - words.bounds_a[i] < SHORT:
                continue
            likeness = near[i, j] * (CONTRADICTED if contradict(words, i, j) else 1.0)
            if likeness >= _IN_ORDER:
                labels[i], best[i, 0], best[i, 1] = REWRITTEN, j, j
                similarity[i] = min(max(similarity[i], likeness), LEAST_COPIED)


@part
def _gains(near: F64) -> F64:
    """Take from each pair's likeness half of the best that either sentence has elsewhere."""
    n, m = near.shape
    rows, columns = np.zeros((n, 2)), np.zeros((m, 2))
    for i in range(n):
        for j in range(m):
            _take(rows[i], near[i, j])
            _take(columns[j], near[i, j])
    gains = np.empty((n, m))
    for i in range(n):
        for j in range(m):
            value = near[i, j]
            row = rows[i, 1] if value == rows[i, 0] else rows[i, 0]
            column = columns[j, 1] if value == columns[j, 0] else columns[j, 0]
            gains[i, j] = min(value - _RIVAL * max(row, column), _CEILING) - _FLOOR
    return gains


@part
def _take(top, value):
    """Keep the two highest values."""
    if value > top[0]:
        top[0], top[1] = value, top[0]
    elif value > top[1]:
        top[1] = value


@part
def _chain(gains, best_ends, steps):
    """Fill the tables of a local alignment and find where the best chain ends."""
    n, m = gains.shape
    best_ends[0], best_ends[:, 0] = 0.0, 0.0
    steps[0], steps[:, 0] = 0, 0
    end_i, end_j = 0, 0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            value, step = 0.0, 0
            if best_ends[i - 1, j - 1] + gains[i - 1, j - 1] > value:
                value, step = best_ends[i - 1, j - 1] + gains[i - 1, j - 1], 1
            if best_ends[i - 1, j] - _SKIPPED > value:
                value, step = best_ends[i - 1, j] - _SKIPPED, 2
            if best_ends[i, j - 1] - _SKIPPED > value:
                value, step = best_ends[i, j - 1] - _SKIPPED, 3
            best_ends[i, j], steps[i, j] = value, step
            if value > best_ends[end_i, end_j]:
                end_i, end_j = i, j
    return end_i, end_j


@part
def join_merged(near, labels, best, similarity):
    """Add the next source sentence to a match if it is like no other sentence as much."""
    n, m = near.shape
    for i in range(n):
        if labels[i] == ADDED or similarity[i] == 1.0 or best[i, 0] < 0:
            continue
        j = best[i, 0]
        for other in (j - 1, j + 1):
            if other < 0 or other >= m:
                continue
            likeness = near[i, other]
            if likeness < _IN_ORDER or likeness < _MERGED * near[i, j]:
                continue
            is_best = True
            for k in range(n):
                is_best &= near[k, other] <= likeness
            if is_best:
                best[i, 0], best[i, 1] = min(best[i, 0], other), max(best[i, 1], other)
