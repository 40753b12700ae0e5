from __future__ import annotations

from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import pair_confusion_matrix

from dedup.errors import InputError
from dedup.evaluation import evaluate
from dedup.evaluation.evaluate import ArticleGold, PairGold, Share
from dedup.results.result import Result

labelled = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=40)


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
    score = evaluate.pairwise(list(found), list(gold))
    assert (score.precision, score.recall, score.f1) == pytest.approx((precision, recall, f1))


@given(labelled)
def test_pairwise_equals_listing_every_pair(rows):
    found, gold = zip(*rows, strict=True)
    found_pairs, gold_pairs = same_label_pairs(found), same_label_pairs(gold)
    score = evaluate.pairwise(found, gold)
    assert score == evaluate.pair_sets(found_pairs, gold_pairs)
    assert (score.found, score.gold) == (len(found_pairs), len(gold_pairs))
    assert score.shared == len(found_pairs & gold_pairs)


@given(labelled)
def test_pairwise_equals_scikit_learns_pair_confusion_matrix(rows):
    found, gold = zip(*rows, strict=True)
    (_, found_only), (gold_only, shared) = pair_confusion_matrix(gold, found) // 2
    score = evaluate.pairwise(found, gold)
    assert score.shared == shared
    assert score.found == shared + found_only
    assert score.gold == shared + gold_only


@given(labelled)
def test_b_cubed_equals_the_average_over_articles(rows):
    found, gold = zip(*rows, strict=True)
    score = evaluate.b_cubed(found, gold)
    assert (score.precision, score.recall) == pytest.approx(naive_b_cubed(found, gold))


@given(labelled)
def test_adjusted_rand_equals_scikit_learns(rows):
    found, gold = zip(*rows, strict=True)
    assert evaluate.adjusted_rand(found, gold) == pytest.approx(adjusted_rand_score(gold, found))


@given(labelled, st.randoms(use_true_random=False))
def test_scores_do_not_depend_on_the_order_of_articles(rows, random):
    shuffled = random.sample(rows, len(rows))
    for measure in (evaluate.pairwise, evaluate.b_cubed, evaluate.adjusted_rand):
        in_order, mixed = measure(*zip(*rows, strict=True)), measure(*zip(*shuffled, strict=True))
        if measure is evaluate.b_cubed:
            in_order, mixed = (in_order.precision, in_order.recall), (mixed.precision, mixed.recall)
        assert in_order == pytest.approx(mixed)


def test_bagga_and_baldwins_example():
    """Figure 3 of the 1998 paper: response 1 merges two of three chains, response 2 the others."""
    gold = [1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3]
    response_1 = [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2]
    response_2 = [1, 1, 1, 1, 1, 2, 2, 1, 1, 1, 1, 1]
    assert evaluate.b_cubed(response_1, gold).precision == pytest.approx(0.76, abs=0.005)
    assert evaluate.b_cubed(response_2, gold).precision == pytest.approx(0.58, abs=0.005)
    assert evaluate.b_cubed(response_1, gold).recall == 1.0


def test_a_million_articles_in_one_cluster_do_not_overflow():
    labels = np.zeros(1_000_000, np.int32)
    score = evaluate.pairwise(labels, labels)
    assert score.shared == 1_000_000 * 999_999 // 2
    assert evaluate.adjusted_rand(labels, labels) == 1.0


def test_pair_sets_ignore_order_within_a_pair_and_repeats():
    score = evaluate.pair_sets([("b", "a"), ("a", "b"), ("a", "c")], [("a", "b"), ("b", "c")])
    assert (score.found, score.gold, score.shared) == (2, 2, 1)


@pytest.mark.parametrize("measure", [evaluate.pairwise, evaluate.b_cubed, evaluate.adjusted_rand])
def test_labels_of_different_length_are_refused(measure):
    with pytest.raises(InputError, match="2 found labels but 3 gold labels"):
        measure([1, 2], [1, 2, 3])


def test_b_cubed_of_no_articles_is_refused():
    with pytest.raises(InputError, match="no labels"):
        evaluate.b_cubed([], [])


