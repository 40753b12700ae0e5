"""Two pages side by side: what they share, and on which side of it their titles stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.compiling import kernel, part
from dedup.kernels.hashing import MARKS
from dedup.kernels.memory import fill
from dedup.kernels.words import LISTED, SENTENCE

if TYPE_CHECKING:
    from dedup.kernels.arrays import F64, I32, U8, U32, U64, Out, Rows
    from dedup.records import Offsets, Pairs, TokenValues

MOST_WORDS = 32
"""Words of a heading that are looked for: a bit each."""

PAGE_MEASURES = 6
"""What `compare_pages` counts of each page of a pair."""

_ONE, _BITS = np.uint32(1), np.uint32(63)
_SHORTEST_SENTENCE, _NOTHING, _MOST = 5, 15, 0.8


@part
def filter_of(words, first, last):
    """Give 64 bits in which each word of a heading sets one: most other words miss them."""
    seen = np.uint64(0)
    for k in range(first, last):
        seen |= np.uint64(1) << np.uint64(words[k] & _BITS)
    return seen


@part
def bits_of(token, seen, words, first, last):
    """Give the bit of a token among the words of a heading, 0 if it is none of them."""
    word = token >> MARKS
    found = np.uint32(0)
    if seen >> np.uint64(word & _BITS) & np.uint64(1):
        for k in range(first, last):
            if words[k] == word:
                found |= _ONE << np.uint32(k - first)
    return found


@kernel
def find_headings(
    values: TokenValues,
    offsets: Offsets,
    block_offsets: Offsets,
    block_ends: I32,
    words: U32,
    word_offsets: Offsets,
    out: Out[U32],
) -> None:
    """Mark, for each block, which words of its page's heading stand in it: a bit each."""
    for i in range(len(offsets) - 1):
        first, last = word_offsets[i], word_offsets[i + 1]
        seen = filter_of(words, first, last)
        start = offsets[i]
        for b in range(block_offsets[i], block_offsets[i + 1]):
            end = offsets[i] + block_ends[b]
            found = np.uint32(0)
            for t in range(start, end):
                found |= bits_of(values[t], seen, words, first, last)
            out[b] = found
            start = end


@kernel
def compare_pages(
    pairs: Pairs,
    hashes: U64,
    block_offsets: Offsets,
    ends: I32,
    marks: U8,
    found: U32,
    words: U32,
    weights: F64,
    word_offsets: Offsets,
    values: TokenValues,
    offsets: Offsets,
    out: Out[Rows[F64]],
) -> None:
    """Compare pages block by block.

    Args:
        pairs: Numbers of pages; those with the same first page stand together.
        hashes: Of the blocks; `ends`, `marks` likewise.
        block_offsets: Blocks of page i are those from `block_offsets[i]`.
        ends: See `hashes`.
        marks: See `hashes`.
        found: From `find_headings`.
        words: Of headings; `weights` likewise.
        weights: See `words`.
        word_offsets: Words of page i are those from `word_offsets[i]`.
        values: Token values of the pages.
        offsets: Those of page i are `values[offsets[i] : offsets[i + 1]]`.
        out: Gets a row for the first page of each pair and one for the second: words of sentences
            shared, and not; the place of the shared text (see `_place_of_shared`); weight of the
            heading's words in what is shared; of those only elsewhere; the share of the weight of
            all whose words stand in what the other page has of its own.
    """
    most = 1
    for i in range(len(block_offsets) - 1):
        most = max(most, block_offsets[i + 1] - block_offsets[i])
    capacity = 64
    while capacity < 4 * most:
        capacity *= 2
    table = np.empty(capacity, dtype=np.int64)
    is_shared = np.empty((2, most), dtype=np.bool_)
    indexed, size = -1, 64
    for p in range(len(pairs)):
        a, b = pairs[p, 0], pairs[p, 1]
        if a != indexed:
            indexed = a
            size = _index_blocks(hashes, block_offsets[a], block_offsets[a + 1], table)
        _mark_shared(hashes, block_offsets, a, b, table, size, is_shared)
        for side in range(2):
            row = 2 * p + side
            _weigh_side(
                pairs[p, side],
                is_shared[side],
                block_offsets,
                ends,
                marks,
                found,
                weights,
                word_offsets,
                out[row],
            )
            out[row, 5] = 0
            if out[row, 0] == 0:  # no sentence is shared: nobody asks
                continue
            out[row, 5] = _share_in_own(
                pairs[p, 1 - side],
                is_shared[1 - side],
                block_offsets,
                ends,
                values,
                offsets,
                words,
                weights,
                word_offsets[pairs[p, side]],
                word_offsets[pairs[p, side] + 1],
            )


