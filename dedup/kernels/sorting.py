"""Integers in order, by counting their digits: several times as fast as NumPy's sort."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.compiling import kernel, part
from dedup.kernels.memory import fill

if TYPE_CHECKING:
    from dedup.kernels.arrays import I64, U64, Bools, Out

_DIGIT = 11
_DIGITS = 1 << _DIGIT


@kernel
def sort_bits(values: Out[U64], spare: Out[U64], first: int, last: int) -> U64:
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
    counts = np.empty((n_digits, _DIGITS), dtype=np.int64)
    for d in range(n_digits):
        fill(counts[d], 0)
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


@kernel
def drop_repeats(ordered: Out[U64]) -> int:
    """Keep each of the sorted values once, in place; return how many are left."""
    n = 0
    for k in range(len(ordered)):
        if k == 0 or ordered[k] != ordered[n - 1]:
            ordered[n] = ordered[k]
            n += 1
    return n


@kernel
def is_first_in_text(places: I64, texts: I64, n: int, out: Out[Bools]) -> None:
    """Mark where one of `n` places stands in a text for the first time; `texts` is ascending."""
    last = np.empty(n, dtype=np.int64)
    fill(last, -1)
    for k in range(len(places)):
        out[k] = last[places[k]] != texts[k]
        last[places[k]] = texts[k]


@part
def first_at_least(values, start, end, wanted):
    """Find where the first of the sorted values that is at least `wanted` stands."""
    while start < end:
        middle = (start + end) >> np.uintp(1)
        if values[middle] < wanted:
            start = middle + np.uintp(1)
        else:
            end = middle
    return start
