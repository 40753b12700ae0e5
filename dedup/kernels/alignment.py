"""Sentences of one text against those of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from dedup.kernels.words import hash_index, place_of

if TYPE_CHECKING:
    import numpy.typing as npt

    U32 = npt.NDArray[np.uint32]
    I32 = npt.NDArray[np.int32]
    I64 = npt.NDArray[np.int64]
    F64 = npt.NDArray[np.float64]

_CANDIDATES = 4
_LEAST_WEIGHT = 0.12
"""Sentences that share less of the weight are not looked at closely."""


@njit(cache=True, nogil=True)
def align_sentences(
    local: U32,
    local_bounds: I64,
    source: U32,
    source_bounds: I64,
    local_weights: F64,
    source_weights: F64,
    best: I64,
    copying: F64,
    content: F64,
    cosine: F64,
) -> None:
    """Find for each sentence of a text the source sentences most like it.

    Sentences share the weight of the words they have in common (TF-IDF with binary counts). The
    few with the highest share of the local sentence's weight are looked at closely: how many of the
    words stand in runs of three that the source sentence or its neighbours have, and how many in
    the longest common subsequence.

    Args:
        local: Tokens of the text.
        local_bounds: Sentence i is `local[local_bounds[i] : local_bounds[i + 1]]`.
        source: Tokens of all sources, end to end.
        source_bounds: Likewise.
        local_weights: Weight of each token of `local`.
        source_weights: Of each token of `source`.
        best: Gets up to `_CANDIDATES` source sentences for each, best first, -1 for none; shape
            (n, _CANDIDATES), as the others.
        copying: Gets the mean of both shares of words.
        content: Gets the mean of the shared weight and the words in runs.
        cosine: Gets the cosine of the two sentences.
    """
    n_source = len(source_bounds) - 1
    distinct = np.unique(source).astype(np.uint64)
    index = hash_index(distinct)
    # Which sentences hold each distinct token, each once.
    counts = np.zeros(len(distinct) + 1, dtype=np.int64)
    last = np.full(len(distinct), -1, dtype=np.int64)
    places = np.empty(len(source), dtype=np.int64)
    totals = np.zeros(n_source)
    for s in range(n_source):
        for k in range(source_bounds[s], source_bounds[s + 1]):
            place = place_of(np.uint64(source[k]), distinct, index)
            places[k] = place
            if last[place] != s:
                last[place] = s
                counts[place + 1] += 1
                totals[s] += source_weights[k]
    for i in range(len(distinct)):
        counts[i + 1] += counts[i]
    holders = np.empty(counts[-1], dtype=np.int64)
    fill = counts[:-1].copy()
    last[:] = -1
    for s in range(n_source):
        for k in range(source_bounds[s], source_bounds[s + 1]):
            if last[places[k]] != s:
                last[places[k]] = s
                holders[fill[places[k]]] = s
                fill[places[k]] += 1
    shared = np.zeros(n_source)
    seen = np.full(len(distinct), -1, dtype=np.int64)
    longest = 1
    for s in range(n_source):
        longest = max(longest, source_bounds[s + 1] - source_bounds[s])
    row = np.zeros(longest + 1, dtype=np.int32)
    for i in range(len(local_bounds) - 1):
        start, end = local_bounds[i], local_bounds[i + 1]
        best[i] = -1
        copying[i] = content[i] = cosine[i] = 0.0
        if end == start or n_source == 0:
            continue
        shared[:] = 0.0
        total = 0.0
        for k in range(start, end):
            place = place_of(np.uint64(local[k]), distinct, index)
            if place >= 0 and seen[place] == i:
                continue
            total += local_weights[k]
            if place >= 0:
                seen[place] = i
                for h in range(counts[place], counts[place + 1]):
                    shared[holders[h]] += local_weights[k]
        for rank in range(_CANDIDATES):
            chosen, most = -1, 0.0
            for s in range(n_source):
                score = shared[s] / max(total, 1e-9)
                score += 0.2 * shared[s] / max(np.sqrt(total * totals[s]), 1e-9)
                if shared[s] > 0 and score > most:
                    chosen, most = s, score
            if chosen < 0:
                break
            weight = shared[chosen] / max(total, 1e-9)
            best[i, rank] = chosen
            content[i, rank] = weight / 2.0
            cosine[i, rank] = shared[chosen] / max(np.sqrt(total * totals[chosen]), 1e-9)
            shared[chosen] = -1.0
            if weight < _LEAST_WEIGHT:
                break
            first, behind = source_bounds[chosen], source_bounds[chosen + 1]
            before = source_bounds[max(chosen - 1, 0)]
            after = source_bounds[min(chosen + 2, n_source)]
            runs = _words_in_runs(local, start, end, source, before, after)
            common = _common_words(local, start, end, source, first, behind, row)
            copying[i, rank] = (runs + common) / (2.0 * (end - start))
            content[i, rank] = (weight + runs / (end - start)) / 2.0
            if copying[i, rank] == 1.0 and common == behind - first:
                break  # the very sentence
        for rank in range(1, _CANDIDATES):
            at = rank
            while at and best[i, at] >= 0 and _is_better(copying, content, cosine, i, at):
                for values in (copying, content, cosine):
                    values[i, at - 1], values[i, at] = values[i, at], values[i, at - 1]
                best[i, at - 1], best[i, at] = best[i, at], best[i, at - 1]
                at -= 1


@njit(cache=True, nogil=True, inline="always")
def _is_better(copying, content, cosine, i, at):  # type: ignore[no-untyped-def]
    now = copying[i, at] + content[i, at] + 0.1 * cosine[i, at]
    return now > copying[i, at - 1] + content[i, at - 1] + 0.1 * cosine[i, at - 1] + 1e-12


@njit(cache=True, nogil=True)
def _words_in_runs(a: U32, start: int, end: int, b: U32, first: int, behind: int) -> int:
    """Count the words of a sentence that stand in runs of three (or all of a shorter one) of b."""
    size = min(3, end - start)
    n = 0
    covered = start
    for i in range(start, end - size + 1):
        for j in range(first, behind - size + 1):
            if a[i] != b[j]:
                continue
            k = 1
            while k < size and a[i + k] == b[j + k]:
                k += 1
            if k == size:
                n += i + size - max(covered, i)
                covered = i + size
                break
    return n


@njit(cache=True, nogil=True)
def _common_words(a: U32, start: int, end: int, b: U32, first: int, behind: int, row: I32) -> int:
    """Measure the longest common subsequence of two sentences, in words."""
    width = behind - first
    row[: width + 1] = 0
    for i in range(start, end):
        diagonal = 0
        for j in range(width):
            above = row[j + 1]
            if a[i] == b[first + j]:
                row[j + 1] = diagonal + 1
            elif row[j] > above:
                row[j + 1] = row[j]
            diagonal = above
    return row[width]  # type: ignore[no-any-return]
