"""Pairs of row numbers as one number each, which sort and compare as the pairs do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup import kernels

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Pairs

    Packed = npt.NDArray[np.uint64]

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


def pack(pairs: Pairs) -> Packed:
    """Pack pairs (a, b), each below 2**32, so that they sort by a, then by b."""
    ends = pairs.astype(np.uint64)
    packed: Packed = ends[:, 0] << _HALF | ends[:, 1]
    return packed


def unpack(packed: Packed) -> Pairs:
    """Give the pairs that were packed, shape (n, 2)."""
    return np.stack((packed >> _HALF, packed & _LOW), axis=1).astype(np.int64)


def union(a: Pairs, b: Pairs) -> Pairs:
    """Give the pairs that are in either list, sorted, no repeats."""
    return unpack(distinct(np.concatenate((pack(a), pack(b)))))


def distinct(values: Packed) -> Packed:
    """Give the values in order, each once; they are overwritten."""
    ordered: Packed = kernels.sort_bits(values, np.empty_like(values), 0, 64)
    return ordered[: kernels.drop_repeats(ordered)]