def result_of(articles, matches=(), threshold=0.25, margins=None):
    """Make a result of {id: (cluster, story)} and (id_a, id_b, relation, jaccard, containment)."""
    matches = [(*match, match[4], match[4], 7) for match in matches]
    names = ["id_a", "id_b", "relation", "jaccard", "containment", "containment_a",
             "containment_b", "shared"]  # fmt: skip
    pairs = pa.table([list(column) for column in zip(*matches, strict=True)], names=names) \
        if matches else pa.table({
            name: pa.array([], pa.string() if place < 3 else pa.float64())
            for place, name in enumerate(names)})  # fmt: skip
    if margins is not None:
        pairs = pairs.append_column("margin", pa.array(margins, pa.float64()))
    clusters, stories = zip(*articles.values(), strict=True)
    ids = list(articles)
    titles = [f"title of {name}" for name in ids]
    return Result(
        articles=pa.table({"id": ids, "cluster": clusters, "story": stories, "title": titles,
                           "outlet": [f"outlet of {name}" for name in ids]}),
        pairs=pairs,
        furniture=pa.table({}),
        skipped=pa.table({"file": []}),
        run={"settings": {"threshold": threshold}},
    )  # fmt: skip


def gold_articles(labels, level="cluster"):
    return ArticleGold("gold", tuple(labels), {level: tuple(labels.values())})


WIRE = result_of(
    {"a": ("a", "a"), "b": ("a", "a"), "c": ("c", "a"), "d": ("d", "d"), "e": ("e", "d")},
    [("a", "b", "duplicate", 0.8, 0.9), ("a", "c", "version", 0.3, 0.6),
     ("b", "d", "quote", 0.26, 0.5), ("d", "e", "furniture", 0.4, 0.7)],
)  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "kind", "labels"),
    [
        pytest.param({"id": ["a"], "cluster": ["x"]}, ArticleGold, {"cluster": ("x",)},
                     id="cluster"),
        pytest.param({"id": ["a"], "story": [7]}, ArticleGold, {"story": ("7",)}, id="numbers"),
        pytest.param({"id_a": ["a"], "id_b": ["b"], "relation": ["Quote "]}, PairGold, ("quote",),
                     id="relation"),
        pytest.param({"id_a": ["a"], "id_b": ["b"], "label": ["boilerplate"]}, PairGold,
                     ("furniture",), id="boilerplate is furniture"),
        pytest.param({"id_a": ["a", "a"], "id_b": ["b", "c"], "label": [1, 0]}, PairGold,
                     ("copy", "no copy"), id="copy or not"),
        pytest.param({"id_a": ["a", "a"], "id_b": ["b", "c"], "label": [1.0, float("nan")]},
                     PairGold, ("copy",), id="floats of pandas"),
        pytest.param({"id_a": ["a"], "id_b": ["b"], "relation": ["version"], "label": ["quote"]},
                     PairGold, ("quote",), id="a label counts more than what was found"),
    ],
)  # fmt: skip
def test_gold_is_told_apart_by_its_columns(columns, kind, labels):
    gold = evaluate.gold_of(pa.table(columns))
    assert isinstance(gold, kind)
    assert gold.labels == labels


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"id": ["a"], "text": ["x"]}, "found id, text; needed id with cluster or story, or id_a"),
        ({"id_a": ["a"], "id_b": ["b"]}, "found id_a, id_b; needed"),
        ({"id": ["a", "b", "a"], "cluster": [1, 2, 3]}, "row 3 repeats a of row 1"),
        ({"id": ["a", None], "cluster": [1, 2]}, "row 2: id is empty"),
        ({"id": ["a", "b"], "cluster": ["x", " "]}, "row 2: cluster is empty"),
        ({"id": ["a"], "cluster": ["x"], "story": [None]}, "row 1: story is empty"),
        ({"id": [["a"]], "cluster": ["x"]}, "id holds list.*; needed text or numbers"),
        ({"id_a": ["a"], "id_b": ["b"], "label": ["dup"]}, "row 1: label is 'dup'; needed dupl"),
        ({"id_a": ["a"], "id_b": ["b"], "label": [2]}, "row 1: label is '2'; needed"),
        ({"id_a": ["a"], "id_b": ["b"], "label": [""]}, "no row has a label; needed duplicate"),
        ({"id_a": ["a"], "id_b": ["a"], "label": [1]}, "row 1: id_a and id_b are both a"),
        ({"id_a": ["a"], "id_b": [None], "label": [1]}, "row 1: id_b is empty"),
        ({"id_a": ["a", "b"], "id_b": ["b", "a"], "label": [1, 1]},
         "row 2 repeats a and b of row 1"),
    ],
)  # fmt: skip
def test_gold_that_cannot_be_used_is_refused(columns, says):
    with pytest.raises(InputError, match=f"gold.csv: {says}"):
        evaluate.gold_of(pa.table(columns), "gold.csv")


