"""Clusters hold together by what their anchor says, and do not chain."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.stages.clustering import Clusters, cluster, stories


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


@given(
    st.integers(1, 12),
    st.dictionaries(
        st.tuples(st.integers(0, 11), st.integers(0, 11)), st.sampled_from([0.3, 0.5, 0.9])
    ),
)
@settings(deadline=None)
def test_anchors_are_those_of_the_naive_twin(n: int, drawn: dict[tuple[int, int], float]) -> None:
    matches = {(a, b): s for (a, b), s in drawn.items() if a < b < n}
    assert clustered(n, matches) == naive.anchors(n, matches)


def tied(anchor: list[int], pairs: dict[tuple[int, int], float]) -> list[int]:
    clusters = Clusters(np.array(anchor, dtype=np.int64), np.zeros(len(anchor), dtype=np.int64))
    ends = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
    return stories(
        clusters, ends, np.array([pairs[tuple(pair)] for pair in ends.tolist()])
    ).tolist()


@pytest.mark.parametrize(
    ("anchor", "pairs", "expected"),
    [
        pytest.param([], {}, [], id="nothing"),
        pytest.param([0, 1, 2], {}, [0, 1, 2], id="no pair"),
        pytest.param([0, 1], {(0, 1): 0.5}, [0, 0], id="two texts of one story"),
        pytest.param([0, 0, 2, 2], {}, [0, 0, 2, 2], id="clusters without a pair"),
        pytest.param([1, 1, 1], {(0, 2): 0.5}, [1, 1, 1], id="a pair within a cluster"),
        pytest.param(
            [0, 0, 2, 2], {(1, 3): 0.5}, [0, 0, 2, 2], id="members that are no anchors tie nothing"
        ),
        pytest.param(
            [0, 0, 2, 2], {(1, 2): 0.5}, [2, 2, 2, 2], id="a member and the other's anchor"
        ),
        pytest.param(
            [0, 0, 3, 3], {(0, 2): 0.5}, [0, 0, 0, 0], id="an anchor and the other's member"
        ),
        pytest.param([0, 0, 2, 2], {(0, 2): 0.5}, [0, 0, 0, 0], id="two anchors"),
        pytest.param(
            [1, 1, 1, 4, 4, 4, 7, 7, 7],
            {(2, 3): 0.9, (5, 6): 0.9},
            [1, 1, 1, 4, 4, 4, 7, 7, 7],
            id="a chain of clusters falls apart",
        ),
        pytest.param(
            [0, 1, 2, 3],
            {(0, 1): 0.9, (1, 2): 0.9, (2, 3): 0.9},
            [1, 1, 1, 3],
            id="a chain falls apart",
        ),
        pytest.param(
            [0, 0, 0, 3, 4, 5],
            {(0, 3): 0.9, (3, 4): 0.5, (3, 5): 0.5},
            [0, 0, 0, 0, 4, 5],
            id="the largest cluster comes first",
        ),
        pytest.param(
            [0, 1, 2, 3], {(1, 2): 0.5, (1, 3): 0.5}, [0, 1, 1, 1], id="then the widest reach"
        ),
        pytest.param(
            [0, 0, 2, 2, 4], {(0, 4): 0.5, (2, 4): 0.6}, [0, 0, 2, 2, 2], id="to the nearest hub"
        ),
    ],
)
def test_stories(
    anchor: list[int], pairs: dict[tuple[int, int], float], expected: list[int]
) -> None:
    assert naive.stories(anchor, pairs) == expected
    assert tied(anchor, pairs) == expected


GRAPH = st.dictionaries(
    st.tuples(st.integers(0, 13), st.integers(0, 13)), st.sampled_from([0.25, 0.5, 1.0])
)


@given(st.integers(1, 14), st.lists(st.integers(0, 4), min_size=14, max_size=14), GRAPH)
@settings(deadline=None, max_examples=300)
def test_stories_are_those_of_the_naive_twin(
    n: int, drawn: list[int], edges: dict[tuple[int, int], float]
) -> None:
    anchor = [drawn[:n].index(group) for group in drawn[:n]]
    pairs = {(a, b): s for (a, b), s in edges.items() if a < b < n}
    assert tied(anchor, pairs) == naive.stories(anchor, pairs)


@given(st.integers(1, 14), GRAPH, GRAPH)
@settings(deadline=None, max_examples=100)
def test_clusters_lie_within_stories_and_no_two_members_are_far_apart(
    n: int, near: dict[tuple[int, int], float], edges: dict[tuple[int, int], float]
) -> None:
    matches = {(a, b): s for (a, b), s in near.items() if a < b < n}
    pairs = {(a, b): s for (a, b), s in edges.items() if a < b < n} | matches
    anchor = clustered(n, matches)
    story = tied(anchor, pairs)
    assert len(set(zip(anchor, story, strict=True))) == len(set(anchor))
    linked = {frozenset((anchor[a], anchor[b])) for a, b in pairs}
    for node in range(n):
        assert anchor[node] == story[node] or frozenset((anchor[node], story[node])) in linked