@part
def _index_blocks(hashes, first, last, table):
    """Put blocks into an open table of their numbers plus one; return its size."""
    size = 64
    while size < 4 * (last - first):
        size *= 2
    fill(table[:size], 0)
    for k in range(first, last):
        slot = np.uintp(hashes[k]) & np.uintp(size - 1)
        while table[slot] != 0:
            slot = (slot + np.uintp(1)) & np.uintp(size - 1)
        table[slot] = k + 1
    return size


@part
def _mark_shared(hashes, block_offsets, a, b, table, size, is_shared):
    """Mark the blocks that pages a (which is indexed) and b share."""
    fill(is_shared[0, : block_offsets[a + 1] - block_offsets[a]], False)
    fill(is_shared[1, : block_offsets[b + 1] - block_offsets[b]], False)
    for k in range(block_offsets[b], block_offsets[b + 1]):
        slot = np.uintp(hashes[k]) & np.uintp(size - 1)
        while table[slot] != 0:
            other = table[slot] - 1
            if hashes[other] == hashes[k]:
                is_shared[0, other - block_offsets[a]] = True
                is_shared[1, k - block_offsets[b]] = True
            slot = (slot + np.uintp(1)) & np.uintp(size - 1)


@part
def _weigh_side(page, is_shared, block_offsets, ends, marks, found, weights, word_offsets, out):
    """Count what one page shares, and where it and the words of its heading stand."""
    inside, outside = np.uint32(0), np.uint32(0)
    shared, own, before, after = 0, 0, 0, 0
    run, own_run, shared_run, was_shared = 0, 0, 0, False
    start = 0
    for k in range(block_offsets[page], block_offsets[page + 1]):
        n = ends[k] - start
        start = ends[k]
        now = is_shared[k - block_offsets[page]]
        if not now:
            outside |= found[k]
        is_prose = (marks[k] & SENTENCE) != 0 and (marks[k] & LISTED) == 0
        if n < _SHORTEST_SENTENCE or not is_prose:
            continue
        if now:  # in a shared list of links, other pages' titles stand too
            inside |= found[k]
        run = n if now != was_shared else run + n
        was_shared = now
        if now:
            shared += n
            shared_run = max(shared_run, run)
            after = 0
        else:
            own += n
            own_run = max(own_run, run)
            before += n * (shared == 0)
            after += n
    out[0], out[1] = shared, own
    out[2] = _place_of_shared(shared, own, shared_run, own_run, before, after)
    out[3], out[4] = 0, 0
    for k in range(word_offsets[page], word_offsets[page + 1]):
        bit = np.uint32(k - word_offsets[page])
        if inside >> bit & _ONE:
            out[3] += weights[k]
        elif outside >> bit & _ONE:
            out[4] += weights[k]


@part
def _place_of_shared(shared, own, shared_run, own_run, before, after):
    """Say what the place of the shared text tells: 1 a report amid a page, -1 a frame around one.

    A report stands in one run, with the page's own text before and behind it. Furniture stands
    behind the page's own text, or before and behind it, which is in one run.
    """
    if own < _NOTHING or shared == 0:
        return 0.0
    if before >= _NOTHING and after >= _NOTHING and shared_run >= _MOST * shared:
        return 1.0
    if own_run >= _MOST * own and after < _NOTHING:
        return -1.0 if before < _NOTHING else -0.6
    return 0.0


@part
def _share_in_own(
    page, is_shared, block_offsets, ends, values, offsets, words, weights, first, last
):
    """Give the share of a heading's weight whose words stand in a page's unshared blocks."""
    seen = filter_of(words, first, last)
    found = np.uint32(0)
    start = offsets[page]
    for b in range(block_offsets[page], block_offsets[page + 1]):
        end = offsets[page] + ends[b]
        if not is_shared[b - block_offsets[page]]:
            for t in range(start, end):
                found |= bits_of(values[t], seen, words, first, last)
        start = end
    return share_of_weight(found, weights, first, last)


@part
def share_of_weight(found, weights, first, last):
    """Give the share of a heading's weight that the words have whose bits are set."""
    weight, total = 0.0, 0.0
    for k in range(first, last):
        total += weights[k]
        if found >> np.uint32(k - first) & _ONE:
            weight += weights[k]
    return weight / total if total > 0 else 0.0
