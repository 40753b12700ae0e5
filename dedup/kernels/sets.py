"""Token hashes to shingle sets and signatures, and what sets share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.compiling import kernel, part
from dedup.kernels.hashing import (
    GOLDEN,
    MARKS,
    S32,
    hash_marked,
    hash_row,
    mix,
)
from dedup.kernels.memory import fill
from dedup.kernels.sorting import first_at_least
from dedup.kernels.words import FURNITURE

if TYPE_CHECKING:
    from dedup.kernels.arrays import F64, I64, U32, U64, Out
    from dedup.records import Offsets, Pairs, Shingles, Signatures, TokenValues


PAGE_PRINT = np.uint32(1)
"""Marks a print of page furniture, in its lowest bit."""


@part
def sort_distinct(values: Out[U32], n: int, spare: Out[U32], counts: Out[I64]) -> int:
    """Sort `values[:n]` and drop repeats, in place; return how many are left.

    Hashes are spread evenly, so one pass by their leading bits leaves about one value in each
    place and an insertion sort finishes; values made to crowd together (a hostile text) get a
    radix sort instead. `spare` is as long as `values`; `counts` has room for 65,537.
    """
    bits = 6
    while bits < 16 and (1 << bits) < n:
        bits += 1
    shift = np.uint32(32 - bits)
    places = 1 << bits
    fill(counts[: places + 1], 0)
    for i in range(n):
        counts[(values[i] >> shift) + np.uint32(1)] += 1
    steps = 0  # twice what the insertion sort takes, at worst
    for place in range(places):
        steps += counts[place + 1] * counts[place + 1]
        counts[place + 1] += counts[place]
    if steps > 16 * n:
        _radix_sort(values, n, spare, counts)
    else:
        for i in range(n):
            place = values[i] >> shift
            spare[counts[place]] = values[i]
            counts[place] += 1
        for i in range(n):
            value = spare[i]
            j = i
            while j > 0 and values[j - 1] > value:
                values[j] = values[j - 1]
                j -= 1
            values[j] = value
    kept = 0
    previous = np.uint32(0)
    for i in range(n):
        value = values[i]
        values[kept] = value
        kept += (i == 0) | (value != previous)
        previous = value
    return kept


@part
def _radix_sort(values: U32, n: int, spare: U32, counts: I64) -> None:
    """Sort `values[:n]` by its bytes, least significant first."""
    shift = np.uint32(0)
    source, target = values, spare
    for _ in range(4):
        fill(counts[:257], 0)
        for i in range(n):
            counts[((source[i] >> shift) & np.uint32(255)) + np.uint32(1)] += 1
        for digit in range(256):
            counts[digit + 1] += counts[digit]
        for i in range(n):
            digit_of = (source[i] >> shift) & np.uint32(255)
            target[counts[digit_of]] = source[i]
            counts[digit_of] += 1
        source, target = target, source
        shift += np.uint32(8)


@kernel
def shingle_tokens(
    values: TokenValues,
    offsets: Offsets,
    size: int,
    window: int,
    min_tokens: int,
    out: Out[Shingles],
    out_offsets: Out[Offsets],
    prints: Out[Shingles],
    print_offsets: Out[Offsets],
    n_tokens: Out[I64],
    text_hashes: Out[U64],
    page_hashes: Out[U64],
) -> None:
    """Make the distinct, sorted shingle hashes of each text without its furniture, and its prints.

    A shingle is a window of `size` tokens; its hash is the upper half of a mixed polynomial over
    their values. Prints are the least of every `window` (fewer in a short text) successive
    shingles, the last of equals. Those of the furniture by itself follow, with the mark
    `PAGE_PRINT`, which the others never have.

    Args:
        values: Token values with their marks.
        offsets: Text i is `values[offsets[i] : offsets[i + 1]]`.
        size: Tokens of a shingle.
        window: Shingles of which one at least becomes a print.
        min_tokens: The hash of a text with fewer tokens than this left is that of all of it.
        out: Gets the sets; room for one value per token.
        out_offsets: Set i is `out[out_offsets[i] : out_offsets[i + 1]]`.
        prints: Gets the prints; room for one per token.
        print_offsets: As `out_offsets`.
        n_tokens: Gets the number of tokens without furniture.
        text_hashes: Gets a hash of the tokens in order.
        page_hashes: Gets a hash of all token values, with their marks, in order.
    """
    longest = 0
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    kept = np.empty(longest, dtype=np.uint32)
    spare = np.empty(longest, dtype=np.uint32)
    counts = np.empty(65537, dtype=np.int64)
    used, n_prints = 0, 0
    out_offsets[0] = print_offsets[0] = 0
    for i in range(len(offsets) - 1):
        whole = values[offsets[i] : offsets[i + 1]]
        n = 0
        for value in whole:
            kept[n] = value
            n += (value & FURNITURE) == 0
        n_tokens[i] = n
        text_hashes[i] = hash_row(kept[:n] if n >= min_tokens else whole)
        page_hashes[i] = hash_marked(whole)
        made = _roll(kept[:n], size, out[used:])
        more = _winnow(out[used : used + made], window, prints[n_prints:])
        for k in range(n_prints, n_prints + more):
            prints[k] &= ~PAGE_PRINT
        n_prints += more
        if n < len(whole):
            n = 0
            for value in whole:
                kept[n] = value
                n += (value & FURNITURE) != 0
            more = _winnow(spare[: _roll(kept[:n], size, spare)], window, prints[n_prints:])
            for k in range(n_prints, n_prints + more):
                prints[k] |= PAGE_PRINT
            n_prints += more
        print_offsets[i + 1] = n_prints
        used += sort_distinct(out[used : used + made], made, spare, counts)
        out_offsets[i + 1] = used


@part
def _roll(tokens: TokenValues, size: int, out: Shingles) -> int:
    """Hash each window of `size` tokens; return how many there are."""
    drop = np.uint64(1)
    for _ in range(size):
        drop *= GOLDEN
    h = np.uint64(0)
    for j in range(len(tokens)):
        h = h * GOLDEN + np.uint64(tokens[j] >> MARKS)
        if j >= size:
            h -= np.uint64(tokens[j - size] >> MARKS) * drop
        if j >= size - 1:
            out[j - size + 1] = np.uint32(mix(h) >> S32)
    return max(0, len(tokens) - size + 1)


@part
def _winnow(hashes: Shingles, window: int, out: Shingles) -> int:
    """Keep the least of every `window` successive hashes (Schleimer, Wilkerson and Aiken, 2003).

    A text of fewer than eight windows gets a narrower one: what a wide window picks, a narrower
    one picks too, so short and long texts still meet.
    """
    window = min(window, max(1, len(hashes) // 8))
    n = 0
    least = -1
    for j in range(window - 1, len(hashes)):
        before = least
        if least <= j - window:
            least = j - window + 1
            for k in range(least + 1, j + 1):
                if hashes[k] <= hashes[least]:
                    least = k
        elif hashes[j] <= hashes[least]:
            least = j
        if least != before:
            out[n] = hashes[least]
            n += 1
    return n


@kernel
def sign_sets(values: Shingles, offsets: Offsets, a: U32, b: U32, out: Out[Signatures]) -> None:
    """MinHash each set under the permutations `a * fmix32(x) + b` (mod 2**32) into `out`.

    This is datasketch's scheme "affine32": the MurmurHash3 finaliser, then an odd multiplier. An
    empty set signs as all ones, as there.
    """
    num_perm = len(a)
    x = np.empty(8, dtype=np.uint32)
    for i in range(len(offsets) - 1):
        row = out[i]
        fill(row, np.uint32(0xFFFFFFFF))
        start, end = offsets[i], offsets[i + 1]
        at = start
        while at < end:
            for j in range(8):
                # The last block repeats the last value; a minimum does not mind.
                v = values[min(at + j, end - 1)]
                v ^= v >> np.uint32(16)
                v = np.uint32(v * np.uint32(0x85EBCA6B))
                v ^= v >> np.uint32(13)
                v = np.uint32(v * np.uint32(0xC2B2AE35))
                x[j] = v ^ (v >> np.uint32(16))
            x0, x1, x2, x3, x4, x5, x6, x7 = x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]
            for k in range(num_perm):
                ak, bk = a[k], b[k]
                low = min(np.uint32(ak * x0 + bk), np.uint32(ak * x1 + bk))
                low = min(low, min(np.uint32(ak * x2 + bk), np.uint32(ak * x3 + bk)))
                low = min(low, min(np.uint32(ak * x4 + bk), np.uint32(ak * x5 + bk)))
                low = min(low, min(np.uint32(ak * x6 + bk), np.uint32(ak * x7 + bk)))
                row[k] = min(row[k], low)
            at += 8


@kernel
def intersection_sizes(values: Shingles, offsets: Offsets, pairs: Pairs, out: Out[I64]) -> None:
    """Count what the sets of each pair share, exactly; the sets are sorted and distinct.

    A merge waits on its own last step, so each pair is cut at the middle of the value range and
    two merges run side by side: 1.8 times as fast as one; four were slower than two.
    """
    half = np.uint32(1 << 31)
    for p in range(len(pairs)):
        i, i_end = np.uintp(offsets[pairs[p, 0]]), np.uintp(offsets[pairs[p, 0] + 1])
        j, j_end = np.uintp(offsets[pairs[p, 1]]), np.uintp(offsets[pairs[p, 1] + 1])
        if j_end - j < i_end - i:
            i, i_end, j, j_end = j, j_end, i, i_end
        if (i_end - i) * np.uintp(32) < j_end - j:
            # Far apart in size: each value of the small set is looked up in the large one.
            shared = np.int64(0)
            for at in range(i, i_end):
                j = first_at_least(values, j, j_end, values[at])
                shared += np.int64(j < j_end and values[j] == values[at])
            out[p] = shared
            continue
        k_end, m_end = i_end, j_end
        k = i_end = first_at_least(values, i, i_end, half)
        m = j_end = first_at_least(values, j, j_end, half)
        shared = np.int64(0)
        while (i < i_end) & (j < j_end) & (k < k_end) & (m < m_end):
            # Without branches: which side advances is a coin toss no predictor can learn.
            x, y, u, v = values[i], values[j], values[k], values[m]
            shared += np.int64(x == y) + np.int64(u == v)
            i += np.uintp(x <= y)
            j += np.uintp(y <= x)
            k += np.uintp(u <= v)
            m += np.uintp(v <= u)
        out[p] = shared + _merge(values, i, i_end, j, j_end) + _merge(values, k, k_end, m, m_end)


@part
def _merge(values, i, i_end, j, j_end):
    shared = np.int64(0)
    while (i < i_end) & (j < j_end):
        x, y = values[i], values[j]
        shared += np.int64(x == y)
        i += np.uintp(x <= y)
        j += np.uintp(y <= x)
    return shared


@kernel
def share_elsewhere(
    values: Shingles,
    offsets: Offsets,
    rows: Pairs,
    nodes: Pairs,
    starts: Offsets,
    others: I64,
    most: int,
    out: Out[F64],
) -> None:
    """Give the share of the members common to two sets that one of some other sets has too.

    Args:
        values: Of all sets, each sorted.
        offsets: Set i is `values[offsets[i] : offsets[i + 1]]`.
        rows: The sets of each pair.
        nodes: The numbers of each pair's texts: text k has the others
            `others[starts[k] : starts[k + 1]]`, of which the first `most` are looked at.
        starts: See `nodes`.
        others: Sets.
        most: See `nodes`.
        out: Gets the shares; 0 where nothing is common.
    """
    for p in range(len(rows)):
        a, b = rows[p, 0], rows[p, 1]
        i, j = offsets[a], offsets[b]
        common = np.empty(min(offsets[a + 1] - i, offsets[b + 1] - j), dtype=np.uint32)
        n = 0
        while i < offsets[a + 1] and j < offsets[b + 1]:
            if values[i] == values[j]:
                common[n] = values[i]
                n += 1
                i += 1
                j += 1
            elif values[i] < values[j]:
                i += 1
            else:
                j += 1
        seen = np.zeros(n, dtype=np.bool_)
        for side in range(2):
            first = starts[nodes[p, side]]
            last = min(starts[nodes[p, side] + 1], first + most)
            for k in range(first, last):
                other = others[k]
                if other in (a, b):
                    continue
                i, j = 0, offsets[other]
                while i < n and j < offsets[other + 1]:
                    if common[i] == values[j]:
                        seen[i] = True
                        i += 1
                        j += 1
                    elif common[i] < values[j]:
                        i += 1
                    else:
                        j += 1
        out[p] = seen.sum() / n if n else 0.0
