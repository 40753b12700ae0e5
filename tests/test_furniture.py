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
from dedup.stages import furniture, headings
from dedup.text import tokenizer

MENU = "Home\nPolitics and the state house\nSports scores from the region\nThe valley sky"
FOOTER = "The Lower Valley Register is printed on Tuesdays and Fridays by the Harlan family press."
LETTER = "Our morning newsletter brings the valley to your inbox before the first coffee."
CAPTION = "The old mill bridge, seen here from the east bank, has carried trucks since 1931."
GALLERY = "\n".join(newswriter.sentences(12, 77))


def title_of(text: str) -> str:
    """Give the words that a desk would take for the headline: the first of the report."""
    return " ".join(text.split()[:6])


def pages(
    n: int, *, top: str = "", bottom: str = "", first: int = 0, titled: bool = True, **said: str
) -> list[Article]:
    """Make n pages: each a report of its own, between what stands at the top and the bottom."""
    said = {"outlet": "Register", **said}
    made = []
    for i in range(first, first + n):
        title, report = newswriter.titled(12, 100 + i)
        text = "\n".join(part for part in (top, report, bottom) if part)
        made.append(Article(f"p{i}", text, title=title * titled, **said))
    return made


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


AROUND = pytest.mark.parametrize(
    ("top", "bottom"),
    [
        pytest.param(MENU, "", id="a menu"),
        pytest.param("", FOOTER, id="a footer"),
        pytest.param("", LETTER, id="a call for the newsletter"),
        pytest.param(CAPTION, "", id="a caption"),
        pytest.param(GALLERY, "", id="a caption gallery as long as the report"),
        pytest.param(MENU, f"{LETTER}\n{FOOTER}", id="both ends of a page"),
    ],
)


@AROUND
@pytest.mark.parametrize("outlet", ["Register", ""], ids=["one outlet", "outlets unknown"])
def test_what_stands_around_three_reports_is_furniture(top: str, bottom: str, outlet: str) -> None:
    expected = [(part, "learned") for part in (top, bottom) if part]
    articles = pages(3, top=top, bottom=bottom, outlet=outlet)
    assert found(articles) == {f"p{i}": expected for i in range(3)}


@AROUND
def test_furniture_of_sister_papers_is_found_with_one_page_of_each(top: str, bottom: str) -> None:
    articles = [
        page
        for i, name in enumerate(["Register", "Courier", "Herald"])
        for page in pages(1, top=top, bottom=bottom, first=i, outlet=name)
    ]
    expected = [(part, "learned") for part in (top, bottom) if part]
    assert found(articles) == {f"p{i}": expected for i in range(3)}


@AROUND
def test_without_titles_furniture_is_what_stands_around_longer_reports(
    top: str, bottom: str
) -> None:
    spans = found(pages(3, top=top, bottom=bottom, titled=False))
    if top == GALLERY:  # half of each page, and nothing says which half is the report
        assert not any(spans.values())
    else:
        assert spans == {f"p{i}": [(p, "learned") for p in (top, bottom) if p] for i in range(3)}


def test_two_pages_show_a_menu_and_three_a_sentence() -> None:
    """A sentence that two reports share may be background from one agency."""
    assert found(pages(2, top=MENU, bottom=FOOTER)) == {
        f"p{i}": [(MENU, "learned")] for i in (0, 1)
    }
    of_three = found(pages(3, top=MENU, bottom=FOOTER))
    assert of_three["p0"] == [(MENU, "learned"), (FOOTER, "learned")]


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


LEVEES = [
    ("Crews shore up Alder levee", "Crews worked through the night to shore up the Alder levee, "
     "where water stood a hand below the crest on Monday. Sandbags were flown to the north bank."),
    ("Alder levee towns told to leave", "Families in three towns behind the Alder levee were told "
     "to leave before dusk. Buses took the old and the sick to schools on higher ground first."),
    ("Who pays for the Alder levee", "The Alder levee was due for repair two years ago, but the "
     "county and the state never agreed who should pay. Now both say that they will."),
    ("Governor flies over Alder levee", "The governor flew over the Alder levee on Tuesday and "
     "promised help from the reserve. Engineers told her that the dam upstream would hold."),
]  # fmt: skip
BACKGROUND = "The valley was last flooded in the spring of 1974, when eleven people drowned."


def test_background_of_reports_about_the_same_thing_stays() -> None:
    articles = [
        Article(f"a{i}", f"{text}\n{BACKGROUND}", title=title, outlet="Register")
        for i, (title, text) in enumerate(LEVEES)
    ]
    assert not any(found(articles).values())


