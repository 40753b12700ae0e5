"""What pages say they are about: the telling words of titles and addresses."""

from __future__ import annotations

from typing import Any

import naive
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import kernels
from dedup.stages import headings
from dedup.text import tokenizer


def strings(*values: str) -> pa.Array:
    return pa.array(values, pa.large_string())


def said(title: str = "", url: str = "", *others: str) -> dict[str, float]:
    """Give the words of a page's heading and their weights, among pages with other titles."""
    titles, urls = strings(title, *others), strings(url, *[""] * len(others))
    found = headings.read(titles, urls)
    words = {naive.token_hash(word) >> 34: word for word in naive.tokens(f"{title} {url}")}
    own = slice(found.offsets[0], found.offsets[1])
    weights = found.weights[own].tolist()
    assert weights == sorted(weights, reverse=True)
    return {words[h]: w for h, w in zip(found.words[own].tolist(), weights, strict=True)}


@pytest.mark.parametrize(
    ("title", "url", "words"),
    [
        pytest.param("Ferry aground off Marrow", "", {"ferry", "aground", "marrow"}, id="a title"),
        pytest.param("The man who was there", "", set(), id="common words tell nothing"),
        pytest.param("", "https://a.example/marrow-ferry-aground", {"ferry", "aground", "marrow"},
                     id="a slug"),
        pytest.param("", "https://zeppelin.example/", set(), id="a host is no slug"),
        pytest.param("", "https://a.example/ferry?zeppelin=quark#walrus", {"ferry"},
                     id="neither are query and fragment"),
        pytest.param("", "https://a.example/ferry.shtml", {"ferry"}, id="nor the ending"),
        pytest.param("", "https://archive.example/web/https://zeppelin.example/ferry",
                     {"ferry", "web"}, id="nor the host of an address in the address"),
        pytest.param("Fähre vor Marrow", "//a.example/fahre-marrow", {"fahre", "vor", "marrow"},
                     id="words of both count once"),
        pytest.param("", "", set(), id="nothing"),
    ],
)  # fmt: skip
def test_a_heading_has_the_telling_words_of_title_and_slug(
    title: str, url: str, words: set[str]
) -> None:
    found = said(title, url)
    assert {word for word, weight in found.items() if weight > 0.2} >= words - {"web"}
    assert set(found) <= words | {"off"}


def test_a_word_in_every_title_says_nothing_about_a_page() -> None:
    others = [f"Walrus {name} | Zeppelin Gazette" for name in ("one", "two", "three", "four")]
    found = said("Quark | Zeppelin Gazette", "", *others)
    assert found["quark"] > 3 * found.get("zeppelin", 0)


def test_titles_that_are_the_same_count_once() -> None:
    """A page that was fetched again makes its words no less telling."""
    assert said("Quark zeppelin", "", "Walrus") == said(
        "Quark zeppelin", "", "Walrus", "Quark zeppelin"
    )


def test_a_heading_has_no_more_words_than_can_be_marked() -> None:
    title = " ".join(f"quark{i}" for i in range(100))
    assert len(said(title)) == kernels.MOST_WORDS


@pytest.mark.parametrize(
    ("title", "text", "untold"),
    [
        pytest.param("Zeppelin lands", "This page has moved. Please try again.", 2, id="a notice"),
        pytest.param("News", "This page has moved. Please try again.", 1,
                     id="under a title that hardly tells"),
        pytest.param("Zeppelin lands", "The zeppelin came down at noon.", 0,
                     id="a short article has a word of its title"),
        pytest.param("Zeppelin lands", " ".join(["word"] * 81), 0, id="a long text is no notice"),
        pytest.param("", "This page has moved.", 0, id="without title nothing can be missing"),
    ],
)  # fmt: skip
def test_short_pages_without_a_word_of_their_title_may_be_no_article(
    title: str, text: str, untold: int
) -> None:
    found = headings.read(strings(title, "Walrus"), strings("", ""))
    tokens = tokenizer.tokenise(strings(text, "Walrus."))
    marked = headings.mark_untold(found, tokens, headings.find(found, tokens))
    assert marked.untold.tolist() == [untold, 0]


TITLES = st.sampled_from(
    ["", "Ferry aground", "Ferry lands", "Zeppelin 7 lands", "The", "日本 zeppelin", "…"]
)
URLS = st.sampled_from(["", "https://a.example/zeppelin-ferry", "//b.example/x/7?q", "nonsense"])


@given(st.lists(st.tuples(TITLES, URLS), min_size=1, max_size=8), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=100)
def test_headings_do_not_depend_on_the_order_of_pages(
    pages: list[tuple[str, str]], order: Any
) -> None:
    rows = list(range(len(pages)))
    order.shuffle(rows)
    found = headings.read(*(strings(*column) for column in zip(*pages, strict=True)))
    shuffled = [pages[row] for row in rows]
    again = headings.read(*(strings(*column) for column in zip(*shuffled, strict=True)))
    moved = headings.take(found, np.array(rows))
    for name in ("words", "weights", "offsets", "keys", "untold"):
        assert getattr(again, name).tolist() == getattr(moved, name).tolist()


def test_pages_without_anything_have_empty_headings() -> None:
    nothing, read = headings.none(2), headings.read(strings("", ""), strings("", ""))
    for name in ("words", "weights", "offsets", "keys", "untold"):
        assert getattr(nothing, name).tolist() == getattr(read, name).tolist()
    assert headings.read(strings(), strings()).offsets.tolist() == [0]
