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
    story: Rows = anchors[found][of_node]
    return story


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
