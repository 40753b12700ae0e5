"""Clusters hold together by what their anchor says, and do not chain."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
