from __future__ import annotations

import pyarrow as pa
import pytest
from results_for_tests import WIRE, gold_articles

from dedup import evaluation
from dedup.errors import InputError
from dedup.evaluation import PairGold, Share, comparison, scores


def test_aggregator_pages_are_not_scored():
    gold = evaluation.gold_of(
        pa.table(
            {"id": ["a", "d", "zz"], "cluster": ["x", "x", "x"], "aggregator": [False, True, True]}
        )
    )
    assert (gold.ids, gold.aggregators) == (("a",), ("d", "zz"))
    report = comparison.score(WIRE, gold)
    assert (report.scored, report.aggregators, report.only_found) == (1, 1, 3)


def test_articles_are_scored_over_what_both_sides_know():
    gold = gold_articles({"c": "y", "zz": "y", "a": "x", "b": "x", "d": "y"})
    report = comparison.score_articles(WIRE, gold)
    assert (report.scored, report.only_gold, report.only_found) == (4, 1, 1)
    score = report.levels["cluster"]
    found, wanted = list("caad"), list("yxxy")
    assert score.pairs == scores.pairwise(found, wanted)
    assert score.b_cubed == scores.b_cubed(found, wanted)
    assert score.adjusted_rand == scores.adjusted_rand(found, wanted)
    assert (score.largest_found, score.largest_gold) == (2, 2)


def test_each_level_is_compared_with_its_own_column():
    labels = {"a": "x", "b": "x", "c": "x", "d": "y", "e": "y"}
    assert comparison.score(WIRE, gold_articles(labels, "story")).levels["story"].pairs.f1 == 1.0
    assert comparison.score(WIRE, gold_articles(labels)).levels["cluster"].pairs.recall == 0.25


@pytest.mark.parametrize(
    ("pair", "label", "relation_right", "placed_right", "kind"),
    [
        ("ab", "duplicate", True, True, None),
        ("ba", "duplicate", True, True, None),
        ("ab", "version", False, True, "wrong relation"),
        ("ac", "version", True, True, None),
        ("ac", "duplicate", False, False, "miss"),
        ("bc", "version", False, True, "wrong relation"),
        ("ad", "version", False, False, "miss"),
        ("ab", "quote", False, False, "false merge"),
        ("bc", "unrelated", True, False, "false merge"),
        ("bd", "quote", True, True, None),
        ("bd", "unrelated", False, True, "wrong relation"),
        ("ad", "unrelated", True, True, None),
        ("ad", "quote", False, True, "wrong relation"),
        ("ad", "rewrite", False, True, "wrong relation"),
        ("ae", "furniture", True, True, None),
        ("bd", "furniture", False, True, "wrong relation"),
        ("de", "furniture", True, False, "false merge"),
        ("ab", "copy", None, True, None),
        ("bc", "copy", None, True, None),
        ("ad", "copy", None, False, "miss"),
        ("ad", "no copy", None, True, None),
        ("ac", "no copy", None, False, "false merge"),
    ],
)
def test_relation_and_place_of_a_pair(pair, label, relation_right, placed_right, kind):
    report = comparison.score_pairs(WIRE, PairGold("gold", (tuple(pair),), (label,)))
    judged = Share(0, 0) if relation_right is None else Share(int(relation_right), 1)
    assert report.relation_right == judged
    assert report.placed_right == report.placed[label] == Share(int(placed_right), 1)
    assert [mistake.kind for mistake in report.worst] == ([kind] if kind else [])


def test_confusion_has_a_row_for_each_gold_label_and_finds_unlisted_pairs_unrelated():
    labels = {"ba": "duplicate", "ac": "quote", "ad": "quote", "db": "quote", "ea": "duplicate",
              "az": "version"}  # fmt: skip
    gold = PairGold("gold", tuple(map(tuple, labels)), tuple(labels.values()), unlabelled=4)
    report = comparison.score_pairs(WIRE, gold)
    assert report.confusion == {
        "duplicate": {"duplicate": 1, "unrelated": 1},
        "quote": {"version": 1, "unrelated": 1, "quote": 1},
    }
    assert (report.scored, report.only_gold, report.unlabelled) == (5, 1, 4)
    assert report.relation_right == Share(2, 5)
    assert report.placed == {"duplicate": Share(1, 2), "quote": Share(2, 3)}


@pytest.mark.parametrize(
    "gold",
    [gold_articles({"y": "1", "z": "1"}), PairGold("gold", (("a", "z"),), ("quote",)),
     gold_articles({})],
)  # fmt: skip
def test_gold_of_other_articles_is_refused(gold):
    with pytest.raises(
        InputError, match=r"gold: .* (not|none of) those of the result, such as 'a'"
    ):
        comparison.score(WIRE, gold)
