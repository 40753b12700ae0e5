"""Postings: which articles hold a key, newest first; for the ingest index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    import numpy.typing as npt

    U32 = npt.NDArray[np.uint32]
    U64 = npt.NDArray[np.uint64]
    I64 = npt.NDArray[np.int64]

_S32 = np.uint64(32)
_LOW32 = np.uint64(0xFFFFFFFF)


@njit(cache=True, nogil=True)
def collect_postings(
    postings: U64, keys: U32, after: I64, removed: I64, found: I64, counts: I64
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
            if postings[middle] >> _S32 <= wanted:
                low = middle + 1
            else:
                high = middle
        at = low - 1
        while at >= 0 and counts[i] < most and postings[at] >> _S32 == wanted:
            number = np.int64(postings[at] & _LOW32)
            at -= 1
            if number <= after[i]:
                break
            place = np.searchsorted(removed, number)
            if place < len(removed) and removed[place] == number:
                continue
            found[i, counts[i]] = number
            counts[i] += 1


@njit(cache=True, nogil=True)
def keep_newest(postings: U64, most: int) -> int:
    """Keep, in place, the newest articles of each key, and each once; return how many are left."""
    n = len(postings)
    write, last = n, n  # the kept ones stand behind `write`, in order
    for k in range(n - 1, -1, -1):
        if k < n - 1 and postings[k] == postings[write]:
            continue
        if write < n and postings[k] >> _S32 != postings[write] >> _S32:
            last = write
        if last - write < most:
            write -= 1
            postings[write] = postings[k]
    for k in range(write, n):
        postings[k - write] = postings[k]
    return n - write
