"""Matches to clusters and stories that do not chain.

Connected components of matches chain: A like B like C … like Z puts A and Z together, and one text
that many share can tie up a whole corpus. Here texts are taken in order of how many others they
match; one that matches no anchor so far becomes an anchor; every other text goes to the anchor it
is most similar to. So each member of a cluster matches its anchor directly, and no two members are
more than two matches apart. (The star clustering of Aslam, Pelekhov and Rus, "The star clustering
algorithm for static and dynamic information organization", 2004; the last step is ours.)

Stories are made of clusters in the same way, the largest clusters first: a cluster joins the story
of another if one of its texts tells the same story as the text in the middle of the other (its
anchor).

The result does not depend on the order of the input: ties are broken by the nodes' own order, which
callers take from the texts.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dedup import kernels

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Pairs

    Rows = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]


_UNIT = 1_000_000
"""Similarities are added as whole millionths, whose sums are exact in any order."""

_MEAN = 0.33
"""Mean similarity of all pairs of texts of two stories, from which on they are one."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """Which node belongs where.

    Attributes:
        anchor: The anchor of each node's cluster; a node alone is its own.
        degree: How many others each node matches.
    """

    anchor: Rows
    degree: Rows


def cluster(n: int, pairs: Pairs, similarity: Floats) -> Clusters:
    """Cluster n nodes by their matches.

    Args:
        n: Number of nodes; their order breaks ties.
        pairs: Matches (a, b), a < b, no repeats.
        similarity: Of each match.
    """
    both = np.concatenate((pairs, pairs[:, ::-1]))
    degree = np.bincount(both[:, 0], minlength=n)
    order = np.argsort(-degree, kind="stable")
    return Clusters(_stars(order, both, np.concatenate((similarity, similarity))), degree)


def stories(clusters: Clusters, pairs: Pairs, similarity: Floats) -> Rows:
    """Tie clusters to stories; give the number of each node's story.

    Args:
        clusters: From `cluster`.
        pairs: Pairs of nodes that tell one story, a < b, no repeats.
        similarity: Of each pair.
    """
    anchors, of_node = np.unique(clusters.anchor, return_inverse=True)
    n = len(anchors)
    both = np.concatenate((pairs, pairs[:, ::-1]))
    has_anchor = clusters.anchor[both[:, 0]] == both[:, 0]
    ends = of_node[both[has_anchor]]
    between = ends[:, 0] != ends[:, 1]
    links, place = np.unique(ends[between], axis=0, return_inverse=True)
    strongest = np.zeros(len(links))
    strength = np.concatenate((similarity, similarity))[has_anchor][between]
    np.maximum.at(strongest, place.reshape(-1), strength)
    sizes = np.bincount(of_node, minlength=n)
    reach = np.bincount(links[:, 0], sizes[links[:, 1]], minlength=n)
    found = _stars(np.lexsort((-reach, -sizes)), links, strongest)
    return anchors[found][of_node]


def join(story: Rows, pairs: Pairs, similarity: Floats) -> Rows:
    """Join stories whose texts share much with each other on average.

    A report that is rewritten all day has early and late versions that share less than neighbours
    do, and no version that all others match. The two stories with the highest mean similarity
    over all pairs of their texts are joined first, while it is `_MEAN` or more: average linkage,
    which background that a few texts share cannot chain.

    Args:
        story: From `stories`.
        pairs: Pairs of nodes that reuse a report's text, a < b, no repeats.
        similarity: Of each pair; that of all others is 0.
    """
    ends = np.sort(story[pairs], axis=1)
    between = ends[ends[:, 0] != ends[:, 1]]
    if len(between) == 0:
        return story
    links, place = np.unique(between, axis=0, return_inverse=True)
    counts = np.bincount(
        place.reshape(-1), np.rint(similarity[ends[:, 0] != ends[:, 1]] * _UNIT)
    ).astype(np.int64)
    sizes = np.bincount(story, minlength=len(story))
    ties: dict[int, dict[int, int]] = {}
    for (a, b), n in zip(links.tolist(), counts.tolist(), strict=True):
        ties.setdefault(a, {})[b] = n
        ties.setdefault(b, {})[a] = n
    size = {name: int(sizes[name]) for name in ties}

    def likeness(a: int, b: int) -> tuple[float, int, int, int, int]:
        """Put a pair of stories in order: the most alike first; with their sizes at the time."""
        return (-ties[a][b] / (size[a] * size[b]), a, b, size[a], size[b])

    heap = [likeness(a, b) for a, others in ties.items() for b in others if a < b]
    heap = [pair for pair in heap if -pair[0] >= _MEAN * _UNIT]
    heapq.heapify(heap)
    joined: dict[int, int] = {}
    while heap:
        _, a, b, size_a, size_b = heapq.heappop(heap)
        if size.get(a) != size_a or size.get(b) != size_b:
            continue  # one of them has been joined to another since
        small, large = sorted((a, b), key=lambda name: (size[name], -name))
        joined[small] = large
        for other, n in ties.pop(small).items():
            del ties[other][small]
            if other != large:
                ties[large][other] = ties[other][large] = ties[large].get(other, 0) + n
        size[large] += size.pop(small)
        for other in ties[large]:
            pair = likeness(*sorted((large, other)))
            if -pair[0] >= _MEAN * _UNIT:
                heapq.heappush(heap, pair)
    names = np.arange(len(story))
    for small in reversed(list(joined)):
        names[small] = names[joined[small]]
    result: Rows = names[story]
    return result


def _stars(order: Rows, links: Pairs, similarity: Floats) -> Rows:
    """Give each node its anchor; nodes become anchors in the given order.

    Args:
        order: All nodes.
        links: (anchor, member): whom each node would cover as an anchor.
        similarity: Of each link.
    """
    n = len(order)
    is_anchor = np.zeros(n, dtype=np.bool_)
    by_hub = np.argsort(links[:, 0], kind="stable")
    kernels.choose_anchors(order, links[by_hub, 1], _starts(links[:, 0], n), is_anchor)
    anchor = np.empty(n, dtype=np.int64)
    by_member = np.argsort(links[:, 1], kind="stable")
    kernels.nearest_anchor(
        links[by_member, 0], similarity[by_member], _starts(links[:, 1], n), is_anchor, anchor
    )
    return anchor


def _starts(ends: Rows, n: int) -> Rows:
    return np.concatenate(([0], np.cumsum(np.bincount(ends, minlength=n))))
