"""Bands, rows, and the candidates they give."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.errors import SettingsError
from dedup.settings import Settings
from dedup.stages import lsh


@pytest.mark.parametrize(
    ("threshold", "recall", "num_perm", "bands"),
    [
        pytest.param(0.5, 0.95, 128, (23, 3), id="half"),
        pytest.param(0.8, 0.95, 128, (13, 7), id="near-identical"),
        pytest.param(0.25, 0.98, 128, (61, 2), id="the default"),
        pytest.param(1.0, 0.9, 128, (1, 128), id="identical only"),
        pytest.param(0.5, 0.5, 1, (1, 1), id="one permutation"),
    ],
)
def test_as_many_rows_as_reach_the_recall_then_as_few_bands(
    threshold: float, recall: float, num_perm: int, bands: tuple[int, int]
) -> None:
    assert lsh.choose_bands(threshold, recall, num_perm) == bands


@given(st.floats(0.05, 1.0), st.floats(0.1, 0.999), st.integers(1, 512))
def test_chosen_bands_reach_the_recall_and_fit(
    threshold: float, recall: float, num_perm: int
) -> None:
    try:
        bands = lsh.choose_bands(threshold, recall, num_perm)
    except SettingsError:
        assert 1 - (1 - threshold) ** num_perm < recall
        return
    assert bands.b * bands.r <= num_perm
    assert bands.probability(threshold) >= recall - 1e-6


def test_too_few_permutations_are_refused_with_the_number_that_would_do() -> None:
    with pytest.raises(SettingsError, match="set num_perm to 11 or more"):
        lsh.choose_bands(0.25, 0.95, 4)
    assert lsh.choose_bands(0.25, 0.95, 11).r == 1


def test_signatures_too_short_for_the_bands_are_refused() -> None:
    with pytest.raises(SettingsError, match="signatures have 100 values, but 16 bands of 8 rows"):
        lsh.candidate_pairs(np.zeros((3, 100), np.uint32), np.arange(3), Settings(bands=16, rows=8))


SIGNATURES = st.lists(
    st.lists(st.integers(0, 3), min_size=12, max_size=12), min_size=1, max_size=14
)


@given(SIGNATURES, st.sampled_from([(12, 1), (6, 2), (4, 3), (2, 6), (3, 2)]), st.integers(1, 3))
@settings(deadline=None)
def test_candidates_share_a_bucket_and_are_found_once(
    signatures: list[list[int]], bands: tuple[int, int], workers: int
) -> None:
    b, r = bands
    array = np.array(signatures, dtype=np.uint32)
    rows = np.arange(len(array))
    with ThreadPoolExecutor(workers) as executor:
        found = lsh.candidate_pairs(array, rows, Settings(bands=b, rows=r), executor).pairs
    assert [tuple(pair) for pair in found.tolist()] == sorted(naive.bucket_pairs(signatures, b, r))


@given(SIGNATURES, st.integers(2, 4))
@settings(deadline=None)
def test_a_crowded_bucket_still_connects_all_its_members(
    signatures: list[list[int]], max_bucket: int
) -> None:
    chosen = Settings(bands=6, rows=2, max_bucket=max_bucket)
    array = np.array(signatures, dtype=np.uint32)
    found = lsh.candidate_pairs(array, np.arange(len(array)), chosen)
    everything = sorted(naive.bucket_pairs(signatures, 6, 2))
    pairs = [tuple(pair) for pair in found.pairs.tolist()]
    assert set(pairs) <= set(everything)
    n = len(signatures)
    assert naive.components(n, pairs) == naive.components(n, everything)


def test_a_crowded_bucket_costs_its_size_and_is_reported() -> None:
    array = np.ones((5000, 4), dtype=np.uint32)
    found = lsh.candidate_pairs(array, np.arange(5000), Settings(bands=2, rows=2, max_bucket=100))
    assert len(found.pairs) < 10 * 5000
    assert (found.crowded, found.largest) == (2, 5000)


def test_a_pair_that_a_crowded_bucket_left_out_is_found_by_a_later_band() -> None:
    array = np.arange(48, dtype=np.uint32).reshape(12, 4)
    array[:, :2] = 1  # all share the first band's bucket
    array[6, 2:] = array[1, 2:]
    found = lsh.candidate_pairs(array, np.arange(12), Settings(bands=2, rows=2, max_bucket=4))
    assert found.crowded == 1
    assert [1, 6] in found.pairs.tolist()
    assert [1, 7] not in found.pairs.tolist()


def test_only_the_rows_asked_for_are_compared() -> None:
    array = np.ones((4, 4), dtype=np.uint32)
    found = lsh.candidate_pairs(array, np.array([3, 1]), Settings(bands=2, rows=2))
    assert found.pairs.tolist() == [[0, 1]]


@pytest.mark.parametrize("num_perm", [1, 12, 128, 1024])
@pytest.mark.parametrize("threshold", [0.1, 0.25, 0.5, 0.9, 1.0])
def test_agreement_that_is_asked_for_costs_one_pair_in_a_million(
    threshold: float, num_perm: int
) -> None:
    least = lsh.least_agreement(threshold, num_perm)
    below = [
        math.comb(num_perm, k) * threshold**k * (1 - threshold) ** (num_perm - k)
        for k in range(num_perm + 1)
    ]
    assert math.fsum(below[:least]) <= 1e-6
    assert math.fsum(below[: least + 1]) > 1e-6


def test_pairs_that_agree_by_chance_in_one_band_are_left_out() -> None:
    array = np.arange(256, dtype=np.uint32).reshape(2, 128)
    array[1, :2] = array[0, :2]
    chosen = Settings(bands=64, rows=2, threshold=0.5)
    assert len(lsh.candidate_pairs(array, np.arange(2), chosen).pairs) == 0
    array[1, :60] = array[0, :60]
    assert len(lsh.candidate_pairs(array, np.arange(2), chosen).pairs) == 1
