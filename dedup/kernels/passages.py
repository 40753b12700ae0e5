"""The passages that two texts share, word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from dedup.kernels.words import _GOLDEN, _S2, QUOTED, _chain, _mix, hash_index, place_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Offsets, Pairs, TokenValues

    U64 = npt.NDArray[np.uint64]
    U32 = npt.NDArray[np.uint32]
    F32 = npt.NDArray[np.float32]
    I32 = npt.NDArray[np.int32]
    I64 = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]

_OPENING, _LONGEST_GAP, _FORMULAIC, _BESIDE = 8, 60, 25, 8
PASSAGE_MEASURES = 13
"""What is counted of the passages of a pair."""

_MOST_PLACES = 16  # places of one shingle that are tried; a text that repeats itself has many


@njit(cache=True, nogil=True)
def _slots(tokens: TokenValues, n: int, size: int, mask: int, out: I32) -> None:
    """Give each window of `size` tokens a slot of a table of `mask + 1`, a power of two."""
    drop = np.uint64(1)
    for _ in range(size):
        drop *= _GOLDEN
    h = np.uint64(0)
    for j in range(n):
        h = h * _GOLDEN + np.uint64(tokens[j] >> _S2)
        if j >= size:
            h -= np.uint64(tokens[j - size] >> _S2) * drop
        if j >= size - 1:
            out[j - size + 1] = np.int64(_mix(h)) & mask


@njit(cache=True, nogil=True)
def index_windows(slots: I32, n: int, table: I32, mask: int, later: I32) -> None:
    """Index where the first n windows stand, in ascending order, for `find_runs`.

    Args:
        slots: Slot of each window, from `_slots`.
        n: See above.
        table: Gets the first place of each slot's windows.
        mask: Slots, less one.
        later: Gets the next place with the same slot, -1 after the last.
    """
    table[: mask + 1] = -1
    for place in range(n - 1, -1, -1):
        later[place] = table[slots[place]]
        table[slots[place]] = place


@njit(cache=True, nogil=True)
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
            while length < most and (a[place + length] ^ b[start + length]) >> _S2 == 0:
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


@njit(cache=True, nogil=True)
def count_unmarked(values: TokenValues, start: int, end: int, mark: np.uint32) -> int:
    """Count the token values without a mark."""
    n = 0
    for k in range(start, end):
        n += values[k] & mark == 0
    return n


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def count_opening(texts: TokenValues, n_a: int, n_b: int) -> int:
    """Count the first tokens of the one text that are among the first of the other."""
    n = 0
    for t in range(min(n_a, _OPENING)):
        for other in range(min(n_b, _OPENING)):
            if (texts[0, t] ^ texts[1, other]) >> _S2 == 0:
                n += 1
                break
    return n


@njit(cache=True, nogil=True)
def is_attributed(
    text: TokenValues,
    covered: Bools,
    n: int,
    start: int,
    end: int,
    speech: U64,
    speech_index: I32,
) -> bool:
    """Say whether a word of speech stands beside a passage, in words that are not shared."""
    for t in range(max(0, start - _BESIDE), min(n, end + _BESIDE)):
        is_own = (t < start or t >= end) and not covered[t]
        if is_own and place_of(np.uint64(text[t] >> _S2), speech, speech_index) >= 0:
            return True
    return False


@njit(cache=True, nogil=True)
def count_between(found: I32, n_found: int, n_a: int, n_b: int) -> int:
    """Count the tokens of the shorter text between its passages, or in place of others.

    The larger of two counts: those between passages in whatever order, and those that stand where
    the other text has other words, at its beginning and end too.
    """
    inside, replaced = 0, 0
    end_a, end_b = 0, 0
    for r in range(n_found + 1):
        if r < n_found:
            gap_a, gap_b = found[r, 0] - end_a, found[r, 1] - end_b
            end_a, end_b = found[r, 0] + found[r, 2], found[r, 1] + found[r, 2]
        else:
            gap_a, gap_b = n_a - end_a, n_b - end_b
        if 0 < gap_b <= _LONGEST_GAP:
            inside += gap_b * (0 < r < n_found)
            if 0 < gap_a <= _LONGEST_GAP:
                replaced += min(gap_a, gap_b)
    return max(inside, replaced)


@njit(cache=True, nogil=True)
def take_rare(text: TokenValues, n: int, common_words: U64, common_index: I32, out: U64) -> int:
    """Copy the distinct words of a text that are not common, sorted; return how many."""
    m = 0
    for t in range(n):
        word = np.uint64(text[t] >> _S2)
        if place_of(word, common_words, common_index) < 0:
            out[m] = word
            m += 1
    found = np.sort(out[:m])
    k = 0
    for t in range(m):
        if t == 0 or found[t] != found[t - 1]:
            out[k] = found[t]
            k += 1
    return k


@njit(cache=True, nogil=True)
def count_rare(
    texts: TokenValues, n_a: int, n_b: int, common_words: U64, common_index: I32
) -> tuple[int, int]:
    """Count the rare words that two texts share, and those of the one that has fewer."""
    a, b = np.empty(n_a, dtype=np.uint64), np.empty(n_b, dtype=np.uint64)
    m_a = take_rare(texts[0], n_a, common_words, common_index, a)
    m_b = take_rare(texts[1], n_b, common_words, common_index, b)
    i, j, n = 0, 0, 0
    while i < m_a and j < m_b:
        n += a[i] == b[j]
        step_a, step_b = a[i] <= b[j], b[j] <= a[i]
        i += step_a
        j += step_b
    return n, min(m_a, m_b)


@njit(cache=True, nogil=True)
def find_heading(text, covered, n, row, words, weights, offsets, out):  # type: ignore[no-untyped-def]
    """Weigh the words of a text's heading that stand in passages, and those that stand elsewhere.

    `out` gets the two weights; a word that stands in both counts as in passages.
    """
    first, last = offsets[row], offsets[row + 1]
    out[0] = out[1] = 0
    if first == last:
        return
    seen = np.uint64(0)
    for k in range(first, last):
        seen |= np.uint64(1) << np.uint64(words[k] & np.uint32(63))
    inside, outside = np.uint32(0), np.uint32(0)
    for t in range(n):
        word = text[t] >> _S2
        if seen >> np.uint64(word & np.uint32(63)) & np.uint64(1):
            for k in range(first, last):
                if words[k] == word:
                    bit = np.uint32(1) << np.uint32(k - first)
                    if covered[t]:
                        inside |= bit
                    else:
                        outside |= bit
    for k in range(first, last):
        bit = np.uint32(1) << np.uint32(k - first)
        if inside & bit:
            out[0] += weights[k]
        elif outside & bit:
            out[1] += weights[k]


@njit(cache=True, nogil=True)
def find_elsewhere(text, covered, n, row, words, weights, offsets):  # type: ignore[no-untyped-def]
    """Give the share of the weight of a heading's words in what another text has of its own."""
    first, last = offsets[row], offsets[row + 1]
    seen = np.uint64(0)
    for k in range(first, last):
        seen |= np.uint64(1) << np.uint64(words[k] & np.uint32(63))
    found = np.uint32(0)
    if first < last:
        for t in range(n):
            word = text[t] >> _S2
            if not covered[t] and seen >> np.uint64(word & np.uint32(63)) & np.uint64(1):
                for k in range(first, last):
                    if words[k] == word:
                        found |= np.uint32(1) << np.uint32(k - first)
    weight, total = np.float32(0), np.float32(0)
    for k in range(first, last):
        total += weights[k]
        if found >> np.uint32(k - first) & np.uint32(1):
            weight += weights[k]
    return weight / total if total > 0 else np.float32(0)


