"""The source sentence that a sentence is nearest to, by the words and runs of words they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.compiling import part
from dedup.kernels.hashing import chain
from dedup.kernels.memory import fill
from dedup.kernels.sentences import RUN

if TYPE_CHECKING:
    from dedup.kernels.arrays import F64, I32, U32, U64

_CANDIDATES = 4
_LEAST_WEIGHT = 0.12
"""Sentences that share less of the weight are not looked at closely."""

_ENOUGH = 12.0
"""Weight that two sentences must share; a headline of topic words alone is no copy."""


@part
def meet(a: U32, b: U32) -> I32:
    """Find each of some sorted values among others, -1 if it is not there."""
    found = np.empty(len(a), dtype=np.int32)
    fill(found, -1)
    j = 0
    for i in range(len(a)):
        while j < len(b) and b[j] < a[i]:
            j += 1
        if j < len(b) and b[j] == a[i]:
            found[i] = j
    return found


@part
def damp_topic(weights: F64, starts: I32, place: I32, n: int) -> F64:
    """Lower the weights of words that many of the n source sentences hold: they tell the topic.

    A second inverse document frequency, over the source alone, so that no sentence of the text
    depends on another.
    """
    damped = np.empty(len(weights))
    highest = np.log(1.0 + n) + 1.0
    for v in range(len(weights)):
        u = place[v]
        held = starts[u + 1] - starts[u] if u >= 0 else 0
        damped[v] = weights[v] * (np.log((1.0 + n) / (1.0 + held)) + 1.0) / highest
    return damped


@part
def total_weights(starts: I32, places: I32, weights: F64, n: int) -> F64:
    """Weigh each sentence: the sum over its distinct words."""
    totals = np.zeros(n)
    for v in range(len(weights)):
        for h in range(starts[v], starts[v + 1]):
            totals[places[h]] += weights[v]
    return totals


@part
def find_equals(codes: I32, bounds: I32, equal: I32) -> int:
    """Find for each sentence the first of the same words, and count those that are the first."""
    n = len(equal)
    size = 64
    while size < 4 * n:
        size *= 2
    slots = np.empty(size, dtype=np.int32)
    fill(slots, -1)
    n_distinct = 0
    for i in range(n):
        start, length = bounds[i], bounds[i + 1] - bounds[i]
        h = np.uint64(length)
        for k in range(start, start + length):
            h = chain(h, codes[k])
        slot = np.intp(h & np.uint64(size - 1))
        while slots[slot] >= 0:
            first = bounds[slots[slot]]
            k = 0
            if bounds[slots[slot] + 1] - first == length:
                while k < length and codes[first + k] == codes[start + k]:
                    k += 1
                if k == length:
                    break
            slot = (slot + 1) & (size - 1)
        if slots[slot] >= 0:
            equal[i] = slots[slot]
        else:
            slots[slot] = i
            n_distinct += 1
    return n_distinct


@part
def share_weights(codes, weights, same, starts, places, shared, touched, most_holders):
    """Sum the weights of the words that a sentence shares with each source sentence.

    `touched` gets the sentences that share any; words in more than `most_holders` count for none.
    """
    total = 0.0
    n = 0
    for k in range(len(codes)):
        v = codes[k]
        if _is_before(codes, k, v):
            continue
        total += weights[v]
        u = same[v]
        if u >= 0 and starts[u + 1] - starts[u] <= most_holders:
            for h in range(starts[u], starts[u + 1]):
                j = places[h]
                if shared[j] == 0.0:
                    touched[n] = j
                    n += 1
                shared[j] += weights[v]
    return total, n


@part
def _is_before(codes, k, v):
    at = 0
    while at < k and codes[at] != v:
        at += 1
    return at < k


@part
def choose_candidates(shared: F64, total: float, cosines: F64, touched: I32) -> I32:
    """Choose the few source sentences that share most weight, the first of equals first."""
    candidates = np.empty(_CANDIDATES, dtype=np.int32)
    fill(candidates, -1)
    scores = np.zeros(_CANDIDATES)
    for j in touched:
        score = shared[j] / total + 0.2 * cosines[j]
        at = _CANDIDATES
        while at > 0 and (
            score > scores[at - 1] or (score == scores[at - 1] and j < candidates[at - 1])
        ):
            at -= 1
        for rank in range(_CANDIDATES - 1, at, -1):
            candidates[rank], scores[rank] = candidates[rank - 1], scores[rank - 1]
        if at < _CANDIDATES:
            candidates[at], scores[at] = j, score
    return candidates


@part
def look_closely(
    words, i, candidates, total, shared, cosines, run_at, run_starts, run_places, masks
):
    """Choose the nearest of a few source sentences, and say how much of it is copied and told."""
    mine, theirs, bounds_b = words.mine, words.theirs, words.bounds_b
    start, end = words.bounds_a[i], words.bounds_a[i + 1]
    m = len(bounds_b) - 1
    chosen, most = -1, -1.0
    copying = content = 0.0
    for rank in range(_CANDIDATES):
        j = candidates[rank]
        if j < 0:
            break
        weight = shared[j] / total
        enough = min(1.0, shared[j] / _ENOUGH)
        copied, in_runs, common = 0.0, 0, 0
        if weight >= _LEAST_WEIGHT:
            before, after = bounds_b[max(j - 1, 0)], bounds_b[min(j + 2, m)]
            in_runs = _words_in_runs(
                mine, run_at, start, end, theirs, before, after, run_starts, run_places
            )
            common = _common_words(theirs[bounds_b[j] : bounds_b[j + 1]], masks, end - start)
            copied = (in_runs + common) / (2.0 * (end - start))
        told = enough * (weight + in_runs / (end - start)) / 2.0
        score = copied + told + 0.1 * cosines[j]
        score += 1e-6 * common / max(bounds_b[j + 1] - bounds_b[j], 1)  # the very sentence
        if score > most + 1e-9:
            chosen, most, copying, content = j, score, copied, told
        if weight < _LEAST_WEIGHT or (copied == 1.0 and common == bounds_b[j + 1] - bounds_b[j]):
            break  # the others share less; or this is the very sentence
    return chosen, copying, content


@part
def set_masks(mine: I32, masks: U64) -> None:
    """Mark where each word of the source stands in a sentence, a bit each."""
    for k in range(len(mine)):
        if mine[k] >= 0:
            masks[mine[k], k // 64] |= np.uint64(1) << np.uint64(k % 64)


@part
def clear_masks(mine: I32, masks: U64) -> None:
    """Take the marks of a sentence away again."""
    for k in range(len(mine)):
        if mine[k] >= 0:
            masks[mine[k], k // 64] = 0


@part
def _common_words(theirs: I32, masks: U64, n: int) -> int:
    """Measure the longest common subsequence with a marked sentence of n words, in words.

    All places of the marked sentence at once, as bits (Hyyrö, "Bit-parallel LCS-length computation
    revisited", 2004).
    """
    common = 0
    width = (n + 63) // 64
    open_places = np.empty(width, dtype=np.uint64)
    fill(open_places, ~np.uint64(0))
    for u in theirs:
        carry = np.uint64(0)
        for w in range(width):
            v = open_places[w]
            met = v & masks[u, w]
            added = v + met
            total = added + carry
            carry = np.uint64(added < v) | np.uint64(total < added)
            open_places[w] = total | (v & ~met)
    for p in range(n):
        common += 1 - int((open_places[p // 64] >> np.uint64(p % 64)) & np.uint64(1))
    return common


@part
def _words_in_runs(mine, run_at, start, end, theirs, first, behind, run_starts, run_places):
    """Count the words of a sentence that stand in runs of three (or all of a shorter one) of b."""
    size = min(RUN, end - start)
    n = 0
    covered = start
    for i in range(start, end - size + 1):
        found = False
        if size < RUN:
            for j in range(first, behind - size + 1):
                found |= _equal(mine, i, theirs, j, size)
        elif run_at[i] >= 0:
            for h in range(run_starts[run_at[i]], run_starts[run_at[i] + 1]):
                j = run_places[h]
                if j >= first and j <= behind - RUN and _equal(mine, i, theirs, j, size):
                    found = True
                    break
        if found:
            n += i + size - max(covered, i)
            covered = i + size
    return n


@part
def _equal(mine, i, theirs, j, size):
    k = 0
    while k < size and mine[i + k] == theirs[j + k]:
        k += 1
    return k == size
