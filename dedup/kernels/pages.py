"""Two pages side by side: what they share, and on which side of it their titles stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from dedup.kernels.words import LISTED, SENTENCE

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Offsets, Pairs, TokenValues

    U8 = npt.NDArray[np.uint8]
    U32 = npt.NDArray[np.uint32]
    U64 = npt.NDArray[np.uint64]
    I32 = npt.NDArray[np.int32]
    I64 = npt.NDArray[np.int64]
    F32 = npt.NDArray[np.float32]
    Bools = npt.NDArray[np.bool_]
    F64 = npt.NDArray[np.float64]

PAGE_MEASURES = 6

MOST_WORDS = 32
"""Words of a heading that are looked for: a bit each."""

_S2 = np.uint32(2)
_ONE = np.uint32(1)
_SHORTEST_SENTENCE, _NOTHING, _MOST = 5, 15, 0.8


@njit(cache=True, nogil=True)
def find_headings(
    values: TokenValues,
    offsets: Offsets,
    block_offsets: Offsets,
    block_ends: I32,
    words: U32,
    word_offsets: Offsets,
    out: U32,
) -> None:
    """Mark, for each block, which words of its page's heading stand in it: a bit each."""
    for i in range(len(offsets) - 1):
        first, last = word_offsets[i], word_offsets[i + 1]
        seen = np.uint64(0)
        for k in range(first, last):
            seen |= np.uint64(1) << np.uint64(words[k] & np.uint32(63))
        start = offsets[i]
        for b in range(block_offsets[i], block_offsets[i + 1]):
            end = offsets[i] + block_ends[b]
            found = np.uint32(0)
            for t in range(start, end):
                word = values[t] >> _S2
                if seen >> np.uint64(word & np.uint32(63)) & np.uint64(1):
                    for k in range(first, last):
                        if words[k] == word:
                            found |= _ONE << np.uint32(k - first)
            out[b] = found
            start = end


@njit(cache=True, nogil=True)
def place_of_shared(shared, own, shared_run, own_run, before, after):  # type: ignore[no-untyped-def]
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


@njit(cache=True, nogil=True)
def find_in_own(
    page: int,
    is_shared: Bools,
    block_offsets: Offsets,
    ends: I32,
    values: TokenValues,
    offsets: Offsets,
    words: U32,
    weights: F32,
) -> float:
    """Give the share of a heading's weight whose words stand in a page's unshared blocks."""
    total = weights.sum()
    if total == 0:
        return 0.0
    seen = np.uint64(0)
    for word in words:
        seen |= np.uint64(1) << np.uint64(word & np.uint32(63))
    found = np.uint32(0)
    start = offsets[page]
    for b in range(block_offsets[page], block_offsets[page + 1]):
        end = offsets[page] + ends[b]
        if not is_shared[b - block_offsets[page]]:
            for t in range(start, end):
                word = values[t] >> _S2
                if seen >> np.uint64(word & np.uint32(63)) & np.uint64(1):
                    for k in range(len(words)):
                        if words[k] == word:
                            found |= _ONE << np.uint32(k)
        start = end
    weight = 0.0
    for k in range(len(words)):
        if found >> np.uint32(k) & _ONE:
            weight += weights[k]
    return weight / total


@njit(cache=True, nogil=True)
def compare_pages(
    pairs: Pairs,
    hashes: U64,
    block_offsets: Offsets,
    ends: I32,
    marks: U8,
    found: U32,
    words: U32,
    weights: F32,
    word_offsets: Offsets,
    values: TokenValues,
    offsets: Offsets,
    out: F64,
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
        out: Gets, for each pair and side (shape (n, 2, 6)): words of sentences shared, and not;
            the place of the shared text (see `place_of_shared`); weight of the heading's words in
            what is shared; of those only elsewhere; the share of the weight of all whose words
            stand in what the other page has of its own.
    """
    most = 1
    for i in range(len(block_offsets) - 1):
        most = max(most, block_offsets[i + 1] - block_offsets[i])
    capacity = 64
    while capacity < 4 * most:
        capacity *= 2
    table = np.zeros(capacity, dtype=np.int64)  # block + 1
    size = 64
    is_shared = np.zeros((2, most), dtype=np.bool_)
    indexed = -1
    for p in range(len(pairs)):
        a, b = pairs[p, 0], pairs[p, 1]
        if a != indexed:
            size = 64
            while size < 4 * (block_offsets[a + 1] - block_offsets[a]):
                size *= 2
            table[:size] = 0
            for k in range(block_offsets[a], block_offsets[a + 1]):
                slot = np.uintp(hashes[k]) & np.uintp(size - 1)
                while table[slot] != 0:
                    slot = (slot + np.uintp(1)) & np.uintp(size - 1)
                table[slot] = k + 1
            indexed = a
        is_shared[0, : block_offsets[a + 1] - block_offsets[a]] = False
        is_shared[1, : block_offsets[b + 1] - block_offsets[b]] = False
        for k in range(block_offsets[b], block_offsets[b + 1]):
            slot = np.uintp(hashes[k]) & np.uintp(size - 1)
            while table[slot] != 0:
                other = table[slot] - 1
                if hashes[other] == hashes[k]:
                    is_shared[0, other - block_offsets[a]] = True
                    is_shared[1, k - block_offsets[b]] = True
                slot = (slot + np.uintp(1)) & np.uintp(size - 1)
        for side in range(2):
            page = pairs[p, side]
            inside, outside = np.uint32(0), np.uint32(0)
            start = 0
            out[p, side, :] = 0
            run, own_run, shared_run, before, after = 0, 0, 0, 0, 0
            was_shared = False
            for k in range(block_offsets[page], block_offsets[page + 1]):
                n = ends[k] - start
                start = ends[k]
                is_prose = (marks[k] & SENTENCE) != 0 and n >= _SHORTEST_SENTENCE
                is_prose = is_prose and (marks[k] & LISTED) == 0
                if is_prose:
                    now = is_shared[side, k - block_offsets[page]]
                    run = n if now != was_shared or own_run + shared_run == 0 else run + n
                    was_shared = now
                    if now:
                        shared_run = max(shared_run, run)
                        after = 0
                    else:
                        own_run = max(own_run, run)
                        before += n * (shared_run == 0)
                        after += n
                if is_shared[side, k - block_offsets[page]]:
                    out[p, side, 0] += n * is_prose
                    inside |= found[k]
                else:
                    out[p, side, 1] += n * is_prose
                    outside |= found[k]
            out[p, side, 2] = place_of_shared(
                out[p, side, 0], out[p, side, 1], shared_run, own_run, before, after
            )
            for k in range(word_offsets[page], word_offsets[page + 1]):
                bit = np.uint32(k - word_offsets[page])
                if inside >> bit & _ONE:
                    out[p, side, 3] += weights[k]
                elif outside >> bit & _ONE:
                    out[p, side, 4] += weights[k]
            out[p, side, 5] = find_in_own(
                pairs[p, 1 - side],
                is_shared[1 - side],
                block_offsets,
                ends,
                values,
                offsets,
                words[word_offsets[page] : word_offsets[page + 1]],
                weights[word_offsets[page] : word_offsets[page + 1]],
            )
