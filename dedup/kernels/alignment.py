"""Sentences of one text against those of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.kernels.compiling import kernel, part
from dedup.kernels.hashing import S32, chain

if TYPE_CHECKING:
    from dedup.kernels.arrays import F64, I8, I32, U32, U64, Bools, Out, Rows

COPIED, REWRITTEN, ADDED = 0, 1, 2
"""Labels of sentences, as `align_sentences` gives them."""

RUN = 3
"""Words of a run; `Sentences.runs` are runs of so many."""

_CANDIDATES = 4
_LEAST_WEIGHT = 0.12
"""Sentences that share less of the weight are not looked at closely."""

_COPIED, _REWRITTEN = 0.65, 0.29
_CONTRADICTED = 0.5
_ENOUGH = 12.0
"""Weight that two sentences must share; a headline of topic words alone is no copy."""
_SHORT = 4
"""A sentence of fewer words is copied only if it is a sentence of the source."""

_IN_ORDER = 0.16
"""Likeness from which a sentence in the source's order is reworded."""

_LARGEST = 1_000_000
"""Pairs of sentences; larger texts are not looked at for their order."""

_MOST_STEPS = 200_000_000
"""In larger texts, words that so many sentences hold that this would be passed, count for none."""

_RIVAL, _FLOOR, _SKIPPED, _CEILING, _CHAIN, _CHAINS = 0.5, 0.06, 0.06, 0.5, 0.15, 3
_MERGED = 0.4

_CLASS, _TOKEN = np.uint32(3), np.uint32(2)
_GRAM = 4


class Terms(NamedTuple):
    """Where each of some values stands in a text.

    Attributes:
        values: Distinct, sorted.
        codes: Place in `values` of each occurrence, in order of the text.
        starts: Value v stands at `places[starts[v] : starts[v + 1]]`.
        places: Sorted for each value, no repeats: sentences, or words of the text.
    """

    values: U32
    codes: I32
    starts: I32
    places: I32


class Sentences(NamedTuple):
    """A text as the alignment compares it.

    Attributes:
        bounds: Words of sentence i are `words.codes[bounds[i] : bounds[i + 1]]`.
        words: Distinct words, and the sentences that hold them.
        runs: Of each word and the `RUN` - 1 after it, and the words where they begin.
        grams: Pieces of words, and the sentences that hold them.
        weights: Of each distinct word.
        is_number: Of each distinct word.
        beside: Sentences that are no part of the report; they are compared with none.
    """

    bounds: I32
    words: Terms
    runs: Terms
    grams: Terms
    weights: F64
    is_number: Bools
    beside: Bools


@kernel
def cut_grams(
    characters: U32, spans: Rows[I32], entries: U32, grams: Out[U32], owners: Out[I32]
) -> int:
    """Cut words into pieces of four folded characters, their ends counted as one.

    Where words are written without spaces, two neighbouring characters make a piece.

    Args:
        characters: Code points of a text.
        spans: Of its tokens, as `locate_tokens` gives them.
        entries: The table of `load_unicode`.
        grams: Gets the hashes; room for one a character and one a token.
        owners: Gets the token that each is from.

    Returns:
        The number of pieces.
    """
    n = 0
    for token in range(len(spans)):
        start, end = spans[token]
        if end == start + 1 and entries[characters[start]] & _CLASS == _TOKEN:
            h = chain(np.uint64(1), entries[characters[start]])
            behind = token + 1
            if behind < len(spans) and spans[behind, 0] == end:
                h = chain(h, entries[characters[end]])
            grams[n], owners[n] = h >> S32, token
            n += 1
            continue
        for first in range(start - 1, max(end + 2 - _GRAM, start)):
            h = np.uint64(0)
            for at in range(first, min(first + _GRAM, end + 1)):
                inside = start <= at < end
                h = chain(h, entries[characters[at]] if inside else np.uint32(0))
            grams[n], owners[n] = h >> S32, token
            n += 1
    return n


