from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from results_for_tests import labelled
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import pair_confusion_matrix

from dedup.errors import InputError
from dedup.evaluation import scores


def same_label_pairs(labels):
    return {(a, b) for a, b in combinations(range(len(labels)), 2) if labels[a] == labels[b]}


def naive_b_cubed(found, gold):
    def mean_overlap(labels, others):
        shares = []
        for label, other in zip(labels, others, strict=True):
            cluster = [o for x, o in zip(labels, others, strict=True) if x == label]
            shares.append(cluster.count(other) / len(cluster))
        return sum(shares) / len(shares)

    return mean_overlap(found, gold), mean_overlap(gold, found)


@pytest.mark.parametrize(
    ("found", "gold", "precision", "recall", "f1"),
    [
        pytest.param("aabb", "xxyy", 1.0, 1.0, 1.0, id="equal partitions under other names"),
        pytest.param("aaaa", "xxyy", 1 / 3, 1.0, 0.5, id="everything in one cluster"),
        pytest.param("abcd", "xxyy", 1.0, 0.0, 0.0, id="nothing claimed, so nothing wrong"),
        pytest.param("aabb", "wxyz", 0.0, 1.0, 0.0, id="no gold pair to miss"),
        pytest.param("abcd", "wxyz", 1.0, 1.0, 1.0, id="all singletons on both sides"),
    ],
)
def test_pairwise_scores_of_small_partitions(found, gold, precision, recall, f1):
    score = scores.pairwise(list(found), list(gold))
    assert (score.precision, score.recall, score.f1) == pytest.approx((precision, recall, f1))


@given(labelled)
def test_pairwise_equals_listing_every_pair(rows):
    found, gold = zip(*rows, strict=True)
    found_pairs, gold_pairs = same_label_pairs(found), same_label_pairs(gold)
    score = scores.pairwise(found, gold)
    assert score == scores.pair_sets(found_pairs, gold_pairs)
    assert (score.found, score.gold) == (len(found_pairs), len(gold_pairs))
    assert score.shared == len(found_pairs & gold_pairs)


@given(labelled)
def test_pairwise_equals_scikit_learns_pair_confusion_matrix(rows):
    found, gold = zip(*rows, strict=True)
    (_, found_only), (gold_only, shared) = pair_confusion_matrix(gold, found) // 2
    score = scores.pairwise(found, gold)
    assert score.shared == shared
    assert score.found == shared + found_only
    assert score.gold == shared + gold_only


@given(labelled)
def test_b_cubed_equals_the_average_over_articles(rows):
    found, gold = zip(*rows, strict=True)
    score = scores.b_cubed(found, gold)
    assert (score.precision, score.recall) == pytest.approx(naive_b_cubed(found, gold))


@given(labelled)
def test_adjusted_rand_equals_scikit_learns(rows):
    found, gold = zip(*rows, strict=True)
    assert scores.adjusted_rand(found, gold) == pytest.approx(adjusted_rand_score(gold, found))


@given(labelled, st.randoms(use_true_random=False))
def test_scores_do_not_depend_on_the_order_of_articles(rows, random):
    shuffled = random.sample(rows, len(rows))
    for measure in (scores.pairwise, scores.b_cubed, scores.adjusted_rand):
        in_order, mixed = measure(*zip(*rows, strict=True)), measure(*zip(*shuffled, strict=True))
        if measure is scores.b_cubed:
            in_order, mixed = (in_order.precision, in_order.recall), (mixed.precision, mixed.recall)
        assert in_order == pytest.approx(mixed)


def test_bagga_and_baldwins_example():
    """Figure 3 of the 1998 paper: response 1 merges two of three chains, response 2 the others."""
    gold = [1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3]
    response_1 = [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2]
    response_2 = [1, 1, 1, 1, 1, 2, 2, 1, 1, 1, 1, 1]
    assert scores.b_cubed(response_1, gold).precision == pytest.approx(0.76, abs=0.005)
    assert scores.b_cubed(response_2, gold).precision == pytest.approx(0.58, abs=0.005)
    assert scores.b_cubed(response_1, gold).recall == 1.0


def test_a_million_articles_in_one_cluster_do_not_overflow():
    labels = np.zeros(1_000_000, np.int32)
    score = scores.pairwise(labels, labels)
    assert score.shared == 1_000_000 * 999_999 // 2
    assert scores.adjusted_rand(labels, labels) == 1.0


def test_pair_sets_ignore_order_within_a_pair_and_repeats():
    score = scores.pair_sets([("b", "a"), ("a", "b"), ("a", "c")], [("a", "b"), ("b", "c")])
    assert (score.found, score.gold, score.shared) == (2, 2, 1)


@pytest.mark.parametrize("measure", [scores.pairwise, scores.b_cubed, scores.adjusted_rand])
def test_labels_of_different_length_are_refused(measure):
    with pytest.raises(InputError, match="2 found labels but 3 gold labels"):
        measure([1, 2], [1, 2, 3])


def test_b_cubed_of_no_articles_is_refused():
    with pytest.raises(InputError, match="no labels"):
        scores.b_cubed([], [])
