"""Page furniture: what is learned of an outlet's pages, what is listed, and what stays."""

from __future__ import annotations

from typing import Any

import newswriter
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dedup
from dedup import Article, Settings, kernels
from dedup.results.result import Result
from dedup.stages import furniture
from dedup.text import tokenizer

MENU = "Home\nPolitics and the state house\nSports scores from the region\nThe valley sky"
FOOTER = "The Lower Valley Register is printed on Tuesdays and Fridays by the Harlan family press."
LETTER = "Our morning newsletter brings the valley to your inbox before the first coffee."
CAPTION = "The old mill bridge, seen here from the east bank, has carried trucks since 1931."
GALLERY = "\n".join(newswriter.sentences(12, 77))


def pages(n: int, *, top: str = "", bottom: str = "", first: int = 0, **said: str) -> list[Article]:
    """Make n pages: each a report of its own, between what stands at the top and the bottom."""
    said = {"outlet": "Register", **said}
    return [
        Article(
            f"p{i}",
            "\n".join(part for part in (top, newswriter.report(12, 100 + i), bottom) if part),
            **said,
        )
        for i in range(first, first + n)
    ]


def found(articles: list[Article], **options: Any) -> dict[str, list[tuple[str, str]]]:
    """List each article's furniture: the words as they stand in its text, and the kind."""
    texts = {article.id: article.text for article in articles}
    spans: dict[str, list[tuple[str, str]]] = {name: [] for name in texts}
    for row in dedup.cluster(articles, Settings(**options)).furniture.to_pylist():
        spans[row["id"]].append((texts[row["id"]][row["start"] : row["end"]], row["kind"]))
    return spans


