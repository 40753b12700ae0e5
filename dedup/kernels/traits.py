"""What the passages of two texts tell beside their length: of forms, quotations and titles."""

from __future__ import annotations

import numpy as np

from dedup.kernels.compiling import part
from dedup.kernels.hashing import MARKS, mix, place_of
from dedup.kernels.memory import fill
from dedup.kernels.pages import bits_of, filter_of, share_of_weight

_OPENING, _LONGEST_GAP, _BESIDE = 8, 60, 8
_ONE = np.uint32(1)


@part
def count_opening(texts, n_a, n_b):
    """Count the first tokens of the one text that are among the first of the other."""
    n = 0
    for t in range(min(n_a, _OPENING)):
        for other in range(min(n_b, _OPENING)):
            if (texts[0, t] ^ texts[1, other]) >> MARKS == 0:
                n += 1
                break
    return n


@part
def count_between(found, n_found, n_a, n_b):
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


@part
def count_jumps(found, n_found):
    """Count the passages that stand before the one before them in the longer text."""
    n = 0
    for r in range(1, n_found):
        n += found[r, 0] < found[r - 1, 0]
    return n


@part
def put(word, table):
    """Put a 30-bit word into an open table, 0 where it is free; return whether it was new."""
    mask = len(table) - 1
    slot = np.int64(mix(np.uint64(word))) & mask
    while table[slot] != 0:
        if table[slot] == word + _ONE:
            return False
        slot = (slot + 1) & mask
    table[slot] = word + _ONE
    return True


@part
def count_rare(texts, n_a, n_b, common_words, common_index, out):
    """Count the distinct rare words that two texts share, and those of the one that has fewer."""
    size = 64
    while size < 2 * max(n_a, n_b):
        size *= 2
    tables = np.empty((2, size), dtype=np.uint32)
    fill(tables[0], 0)
    fill(tables[1], 0)
    of_a, of_b, of_both = 0, 0, 0
    for t in range(n_a):
        word = texts[0, t] >> MARKS
        if place_of(np.uint64(word), common_words, common_index) < 0:
            of_a += put(word, tables[0])
    for t in range(n_b):
        word = texts[1, t] >> MARKS
        if place_of(np.uint64(word), common_words, common_index) < 0 and put(word, tables[1]):
            of_b += 1
            of_both += not put(word, tables[0])
    out[0], out[1] = of_both, min(of_a, of_b)


@part
def is_attributed(text, covered, n, start, end, speech, speech_index):
    """Say whether a word of speech stands beside a passage, in words that are not shared."""
    for t in range(max(0, start - _BESIDE), min(n, end + _BESIDE)):
        is_own = (t < start or t >= end) and not covered[t]
        if is_own and place_of(np.uint64(text[t] >> MARKS), speech, speech_index) >= 0:
            return True
    return False


@part
def count_attributed(texts, covered, n_a, n_b, found, n_found, speech, speech_index):
    """Count the tokens of passages that both texts put into somebody's mouth in their own words."""
    n = 0
    for r in range(n_found):
        i, j, length = found[r, 0], found[r, 1], found[r, 2]
        if is_attributed(
            texts[0], covered[0], n_a, i, i + length, speech, speech_index
        ) and is_attributed(texts[1], covered[1], n_b, j, j + length, speech, speech_index):
            n += length
    return n


@part
def weigh_heading(text, covered, n, words, weights, first, last, out):
    """Weigh the words of a text's heading that stand in passages, and those only elsewhere."""
    seen = filter_of(words, first, last)
    inside, outside = np.uint32(0), np.uint32(0)
    out[0], out[1] = 0, 0
    for t in range(n):
        if covered[t]:
            inside |= bits_of(text[t], seen, words, first, last)
        else:
            outside |= bits_of(text[t], seen, words, first, last)
    for k in range(first, last):
        bit = np.uint32(k - first)
        if inside >> bit & _ONE:
            out[0] += weights[k]
        elif outside >> bit & _ONE:
            out[1] += weights[k]


@part
def share_in_own(text, covered, n, words, weights, first, last):
    """Give the share of a heading's weight whose words stand outside another text's passages."""
    seen = filter_of(words, first, last)
    found = np.uint32(0)
    for t in range(n):
        if not covered[t]:
            found |= bits_of(text[t], seen, words, first, last)
    return share_of_weight(found, weights, first, last)
