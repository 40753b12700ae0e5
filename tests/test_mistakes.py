from __future__ import annotations

import pytest
from hypothesis import given
from results_for_tests import WIRE, gold_articles, labelled, result_of

from dedup import evaluation
from dedup.evaluation import PairGold


def test_worst_articles_name_the_wrong_and_the_missing_neighbour():
    gold = gold_articles({"a": "x", "b": "x", "c": "y", "d": "z", "e": "z"}, "story")
    (false_merge,) = evaluation.score(WIRE, gold).levels["story"].worst
    assert (false_merge.kind, false_merge.id_a, false_merge.id_b) == ("false merge", "c", "a")
    assert false_merge.b_cubed == pytest.approx(1 / 3)
    assert (false_merge.gold, false_merge.found, false_merge.placed) == (
        "apart", "version", "one story")  # fmt: skip
    assert (false_merge.jaccard, false_merge.containment) == (0.3, 0.6)
    assert (false_merge.title_a, false_merge.title_b) == ("title of c", "title of a")

    gold = gold_articles({"a": "x", "b": "x", "c": "x", "d": "z", "e": "w"})
    (miss,) = evaluation.score(WIRE, gold).levels["cluster"].worst
    assert (miss.kind, miss.id_a, miss.id_b) == ("miss", "c", "a")  # a is a match, b is none
    assert (miss.gold, miss.placed, miss.b_cubed) == ("one cluster", "one story", 1 / 3)


def test_a_neighbour_that_is_a_match_is_preferred_whatever_its_place():
    result = result_of(dict.fromkeys("abcd", ("a", "a")), [("c", "d", "duplicate", 0.5, 0.5)])
    gold = gold_articles({"a": "x", "b": "x", "c": "x", "d": "y"})
    (mistake,) = evaluation.score(result, gold).levels["cluster"].worst
    assert (mistake.id_a, mistake.id_b) == ("d", "c")


@given(labelled)
def test_worst_articles_are_one_for_each_impure_group_lowest_first(rows):
    found, gold = zip(*rows, strict=True)
    names = [f"n{i}" for i in range(len(rows))]
    result = result_of({name: (f"{x}", f"{x}") for name, x in zip(names, found, strict=True)})
    labels = {name: f"{x}" for name, x in zip(names, gold, strict=True)}
    worst = (
        evaluation.score_articles(result, gold_articles(labels), worst=99).levels["cluster"].worst
    )

    def lowest(groups, others):
        for group in set(groups):
            cells = [o for x, o in zip(groups, others, strict=True) if x == group]
            shares = [cells.count(other) / len(cells) for other in cells]
            if min(shares) < 1:
                yield min(shares)

    expected = sorted([*lowest(found, gold), *lowest(gold, found)])
    assert [mistake.b_cubed for mistake in worst] == pytest.approx(expected)
    clusters = dict(zip(names, found, strict=True))
    for mistake in worst:
        same_found = clusters[mistake.id_a] == clusters[mistake.id_b]
        same_gold = labels[mistake.id_a] == labels[mistake.id_b]
        assert (same_found, same_gold) == ((True, False) if mistake.kind == "false merge"
                                           else (False, True))  # fmt: skip


@pytest.mark.parametrize("worst", [0, 1, 2])
def test_only_so_many_mistakes_are_named(worst):
    gold = gold_articles({"a": "x", "b": "y", "c": "x", "d": "x", "e": "x"})
    assert len(evaluation.score(WIRE, gold, worst=worst).levels["cluster"].worst) == worst
    pairs = PairGold("gold", (("a", "b"), ("a", "c"), ("d", "e")), ("quote",) * 3)
    assert len(evaluation.score(WIRE, pairs, worst=worst).worst) == worst


def test_worst_pairs_come_by_containment_with_both_titles():
    gold = PairGold("gold", (("a", "e"), ("d", "b"), ("d", "e")), ("version",) * 3)
    worst = evaluation.score_pairs(WIRE, gold).worst
    assert [(m.id_a, m.id_b, m.containment) for m in worst] == [
        ("d", "e", 0.7), ("d", "b", 0.5), ("a", "e", None)]  # fmt: skip
    assert (worst[1].title_a, worst[1].title_b, worst[1].jaccard) == (
        "title of d", "title of b", 0.26)  # fmt: skip
    assert (worst[2].found, worst[2].placed, worst[2].gold) == ("unrelated", "apart", "version")