@njit(cache=True, nogil=True)
def measure_passages(
    values: TokenValues,
    offsets: Offsets,
    pairs: Pairs,
    size: int,
    mark: np.uint32,
    words: U32,
    weights: F32,
    word_offsets: Offsets,
    common_words: U64,
    speech: U64,
    measures: I64,
    titles: F32,
    runs: I32,
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
        words: Of the texts' headings, see `stages.headings`; `weights`, `word_offsets` likewise.
        weights: See `words`.
        word_offsets: Words of text i are those from `word_offsets[i]`.
        common_words: Hashes of words that are not rare, distinct.
        speech: Hashes of words that say whose words stand beside them, distinct.
        measures: Gets, for each pair: tokens of the first and the second text, tokens of the
            first and the second in passages, tokens of all passages, those inside quotation
            marks, the number of passages; how many of the first 8 tokens both begin with; tokens of
            the shorter text between passages; and, where passages are short, how many distinct
            rare words both texts have, and how many the one with fewer has; how many
            passages stand before the one before them in the longer text; tokens of passages
            that both texts put into somebody's mouth in words of their own.
        titles: Gets, for each pair and side (shape (n, 2, 3)), the weight of the heading's words
            that stand in passages, of those that stand elsewhere only, and the share of the
            weight of all whose words stand in what the other text has of its own.
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
    covered[:] = False
    common_index = hash_index(common_words)
    speech_index = hash_index(speech)
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
        opening = count_opening(texts, n_indexed, n_short)
        between = count_between(found, n_found, n_indexed, n_short)
        measures[p, 7], measures[p, 8] = opening, between
        measures[p, 9], measures[p, 10] = 0, 0
        jumps = 0
        for r in range(1, n_found):
            jumps += found[r, 0] < found[r - 1, 0]
        measures[p, 11] = jumps
        attributed = 0
        for r in range(n_found):
            i, j, length = found[r, 0], found[r, 1], found[r, 2]
            if is_attributed(
                texts[0], covered[0], n_indexed, i, i + length, speech, speech_index
            ) and is_attributed(texts[1], covered[1], n_short, j, j + length, speech, speech_index):
                attributed += length
        measures[p, 12] = attributed
        if 0 < total < _FORMULAIC * n_found and between > 0:
            measures[p, 9], measures[p, 10] = count_rare(
                texts, n_indexed, n_short, common_words, common_index
            )
        for side in range(2):
            row = 0 if side == long else 1
            n_side = n_indexed if side == long else n_short
            find_heading(
                texts[row],
                covered[row],
                n_side,
                pairs[p, side],
                words,
                weights,
                word_offsets,
                titles[p, side],
            )
            other = 1 - row
            n_other = n_indexed if side != long else n_short
            titles[p, side, 2] = find_elsewhere(
                texts[other],
                covered[other],
                n_other,
                pairs[p, side],
                words,
                weights,
                word_offsets,
            )
        for r in range(n_found):
            covered[0, found[r, 0] : found[r, 0] + found[r, 2]] = False
            covered[1, found[r, 1] : found[r, 1] + found[r, 2]] = False
        measures[p, 0], measures[p, 1] = n_first, n_second
        measures[p, 2 + long], measures[p, 2 + short] = of_both, total
        measures[p, 4], measures[p, 5], measures[p, 6] = total, quoted, n_found
        if p == len(pairs) - 1:
            for r in range(min(n_found, len(runs))):
                i, j, length = found[r, 0], found[r, 1], found[r, 2]
                runs[r, long], runs[r, short] = places[0, i], places[1, j]
                runs[r, 2 + long] = places[0, i + length - 1] + 1
                runs[r, 2 + short] = places[1, j + length - 1] + 1
                runs[r, 4] = length
    return n_found


@njit(cache=True, nogil=True)
def name_places(
    values: TokenValues, offsets: Offsets, rows: I64, keys: U64, longest: int, out: Bools
) -> None:
    """Say of each row's text whether up to `longest` tokens in a row have one of the hashes."""
    index = hash_index(keys)
    for i in range(len(rows)):
        start, end = offsets[rows[i]], offsets[rows[i] + 1]
        out[i] = False
        for at in range(start, end):
            h = np.uint64(0)
            for k in range(at, min(at + longest, end)):
                h = _chain(h, values[k])
                out[i] |= place_of(_mix(h), keys, index) >= 0
            if out[i]:
                break