def test_a_notice_at_the_end_of_reports_about_different_things_is_furniture() -> None:
    texts = [text for _, text in LEVEES[:1]] + [newswriter.report(3, i) for i in range(3)]
    articles = [
        Article(f"a{i}", f"{text}\n{BACKGROUND}", title=title_of(text), outlet="Register")
        for i, text in enumerate(texts)
    ]
    assert all(spans == [(BACKGROUND, "learned")] for spans in found(articles).values())


def test_without_titles_half_a_page_that_comes_again_may_be_a_report() -> None:
    half = newswriter.report(12, 1)
    articles = [Article(f"p{i}", f"{half}\n{newswriter.report(12, 100 + i)}") for i in range(12)]
    assert not any(found(articles).values())


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param("", id="as it was"),
        pytest.param("Most read: nine things to do this weekend", id="with another link list"),
        pytest.param(
            "Corrected: an earlier report misspelt the name of speaker", id="with a correction"
        ),
    ],
)
def test_copies_of_one_page_count_once(changed: str) -> None:
    first, second = pages(2, bottom=FOOTER)
    copies = [
        Article(f"c{i}", f"{first.text}\n{changed} {i}." if changed else first.text,
                title=first.title, outlet="Register")
        for i in range(8)
    ]  # fmt: skip
    spans = found([first, second, *copies])
    assert not any(FOOTER in piece for of_page in spans.values() for piece, _ in of_page)
    more = found([first, second, *copies, *pages(1, bottom=FOOTER, first=2)])
    assert all(any(FOOTER in piece for piece, _ in of_page) for of_page in more.values())


def test_a_sentence_amid_the_reports_needs_more_pages_than_one_at_their_ends() -> None:
    amid = newswriter.sentences(1, 9)[0]

    def page(i: int) -> Article:
        title, before = newswriter.titled(6, 200 + i)
        text = f"{before} {amid} {newswriter.report(6, 300 + i)}"
        return Article(f"p{i}", text, title=title, outlet="Register")

    assert not any(found([page(i) for i in range(9)]).values())
    assert found([page(i) for i in range(40)])["p0"] == [(amid, "learned")]


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
        title, before = newswriter.titled(10, 200 + i)
        text = f"{before}\n{GALLERY}\n{newswriter.report(10, 300 + i)}"
        return Article(f"p{i}", text, title=title, outlet="Register")

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
    copy = Article("copy", newswriter.titled(12, 100)[1], outlet="Courier")
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


def test_pages_with_the_same_sentences_count_once_whatever_their_line_breaks() -> None:
    """What is a line of its own in one is amid a line in the other; the first must not decide."""
    short, common = "Photos of the day: see them all.", newswriter.text(70, 9)

    def page(seed: int, separator: str) -> str:
        own = newswriter.sentences(8, seed)
        return separator.join([*own[:4], short, *own[4:]]) + f"\n{common}"

    broken, joined, other = page(1, "\n"), page(1, " "), page(2, "\n")
    learned = []
    for texts in ([broken, joined, other], [joined, broken, other]):
        tokens, marks = learned_of(texts, [0] * 3)
        learned.append(set(tokens.blocks.hashes[marks].tolist()))
    assert learned[0] == learned[1]
    alone = [learned_of([first, other], [0] * 2) for first in (broken, joined)]
    assert learned[0] in [set(tokens.blocks.hashes[marks].tolist()) for tokens, marks in alone]


def test_a_sentence_that_lacks_its_stop_on_one_page_is_a_sentence_whichever_comes_first() -> None:
    spoken = newswriter.text(68, 9)
    texts = [f"{spoken}\n{newswriter.report(9, 1)}", f"{newswriter.report(9, 2)}\n{spoken}."]
    for order in (texts, texts[::-1]):
        _, learned = learned_of(order, [-1, -1], ["", ""])
        assert not learned.any()


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
    bare = Article("bare", newswriter.titled(12, 100)[1], outlet="Courier")
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


def learned_of(
    texts: list[str], outlets: list[int], titles: list[str] | None = None
) -> tuple[tokenizer.Tokens, Any]:
    """Learn from texts, whose titles are their first words unless others are given."""
    titles = [title_of(text) for text in texts] if titles is None else titles
    tokens = tokenizer.tokenise(pa.array(texts, pa.large_string()))
    said = headings.read(
        pa.array(titles, pa.large_string()), pa.array([""] * len(texts), pa.large_string())
    )
    numbers = np.array(outlets, dtype=np.int64)
    return tokens, furniture.judge(tokens, numbers, said, headings.find(said, tokens)).is_furniture


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
