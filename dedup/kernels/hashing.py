"""Hashes of tokens and of rows of them, and tables to find hashes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.compiling import kernel, part
from dedup.kernels.memory import fill

if TYPE_CHECKING:
    from dedup.records import TokenValues

# Odd multipliers: the 64-bit golden ratio, and the two of MurmurHash3's finaliser.
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX2 = np.uint64(0xC4CEB9FE1A85EC53)
_S33, S32 = np.uint64(33), np.uint64(32)

MARKS = np.uint32(2)
"""Lowest bits of a token value, which hold its marks."""


@part
def mix(h):
    """Spread what differs between two hashes over all of their bits."""
    h ^= h >> _S33
    h *= _MIX1
    h ^= h >> _S33
    h *= _MIX2
    return h ^ (h >> _S33)


@part
def chain(h, value):
    """Take a value into the hash of a row of values."""
    h = (h ^ np.uint64(value)) * GOLDEN
    return h ^ (h >> S32)


@part
def chain_token(h, token):
    """Take a token value, without its marks, into the hash of a row of tokens."""
    return chain(h, token >> MARKS)


@part
def hash_row(values):
    """Hash a row of tokens, whatever their marks, to 64 bits: as blocks and listed lines are."""
    h = np.uint64(0)
    for value in values:
        h = chain_token(h, value)
    return mix(h)


@kernel
def hash_tokens(values: TokenValues) -> int:
    """Hash a row of tokens, whatever their marks, to 64 bits: as blocks and listed lines are."""
    return hash_row(values)


@part
def hash_marked(values):
    """Hash a row of token values, with their marks, to 64 bits."""
    h = np.uint64(0)
    for value in values:
        h = chain(h, value)
    return mix(h)


@part
def hash_index(keys):
    """Index distinct hashes for `place_of`: an open table, at most a quarter full, of their places.

    A binary search would guess wrong at every other step; this is three times as fast.
    """
    size = 64
    while size < 4 * len(keys):
        size *= 2
    table = np.empty(size, dtype=np.int32)
    fill(table, -1)
    for place in range(len(keys)):
        at = np.uintp(keys[place]) & np.uintp(size - 1)
        while table[at] >= 0:
            at = (at + np.uintp(1)) & np.uintp(size - 1)
        table[at] = place
    return table


@part
def place_of(key, keys, index):
    """Find the place of a hash among the indexed ones; -1 if it is not there."""
    slot = np.uintp(key) & np.uintp(len(index) - 1)
    while index[slot] >= 0 and keys[index[slot]] != key:
        slot = (slot + np.uintp(1)) & np.uintp(len(index) - 1)
    return index[slot]
