"""Pairs to groups, and groups to pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.compiling import kernel
from dedup.kernels.memory import fill

if TYPE_CHECKING:
    from dedup.kernels.arrays import F64, I64, Bools, Out
    from dedup.records import Pairs


@kernel
def connect(n: int, pairs: Pairs) -> I64:
    """Give each of n nodes the smallest node its pairs connect it to, through any number."""
    root = np.empty(n, dtype=np.int64)
    for node in range(n):
        root[node] = node
    for p in range(len(pairs)):
        a, b = pairs[p, 0], pairs[p, 1]
        while root[a] != a:
            root[a] = root[root[a]]
            a = root[a]
        while root[b] != b:
            root[b] = root[root[b]]
            b = root[b]
        if a < b:
            root[b] = a
        else:
            root[a] = b
    for node in range(n):
        root[node] = root[root[node]]
    return root


@kernel
def choose_anchors(order: I64, neighbours: I64, starts: I64, out: Out[Bools]) -> None:
    """Go through nodes in `order`; one that no anchor so far is a neighbour of becomes one."""
    covered = np.empty(len(order), dtype=np.bool_)
    fill(covered, False)
    for at in range(len(order)):
        node = order[at]
        if covered[node]:
            continue
        out[node] = True
        covered[node] = True
        for k in range(starts[node], starts[node + 1]):
            covered[neighbours[k]] = True


@kernel
def nearest_anchor(
    neighbours: I64,
    similarity: F64,
    starts: I64,
    is_anchor: Bools,
    out: Out[I64],
) -> None:
    """Give each node its most similar neighbour that is an anchor; the smaller of equals."""
    for node in range(len(out)):
        out[node] = node
        if is_anchor[node]:
            continue
        best = -1.0
        for k in range(starts[node], starts[node + 1]):
            other = neighbours[k]
            if is_anchor[other] and (
                similarity[k] > best or (similarity[k] == best and other < out[node])
            ):
                best = similarity[k]
                out[node] = other


@kernel
def expand_pairs(members: I64, starts: I64, pairs: Pairs, limit: int) -> tuple[I64, I64, I64]:
    """Turn pairs of groups, and groups themselves, into pairs of their members.

    A group of more than `limit` members gives pairs with its first member only; so does a pair of
    groups with more than `limit` pairs of members.

    Args:
        members: Members by group; group i is `members[starts[i] : starts[i + 1]]`.
        starts: See `members`.
        pairs: Pairs of groups.
        limit: See above.

    Returns:
        First and second members, and the number of the pair of groups each comes from, -1 for two
        members of one group.
    """
    total = 0
    for g in range(len(starts) - 1):
        m = starts[g + 1] - starts[g]
        total += m * (m - 1) // 2 if m <= limit else m - 1
    for p in range(len(pairs)):
        m = starts[pairs[p, 0] + 1] - starts[pairs[p, 0]]
        k = starts[pairs[p, 1] + 1] - starts[pairs[p, 1]]
        total += m * k if m * k <= limit else m + k - 1
    first = np.empty(total, dtype=np.int64)
    second = np.empty(total, dtype=np.int64)
    source = np.empty(total, dtype=np.int64)
    n = 0
    for g in range(len(starts) - 1):
        start, end = starts[g], starts[g + 1]
        for i in range(start, end if end - start <= limit else start + 1):
            for j in range(i + 1, end):
                first[n], second[n], source[n] = members[i], members[j], -1
                n += 1
    for p in range(len(pairs)):
        a, a_end = starts[pairs[p, 0]], starts[pairs[p, 0] + 1]
        b, b_end = starts[pairs[p, 1]], starts[pairs[p, 1] + 1]
        few = (a_end - a) * (b_end - b) <= limit
        for i in range(a, a_end):
            for j in range(b, b_end):
                if few or i == a or j == b:
                    first[n], second[n], source[n] = members[i], members[j], p
                    n += 1
                elif i != a:
                    break
    return first, second, source
