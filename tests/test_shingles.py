"""Texts to shingle sets, through every kind of Arrow string column."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from dedup.settings import Settings
from dedup.shingles import ShingleSets, shingle

TEXTS = ["The ferry left Anholt at noon on Friday.", None, "", "Die Fähre legte ab", "渡船出港"]


def equal(a: ShingleSets, b: ShingleSets) -> bool:
    return all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for name in ("values", "offsets", "n_tokens", "text_hashes")
    )


@pytest.mark.parametrize(
    "column",
    [
        pytest.param(pa.array(TEXTS, pa.string()), id="string"),
        pytest.param(pa.array(TEXTS, pa.large_string()), id="large_string"),
        pytest.param(pa.array(TEXTS, pa.string_view()), id="string_view"),
        pytest.param(pa.array(TEXTS).dictionary_encode(), id="dictionary"),
        pytest.param(pa.array(["x", *TEXTS, "y"])[1:-1], id="slice"),
        pytest.param(pa.chunked_array([TEXTS[:2], TEXTS[2:]]), id="chunks"),
    ],
)
def test_the_kind_of_string_column_makes_no_difference(column: pa.Array) -> None:
    plain = pa.array([text or "" for text in TEXTS], pa.large_string())
    settings = Settings(shingle_size=2)
    assert equal(shingle(column, settings), shingle(plain, settings))


@pytest.mark.parametrize("column", [pa.array([], pa.string()), pa.chunked_array([], pa.string())])
def test_no_texts_give_no_sets(column: pa.Array) -> None:
    assert len(shingle(column, Settings())) == 0


@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param("Café Zürich", "CAFE\u0301 ZU\u0308RICH", id="case and decomposed accents"),
        pytest.param("re\u00adport", "report", id="soft hyphen"),
        pytest.param("“Don’t”, he said", '"Don\'t" he said', id="quotation marks"),
        pytest.param("ﬁnal oﬀer", "final offer", id="ligatures"),
        pytest.param("ＡＰ通信", "ap通信", id="full width"),
        pytest.param("a\u00a0b", "a b", id="non-breaking space"),
        pytest.param("ガス", "ｶﾞｽ", id="half-width kana"),
    ],
)
def test_spelling_of_the_same_words_makes_no_difference(a: str, b: str) -> None:
    sets = shingle(pa.array([a, b]), Settings())
    assert sets.text_hashes[0] == sets.text_hashes[1]


@pytest.mark.parametrize(
    ("text", "n_tokens"),
    [("東京都知事", 5), ("กรุงเทพ", 6), ("ភ្នំ", 3), ("서울 시장", 2), ("No. 10", 2), ("…!", 0)],
)
def test_scripts_without_spaces_have_a_token_per_letter(text: str, n_tokens: int) -> None:
    assert shingle(pa.array([text]), Settings()).n_tokens[0] == n_tokens