@kernel
def align_sentences(
    a: Sentences,
    b: Sentences,
    alike: Rows[I32],
    labels: Out[I8],
    best: Out[Rows[I32]],
    similarity: Out[F64],
) -> None:
    """Label the sentences of a text by those of a source; the rules are those of `dedup.alignment`.

    Args:
        a: The text.
        b: The source.
        alike: Words of the text and of the source that count as one, shape (k, 2); a word that is
            in both is not changed.
        labels: Gets `COPIED`, `REWRITTEN` or `ADDED` for each sentence.
        best: Gets the first and the last source sentence it is from, -1 if none is near; shape
            (n, 2).
        similarity: Gets how near it is, 0 to 1.
    """
    n, m = len(a.bounds) - 1, len(b.bounds) - 1
    same = _meet(a.words.values, b.words.values)
    for k in range(len(alike)):
        if same[alike[k, 0]] < 0:
            same[alike[k, 0]] = alike[k, 1]
    mine, theirs = same[a.words.codes], b.words.codes
    codes, beside = a.words.codes, a.beside
    weights = _damp_topic(a.weights, b.words.starts, same, m)
    their_weights = _damp_topic(
        b.weights, b.words.starts, np.arange(len(b.weights), dtype=np.int32), m
    )
    bounds_a, bounds_b = a.bounds, b.bounds
    numbers_a, numbers_b = a.is_number[codes], b.is_number[theirs]
    starts, places = b.words.starts, b.words.places
    run_at = _meet(a.runs.values, b.runs.values)[a.runs.codes]
    run_starts, run_places = b.runs.starts, b.runs.places
    norms = np.sqrt(_total_weights(starts, places, their_weights, m))
    longest = np.max(np.diff(bounds_a)) if n else 0
    masks = np.zeros((len(b.words.values), 1 + longest // 64), dtype=np.uint64)
    in_order = n > 1 and m > 1 and n * m <= _LARGEST
    near = np.zeros((n, m)) if in_order else np.zeros((0, 0))
    shared, spare = np.zeros((2, m))
    touched = np.empty(m, dtype=np.int32)
    # In very long texts equal sentences are looked at once, and words of very many hold nothing.
    equal = np.full(n, -1, dtype=np.int32)
    most_holders = m
    if not in_order:
        n_distinct = _find_equals(codes, bounds_a, equal)
        most_holders = min(m, _MOST_STEPS // max(n_distinct, 1))
    any_added = False
    for i in range(n):
        labels[i], similarity[i] = ADDED, 0.0
        best[i, 0] = best[i, 1] = -1
        if beside[i] or m == 0:
            continue
        start, end = bounds_a[i], bounds_a[i + 1]
        if equal[i] >= 0 and not beside[equal[i]]:
            other = equal[i]
            labels[i], similarity[i] = labels[other], similarity[other]
            best[i, 0], best[i, 1] = best[other, 0], best[other, 1]
            continue
        total, n_touched = _share_weights(
            codes[start:end], weights, same, starts, places, shared, touched, most_holders
        )
        total = max(total, 1e-9)
        cosines = near[i] if in_order else spare
        for t in range(n_touched):
            j = touched[t]
            cosines[j] = shared[j] / max(np.sqrt(total) * norms[j], 1e-9)
        candidates = _choose_candidates(shared, total, cosines, touched[:n_touched])
        _set_masks(mine[start:end], masks)
        chosen, copying, content = _look_closely(
            start,
            end,
            candidates,
            total,
            shared,
            cosines,
            mine,
            run_at,
            theirs,
            bounds_b,
            run_starts,
            run_places,
            masks,
        )
        _clear_masks(mine[start:end], masks)
        for t in range(n_touched):
            shared[touched[t]] = 0.0
        if chosen >= 0:
            best[i, 0] = best[i, 1] = chosen
            labels[i], similarity[i] = _judge(
                bounds_a, bounds_b, i, chosen, mine, theirs, numbers_a, numbers_b, copying, content
            )
        any_added |= labels[i] == ADDED and end - start >= _SHORT
    if in_order:
        if any_added:
            _add_grams(a.grams, b.grams, labels, near)
            _follow_order(
                bounds_a,
                bounds_b,
                mine,
                theirs,
                numbers_a,
                numbers_b,
                near,
                labels,
                best,
                similarity,
            )
        _join_merged(near, labels, best, similarity)


@part
def _meet(a: U32, b: U32) -> I32:
    """Find each of some sorted values among others, -1 if it is not there."""
    found = np.full(len(a), -1, dtype=np.int32)
    j = 0
    for i in range(len(a)):
        while j < len(b) and b[j] < a[i]:
            j += 1
        if j < len(b) and b[j] == a[i]:
            found[i] = j
    return found


@part
def _damp_topic(weights: F64, starts: I32, place: I32, n: int) -> F64:
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
def _total_weights(starts: I32, places: I32, weights: F64, n: int) -> F64:
    """Weigh each sentence: the sum over its distinct words."""
    totals = np.zeros(n)
    for v in range(len(weights)):
        for h in range(starts[v], starts[v + 1]):
            totals[places[h]] += weights[v]
    return totals


@part
def _find_equals(codes: I32, bounds: I32, equal: I32) -> int:
    """Find for each sentence the first of the same words, and count those that are the first."""
    n = len(equal)
    size = 64
    while size < 4 * n:
        size *= 2
    slots = np.full(size, -1, dtype=np.int32)
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
def _share_weights(codes, weights, same, starts, places, shared, touched, most_holders):
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
def _choose_candidates(shared: F64, total: float, cosines: F64, touched: I32) -> I32:
    """Choose the few source sentences that share most weight, the first of equals first."""
    candidates = np.full(_CANDIDATES, -1, dtype=np.int32)
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
def _look_closely(
    start,
    end,
    candidates,
    total,
    shared,
    cosines,
    mine,
    run_at,
    theirs,
    bounds_b,
    run_starts,
    run_places,
    masks,
):
    """Choose the nearest of a few source sentences, and say how much of it is copied and told."""
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
def _set_masks(mine: I32, masks: U64) -> None:
    """Mark where each word of the source stands in a sentence, a bit each."""
    for k in range(len(mine)):
        if mine[k] >= 0:
            masks[mine[k], k // 64] |= np.uint64(1) << np.uint64(k % 64)


@part
def _clear_masks(mine: I32, masks: U64) -> None:
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
    open_places = np.full(width, ~np.uint64(0), dtype=np.uint64)
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


@part
def _judge(bounds_a, bounds_b, i, j, mine, theirs, numbers_a, numbers_b, copying, content):
    """Label a sentence by its nearest source sentence."""
    length = bounds_a[i + 1] - bounds_a[i]
    if length < _SHORT:
        if copying >= 1.0 - 1e-9 and bounds_b[j + 1] - bounds_b[j] <= length + 1:
            return COPIED, 1.0
        return ADDED, 0.0
    if copying >= _COPIED:
        if copying == 1.0 or not _contradict(
            bounds_a, bounds_b, i, j, mine, theirs, numbers_a, numbers_b
        ):
            return COPIED, copying
        return REWRITTEN, copying * _CONTRADICTED
    if content >= _REWRITTEN and _contradict(
        bounds_a, bounds_b, i, j, mine, theirs, numbers_a, numbers_b
    ):
        content *= _CONTRADICTED
    similarity = min(max(content, copying * _COPIED), _COPIED)
    return REWRITTEN if content >= _REWRITTEN else ADDED, similarity


@part
def _contradict(bounds_a, bounds_b, i, j, mine, theirs, numbers_a, numbers_b):
    """Say whether both sentences have numbers that the other has not.

    Those of the sentences around the source sentence count as its own.
    """
    start, end = bounds_a[i], bounds_a[i + 1]
    around = theirs[bounds_b[max(j - 1, 0)] : bounds_b[min(j + 2, len(bounds_b) - 1)]]
    other = False
    for k in range(start, end):
        if numbers_a[k]:
            other |= not _holds(around, mine[k])
    if not other:
        return False
    for p in range(bounds_b[j], bounds_b[j + 1]):
        if numbers_b[p] and not _holds(mine[start:end], theirs[p]):
            return True
    return False


@part
def _holds(codes: I32, code: int) -> bool:
    for other in codes:  # noqa: SIM110, numba knows no any()
        if other == code:
            return True
    return False


@part
def _add_grams(a: Terms, b: Terms, labels: I8, near: F64) -> None:
    """Make what is `near` to sentences without a match the mean of itself and the cosine of pieces.

    A piece of a word weighs by how few sentences of the source hold it (TF-IDF, binary counts).
    """
    n, m = near.shape
    starts_a, places_a, starts_b, places_b = a.starts, a.places, b.starts, b.places
    same = _meet(a.values, b.values)
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
def _follow_order(
    bounds_a, bounds_b, mine, theirs, numbers_a, numbers_b, near, labels, best, similarity
):
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
            if labels[i] != ADDED or bounds_a[i + 1] - bounds_a[i] < _SHORT:
                continue
            likeness = near[i, j] * (
                _CONTRADICTED
                if _contradict(bounds_a, bounds_b, i, j, mine, theirs, numbers_a, numbers_b)
                else 1.0
            )
            if likeness >= _IN_ORDER:
                labels[i], best[i, 0], best[i, 1] = REWRITTEN, j, j
                similarity[i] = min(max(similarity[i], likeness), _COPIED)


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
def _join_merged(near, labels, best, similarity):
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
