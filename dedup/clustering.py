"""Matches to clusters that do not chain.

Connected components of matches chain: A like B like C … like Z puts A and Z together, and one text
that many share can tie up a whole corpus. Here texts are taken in order of how many others they
match; one that matches no anchor so far becomes an anchor; every other text goes to the anchor it
is most similar to. So each member of a cluster matches its anchor directly, and no two members are
more than two matches apart. (The star clustering of Aslam, Pelekhov and Rus, "The star clustering
algorithm for static and dynamic information organization", 2004; the last step is ours.)

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


@dataclass(frozen=True, slots=True)
class Clusters:
    """Which node belongs where.

    Attributes:
        anchor: The anchor of each node's cluster; a node alone is its own.
        degree: How many others each node matches.
    """

    anchor: npt.NDArray[np.int64]
    degree: npt.NDArray[np.int64]


def cluster(n: int, pairs: Pairs, jaccard: npt.NDArray[np.float64]) -> Clusters:
    """Cluster n nodes by their matches.

    Args:
        n: Number of nodes; their order breaks ties.
        pairs: Matches (a, b), a < b, no repeats.
        jaccard: Similarity of each match.
    """
    ends = np.concatenate((pairs[:, 0], pairs[:, 1]))
    others = np.concatenate((pairs[:, 1], pairs[:, 0]))
    by_end = np.argsort(ends, kind="stable")
    degree = np.bincount(ends, minlength=n)
    starts = np.concatenate(([0], np.cumsum(degree)))
    neighbours = others[by_end]
    order = np.argsort(-degree, kind="stable")
    is_anchor = np.zeros(n, dtype=np.bool_)
    kernels.choose_anchors(order, neighbours, starts, is_anchor)
    anchor = np.empty(n, dtype=np.int64)
    kernels.nearest_anchor(
        neighbours, np.concatenate((jaccard, jaccard))[by_end], starts, is_anchor, anchor
    )
    return Clusters(anchor, degree)
