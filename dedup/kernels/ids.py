"""Which ids come again, and whether with the same text, in 16 bytes each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.compiling import kernel
from dedup.kernels.hashing import GOLDEN, mix

if TYPE_CHECKING:
    from dedup.kernels.arrays import U64, Bools, Out, Rows
    from dedup.records import Bytes, Offsets


_FNV_BASIS, _FNV_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_HALF = np.uint64(32)


@kernel
def hash_strings(data: Bytes, offsets: Offsets, out: Out[Rows[U64]]) -> None:
    """Hash strings to 128 bits, never all zero; shape (n, 2).

    Half is FNV-1a (Fowler, Noll and Vo) over words of 8 bytes, half a polynomial over them, both
    mixed. One byte at a time takes seven times as long.
    """
    for i in range(len(offsets) - 1):
        size = np.uint64(offsets[i + 1] - offsets[i])
        h, g = _FNV_BASIS, size
        at, end = np.uint64(offsets[i]), np.uint64(offsets[i + 1])
        while at < end:
            word = np.uint64(0)
            if at + np.uint64(8) <= end:
                for k in range(8):  # one load, once compiled
                    word |= np.uint64(data[at + np.uint64(k)]) << np.uint64(8 * k)
            else:
                for k in range(end - at):
                    word |= np.uint64(data[at + np.uint64(k)]) << np.uint64(8 * k)
            h = (h ^ word) * _FNV_PRIME
            h ^= h >> _HALF  # products carry upwards only
            g = g * GOLDEN + (word ^ (word >> _HALF)) + np.uint64(1)
            at += np.uint64(8)
        out[i, 0], out[i, 1] = mix(h ^ size), mix(g) | np.uint64(1)


@kernel
def add_ids(
    ids: Rows[U64], texts: U64, table: Out[Rows[U64]], is_new: Out[Bools], start: int
) -> int:
    """Put ids into a table, from one on, up to the first that is there with another text.

    Args:
        ids: Hashes, shape (n, 2); all bits of the first and the lower half of the second count.
        texts: A hash of each id's text, of which the lower half counts.
        table: Shape (2**k, 2), with room for all; zeros are free places. A place holds an id's
            first hash, then the lower halves of its second and of its text.
        is_new: Filled in: whether an id was not there yet.
        start: The first row to look at.

    Returns:
        The row of the id that is there with another text, for which `is_new` is not filled in; n
        if there is none.
    """
    mask, low = np.uint64(len(table) - 1), np.uint64(0xFFFFFFFF)
    for i in range(start, len(ids)):
        key = ids[i, 1] << _HALF
        slot = ids[i, 0] & mask
        while table[slot, 1] != 0 and (
            table[slot, 0] != ids[i, 0] or (table[slot, 1] ^ key) >> _HALF != 0
        ):
            slot = (slot + np.uint64(1)) & mask
        text = texts[i] & low
        is_new[i] = table[slot, 1] == 0
        if is_new[i]:
            table[slot, 0], table[slot, 1] = ids[i, 0], key | text
        elif table[slot, 1] & low != text:
            return i
    return len(ids)
