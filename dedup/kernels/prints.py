"""Prints that texts share to candidate pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.compiling import kernel, part
from dedup.kernels.hashing import S32
from dedup.kernels.memory import copy, fill
from dedup.kernels.sets import PAGE_PRINT

if TYPE_CHECKING:
    from dedup.kernels.arrays import I32, I64, U32, U64, Out
    from dedup.records import Offsets, Shingles


_LOW32 = np.uint64(0xFFFFFFFF)


@kernel
def pack_prints(
    values: Shingles, offsets: Offsets, rows: I64, lowest: int, behind: int, out: Out[U64]
) -> int:
    """Pack (print, place in `rows`) of the prints of some rows, from `lowest` up to `behind`.

    Returns:
        How many there are; those that `out` has no room for are counted, not written.
    """
    n = 0
    for place in range(len(rows)):
        for k in range(offsets[rows[place]], offsets[rows[place] + 1]):
            if lowest <= values[k] < behind:
                if n < len(out):
                    out[n] = np.uint64(values[k]) << S32 | np.uint64(place)
                n += 1
    return n


@kernel
def drop_lone(postings: Out[U64], most: int, most_pages: int, sizes: Out[I64]) -> tuple[int, int]:
    """Keep, in place and once, the postings of prints that at least two places have.

    Args:
        postings: (print, place) packed in 64 bits, sorted.
        most: Prints of more places than this are crowded.
        most_pages: Those of page furniture that more places than this have go too.
        sizes: The number of distinct prints of each place that are not of furniture, lone ones
            too, is added to it.

    Returns:
        How many postings are left, and how many prints are crowded.
    """
    kept, crowded = 0, 0
    start, group = 0, 0
    for k in range(len(postings) + 1):
        if k == len(postings) or postings[k] >> S32 != postings[start] >> S32:
            # The group's postings, without repeats, are those from `group` to `kept`.
            crowded += kept - group > most
            if kept - group == 1 or (kept - group > most_pages and _is_of_page(postings[group])):
                kept = group
            group, start = kept, k
            if k == len(postings):
                break
        if kept == group or postings[kept - 1] != postings[k]:
            sizes[np.int64(postings[k] & _LOW32)] += not _is_of_page(postings[k])
            postings[kept] = postings[k]
            kept += 1
    return kept, crowded


@part
def _is_of_page(posting):
    return (posting >> S32) & np.uint64(PAGE_PRINT) != 0


@kernel
def by_place(postings: U64, n: int) -> tuple[U32, I64, I32, I64]:
    """List the postings of each of n places, and the groups of postings with one print.

    Returns:
        Postings by place, those of i being `own[starts[i] : starts[i + 1]]`; the starts; the group
        of each posting; where each group starts, and the end of the last.
    """
    starts = np.empty(n + 1, dtype=np.int64)
    fill(starts, 0)
    group = np.empty(len(postings), dtype=np.int32)
    n_groups = 0
    for k in range(len(postings)):
        starts[np.int64(postings[k] & _LOW32) + 1] += 1
        n_groups += k > 0 and postings[k] >> S32 != postings[k - 1] >> S32
        group[k] = n_groups
    group_starts = np.empty(n_groups + 2, dtype=np.int64)
    fill(group_starts, 0)
    for k in range(len(postings)):
        group_starts[group[k] + 1] = k + 1
    for i in range(n):
        starts[i + 1] += starts[i]
    at = copy(starts, n, np.empty(n, dtype=np.int64))
    own = np.empty(len(postings), dtype=np.uint32)
    for k in range(len(postings)):
        place = np.int64(postings[k] & _LOW32)
        own[at[place]] = np.uint32(k)
        at[place] += 1
    return own, starts, group, group_starts


@kernel
def sharing_pairs(
    postings: U64,
    own: U32,
    starts: I64,
    group: I32,
    group_starts: I64,
    most: int,
    sizes: I64,
    first: int,
    last: int,
    least: I64,
    share: float,
) -> U64:
    """List the pairs (a, b), a < b, with enough prints in common, for a from `first` to `last`.

    All texts that share a print with a are counted in one dense array, as in the ScanCount of Li,
    Lu and Lu, "Efficient merging and filtering algorithms for approximate string searches" (2008).

    Args:
        postings: From `drop_lone`.
        own: From `by_place`, as are `starts`, `group` and `group_starts`.
        starts: See `own`.
        group: See `own`.
        group_starts: See `own`.
        most: A print of more places than this counts between some of them only: each place and the
            next four, and four places spread evenly and all others.
        sizes: Prints of each place.
        first: See above.
        last: See above.
        least: Fewest prints in common with each place; the lower number of two counts.
        share: They must also be at least this share of the smaller size.

    Returns:
        Pairs packed `a << 32 | b`, sorted by a.
    """
    counts = np.empty(len(sizes), dtype=np.int32)
    fill(counts, 0)
    touched = np.empty(len(sizes), dtype=np.int64)
    out = np.empty(max(1024, last - first), dtype=np.uint64)
    n = 0
    for a in range(first, last):
        n_touched = 0
        for e in range(starts[a], starts[a + 1]):
            k = np.int64(own[e])
            start, end = group_starts[group[k]], group_starts[group[k] + 1]
            step = (end - start + 3) // 4
            near = end
            if end - start > most and (k - start) % step != 0:
                near = min(end, k + 5)
            m = k + 1
            while m < end:
                if m >= near and (m - start) % step != 0:
                    m += step - (m - start) % step  # on to the next of the four
                    continue
                b = np.int64(postings[m] & _LOW32)
                if counts[b] == 0:
                    touched[n_touched] = b
                    n_touched += 1
                counts[b] += 1
                m += 1
        for t in range(n_touched):
            b = touched[t]
            needed = np.float64(min(least[a], least[b]))
            if counts[b] >= max(needed, share * min(sizes[a], sizes[b])):
                if n == len(out):
                    out = copy(out, n, np.empty(2 * n, dtype=np.uint64))
                out[n] = np.uint64(a) << S32 | np.uint64(b)
                n += 1
            counts[b] = 0
    return copy(out, n, np.empty(n, dtype=np.uint64))
