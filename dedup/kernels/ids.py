"""Which ids come again, in 16 bytes each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.compiling import kernel
from dedup.kernels.hashing import GOLDEN, mix

if TYPE_CHECKING:
    from dedup.kernels.arrays import U64, Bools, Out, Rows
    from dedup.records import Bytes, Offsets


_FNV_BASIS, _FNV_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)


@kernel
def hash_ids(data: Bytes, offsets: Offsets, out: Out[Rows[U64]]) -> None:
    """Hash strings to 128 bits, never all zero; shape (n, 2).

    Half is FNV-1a (Fowler, Noll and Vo), half a polynomial over the bytes, both mixed.
    """
    for i in range(len(offsets) - 1):
        h, g = _FNV_BASIS, np.uint64(offsets[i + 1] - offsets[i])
        for k in range(offsets[i], offsets[i + 1]):
            byte = np.uint64(data[k])
            h = (h ^ byte) * _FNV_PRIME
            g = g * GOLDEN + byte + np.uint64(1)
        out[i, 0], out[i, 1] = mix(h), mix(g) | np.uint64(1)


@kernel
def add_ids(hashes: Rows[U64], table: Out[Rows[U64]], is_new: Out[Bools]) -> int:
    """Put hashes into a table (shape (2**k, 2), zeros are free places); mark those not there yet.

    Returns:
        How many are new. The table must have room for all.
    """
    mask = np.uint64(len(table) - 1)
    n = 0
    for i in range(len(hashes)):
        slot = hashes[i, 0] & mask
        while table[slot, 1] != 0 and (
            table[slot, 0] != hashes[i, 0] or table[slot, 1] != hashes[i, 1]
        ):
            slot = (slot + np.uint64(1)) & mask
        is_new[i] = table[slot, 1] == 0
        n += is_new[i]
        table[slot, 0], table[slot, 1] = hashes[i, 0], hashes[i, 1]
    return n
