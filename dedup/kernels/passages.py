"""The passages that two texts share, word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.compiling import kernel, part
from dedup.kernels.hashing import GOLDEN, MARKS, chain_token, hash_index, mix, place_of
from dedup.kernels.memory import fill
from dedup.kernels.traits import (
    count_attributed,
    count_between,
    count_jumps,
    count_opening,
    count_rare,
    share_in_own,
    weigh_heading,
)
from dedup.kernels.words import QUOTED

if TYPE_CHECKING:
    from dedup.kernels.arrays import F64, I32, I64, U32, U64, Bools, Out, Rows
    from dedup.records import Offsets, Pairs, TokenValues


PASSAGE_MEASURES = 13
"""What is counted of the passages of a pair."""

_FORMULAIC = 25  # tokens of a passage from which on it is no piece of a form
_MOST_PLACES = 16  # places of one shingle that are tried; a text that repeats itself has many


@part
def _slots(tokens: TokenValues, n: int, size: int, mask: int, out: I32) -> None:
    """Give each window of `size` tokens a slot of a table of `mask + 1`, a power of two."""
    drop = np.uint64(1)
    for _ in range(size):
        drop *= GOLDEN
    h = np.uint64(0)
    for j in range(n):
        h = h * GOLDEN + np.uint64(tokens[j] >> MARKS)
        if j >= size:
            h -= np.uint64(tokens[j - size] >> MARKS) * drop
        if j >= size - 1:
            out[j - size + 1] = np.int64(mix(h)) & mask


@part
def index_windows(slots: I32, n: int, table: I32, mask: int, later: I32) -> None:
    """Index where the first n windows stand, in ascending order, for `find_runs`.

    Args:
        slots: Slot of each window, from `_slots`.
        n: See above.
        table: Gets the first place of each slot's windows.
        mask: Slots, less one.
        later: Gets the next place with the same slot, -1 after the last.
    """
    fill(table[: mask + 1], -1)
    for place in range(n - 1, -1, -1):
        later[place] = table[slots[place]]
        table[slots[place]] = place


@part
def find_runs(
    a: TokenValues,
    n_a: int,
    b: TokenValues,
    n_b: int,
    size: int,
    table: I32,
    later: I32,
    slots: I32,
    runs: I32,
) -> int:
    """Find the passages of b, from its beginning on, that stand word for word in a.

    At each word of b the longest passage beginning there is taken, of equals the one that goes on
    where the passage before ended, or else the first in a; the search goes on behind it. Passages
    do not overlap in b; where b repeats itself they may in a.

    Args:
        a: Token values; their marks make no difference.
        n_a: How many there are; `n_b` likewise.
        b: See a.
        n_b: See `n_a`.
        size: Fewest tokens of a passage.
        table: From `index_windows` of a; `later` likewise.
        later: See `table`.
        slots: Slot of each window of b.
        runs: Gets rows (place in a, place in b, length).

    Returns:
        How many passages there are.
    """
    n = 0
    start, expected = 0, 0
    while start + size <= n_b:
        place = table[slots[start]]
        best, best_place, tried = 0, 0, 0
        while place >= 0 and tried < _MOST_PLACES:
            length = 0
            most = min(n_a - place, n_b - start)
            while length < most and (a[place + length] ^ b[start + length]) >> MARKS == 0:
                length += 1
            if length > best or (length == best and place == expected):
                best, best_place = length, place
            place = later[place]
            tried += 1
        if best < size:
            start += 1
            continue
        runs[n, 0], runs[n, 1], runs[n, 2] = best_place, start, best
        n += 1
        start += best
        expected = best_place + best
    return n


@part
def count_unmarked(values: TokenValues, start: int, end: int, mark: np.uint32) -> int:
    """Count the token values without a mark."""
    n = 0
    for k in range(start, end):
        n += values[k] & mark == 0
    return n


@part
def take_unmarked(
    values: TokenValues, start: int, end: int, mark: np.uint32, out: TokenValues, places: I64
) -> int:
    """Copy the token values without a mark, and where each stood; return how many there are."""
    n = 0
    for k in range(start, end):
        if values[k] & mark == 0:
            out[n] = values[k]
            places[n] = k - start
            n += 1
    return n


@part
def _cover(texts, found, n_found, covered):
    """Mark the tokens that stand in passages.

    Returns:
        Tokens of all passages, those that one text has inside quotation marks, and how many of the
        longer text stand in one.
    """
    total, quoted, of_both = 0, 0, 0
    for r in range(n_found):
        i, j, length = found[r, 0], found[r, 1], found[r, 2]
        of_long, of_short = 0, 0
        for k in range(length):
            of_both += not covered[0, i + k]
            covered[0, i + k] = True
            covered[1, j + k] = True
            of_long += texts[0, i + k] & QUOTED
            of_short += texts[1, j + k] & QUOTED
        total += length
        quoted += max(of_long, of_short)
    return total, quoted, of_both


@part
def _place_runs(found, n_found, places, long, runs):
    """Say where passages stand in the whole texts; `long` is the side of the longer one."""
    short = 1 - long
    for r in range(min(n_found, len(runs))):
        i, j, length = found[r, 0], found[r, 1], found[r, 2]
        runs[r, long], runs[r, short] = places[0, i], places[1, j]
        runs[r, 2 + long] = places[0, i + length - 1] + 1
        runs[r, 2 + short] = places[1, j + length - 1] + 1
        runs[r, 4] = length


@kernel
def measure_passages(
    values: TokenValues,
    offsets: Offsets,
    pairs: Pairs,
    size: int,
    mark: np.uint32,
    words: U32,
    weights: F64,
    word_offsets: Offsets,
    common_words: U64,
    speech: U64,
    measures: Out[Rows[I64]],
    titles: Out[Rows[F64]],
    runs: Out[Rows[I32]],
) -> int:
    """Measure the passages that the texts of each pair share.

    Passages are looked for in the shorter text, of equally long ones in the second; a token with
    the mark is left out of both. Of the two, the text with more of a passage inside quotation marks
    says how much of it is quoted.

    Args:
        values: Token values with their marks.
        offsets: Text i is `values[offsets[i] : offsets[i + 1]]`.
        pairs: Numbers of texts.
        size: Fewest tokens of a passage.
        mark: Of the tokens to leave out.
        words: Of the texts' headings, see `stages.headings`; `weights` likewise.
        weights: See `words`.
        word_offsets: Words of text i are those from `word_offsets[i]`.
        common_words: Hashes of words that are not rare, distinct.
        speech: Hashes of words that say whose words stand beside them, distinct.
        measures: Gets, for each pair: tokens of the first and the second text, tokens of the
            first and the second in passages, tokens of all passages, those inside quotation
            marks, the number of passages; how many of the first 8 tokens both begin with; tokens of
            the shorter text between passages; where passages are short, how many distinct rare
            words both texts have, and how many the one with fewer has; passages that stand before
            the one before them in the longer text; tokens that both attribute.
        titles: Gets a row for the first text of each pair and one for the second: the weight of
            the heading's words that stand in passages, of those only elsewhere, and the share of
            the weight of all whose words stand in what the other text has of its own.
        runs: Gets the last pair's passages (start in the first text, start in the second, end in
            the first, end in the second, in tokens of the whole texts; length without marked
            ones), as many as it has room for.

    Returns:
        How many passages the last pair has.
    """
    longest = 0
    for p in range(len(pairs)):
        for side in range(2):
            longest = max(longest, offsets[pairs[p, side] + 1] - offsets[pairs[p, side]])
    texts = np.empty((2, longest), dtype=np.uint32)
    places = np.empty((2, longest), dtype=np.int64)
    covered = np.empty((2, longest), dtype=np.bool_)
    slots = np.empty(longest + 1, dtype=np.int32)
    later = np.empty(longest + 1, dtype=np.int32)
    capacity = 64
    while capacity < 2 * longest:
        capacity *= 2
    table = np.empty(capacity, dtype=np.int32)
    found = np.empty((longest // size + 1, 3), dtype=np.int32)
    fill(covered[0], False)
    fill(covered[1], False)
    common_index, speech_index = hash_index(common_words), hash_index(speech)
    n_found, indexed, n_indexed, mask = 0, -1, 0, 63
    for p in range(len(pairs)):
        # Row 0 of `texts` holds the indexed, longer text; pairs that share it come together.
        n_first = count_unmarked(values, offsets[pairs[p, 0]], offsets[pairs[p, 0] + 1], mark)
        n_second = count_unmarked(values, offsets[pairs[p, 1]], offsets[pairs[p, 1] + 1], mark)
        long = 0 if n_first >= n_second else 1
        short = 1 - long
        if pairs[p, long] != indexed:
            indexed = pairs[p, long]
            start, end = offsets[indexed], offsets[indexed + 1]
            n_indexed = take_unmarked(values, start, end, mark, texts[0], places[0])
            mask = 63
            while mask < n_indexed:
                mask = 2 * mask + 1
            _slots(texts[0], n_indexed, size, mask, slots)
            index_windows(slots, max(0, n_indexed - size + 1), table, mask, later)
        start, end = offsets[pairs[p, short]], offsets[pairs[p, short] + 1]
        n_short = take_unmarked(values, start, end, mark, texts[1], places[1])
        _slots(texts[1], n_short, size, mask, slots)
        n_found = find_runs(
            texts[0], n_indexed, texts[1], n_short, size, table, later, slots, found
        )
        total, quoted, of_both = _cover(texts, found, n_found, covered)
        measures[p, 7] = count_opening(texts, n_indexed, n_short)
        measures[p, 8] = count_between(found, n_found, n_indexed, n_short)
        measures[p, 9], measures[p, 10] = 0, 0
        if 0 < total < _FORMULAIC * n_found and measures[p, 8] > 0:
            count_rare(texts, n_indexed, n_short, common_words, common_index, measures[p, 9:11])
        measures[p, 11] = count_jumps(found, n_found)
        measures[p, 12] = count_attributed(
            texts, covered, n_indexed, n_short, found, n_found, speech, speech_index
        )
        fill(titles[2 * p], 0)
        fill(titles[2 * p + 1], 0)
        is_same = n_found == 1 and 4 * total >= 3 * n_indexed
        for side in range(0 if is_same else 2):  # one text version, whatever the titles say
            row = 0 if side == long else 1
            first, last = word_offsets[pairs[p, side]], word_offsets[pairs[p, side] + 1]
            n_side = n_indexed if row == 0 else n_short
            n_other = n_short if row == 0 else n_indexed
            weigh_heading(
                texts[row], covered[row], n_side, words, weights, first, last, titles[2 * p + side]
            )
            titles[2 * p + side, 2] = share_in_own(
                texts[1 - row], covered[1 - row], n_other, words, weights, first, last
            )
        for r in range(n_found):
            fill(covered[0, found[r, 0] : found[r, 0] + found[r, 2]], False)
            fill(covered[1, found[r, 1] : found[r, 1] + found[r, 2]], False)
        measures[p, 0], measures[p, 1] = n_first, n_second
        measures[p, 2 + long], measures[p, 2 + short] = of_both, total
        measures[p, 4], measures[p, 5], measures[p, 6] = total, quoted, n_found
        if p == len(pairs) - 1:
            _place_runs(found, n_found, places, long, runs)
    return n_found


@kernel
def name_places(
    values: TokenValues, offsets: Offsets, rows: I64, keys: U64, longest: int, out: Out[Bools]
) -> None:
    """Say of each row's text whether up to `longest` tokens in a row have one of the hashes."""
    index = hash_index(keys)
    for i in range(len(rows)):
        start, end = offsets[rows[i]], offsets[rows[i] + 1]
        out[i] = False
        for at in range(start, end):
            h = np.uint64(0)
            for k in range(at, min(at + longest, end)):
                h = chain_token(h, values[k])
                out[i] |= place_of(mix(h), keys, index) >= 0
            if out[i]:
                break
