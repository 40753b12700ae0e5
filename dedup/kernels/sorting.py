"""Integers in order, by counting their digits: several times as fast as NumPy's sort."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    import numpy.typing as npt

    U64 = npt.NDArray[np.uint64]
    I64 = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]

_DIGIT = 11
_DIGITS = 1 << _DIGIT


@njit(cache=True, nogil=True)
def sort_bits(values: U64, spare: U64, first: int, last: int) -> U64:
    """Sort by the bits from `first` up to `last`, those equal in them in their order.

    A radix sort, least significant digit first; digits that all values share cost nothing.

    Args:
        values: The values; overwritten.
        spare: As long; overwritten too.
        first: Lowest bit that counts.
        last: The bit behind the highest, 64 at most.

    Returns:
        `values` or `spare`, whichever holds the sorted values.
    """
    mask = np.uint64(_DIGITS - 1)
    n_digits = (last - first + _DIGIT - 1) // _DIGIT
    counts = np.zeros((n_digits, _DIGITS), dtype=np.int64)
    for value in values:
        for d in range(n_digits):
            counts[d, (value >> np.uint64(first + d * _DIGIT)) & mask] += 1
    source, target = values, spare
    for d in range(n_digits):
        starts = counts[d]
        total = 0
        most = 0
        for k in range(_DIGITS):
            count = starts[k]
            most = max(most, count)
            starts[k] = total
            total += count
        if most == len(values):
            continue
        shift = np.uint64(first + d * _DIGIT)
        for value in source:
            digit = (value >> shift) & mask
            target[starts[digit]] = value
            starts[digit] += 1
        source, target = target, source
    return source


@njit(cache=True, nogil=True)
def drop_repeats(ordered: U64) -> int:
    """Keep each of the sorted values once, in place; return how many are left."""
    n = 0
    for k in range(len(ordered)):
        if k == 0 or ordered[k] != ordered[n - 1]:
            ordered[n] = ordered[k]
            n += 1
    return n


@njit(cache=True, nogil=True)
def is_first_in_text(places: I64, texts: I64, n: int, out: Bools) -> None:
    """Mark where one of `n` places stands in a text for the first time; `texts` is ascending."""
    last = np.full(n, -1, dtype=np.int64)
    for k in range(len(places)):
        out[k] = last[places[k]] != texts[k]
        last[places[k]] = texts[k]
