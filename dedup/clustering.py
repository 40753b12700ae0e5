"""Matches to clusters and stories that do not chain.

Connected components of matches chain: A like B like C … like Z puts A and Z together, and one text
that many share can tie up a whole corpus. Here texts are taken in order of how many others they
match; one that matches no anchor so far becomes an anchor; every other text goes to the anchor it
is most similar to. So each member of a cluster matches its anchor directly, and no two members are
more than two matches apart. (The star clustering of Aslam, Pelekhov and Rus, "The star clustering
algorithm for static and dynamic information organization", 2004; the last step is ours.)

Stories are clusters of clusters, made the same way: two clusters are tied when a text of one tells
one story with the anchor of the other.

The result does not depend on the order of the input: ties are broken by the nodes' own order, which
callers take from the texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dedup import kernels

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Pairs

    Rows = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]


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
    return _stars(n, pairs, similarity, np.ones(n, dtype=np.int64))


def stories(clusters: Clusters, pairs: Pairs, similarity: Floats) -> Rows:
    """Tie clusters to stories; give the number of each node's story.

    Args:
        clusters: From `cluster`.
        pairs: Pairs of nodes that tell one story, a < b, no repeats.
        similarity: Of each pair.
    """
    has_anchor = (clusters.anchor[pairs] == pairs).any(axis=1)
    anchors, of_node = np.unique(clusters.anchor, return_inverse=True)
    ends = np.sort(of_node[pairs[has_anchor]], axis=1)
    between = ends[:, 0] != ends[:, 1]
    links, place = np.unique(ends[between], axis=0, return_inverse=True)
    strongest = np.zeros(len(links))
    np.maximum.at(strongest, place.reshape(-1), similarity[has_anchor][between])
    found = _stars(len(anchors), links, strongest, np.bincount(of_node, minlength=len(anchors)))
    story: Rows = anchors[found.anchor][of_node]
    return story


def _stars(n: int, pairs: Pairs, similarity: Floats, weights: Rows) -> Clusters:
    """Cluster n nodes; those whose neighbours weigh most are the first to become anchors."""
    ends = np.concatenate((pairs[:, 0], pairs[:, 1]))
    others = np.concatenate((pairs[:, 1], pairs[:, 0]))
    by_end = np.argsort(ends, kind="stable")
    degree = np.bincount(ends, minlength=n)
    weight = np.bincount(ends, weights[others], minlength=n).astype(np.int64) + weights
    starts = np.concatenate(([0], np.cumsum(degree)))
    neighbours = others[by_end]
    order = np.argsort(-weight, kind="stable")
    is_anchor = np.zeros(n, dtype=np.bool_)
    kernels.choose_anchors(order, neighbours, starts, is_anchor)
    anchor = np.empty(n, dtype=np.int64)
    kernels.nearest_anchor(
        neighbours, np.concatenate((similarity, similarity))[by_end], starts, is_anchor, anchor
    )
    return Clusters(anchor, degree)
