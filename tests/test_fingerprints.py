"""Prints in common make candidates, as the slow twin says, in any order and on any threads."""

from __future__ import annotations

import itertools
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.stages import fingerprints
from dedup.stages.fingerprints import Sharing, candidate_pairs
from dedup.stages.shingles import Prints

TEXTS = st.lists(st.lists(st.integers(0, 12), max_size=12), max_size=10)


def prints_of(texts: list[list[int]]) -> Prints:
    """Prints as they are: odd ones are of page furniture."""
    values = np.array([v for text in texts for v in text], dtype=np.uint32)
    return Prints(values, np.cumsum([0] + [len(text) for text in texts]))


def found(texts: list[list[int]], n_shingles: list[int] | None = None) -> Sharing:
    """Candidates among texts of these prints; of many shingles each unless said otherwise."""
    counts = np.array(n_shingles or [1000] * len(texts), dtype=np.int64)
    return candidate_pairs(prints_of(texts), np.arange(len(texts)), counts)


def found_own(texts: list[list[int]], n_shingles: list[int] | None = None) -> Sharing:
    """The same, all prints being of the texts and none of their furniture."""
    return found([[2 * value for value in text] for text in texts], n_shingles)


@given(TEXTS, st.integers(2, 6), st.integers(1, 8), st.sampled_from([0.05, 0.4, 0.8]), st.data())
@settings(deadline=None, max_examples=200)
def test_candidates_are_those_of_the_naive_twin(
    texts: list[list[int]], most: int, most_pages: int, share: float, data: st.DataObject
) -> None:
    n = len(texts)
    n_shingles = data.draw(st.lists(st.sampled_from([0, 31, 32]), min_size=n, max_size=n))
    least = [1 if count < 32 else 2 for count in n_shingles]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fingerprints, "MOST_TEXTS", most)
        patch.setattr(fingerprints, "MOST_PAGES", most_pages)
        patch.setattr(fingerprints, "LEAST_SHARE", share)
        sharing = found(texts, n_shingles)
    pairs, crowded = naive.sharing_pairs(texts, most, most_pages, least, share)
    assert sharing.pairs.tolist() == [list(pair) for pair in sorted(pairs)]
    assert sharing.crowded == crowded


@given(TEXTS, st.integers(1, 4), st.integers(1, 3))
@settings(deadline=None, max_examples=60)
def test_threads_make_no_difference(texts: list[list[int]], at_once: int, workers: int) -> None:
    expected = found(texts)
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(workers) as executor:
        patch.setattr(fingerprints, "_PLACES_PER_TASK", at_once)
        patch.setattr(fingerprints, "_POSTINGS_AT_ONCE", at_once)  # ranges of prints, too
        counts = np.full(len(texts), 1000)
        sharing = candidate_pairs(prints_of(texts), np.arange(len(texts)), counts, executor)
    assert sharing.pairs.tolist() == expected.pairs.tolist()
    assert sharing.crowded == expected.crowded


@given(TEXTS, st.data())
@settings(deadline=None)
def test_order_makes_no_difference_and_only_the_rows_asked_for_are_compared(
    texts: list[list[int]], data: st.DataObject
) -> None:
    rows = data.draw(st.permutations(range(len(texts))))
    rows = rows[: data.draw(st.integers(0, len(rows)))]
    counts = np.array(data.draw(st.permutations([1, 31, 32, *[1000] * 7])))[: len(texts)]
    sharing = candidate_pairs(prints_of(texts), np.array(rows, dtype=np.int64), counts)
    pairs = {tuple(sorted((rows[a], rows[b]))) for a, b in sharing.pairs.tolist()}
    everything = {tuple(pair) for pair in found(texts, counts.tolist()).pairs.tolist()}
    assert pairs == {(a, b) for a, b in everything if {a, b} <= set(rows)}


