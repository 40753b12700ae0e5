"""Postings: which articles hold a key, newest first; for the ingest index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.compiling import kernel, part
from dedup.kernels.hashing import S32
from dedup.kernels.sorting import first_at_least

if TYPE_CHECKING:
    from dedup.kernels.arrays import I64, U16, U32, U64, Out, Rows

_LOW32 = np.uint64(0xFFFFFFFF)
_S16 = np.uint64(16)
_LOW16 = np.uint64(0xFFFF)


@kernel
def collect_postings(
    postings: U64, keys: U32, after: I64, removed: I64, found: Out[Rows[I64]], counts: Out[I64]
) -> None:
    """Add the newest articles that hold each key to those found in newer postings.

    Args:
        postings: (key, article) packed in 64 bits, sorted.
        keys: Distinct keys.
        after: For each key, only articles with a higher number count.
        removed: Articles that do not count, sorted.
        found: Gets the articles of each key, shape (n_keys, most).
        counts: How many each key has; raised by those found.
    """
    most = found.shape[1]
    for i in range(len(keys)):
        if counts[i] == most:
            continue
        wanted = np.uint64(keys[i])
        low, high = 0, len(postings)
        while low < high:  # to the first posting of a higher key
            middle = (low + high) // 2
            if postings[middle] >> S32 <= wanted:
                low = middle + 1
            else:
                high = middle
        at = low - 1
        while at >= 0 and counts[i] < most and postings[at] >> S32 == wanted:
            number = np.int64(postings[at] & _LOW32)
            at -= 1
            if number <= after[i]:
                break
            if _is_in(removed, number):
                continue
            found[i, counts[i]] = number
            counts[i] += 1


@kernel
def collect_packed(
    data: U16,
    keys: U32,
    starts: I64,
    sizes: I64,
    removed: I64,
    found: Out[Rows[I64]],
    counts: Out[I64],
) -> None:
    """Add the newest articles that hold each key, from packed blocks, as `collect_postings`.

    Args:
        data: Blocks from `pack_postings`, end to end.
        keys: Distinct keys.
        starts: Where the block of each key starts in `data`.
        sizes: Postings in the block of each key.
        removed: Articles that do not count, sorted.
        found: Gets the articles of each key, shape (n_keys, most).
        counts: How many each key has; raised by those found.
    """
    most = found.shape[1]
    for i in range(len(keys)):
        if counts[i] == most or sizes[i] == 0:
            continue
        wanted = np.uint16(keys[i] & np.uint32(0xFFFF))
        low, high = starts[i], starts[i] + sizes[i]
        while low < high:  # to the first posting of a higher key
            middle = (low + high) // 2
            if data[middle] <= wanted:
                low = middle + 1
            else:
                high = middle
        at = low - 1
        while at >= starts[i] and counts[i] < most and data[at] == wanted:
            number = np.int64(data[at + sizes[i]]) | np.int64(data[at + 2 * sizes[i]]) << 16
            at -= 1
            if _is_in(removed, number):
                continue
            found[i, counts[i]] = number
            counts[i] += 1


@kernel
def pack_postings(postings: U64, bounds: I64, out: Out[U16]) -> None:
    """Pack sorted postings into blocks whose keys agree in the upper 16 bits: 6 bytes a posting.

    Args:
        postings: (key, article) packed in 64 bits.
        bounds: Block i is `postings[bounds[i] : bounds[i + 1]]`.
        out: Gets of each block the lower halves of its keys, then the lower and then the upper
            halves of its articles; three values a posting.
    """
    for b in range(len(bounds) - 1):
        start, size = bounds[b], bounds[b + 1] - bounds[b]
        for k in range(size):
            posting = postings[start + k]
            out[3 * start + k] = np.uint16((posting >> S32) & _LOW16)
            out[3 * start + k + size] = np.uint16(posting & _LOW16)
            out[3 * start + k + 2 * size] = np.uint16((posting >> _S16) & _LOW16)


@kernel
def unpack_postings(data: U16, firsts: I64, bounds: I64, out: Out[U64]) -> None:
    """Undo `pack_postings`; `firsts` gives a key with the upper 16 bits of each block."""
    for b in range(len(bounds) - 1):
        start, size = bounds[b], bounds[b + 1] - bounds[b]
        upper = np.uint64(firsts[b]) >> _S16 << _S16
        for k in range(size):
            key = upper | np.uint64(data[3 * start + k])
            low = np.uint64(data[3 * start + k + size])
            high = np.uint64(data[3 * start + k + 2 * size])
            out[start + k] = key << S32 | high << _S16 | low


@kernel
def merge_sorted(a: U64, b: U64, out: Out[U64]) -> None:
    """Merge two sorted arrays into a third."""
    i, j = 0, 0
    for k in range(len(out)):
        if j == len(b) or (i < len(a) and a[i] <= b[j]):
            out[k] = a[i]
            i += 1
        else:
            out[k] = b[j]
            j += 1


@kernel
def keep_newest(postings: Out[U64], most: int) -> int:
    """Keep, in place, the newest articles of each key, and each once; return how many are left."""
    n = len(postings)
    write, last = n, n  # the kept ones stand behind `write`, in order
    for k in range(n - 1, -1, -1):
        if k < n - 1 and postings[k] == postings[write]:
            continue
        if write < n and postings[k] >> S32 != postings[write] >> S32:
            last = write
        if last - write < most:
            write -= 1
            postings[write] = postings[k]
    for k in range(write, n):
        postings[k - write] = postings[k]
    return n - write


@part
def _is_in(numbers, number):
    """Say whether a number is among sorted ones."""
    place = first_at_least(numbers, np.uintp(0), np.uintp(len(numbers)), number)
    return place < len(numbers) and numbers[place] == number
