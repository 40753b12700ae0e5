"""Clusters hold together by what their anchor says, and do not chain."""

from __future__ import annotations

import numpy as np
import pytest

from dedup.clustering import cluster


def clustered(n: int, matches: dict[tuple[int, int], float]) -> list[int]:
    pairs = np.array(sorted(matches), dtype=np.int64).reshape(-1, 2)
    jaccard = np.array([matches[tuple(pair)] for pair in pairs.tolist()])
    return cluster(n, pairs, jaccard).anchor.tolist()


@pytest.mark.parametrize(
    ("n", "matches", "anchors"),
    [
        pytest.param(0, {}, [], id="nothing"),
        pytest.param(3, {}, [0, 1, 2], id="no match"),
        pytest.param(3, {(0, 2): 0.9}, [0, 1, 0], id="a pair"),
        pytest.param(4, {(0, 3): 0.5, (1, 3): 0.5, (2, 3): 0.5}, [3, 3, 3, 3], id="a star"),
        pytest.param(
            7,
            {(i, i + 1): 0.8 for i in range(6)},
            [1, 1, 1, 3, 3, 5, 5],
            id="a chain falls apart",
        ),
        pytest.param(
            6,
            {(0, 1): 0.9, (0, 2): 0.9, (0, 3): 0.3, (3, 4): 0.9, (4, 5): 0.9},
            [0, 0, 0, 4, 4, 4],
            id="a text between two anchors goes to the nearer",
        ),
    ],
)
def test_anchors(n: int, matches: dict[tuple[int, int], float], anchors: list[int]) -> None:
    assert clustered(n, matches) == anchors


def test_every_member_matches_its_anchor() -> None:
    generator = np.random.default_rng(3)
    pairs = np.unique(np.sort(generator.integers(0, 200, (600, 2)), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    found = cluster(200, pairs, generator.random(len(pairs))).anchor
    matched = {tuple(pair) for pair in pairs.tolist()}
    for node, anchor in enumerate(found.tolist()):
        assert node == anchor or (min(node, anchor), max(node, anchor)) in matched