def partition(result: Result, level: str = "cluster") -> set[frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for row in result.articles.to_pylist():
        groups.setdefault(row[level], set()).add(row["id"])
    return {frozenset(group) for group in groups.values()}


@pytest.mark.parametrize(
    ("top", "bottom"),
    [
        pytest.param(MENU, "", id="a menu"),
        pytest.param("", FOOTER, id="a footer"),
        pytest.param("", LETTER, id="a call for the newsletter"),
        pytest.param(CAPTION, "", id="a caption"),
        pytest.param(GALLERY, "", id="a caption gallery"),
        pytest.param(MENU, f"{LETTER}\n{FOOTER}", id="both ends of a page"),
    ],
)
def test_what_three_pages_of_an_outlet_repeat_is_furniture(top: str, bottom: str) -> None:
    expected = [(part, "learned") for part in (top, bottom) if part]
    assert found(pages(3, top=top, bottom=bottom)) == {f"p{i}": expected for i in range(3)}


def test_two_pages_alone_are_not_enough() -> None:
    assert found(pages(2, top=MENU, bottom=FOOTER)) == {"p0": [], "p1": []}


def test_a_page_of_another_outlet_is_no_third_page() -> None:
    articles = pages(2, bottom=FOOTER) + pages(1, bottom=FOOTER, first=2, outlet="Courier")
    assert not any(found(articles).values())


def test_sentences_of_a_report_that_the_outlet_ran_several_times_stay() -> None:
    report = newswriter.report(24, 1)
    versions = [
        Article(f"v{i}", f"{report}\n{newswriter.report(8, 50 + i)}", outlet="Register")
        for i in range(6)
    ]
    assert not any(found(versions).values())
    result = dedup.cluster(versions)
    assert partition(result) == {frozenset(f"v{i}" for i in range(6))}


def test_a_report_in_versions_keeps_its_sentences_while_the_menu_around_it_goes() -> None:
    report = newswriter.report(24, 1)
    versions = [
        Article(f"v{i}", f"{MENU}\n{report}\n{newswriter.report(8, 50 + i)}", outlet="Register")
        for i in range(3)
    ]
    spans = found(versions + pages(3, top=MENU))
    assert spans["v0"] == [(MENU, "learned")]
    assert spans["p0"] == [(MENU, "learned")]


def test_agency_background_that_other_outlets_carry_too_stays() -> None:
    background = newswriter.sentences(1, 9)[0]
    own = pages(4, bottom=background)
    elsewhere = pages(1, bottom=background, first=10, outlet="Courier")
    assert any(found(own).values())
    assert not any(found(own + elsewhere).values())


def test_one_page_elsewhere_does_not_save_the_furniture_of_a_large_outlet() -> None:
    own = pages(6, bottom=FOOTER)
    elsewhere = pages(1, bottom=FOOTER, first=10, outlet="Courier")
    assert found(own + elsewhere)["p10"] == [(FOOTER, "learned")]
    assert found(own + pages(2, bottom=FOOTER, first=10, outlet="Courier"))["p10"] == []


def test_furniture_that_two_outlets_of_one_owner_repeat_is_furniture_of_both() -> None:
    spans = found(pages(3, top=MENU) + pages(3, top=MENU, first=3, outlet="Courier"))
    assert all(of_page == [(MENU, "learned")] for of_page in spans.values())


@pytest.mark.parametrize(("n", "is_learned"), [(9, False), (10, True)])
def test_pages_of_unknown_outlets_must_be_ten(n: int, is_learned: bool) -> None:
    assert any(found(pages(n, top=MENU, outlet="")).values()) == is_learned


def test_ten_pages_of_unknown_outlets_must_be_their_own_for_the_most_part() -> None:
    half = newswriter.report(12, 1)
    articles = [Article(f"p{i}", f"{half}\n{newswriter.report(12, 100 + i)}") for i in range(12)]
    assert not any(found(articles).values())


@pytest.mark.parametrize(
    "urls",
    [
        pytest.param(["https://register.example/a", "https://register.example/b"], id="one host"),
        pytest.param(
            ["https://www.register.example/a", "http://REGISTER.example:8080/?b"],
            id="www, port and case make no difference",
        ),
        pytest.param(["//register.example/a", "https://u:p@register.example#x"], id="odd forms"),
    ],
)
def test_the_host_of_the_url_stands_for_an_outlet_that_is_not_given(urls: list[str]) -> None:
    articles = [
        Article(page.id, page.text, url=urls[i % 2])
        for i, page in enumerate(pages(3, top=MENU, outlet=""))
    ]
    assert all(spans == [(MENU, "learned")] for spans in found(articles).values())


def test_pages_of_three_hosts_are_of_three_outlets() -> None:
    articles = [
        Article(page.id, page.text, url=f"https://paper{i}.example/x")
        for i, page in enumerate(pages(3, top=MENU, outlet=""))
    ]
    assert not any(found(articles).values())


def test_the_given_outlet_counts_more_than_the_host() -> None:
    shared = "https://syndication.example/x"
    articles = [
        Article(page.id, page.text, outlet=name, url=shared)
        for page, name in zip(pages(3, top=MENU), ["A", "B", "C"], strict=True)
    ]
    assert not any(found(articles).values())
    same = [
        Article(a.id, a.text, outlet=n) for a, n in zip(articles, ["A", "a ", "A"], strict=True)
    ]
    assert all(found(same).values())


def test_copies_of_one_page_count_once() -> None:
    first, second = pages(2, top=MENU)
    copies = [Article(f"c{i}", first.text, outlet="Register") for i in range(8)]
    assert not any(found([first, second, *copies]).values())
    assert any(found([first, second, *copies, *pages(1, top=MENU, first=2)]).values())


def test_a_sentence_amid_the_reports_needs_more_pages_than_one_at_their_ends() -> None:
    amid = newswriter.sentences(1, 9)[0]

    def page(i: int) -> Article:
        before, after = newswriter.report(6, 200 + i), newswriter.report(6, 300 + i)
        return Article(f"p{i}", f"{before} {amid} {after}", outlet="Register")

    assert not any(found([page(i) for i in range(5)]).values())
    assert found([page(i) for i in range(9)])["p0"] == [(amid, "learned")]


@pytest.mark.parametrize(("n_before", "is_learned"), [(0, True), (1, True), (2, False)])
def test_an_end_of_the_report_is_where_one_sentence_at_most_stands_outside(
    n_before: int, is_learned: bool
) -> None:
    def page(i: int, *, at_top: bool) -> Article:
        outside = newswriter.sentences(n_before, 200 + i)
        report = newswriter.sentences(9, 300 + i)
        lines = [*outside, CAPTION, *report] if at_top else [*report, CAPTION, *outside]
        return Article(f"p{i}", "\n".join(lines), outlet="Register")

    for at_top in (True, False):
        spans = found([page(i, at_top=at_top) for i in range(3)])
        assert all(of == [(CAPTION, "learned")] * is_learned for of in spans.values())


def test_a_short_line_amid_the_reports_is_furniture_like_one_at_their_ends() -> None:
    def page(i: int) -> Article:
        before, after = newswriter.report(6, 200 + i), newswriter.report(6, 300 + i)
        return Article(f"p{i}", f"{before}\nPhotos of the day: see them all\n{after}", outlet="R")

    spans = found([page(i) for i in range(3)])
    assert all(of == [("Photos of the day: see them all", "learned")] for of in spans.values())


def test_a_gallery_of_captions_amid_the_reports_is_furniture() -> None:
    def page(i: int) -> Article:
        before, after = newswriter.report(10, 200 + i), newswriter.report(10, 300 + i)
        return Article(f"p{i}", f"{before}\n{GALLERY}\n{after}", outlet="Register")

    spans = found([page(i) for i in range(3)])
    assert all(of == [(GALLERY, "learned")] for of in spans.values())


def test_pages_with_a_common_menu_are_neither_a_cluster_nor_a_story() -> None:
    articles = pages(6, top=GALLERY, bottom=LETTER)
    result = dedup.cluster(articles)
    assert len(partition(result)) == len(partition(result, "story")) == 6
    assert set(result.pairs.column("relation").to_pylist()) == {"furniture"}
    assert len(result.pairs) == 15
    whole = dedup.cluster(articles, Settings(keep_furniture=True))
    assert partition(whole) == {frozenset(f"p{i}" for i in range(6))}


def test_furniture_pairs_give_what_the_whole_pages_share() -> None:
    articles = pages(3, top=GALLERY)
    row = dedup.cluster(articles).pairs.to_pylist()[0]
    n_shared = len(GALLERY.split()) - 4
    n_page = len(articles[0].text.split()) - 4
    assert (row["shared"], row["relation"], row["margin"]) == (n_shared, "furniture", None)
    assert row["containment"] == pytest.approx(n_shared / n_page, abs=0.02)
    assert row["jaccard"] == pytest.approx(n_shared / (2 * n_page - n_shared), abs=0.02)


def test_copies_in_other_furniture_are_identical() -> None:
    articles = pages(4, top=MENU, bottom=FOOTER)
    copy = Article("copy", newswriter.report(12, 100), outlet="Courier")
    result = dedup.cluster([*articles, copy])
    assert frozenset({"p0", "copy"}) in partition(result)
    row = next(row for row in result.pairs.to_pylist() if row["id_b"] == "copy")
    assert (row["relation"], row["jaccard"], row["containment"]) == ("duplicate", 1.0, 1.0)


def test_a_text_that_furniture_leaves_too_short_matches_identical_ones_only() -> None:
    articles = pages(4, top=GALLERY)
    stubs = [
        Article("stub", f"{GALLERY}\nMore to follow at noon.", outlet="Register"),
        Article("same", f"{GALLERY.upper()}\nMORE TO FOLLOW AT NOON", outlet="Register"),
        Article("other", f"{GALLERY}\nMore to follow at dusk.", outlet="Register"),
        Article("bare", "More to follow at noon.", outlet="Register"),
    ]
    result = dedup.cluster([*articles, *stubs])
    assert partition(result) - {frozenset({f"p{i}"}) for i in range(4)} == {
        frozenset({"stub", "same"}),
        frozenset({"other"}),
        frozenset({"bare"}),
    }
    assert result.run["counts"]["too_short"] == 4


@pytest.mark.parametrize(
    ("line", "is_listed"),
    [
        ("Share on Facebook", True),
        ("SHARE ON FACEBOOK!", True),
        ("Share on Facebook, the mayor told his council on Monday night.", False),
        ("The mayor told them to share on Facebook", False),
    ],
)
def test_listed_lines_are_furniture_wherever_they_stand(line: str, is_listed: bool) -> None:
    articles = [Article("a", f"{newswriter.report(6, 1)}\n{line}\n{newswriter.report(6, 2)}")]
    assert found(articles)["a"] == ([(line, "listed")] if is_listed else [])
    assert found(articles, keep_furniture=True) == {"a": []}


def test_listed_beginnings_hold_up_to_their_limit_of_words() -> None:
    listed = furniture.line_list()
    tokens = tokenizer.tokenise(pa.array(["also read"]))
    place = int(np.flatnonzero(listed.prefixes == tokenizer.hash_texts(tokens)[0])[0])
    limit = int(listed.limits[place])
    lines = ["Also read: " + " ".join(newswriter.words(n - 2, 5)) for n in (limit, limit + 1)]
    assert found([Article("a", lines[0]), Article("b", lines[1])]) == {
        "a": [(lines[0], "listed")],
        "b": [],
    }


def test_the_list_holds_distinct_lines_of_sensible_lengths() -> None:
    listed = furniture.line_list()
    assert len(listed.lines) > 1000
    limits = set(zip(listed.prefixes.tolist(), listed.limits.tolist(), strict=True))
    assert len(limits) == len(np.unique(listed.prefixes))  # a beginning has one limit
    assert listed.limits.min() >= 2
    assert listed.limits.max() <= 255
    assert not np.isin(tokenizer.hash_texts(tokenizer.tokenise(pa.array([""]))), listed.lines).any()


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\u2028", "\n \n\t\n"])
@pytest.mark.parametrize(
    "line",
    [
        "Abonnieren Sie den Rundbrief der Übersee-Ausgabe ganz umsonst 🗞️",
        "👩‍👩‍👧 Familia: reciba el bole\u0301tin de la man\u0303ana en su tele\u0301fono",
        "Подпишитесь на утреннюю рассылку нашей газеты и читайте раньше всех",
        "日曜版の購読はこちらからお申し込みいただけますのでご覧ください",
    ],
)
def test_spans_are_exact_code_points(newline: str, line: str) -> None:
    articles = [
        Article(
            f"p{i}",
            newline.join([f"🙂 Ünïcode {n}" for n in newswriter.sentences(12, 100 + i)] + [line])
            + newline,
            outlet="Register",
        )
        for i in range(4)
    ]
    for spans in found(articles).values():
        (piece, kind) = spans[0]
        assert len(spans) == 1
        assert (piece.strip(), kind) == (line, "learned")


def test_stretches_of_the_two_kinds_are_listed_apart() -> None:
    articles = pages(3, bottom=f"{FOOTER}\nShare on Facebook")
    assert found(articles)["p0"] == [(f"{FOOTER}\nShare on Facebook", "learned")]
    articles = pages(3, bottom=FOOTER)
    articles[0] = Article("p0", articles[0].text + "\nShare on Facebook", outlet="Register")
    assert found(articles)["p0"] == [(FOOTER, "learned"), ("Share on Facebook", "listed")]


def test_keeping_furniture_changes_nothing_of_the_texts() -> None:
    articles = pages(4, top=MENU, bottom=f"{FOOTER}\nShare on Facebook")
    marked = dedup.cluster(articles)
    kept = dedup.cluster(articles, Settings(keep_furniture=True))
    assert len(kept.furniture) == 0
    assert kept.furniture.schema == marked.furniture.schema
    assert kept.articles.column("id").equals(marked.articles.column("id"))
    assert kept.run["counts"].get("furniture_tokens", 0) == 0
    n = len(f"{MENU} {FOOTER} Share on Facebook".split())
    assert marked.run["counts"]["furniture_tokens"] == 4 * n


def test_counts_of_tokens_say_how_much_is_furniture() -> None:
    result = dedup.cluster(pages(3, top=MENU))
    total = sum(len(page.text.split()) for page in pages(3, top=MENU))
    assert result.run["counts"]["tokens"] == total
    assert result.run["counts"]["furniture_tokens"] == 3 * len(MENU.split())


def test_a_first_copy_whose_lines_stand_in_another_order_does_not_decide() -> None:
    """Two pages of the same lines count once; which one must not depend on the input."""
    line = newswriter.sentences(1, 9)[0]
    common = newswriter.report(3, 8)

    def page(name: str, seed: int, *, amid: bool) -> Article:
        own = newswriter.sentences(7, seed)
        own.insert(3 if amid else 0, line)
        return Article(name, "\n".join([*own, common]), outlet="Register")

    first, twin = page("first", 1, amid=False), page("twin", 1, amid=True)
    others = [page("b", 2, amid=False), page("c", 3, amid=True)]
    assert found([first, twin, *others]) == found([twin, first, *others])


@pytest.mark.parametrize(
    ("block", "is_learned"),
    [
        pytest.param("He always stays here.", True, id="a sentence of four"),
        pytest.param("He stays here.", False, id="a sentence of three"),
        pytest.param("Yes.", False, id="a sentence of one"),
        pytest.param("\nHe stays here.\n", True, id="a line of three"),
        pytest.param("\nRead\n", True, id="a line of one"),
    ],
)
def test_short_sentences_are_learned_only_as_whole_lines(block: str, is_learned: bool) -> None:
    texts = [f"{block} {newswriter.report(9, 100 + i)}" for i in range(4)]
    tokens, learned = learned_of(texts, [0] * 4)
    hashes = tokenizer.tokenise(pa.array([block], pa.large_string())).blocks.hashes
    assert learned[np.isin(tokens.blocks.hashes, hashes)].tolist() == [is_learned] * 4
    assert learned.sum() == 4 * is_learned


def test_pages_with_equal_lines_but_other_line_breaks_are_no_copies() -> None:
    """What is a line of its own in one is amid a line in the other; which is first decided."""
    short, common = "Photos of the day: see them all.", newswriter.text(70, 9)

    def page(seed: int, separator: str) -> str:
        own = newswriter.sentences(8, seed)
        return separator.join([*own[:4], short, *own[4:]]) + f"\n{common}"

    broken, joined = page(1, "\n"), page(1, " ")
    others = [page(2, "\n"), page(3, "\n")]
    (short_hash,) = tokenizer.tokenise(pa.array([short], pa.large_string())).blocks.hashes.tolist()
    for texts in ([broken, joined, *others], [joined, broken, *others]):
        tokens, learned = learned_of(texts, [0] * 4)
        assert short_hash in tokens.blocks.hashes[learned].tolist()
    tokens, learned = learned_of([joined, *others], [0] * 3)  # too little without it
    assert short_hash not in tokens.blocks.hashes[learned].tolist()


def test_sums_of_weights_do_not_depend_on_the_order() -> None:
    source = np.random.default_rng(1)
    n, n_places = 4000, 7
    texts = np.arange(n)
    weights = source.random(n) ** 2
    places, edge = source.integers(0, n_places, n), source.random(n) < 0.5
    expected = furniture._weigh(places, texts, weights, edge, n_places)
    for _ in range(5):
        order = source.permutation(n)
        found = furniture._weigh(places[order], texts, weights[order], edge[order], n_places)
        assert found.tolist() == expected.tolist()
    exact = np.bincount(places, weights * np.where(edge, 1, 0.125), minlength=n_places)
    assert expected == pytest.approx(exact, abs=1e-3)


def test_pages_that_are_wholly_furniture_match_identical_ones_only() -> None:
    around = pages(4, top=MENU, bottom=FOOTER)
    bare = [
        Article("menu", MENU, outlet="Register"),
        Article("again", MENU.upper(), outlet="Register"),
        Article("footer", FOOTER, outlet="Register"),
        Article("both", f"{MENU}\n{FOOTER}", outlet="Register"),
        Article("nothing", "…", outlet="Register"),
        Article("nothing more", "…", outlet="Register"),
    ]
    result = dedup.cluster([*around, *bare])
    words_left = {row["id"]: row for row in result.furniture.to_pylist()}
    assert {"menu", "again", "footer", "both"} <= set(words_left)
    assert {group for group in partition(result) if len(group) > 1} == {
        frozenset({"menu", "again"})
    }
    (row,) = (row for row in result.pairs.to_pylist() if row["relation"] != "furniture")
    assert (row["relation"], row["jaccard"], row["containment"]) == ("duplicate", 1.0, 1.0)


@pytest.mark.parametrize(("more", "is_listed"), [(44, True), (56, False)])
def test_furniture_pairs_are_those_that_share_mostly_furniture(more: int, is_listed: bool) -> None:
    """A menu of 48 words, 44 shingles; what they share of their reports is too little to match."""
    menu = "\n".join(newswriter.sentences(4, 70))
    shared = newswriter.text(more, 7)
    around = pages(4, top=menu)
    two = [
        Article(f"q{i}", f"{menu}\n{newswriter.text(300, 20 + i)} {shared}.", outlet="Register")
        for i in range(2)
    ]
    row = [
        row
        for row in dedup.cluster([*around, *two]).pairs.to_pylist()
        if {row["id_a"], row["id_b"]} == {"q0", "q1"}
    ]
    assert [found["relation"] for found in row] == ["furniture"] * is_listed


def test_furniture_pairs_are_of_the_two_pages_that_were_compared() -> None:
    """Another page with the same report may have no furniture at all."""
    articles = pages(4, top=GALLERY)
    bare = Article("bare", newswriter.report(12, 100), outlet="Courier")
    found = dedup.cluster([*articles, bare])
    of_furniture = [row for row in found.pairs.to_pylist() if row["relation"] == "furniture"]
    names = [{row["id_a"], row["id_b"]} for row in of_furniture]
    assert all("bare" not in pair for pair in names)
    for row in of_furniture:
        assert row["shared"] == len(GALLERY.split()) - 4


def test_the_furniture_pairs_of_identical_pages_do_not_depend_on_the_order() -> None:
    articles = pages(3, top=GALLERY)
    copy = Article("copy", articles[0].text, outlet="Register")
    listed = []
    for order in ([*articles, copy], [copy, *articles]):
        rows = dedup.cluster(order).pairs.to_pylist()
        listed.append({(frozenset((row["id_a"], row["id_b"])), row["relation"]) for row in rows})
    assert listed[0] == listed[1]


PARTS = [MENU, FOOTER, LETTER, GALLERY, "Share on Facebook", *newswriter.sentences(6, 5)]


def learned_of(texts: list[str], outlets: list[int]) -> tuple[tokenizer.Tokens, Any]:
    tokens = tokenizer.tokenise(pa.array(texts, pa.large_string()))
    return tokens, furniture.learn(tokens.blocks, np.array(outlets, dtype=np.int64))


@given(
    st.lists(st.lists(st.sampled_from(PARTS), max_size=6), min_size=1, max_size=9),
    st.lists(st.integers(-1, 1), min_size=9, max_size=9),
    st.randoms(use_true_random=False),
)
@settings(deadline=None, max_examples=100)
def test_a_block_is_furniture_everywhere_or_nowhere_whatever_the_order(
    drawn: list[list[str]], outlets: list[int], order: Any
) -> None:
    texts = ["\n".join([*parts, newswriter.report(8, i)]) for i, parts in enumerate(drawn)]
    rows = list(range(len(texts)))
    tokens, learned = learned_of(texts, outlets[: len(texts)])
    of_hash = dict(zip(tokens.blocks.hashes.tolist(), learned.tolist(), strict=True))
    assert [of_hash[h] for h in tokens.blocks.hashes.tolist()] == learned.tolist()
    order.shuffle(rows)
    again, learned_again = learned_of([texts[i] for i in rows], [outlets[i] for i in rows])
    assert dict(zip(again.blocks.hashes.tolist(), learned_again.tolist(), strict=True)) == of_hash


@given(
    st.lists(st.lists(st.sampled_from(PARTS), max_size=6), min_size=3, max_size=9),
    st.sampled_from(["\n", "\r\n", " ", "\n\n🙂 "]),
)
@settings(deadline=None, max_examples=60)
def test_removing_furniture_never_moves_what_remains(
    drawn: list[list[str]], separator: str
) -> None:
    articles = [
        Article(f"p{i}", separator.join([*parts, *newswriter.sentences(9, i)]), outlet="R")
        for i, parts in enumerate(drawn)
    ]
    result = dedup.cluster(articles)
    rows: dict[str, list[tuple[int, int]]] = {article.id: [] for article in articles}
    for row in result.furniture.to_pylist():
        rows[row["id"]].append((row["start"], row["end"]))
    n_furniture = 0
    for article in articles:
        spans = rows[article.id]
        ends = [0] + [end for _, end in spans]
        starts = [start for start, _ in spans] + [len(article.text)]
        assert all(0 <= end <= start for end, start in zip(ends, starts, strict=True))
        assert all(start < end for start, end in spans)
        pieces = [article.text[start:end] for start, end in spans]
        between = [article.text[e:s] for e, s in zip(ends, starts, strict=True)]
        n_furniture += sum(len(words(piece)) for piece in pieces)
        assert sorted(words(article.text)) == sorted(words(" ".join(between + pieces)))
    assert n_furniture == result.run["counts"]["furniture_tokens"]


def words(piece: str) -> list[int]:
    """Give the token values of a piece; cutting inside a word would change them."""
    values: list[int] = (tokenizer.tokenise(pa.array([piece])).values & ~kernels.QUOTED).tolist()
    return values


def test_learning_from_no_pages_and_from_pages_without_words_finds_nothing() -> None:
    for texts in ([], ["", "…", " "], ["word"] * 5):
        _, learned = learned_of(texts, [0] * len(texts))
        assert not learned.any()