def test_pairs_without_a_label_are_left_out_even_if_all_of_their_row_is_empty():
    gold = evaluate.gold_of(
        pa.table({"id_a": ["a", "b", ""], "id_b": ["b", "c", ""], "label": ["quote", None, ""]})
    )
    assert (gold.pairs, gold.labels, gold.unlabelled) == ((("a", "b"),), ("quote",), 2)


def test_aggregator_pages_are_not_scored():
    gold = evaluate.gold_of(
        pa.table(
            {"id": ["a", "d", "zz"], "cluster": ["x", "x", "x"], "aggregator": [False, True, True]}
        )
    )
    assert (gold.ids, gold.aggregators) == (("a",), ("d", "zz"))
    report = evaluate.score(WIRE, gold)
    assert (report.scored, report.aggregators, report.only_found) == (1, 1, 3)


def test_articles_are_scored_over_what_both_sides_know():
    gold = gold_articles({"c": "y", "zz": "y", "a": "x", "b": "x", "d": "y"})
    report = evaluate.score_articles(WIRE, gold)
    assert (report.scored, report.only_gold, report.only_found) == (4, 1, 1)
    score = report.levels["cluster"]
    found, wanted = list("caad"), list("yxxy")
    assert score.pairs == evaluate.pairwise(found, wanted)
    assert score.b_cubed == evaluate.b_cubed(found, wanted)
    assert score.adjusted_rand == evaluate.adjusted_rand(found, wanted)
    assert (score.largest_found, score.largest_gold) == (2, 2)


def test_each_level_is_compared_with_its_own_column():
    labels = {"a": "x", "b": "x", "c": "x", "d": "y", "e": "y"}
    assert evaluate.score(WIRE, gold_articles(labels, "story")).levels["story"].pairs.f1 == 1.0
    assert evaluate.score(WIRE, gold_articles(labels)).levels["cluster"].pairs.recall == 0.25


def test_worst_articles_name_the_wrong_and_the_missing_neighbour():
    gold = gold_articles({"a": "x", "b": "x", "c": "y", "d": "z", "e": "z"}, "story")
    (false_merge,) = evaluate.score(WIRE, gold).levels["story"].worst
    assert (false_merge.kind, false_merge.id_a, false_merge.id_b) == ("false merge", "c", "a")
    assert false_merge.b_cubed == pytest.approx(1 / 3)
    assert (false_merge.gold, false_merge.found, false_merge.placed) == (
        "apart", "version", "one story")  # fmt: skip
    assert (false_merge.jaccard, false_merge.containment) == (0.3, 0.6)
    assert (false_merge.title_a, false_merge.title_b) == ("title of c", "title of a")

    gold = gold_articles({"a": "x", "b": "x", "c": "x", "d": "z", "e": "w"})
    (miss,) = evaluate.score(WIRE, gold).levels["cluster"].worst
    assert (miss.kind, miss.id_a, miss.id_b) == ("miss", "c", "a")  # a is a match, b is none
    assert (miss.gold, miss.placed, miss.b_cubed) == ("one cluster", "one story", 1 / 3)


def test_a_neighbour_that_is_a_match_is_preferred_whatever_its_place():
    result = result_of(dict.fromkeys("abcd", ("a", "a")), [("c", "d", "duplicate", 0.5, 0.5)])
    gold = gold_articles({"a": "x", "b": "x", "c": "x", "d": "y"})
    (mistake,) = evaluate.score(result, gold).levels["cluster"].worst
    assert (mistake.id_a, mistake.id_b) == ("d", "c")


@given(labelled)
def test_worst_articles_are_one_for_each_impure_group_lowest_first(rows):
    found, gold = zip(*rows, strict=True)
    names = [f"n{i}" for i in range(len(rows))]
    result = result_of({name: (f"{x}", f"{x}") for name, x in zip(names, found, strict=True)})
    labels = {name: f"{x}" for name, x in zip(names, gold, strict=True)}
    worst = evaluate.score_articles(result, gold_articles(labels), worst=99).levels["cluster"].worst

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
    assert len(evaluate.score(WIRE, gold, worst=worst).levels["cluster"].worst) == worst
    pairs = PairGold("gold", (("a", "b"), ("a", "c"), ("d", "e")), ("quote",) * 3)
    assert len(evaluate.score(WIRE, pairs, worst=worst).worst) == worst


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
    report = evaluate.score_pairs(WIRE, PairGold("gold", (tuple(pair),), (label,)))
    judged = Share(0, 0) if relation_right is None else Share(int(relation_right), 1)
    assert report.relation_right == judged
    assert report.placed_right == report.placed[label] == Share(int(placed_right), 1)
    assert [mistake.kind for mistake in report.worst] == ([kind] if kind else [])


