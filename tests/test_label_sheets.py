from __future__ import annotations

import pytest
from results_for_tests import WIRE, gold_articles, result_of

from dedup.errors import InputError
from dedup.evaluation.gold import PairGold
from dedup.evaluation.label_sheets import label_sheet


def sheet_pairs(*arguments):
    sheet = label_sheet(*arguments)
    return list(zip(sheet["id_a"].to_pylist(), sheet["id_b"].to_pylist(), strict=True))


def test_a_label_sheet_holds_the_pairs_nearest_to_the_threshold():
    assert sheet_pairs(WIRE, 3) == [("b", "d"), ("a", "c"), ("d", "e")]
    sheet = label_sheet(WIRE, 1)
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
        label_sheet(result_of({"a": ("a", "a")}, threshold=None), 1)


def test_a_label_sheet_of_no_pairs_is_empty():
    sheet = label_sheet(result_of({"a": ("a", "a")}), 3)
    assert (sheet.num_rows, sheet.num_columns) == (0, 13)
