"""Sentences of one text against those of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.compiling import kernel
from dedup.kernels.in_order import add_grams, follow_order, join_merged
from dedup.kernels.labels import ADDED, SHORT, Compared, judge
from dedup.kernels.memory import fill
from dedup.kernels.nearest import (
    choose_candidates,
    clear_masks,
    damp_topic,
    find_equals,
    look_closely,
    meet,
    set_masks,
    share_weights,
    total_weights,
)
from dedup.kernels.sentences import Sentences

if TYPE_CHECKING:
    from dedup.kernels.arrays import F64, I8, I32, Out, Rows

_LARGEST = 1_000_000
"""Pairs of sentences; larger texts are not looked at for their order."""

_MOST_STEPS = 200_000_000
"""In larger texts, words that so many sentences hold that this would be passed, count for none."""


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
    same = meet(a.words.values, b.words.values)
    for k in range(len(alike)):
        if same[alike[k, 0]] < 0:
            same[alike[k, 0]] = alike[k, 1]
    mine, theirs = same[a.words.codes], b.words.codes
    codes, beside = a.words.codes, a.beside
    weights = damp_topic(a.weights, b.words.starts, same, m)
    their_weights = damp_topic(
        b.weights, b.words.starts, np.arange(len(b.weights), dtype=np.int32), m
    )
    bounds_a = a.bounds
    words = Compared(bounds_a, b.bounds, mine, theirs, a.is_number[codes], b.is_number[theirs])
    starts, places = b.words.starts, b.words.places
    run_at = meet(a.runs.values, b.runs.values)[a.runs.codes]
    norms = np.sqrt(total_weights(starts, places, their_weights, m))
    longest = 0
    for i in range(n):
        longest = max(longest, bounds_a[i + 1] - bounds_a[i])
    masks = np.zeros((len(b.words.values), 1 + longest // 64), dtype=np.uint64)
    in_order = n > 1 and m > 1 and n * m <= _LARGEST
    near = np.zeros((n, m)) if in_order else np.zeros((0, 0))
    shared, spare = np.zeros((2, m))
    touched = np.empty(m, dtype=np.int32)
    # In very long texts equal sentences are looked at once, and words of very many hold nothing.
    equal = np.empty(n, dtype=np.int32)
    fill(equal, -1)
    most_holders = m
    if not in_order:
        n_distinct = find_equals(codes, bounds_a, equal)
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
        total, n_touched = share_weights(
            codes[start:end], weights, same, starts, places, shared, touched, most_holders
        )
        total = max(total, 1e-9)
        cosines = near[i] if in_order else spare
        for t in range(n_touched):
            j = touched[t]
            cosines[j] = shared[j] / max(np.sqrt(total) * norms[j], 1e-9)
        candidates = choose_candidates(shared, total, cosines, touched[:n_touched])
        set_masks(mine[start:end], masks)
        chosen, copying, content = look_closely(
            words,
            i,
            candidates,
            total,
            shared,
            cosines,
            run_at,
            b.runs.starts,
            b.runs.places,
            masks,
        )
        clear_masks(mine[start:end], masks)
        for t in range(n_touched):
            shared[touched[t]] = 0.0
        if chosen >= 0:
            best[i, 0] = best[i, 1] = chosen
            labels[i], similarity[i] = judge(words, i, chosen, copying, content)
        any_added |= labels[i] == ADDED and end - start >= SHORT
    if in_order:
        if any_added:
            add_grams(a.grams, b.grams, labels, near)
            follow_order(words, near, labels, best, similarity)
        join_merged(near, labels, best, similarity)