def test_confusion_has_a_row_for_each_gold_label_and_finds_unlisted_pairs_unrelated():
    labels = {"ba": "duplicate", "ac": "quote", "ad": "quote", "db": "quote", "ea": "duplicate",
              "az": "version"}  # fmt: skip
    gold = PairGold("gold", tuple(map(tuple, labels)), tuple(labels.values()), unlabelled=4)
    report = evaluate.score_pairs(WIRE, gold)
    assert report.confusion == {
        "duplicate": {"duplicate": 1, "unrelated": 1},
        "quote": {"version": 1, "unrelated": 1, "quote": 1},
    }
    assert (report.scored, report.only_gold, report.unlabelled) == (5, 1, 4)
    assert report.relation_right == Share(2, 5)
    assert report.placed == {"duplicate": Share(1, 2), "quote": Share(2, 3)}


def test_worst_pairs_come_by_containment_with_both_titles():
    gold = PairGold("gold", (("a", "e"), ("d", "b"), ("d", "e")), ("version",) * 3)
    worst = evaluate.score_pairs(WIRE, gold).worst
    assert [(m.id_a, m.id_b, m.containment) for m in worst] == [
        ("d", "e", 0.7), ("d", "b", 0.5), ("a", "e", None)]  # fmt: skip
    assert (worst[1].title_a, worst[1].title_b, worst[1].jaccard) == (
        "title of d", "title of b", 0.26)  # fmt: skip
    assert (worst[2].found, worst[2].placed, worst[2].gold) == ("unrelated", "apart", "version")


@pytest.mark.parametrize(
    "gold",
    [gold_articles({"y": "1", "z": "1"}), PairGold("gold", (("a", "z"),), ("quote",)),
     gold_articles({})],
)  # fmt: skip
def test_gold_of_other_articles_is_refused(gold):
    with pytest.raises(
        InputError, match=r"gold: .* (not|none of) those of the result, such as 'a'"
    ):
        evaluate.score(WIRE, gold)


def sheet_pairs(*arguments):
    sheet = evaluate.label_sheet(*arguments)
    return list(zip(sheet["id_a"].to_pylist(), sheet["id_b"].to_pylist(), strict=True))


def test_a_label_sheet_holds_the_pairs_nearest_to_the_threshold():
    assert sheet_pairs(WIRE, 3) == [("b", "d"), ("a", "c"), ("d", "e")]
    sheet = evaluate.label_sheet(WIRE, 1)
    assert sheet.to_pylist() == [
        {"id_a": "b", "id_b": "d", "relation": "quote", "label": "", "jaccard": 0.26,
         "containment": 0.5, "containment_a": 0.5, "containment_b": 0.5, "shared": 7,
         "title_a": "title of b", "title_b": "title of d",
         "outlet_a": "outlet of b", "outlet_b": "outlet of d"}]  # fmt: skip


def test_a_label_sheet_prefers_the_margin_where_there_is_one():
    matches = [(a, b, "duplicate", 0.25, 0.5) for a, b in ("ab", "ac", "ad", "bc")]
    articles = {name: (name, name) for name in "abcd"}
    result = result_of(articles, matches, margins=[None, 0.4, -0.1, 0.2])
    assert sheet_pairs(result, 9) == [("a", "d"), ("b", "c"), ("a", "c"), ("a", "b")]


def test_labelled_pairs_are_left_out_of_a_sheet():
    gold = PairGold("gold", (("d", "b"), ("z", "a")), ("quote", "quote"))
    assert sheet_pairs(WIRE, 2, [gold, gold_articles({"a": "x"})]) == [("a", "c"), ("d", "e")]


def test_a_label_sheet_needs_a_border():
    with pytest.raises(InputError, match=r"no column margin and run\.json no settings.threshold"):
        evaluate.label_sheet(result_of({"a": ("a", "a")}, threshold=None), 1)


def test_a_label_sheet_of_no_pairs_is_empty():
    sheet = evaluate.label_sheet(result_of({"a": ("a", "a")}), 3)
    assert (sheet.num_rows, sheet.num_columns) == (0, 13)
