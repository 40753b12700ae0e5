"""Bands of signatures to candidate pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.compiling import kernel, part
from dedup.kernels.hashing import GOLDEN, S32, mix
from dedup.kernels.memory import copy
from dedup.kernels.sorting import first_at_least

_LOW32 = np.uint64(0xFFFFFFFF)

if TYPE_CHECKING:
    from dedup.kernels.arrays import I64, U32, U64, Out, Rows
    from dedup.records import Signatures


@part
def _band_key(signatures, row, band, width):
    """Hash the values of one band of one signature to 32 bits."""
    h = np.uint64(width)
    for k in range(band * width, (band + 1) * width):
        h = mix((h ^ np.uint64(signatures[row, k])) * GOLDEN)
    return h >> S32


@kernel
def band_items(
    signatures: Signatures,
    places: I64,
    start: int,
    end: int,
    first: int,
    width: int,
    out: Out[Rows[U64]],
) -> None:
    """Pack (key, place) of some bands in turn; sorting a band's items makes its buckets.

    Band i, counted from `first`, goes to `out[i]`; its key is a 32-bit hash of `width` values.
    Neighbouring bands lie together in memory, so several at once cost little more than one.

    Args:
        signatures: All signatures, read in their order, from `start` up to `end`.
        places: The place of each, -1 for those that are not asked for.
        start: See `signatures`, as for `end`.
        end: See `start`.
        first: The first band.
        width: Rows of a band.
        out: Gets the items, in order of their places; shape (bands, places).
    """
    for row in range(start, end):
        place = places[row]
        if place < 0:
            continue
        for i in range(len(out)):
            key = _band_key(signatures, row, first + i, width)
            out[i, place] = key << S32 | np.uint64(place)


@kernel
def crowded_keys(items: U64, max_bucket: int) -> U32:
    """List the keys of a band's sorted items that more than `max_bucket` of them share."""
    found = np.empty(len(items) // (max_bucket + 1) + 1, dtype=np.uint32)
    n = 0
    start = 0
    for end in range(1, len(items) + 1):
        if end == len(items) or items[end] >> S32 != items[start] >> S32:
            if end - start > max_bucket:
                found[n] = np.uint32(items[start] >> S32)
                n += 1
            start = end
    return copy(found, n, np.empty(n, dtype=np.uint32))


@kernel
def number_buckets(items: U64, max_bucket: int, out: Out[U32]) -> int:
    """Number the buckets of a band's sorted items; give each place the number of its own.

    It is 0 for those alone in theirs, and for those in one of more than `max_bucket`.

    Returns:
        How many members the largest bucket has.
    """
    largest = 0
    start = 0
    for end in range(1, len(items) + 1):
        if end == len(items) or items[end] >> S32 != items[start] >> S32:
            size = end - start
            largest = max(largest, size)
            number = np.uint32(end) if 1 < size <= max_bucket else np.uint32(0)
            for k in range(start, end):
                out[items[k] & _LOW32] = number
            start = end
    return largest


@part
def _is_crowded(signatures, row, band, width, crowded, start, end):
    """Say whether the row's bucket in one band is among that band's crowded keys."""
    key = np.uint32(_band_key(signatures, row, band, width))
    at = first_at_least(crowded, start, end, key)
    return at < end and crowded[at] == key


@part
def _is_new_pair(signatures, a, b, band, width, crowded, crowded_offsets):
    """Say whether two rows agree in this band and shared no uncrowded bucket before it."""
    first = band * width
    for k in range(first, first + width):
        if signatures[a, k] != signatures[b, k]:
            return False
    for earlier in range(band):
        first = earlier * width
        agree = True
        for k in range(first, first + width):
            agree &= signatures[a, k] == signatures[b, k]
        if agree:
            start, end = crowded_offsets[earlier], crowded_offsets[earlier + 1]
            if start == end:
                return False
            if not _is_crowded(
                signatures, a, earlier, width, crowded, np.uintp(start), np.uintp(end)
            ):
                return False
    return True


@part
def _agree(signatures, a, b, least):
    """Say whether two rows have at least so many equal values."""
    equal = np.uint32(0)
    for k in range(signatures.shape[1]):
        equal += np.uint32(signatures[a, k] == signatures[b, k])
    return equal >= np.uint32(least)


@part
def _is_link(i, j, size):
    """In a crowded bucket, link each member to the next four and to four members spread evenly."""
    quarter = (size + 3) // 4
    return j - i <= 4 or i % quarter == 0


@kernel
def bucket_pairs(
    items: U64,
    signatures: Signatures,
    rows: I64,
    band: int,
    width: int,
    least: int,
    max_bucket: int,
    crowded: U32,
    crowded_offsets: I64,
    before: U32,
    first: int,
    last: int,
) -> U64:
    """List the candidate pairs that this band finds first, as places packed `a << 32 | b`, a < b.

    A pair that an earlier band's uncrowded bucket holds is left to that band, so that pairs need
    not be made 60 times and thrown away 59 times. In a bucket of more than `max_bucket`, members
    are linked to some others only (these links may repeat between bands).

    Args:
        items: The band's items from `band_items`, sorted.
        signatures: All signatures.
        rows: The signature row of each place.
        band: This band's number.
        width: Rows of a band.
        least: Pairs with fewer equal signature values than this are left out.
        max_bucket: Above this many members a bucket is crowded.
        crowded: Crowded keys of the bands before this one, sorted within each band.
        crowded_offsets: Where each band's keys start in `crowded`.
        before: Numbers of the buckets of the band before this one, from `number_buckets`: pairs
            that shared one there are passed over without a look at their far-off signatures.
            (One pair in 2**32 shares it by its key alone, and is lost if no band after finds it.)
        first: Buckets that begin from this item on are gone through, up to `last`.
        last: See `first`.
    """
    out = np.empty(1024, dtype=np.uint64)
    n = 0
    start = first
    while 0 < start < last and items[start] >> S32 == items[start - 1] >> S32:
        start += 1
    for end in range(start + 1, len(items) + 1):
        if start >= last:
            break
        if end < len(items) and items[end] >> S32 == items[start] >> S32:
            continue
        size = end - start
        for i in range(size - 1):
            a = items[start + i] & _LOW32
            number = before[a]
            j = i + 1
            while j < size:
                if size > max_bucket and not _is_link(i, j, size):
                    break
                b = items[start + j] & _LOW32
                j += 1
                if number != 0 and number == before[b]:
                    continue
                if _is_new_pair(
                    signatures, rows[a], rows[b], band, width, crowded, crowded_offsets
                ) and _agree(signatures, rows[a], rows[b], least):
                    if n == len(out):
                        out = copy(out, n, np.empty(2 * n, dtype=np.uint64))
                    out[n] = a << S32 | b
                    n += 1
        start = end
    return copy(out, n, np.empty(n, dtype=np.uint64))
