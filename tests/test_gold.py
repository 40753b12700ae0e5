from __future__ import annotations

import pyarrow as pa
import pytest

from dedup.errors import InputError
from dedup.evaluation.gold import ArticleGold, PairGold, gold_of


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
    gold = gold_of(pa.table(columns))
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
        gold_of(pa.table(columns), "gold.csv")


def test_pairs_without_a_label_are_left_out_even_if_all_of_their_row_is_empty():
    gold = gold_of(
        pa.table({"id_a": ["a", "b", ""], "id_b": ["b", "c", ""], "label": ["quote", None, ""]})
    )
    assert (gold.pairs, gold.labels, gold.unlabelled) == ((("a", "b"),), ("quote",), 2)