@pytest.mark.parametrize(
    ("a", "b", "is_candidate"),
    [
        pytest.param([1, 2, 3], [9, 2, 1], True, id="two in common"),
        pytest.param([1, 2, 3], [9, 2, 8], False, id="one in common"),
        pytest.param([1, 1, 1], [1, 1, 1], False, id="one that comes again and again"),
        pytest.param([1, 2], [*range(5000)], True, id="all of a short one"),
        pytest.param([*range(60)], [*range(57, 5000)], True, id="a twentieth of the smaller"),
        pytest.param([*range(61)], [*range(58, 5000)], False, id="less than a twentieth"),
        pytest.param([2**31 - 1, 0], [0, 2**31 - 1], True, id="the least and the greatest"),
        pytest.param([], [], False, id="empty"),
        pytest.param(
            [1, 2] * 60, [1, 2, *range(10, 200)], True, id="one paragraph again and again"
        ),
    ],
)
def test_as_many_must_be_in_common(a: list[int], b: list[int], is_candidate: bool) -> None:
    assert found_own([a, b]).pairs.tolist() == ([[0, 1]] if is_candidate else [])


@pytest.mark.parametrize(
    ("n_a", "n_b", "is_candidate"),
    [(31, 1000, True), (1000, 31, True), (32, 1000, False), (31, 31, True), (32, 32, False)],
)
def test_one_print_in_common_will_do_for_a_short_text(
    n_a: int, n_b: int, is_candidate: bool
) -> None:
    assert len(found_own([[1, 2], [3, 2]], [n_a, n_b]).pairs) == is_candidate


def test_prints_of_more_than_sixty_texts_count_between_some_of_them_only() -> None:
    sixty = found_own([[1, 2]] * 60)
    assert (len(sixty.pairs), sixty.crowded) == (60 * 59 // 2, 0)
    more = found_own([*[[1, 2]] * 61, [3, 4], [4, 3]])
    pairs = {(a, b) for a, b in more.pairs.tolist()}
    assert more.crowded == 2
    assert (61, 62) in pairs
    assert {(a, b) for a in range(61) for b in range(a + 1, min(a + 5, 61))} <= pairs
    partners = Counter(itertools.chain.from_iterable(pairs - {(61, 62)}))
    assert sorted(partners) == [*range(61)]
    assert [place for place in range(61) if partners[place] == 60] == [0, 16, 32, 48]
    assert all(partners[place] <= 12 for place in range(61) if place % 16)


@pytest.mark.parametrize("n", [61, 100, 1000])
def test_a_crowded_print_costs_no_square_and_leaves_no_text_alone(n: int) -> None:
    pairs = found_own([[1, 2]] * n).pairs
    assert len(pairs) < 8 * n
    assert set(pairs.flat) == set(range(n))


@pytest.mark.parametrize("place", [0, 1, 24, 25, 60, 99, 100])
def test_a_text_with_part_of_a_story_that_a_hundred_carry_is_a_candidate(place: int) -> None:
    carriers = [[*range(20), 1000 + i] for i in range(100)]
    partial = [*range(5), *range(500, 515)]
    texts = [*carriers[:place], partial, *carriers[place:]]
    others = {a + b - place for a, b in found_own(texts).pairs.tolist() if place in (a, b)}
    assert len(others) >= 3


def test_a_print_that_is_not_crowded_counts_between_all() -> None:
    texts = [[1, 1000 + i] for i in range(102)]
    texts[5] = texts[99] = [1, 2, 3]
    assert found_own(texts).pairs.tolist() == [[5, 99]]


def test_many_pairs_are_all_found_own() -> None:
    texts = [[i // 50, 100 + i // 50] for i in range(2000)]
    expected = [[a, b] for a in range(2000) for b in range(a + 1, a // 50 * 50 + 50)]
    assert found_own(texts).pairs.tolist() == expected


@pytest.mark.parametrize(("n", "n_pairs"), [(2, 1), (16, 16 * 15 // 2), (17, 0), (61, 0)])
def test_furniture_is_followed_between_few_texts_only(n: int, n_pairs: int) -> None:
    assert len(found([[1, 3]] * n).pairs) == n_pairs


def test_furniture_does_not_hide_a_part_in_common() -> None:
    menus = [[1 + 2 * k for k in range(start, start + 200)] for start in (0, 1000)]
    assert found([[2, 4, *menus[0]], [2, 4, *menus[1]]]).pairs.tolist() == [[0, 1]]
