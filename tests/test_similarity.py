"""Jaccard and containment are exact."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from dedup.stages import similarity
from dedup.stages.shingles import ShingleSets


def sets_of(*members: str) -> ShingleSets:
    values = np.array([ord(c) for s in members for c in sorted(s)], dtype=np.uint32)
    offsets = np.cumsum([0] + [len(s) for s in members])
    n = len(members)
    return ShingleSets(values, offsets, np.zeros(n, np.int64), *np.zeros((2, n), np.uint64))


@pytest.mark.parametrize(
    ("a", "b", "jaccard", "containment", "in_a", "in_b"),
    [
        pytest.param("abcd", "abcd", 1.0, 1.0, 1.0, 1.0, id="identical"),
        pytest.param("abcd", "abcdefgh", 0.5, 1.0, 1.0, 0.5, id="wire copy inside a longer story"),
        pytest.param("abcd", "cdefgh", 0.25, 0.5, 0.5, 1 / 3, id="half"),
        pytest.param("abcd", "efgh", 0.0, 0.0, 0.0, 0.0, id="unrelated"),
        pytest.param("", "abcd", 0.0, 0.0, 0.0, 0.0, id="empty article"),
        pytest.param("", "", 0.0, 0.0, 0.0, 0.0, id="two empty articles"),
    ],
)
def test_overlaps(
    a: str, b: str, jaccard: float, containment: float, in_a: float, in_b: float
) -> None:
    found = similarity.verify(np.array([[0, 1]]), sets_of(a, b))
    assert found.jaccard()[0] == jaccard
    assert found.containment()[0] == containment
    assert (found.containment_a()[0], found.containment_b()[0]) == (in_a, in_b)


def test_threads_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similarity, "_PAIRS_PER_TASK", 7)
    sets = sets_of("abc", "bcd", "cde", "def", "efg")
    pairs = np.array([(i, j) for i in range(5) for j in range(5)])
    with ThreadPoolExecutor(3) as executor:
        together = similarity.verify(pairs, sets, executor)
    np.testing.assert_array_equal(together.shared, similarity.verify(pairs, sets).shared)
