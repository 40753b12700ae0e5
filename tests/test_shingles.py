"""Texts to shingle sets, through every kind of Arrow string column."""

from __future__ import annotations

import naive
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import kernels
from dedup.settings import Settings
from dedup.stages.shingles import WINDOW, Prints, ShingleSets, shingle, shingle_tokens
from dedup.text.tokenizer import tokenise

TEXTS = ["The ferry left Anholt at noon on Friday.", None, "", "Die Fähre legte ab", "渡船出港"]


def equal(a: ShingleSets, b: ShingleSets) -> bool:
    return all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for name in ("values", "offsets", "n_tokens", "text_hashes", "page_hashes")
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


def printed(*texts: np.ndarray, shingle_size: int = 5) -> Prints:
    """The prints of texts of token values."""
    offsets = np.cumsum([0] + [len(text) for text in texts])
    values = np.concatenate(texts).astype(np.uint32)
    return shingle_tokens(values, offsets, Settings(shingle_size=shingle_size))[1]


def own(hashes: list[int]) -> list[int]:
    """Shingle hashes as the prints of a text, not marked as of furniture."""
    return [value & ~1 for value in hashes]


def of_text(prints: Prints, i: int) -> list[int]:
    return prints.values[prints.offsets[i] : prints.offsets[i + 1]].tolist()


WORDS = st.integers(0, 2**30 - 1).map(
    lambda seed: np.random.default_rng(seed).integers(0, 2**30, 1000).astype(np.uint32) << 2
)


@given(WORDS, st.integers(0, 600))
@settings(deadline=None)
def test_every_window_of_a_long_text_has_a_print(words: np.ndarray, n: int) -> None:
    text = words[:n]
    kept = set(of_text(printed(text), 0))
    hashes = own(naive.window_hashes(text.tolist(), 5))
    for start in range(len(hashes) - WINDOW + 1):
        assert min(hashes[start : start + WINDOW]) in kept
    assert kept <= set(hashes)


@given(WORDS, st.integers(20, 60), st.integers(0, 300), st.integers(0, 300))
@settings(deadline=None)
def test_texts_that_share_twenty_words_share_a_print(
    words: np.ndarray, n: int, before: int, after: int
) -> None:
    shared = words[:n]
    a = np.concatenate((words[100 : 100 + before], shared, words[400:500]))
    b = np.concatenate((words[500:600], shared, words[600 : 600 + after]))
    prints = printed(a, b)
    assert set(of_text(prints, 0)) & set(of_text(prints, 1))


@pytest.mark.parametrize(
    ("n_shingles", "window"),
    [(1, 1), (8, 1), (15, 1), (16, 2), (64, 8), (127, 15), (128, 16), (129, 16), (900, 16)],
)
def test_a_short_text_has_a_narrower_window(n_shingles: int, window: int) -> None:
    generator = np.random.default_rng(3)
    text = generator.integers(0, 2**30, n_shingles + 4, dtype=np.uint32) << np.uint32(2)
    hashes = own(naive.window_hashes(text.tolist(), 5))
    least = {min(hashes[at : at + window]) for at in range(n_shingles - window + 1)}
    prints = of_text(printed(text), 0)
    assert set(prints) == least
    assert [value for value in hashes if value in least] == prints  # in order


def test_an_excerpt_has_all_prints_that_its_source_has_there() -> None:
    generator = np.random.default_rng(4)
    source = generator.integers(0, 2**30, 2000, dtype=np.uint32) << np.uint32(2)
    hashes = own(naive.window_hashes(source.tolist(), 5))
    for n in (40, 80, 160, 320):
        excerpt = source[1000 : 1000 + n]
        prints = printed(source, excerpt)
        inside = set(hashes[1000 + WINDOW : 1000 + n - 4 - WINDOW])  # away from the cuts
        assert inside & set(of_text(prints, 0)) <= set(of_text(prints, 1))


def test_furniture_has_no_shingles_but_has_prints() -> None:
    written = ["Sign up for our news now.\nThe ferry left Anholt at noon on Friday."]
    tokens = tokenise(pa.array(written))
    plain, _ = shingle_tokens(tokens.values, tokens.offsets, Settings())
    tokens.values[:6] |= kernels.FURNITURE
    sets, prints = shingle_tokens(tokens.values, tokens.offsets, Settings())
    report = shingle(pa.array(["The ferry left Anholt at noon on Friday."]), Settings())
    assert sets.values.tolist() == report.values.tolist()
    assert (plain.n_tokens[0], sets.n_tokens[0], report.n_tokens[0]) == (14, 8, 8)
    of_page, of_report = (
        naive.window_hashes(naive.token_values(line), 5) for line in written[0].split("\n")
    )
    assert prints.values.tolist() == own(of_report) + [value | 1 for value in of_page]
    assert sets.page_hashes[0] != plain.page_hashes[0]


@pytest.mark.parametrize(("min_tokens", "of_all"), [(8, False), (9, True)])
def test_a_text_that_furniture_leaves_too_short_is_told_apart_by_all_of_it(
    min_tokens: int, of_all: bool
) -> None:
    written = ["Sign up for our news now.\nThe ferry left Anholt at noon on Friday."]
    tokens = tokenise(pa.array(written))
    tokens.values[:6] |= kernels.FURNITURE
    chosen = Settings(min_tokens=min_tokens)
    sets = shingle_tokens(tokens.values, tokens.offsets, chosen)[0]
    kept = naive.token_values(written[0])[0 if of_all else 6 :]
    assert sets.text_hashes[0] == naive.row_hash(kept)
