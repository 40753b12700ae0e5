"""Whole runs: laws that must hold whatever the input, and the failures others have."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from dataclasses import replace
from typing import Any

import newswriter
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dedup
from dedup import Article, Settings, readers
from dedup.engines import local, sketching
from dedup.results.result import Result

BASE = [newswriter.text(120, seed) for seed in range(4)]
MENU = "\n".join(newswriter.sentences(4, 91))
FOOTER = newswriter.sentences(1, 92)[0]
SPEECH = newswriter.text(60, 93)
REPORT = newswriter.report(10, 94)
POOL = [
    *BASE,
    BASE[0].upper(),
    newswriter.edited(BASE[0], 0.05, 1),
    newswriter.edited(BASE[0], 0.15, 2),
    newswriter.edited(BASE[1], 0.1, 3),
    " ".join(BASE[1].split()[:70]),
    BASE[2] + " " + newswriter.text(80, 9),
    f"{newswriter.text(70, 10)} “{SPEECH}”",
    f"{newswriter.text(70, 10)} {SPEECH}",
    f"{SPEECH} {newswriter.text(80, 11)}",
    *(f"{MENU}\n{newswriter.report(9, 95 + i)}" for i in range(4)),
    f"{MENU}\n{REPORT}\n{FOOTER}",
    REPORT,
    f"{REPORT}\n{newswriter.report(4, 99)}\n{FOOTER}",
    f"{newswriter.report(9, 90)}\n{FOOTER}",
    f"{MENU}\nMore will follow.",
    "Share on Facebook\nMore will follow.",
    "Results will follow.",
    "results will follow",
    "…",
    "!!!",
]
TEXTS = st.lists(st.sampled_from(POOL), max_size=14)


# A limit so low that crowded buckets come up in small samples.
SETTINGS = st.sampled_from([Settings(), Settings(max_bucket=2)])
OUTLETS = st.lists(st.sampled_from(["", "A", "A", "B"]), min_size=14, max_size=14)


def articles(texts: list[str], outlets: list[str] | None = None) -> list[Article]:
    of = outlets or [""] * len(texts)
    return [Article(id=f"a{i}", text=text, outlet=of[i]) for i, text in enumerate(texts)]


def dated(given_articles: list[Article]) -> list[Article]:
    """Give each article a day of its own, so that who is first does not depend on the input."""
    days = [f"2024-03-{i + 1:02}" for i in range(len(given_articles))]
    return [replace(a, published=day) for a, day in zip(given_articles, days, strict=True)]


def partition(result: Result, level: str = "cluster") -> set[frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for row in result.articles.to_pylist():
        groups.setdefault(row[level], set()).add(row["id"])
    return {frozenset(group) for group in groups.values()}


def matches(result: Result) -> dict[frozenset[str], tuple[Any, ...]]:
    return {
        frozenset((row["id_a"], row["id_b"])): (
            *(row[name] for name in ("relation", "jaccard", "containment", "shared", "margin")),
            row["containment_a" if row["id_a"] < row["id_b"] else "containment_b"],
        )
        for row in result.pairs.to_pylist()
    }


def rows_of(table: pa.Table) -> set[tuple[Any, ...]]:
    return {tuple(row.values()) for row in table.to_pylist()}


@given(TEXTS, OUTLETS, SETTINGS, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=150)
def test_order_of_input_makes_no_difference(
    texts: list[str], outlets: list[str], chosen: Settings, order: Any
) -> None:
    given_articles = dated(articles(texts, outlets))
    shuffled = given_articles.copy()
    order.shuffle(shuffled)
    a, b = dedup.cluster(given_articles, chosen), dedup.cluster(shuffled, chosen)
    assert rows_of(a.articles) == rows_of(b.articles)
    assert matches(a) == matches(b)
    assert rows_of(a.furniture) == rows_of(b.furniture)


@given(TEXTS.filter(bool), OUTLETS, SETTINGS, st.data())
@settings(deadline=None, max_examples=100)
def test_adding_an_exact_copy_changes_no_other_decision(
    texts: list[str], outlets: list[str], chosen: Settings, data: st.DataObject
) -> None:
    given_articles = articles(texts, outlets)
    before = dedup.cluster(given_articles, chosen)
    copied = data.draw(st.integers(0, len(texts) - 1))
    copy = Article(id="copy", text=texts[copied], outlet=given_articles[copied].outlet)
    after = dedup.cluster([*given_articles, copy], chosen)
    without = {group - {"copy"} for group in partition(after)} - {frozenset()}
    assert without == partition(before)
    assert {pair: found for pair, found in matches(after).items() if "copy" not in pair} == matches(
        before
    )
    if any(c.isalnum() for c in texts[copied]):
        assert any({"copy", f"a{copied}"} <= group for group in partition(after))


@given(TEXTS, st.lists(st.integers(0, 5), max_size=14))
@settings(deadline=None, max_examples=60)
def test_every_id_comes_out_exactly_once(texts: list[str], numbers: list[int]) -> None:
    records = [
        {"id": f"r{number}", "text": text} for text, number in zip(texts, numbers, strict=False)
    ]
    result = dedup.cluster(records)
    out = Counter(name.partition("#")[0] for name in result.articles.column("id").to_pylist())
    out.update(result.skipped.column("id").to_pylist())
    assert out == Counter(record["id"] for record in records)


@pytest.mark.parametrize("tokens_per_task", [2_000_000, 5_000])
def test_workers_make_no_difference(monkeypatch: pytest.MonkeyPatch, tokens_per_task: int) -> None:
    monkeypatch.setattr(sketching, "_TOKENS_PER_TASK", tokens_per_task)
    stories = [newswriter.report(7, seed) for seed in range(300)]
    menus = [newswriter.report(2, 400 + i) for i in range(7)]
    texts = [
        "\n".join((menus[i % 7], newswriter.edited(story, 0.1 * (i % 5), i), FOOTER))
        for i, story in enumerate(stories * 5)
    ]
    outlets = [f"o{i % 7}" for i in range(len(texts))]
    chosen = Settings(max_bucket=4)
    small = readers.ReadOptions(batch_rows=50)
    results = [
        local.cluster(readers.from_records(articles(texts, outlets), small), chosen, workers=w)
        for w in (1, 2, 5)
    ]
    for name, table in results[0].to_arrow().items():
        assert all(table.equals(result.to_arrow()[name]) for result in results)
    assert results[0].run["counts"]["clusters"] >= 100
    assert len(results[0].furniture) > 1000
    assert {"duplicate", "version"} <= set(results[0].pairs.column("relation").to_pylist())


@given(TEXTS, OUTLETS)
@settings(deadline=None, max_examples=60)
def test_pairs_clusters_and_stories_say_the_same(texts: list[str], outlets: list[str]) -> None:
    result = dedup.cluster(articles(texts, outlets))
    of = {row["id"]: row for row in result.articles.to_pylist()}
    pairs = result.pairs.to_pylist()
    tied = [row for row in pairs if row["relation"] in ("duplicate", "version")]
    close = {row[side] for row in tied for side in ("id_a", "id_b") if row["jaccard"] >= 0.25}
    matched = {row[side] for row in tied for side in ("id_a", "id_b")}
    for level, ground in (("cluster", close), ("story", matched)):
        sizes = Counter(row[level] for row in of.values())
        for name, row in of.items():
            assert row[f"{level}_size"] == sizes[row[level]]
            assert sizes[row[level]] == 1 or name in ground
            assert of[row[level]][level] == row[level]
    assert {row["story"] for row in of.values()} <= {row["cluster"] for row in of.values()}
    story = {row["cluster"]: row["story"] for row in of.values()}
    assert all(story[row["cluster"]] == row["story"] for row in of.values())
    known = {frozenset((row["id_a"], row["id_b"])): row["relation"] for row in pairs}
    for cluster in {row["cluster"] for row in of.values()}:
        members = [row for row in of.values() if row["cluster"] == cluster]
        (chosen,) = [row for row in members if row["representative"]]
        assert chosen["relation"] is None
        assert cluster == members[0]["id"]  # without dates, the first in the input
        for row in members:
            pair = frozenset((row["id"], chosen["id"]))
            assert len(pair) == 1 or row["relation"] in ("duplicate", "version", "quote")
            assert len(pair) == 1 or row["relation"] == known.get(pair, row["relation"])


@given(TEXTS.filter(bool), OUTLETS, st.data())
@settings(deadline=None, max_examples=60)
def test_adding_an_identical_article_changes_no_other_relation(
    texts: list[str], outlets: list[str], data: st.DataObject
) -> None:
    given_articles = dated(articles(texts, outlets))
    place = data.draw(st.integers(0, len(texts)))
    copied = given_articles[data.draw(st.integers(0, len(texts) - 1))]
    copy = replace(copied, id="copy", published="2024-04-01")
    before = dedup.cluster(given_articles)
    after = dedup.cluster([*given_articles[:place], copy, *given_articles[place:]])
    assert {pair: of for pair, of in matches(after).items() if "copy" not in pair} == matches(
        before
    )
    kept = {row["id"]: row for row in after.articles.to_pylist()}
    for row in before.articles.to_pylist():
        now = kept[row["id"]]
        assert (now["cluster"], now["story"], now["relation"]) == (
            row["cluster"],
            row["story"],
            row["relation"],
        )
    furniture = {row for row in rows_of(after.furniture) if row[0] != "copy"}
    assert furniture == rows_of(before.furniture)


def test_similarity_of_each_match_is_exact_and_directed() -> None:
    whole = newswriter.text(104, 1)
    half = " ".join(whole.split()[:54])
    row = dedup.cluster([Article("whole", whole), Article("half", half)]).pairs.to_pylist()[0]
    assert (row["id_a"], row["id_b"], row["relation"]) == ("whole", "half", "version")
    assert (row["shared"], row["jaccard"], row["containment"]) == (50, 0.5, 1.0)
    assert (row["containment_a"], row["containment_b"]) == (0.5, 1.0)


def test_pages_with_one_report_in_one_order_or_another_match_alike() -> None:
    """The page met first of those with one and the same report must not stand for its furniture."""
    menu = newswriter.report(5, 50)
    pages = [
        Article(f"p{i}", f"{menu}\n{newswriter.report(6, 100 + i)}", outlet="A") for i in range(4)
    ]
    bare = Article("bare", newswriter.report(6, 100), outlet="B")
    assert matches(dedup.cluster([bare, *pages])) == matches(dedup.cluster([*pages, bare]))


def gallery_page(i: int, captions: int = 3) -> Article:
    """Write a page with a gallery whose captions are each in a sentence of the page's own."""
    title, report = newswriter.titled(10, 100 + i)
    sentences = []
    for k in range(captions):
        before, after = (newswriter.text(3, seed + 10 * i + k) for seed in (1000, 2000))
        sentences.append(f"{before} {newswriter.text(40, 500 + k)} {after}.".capitalize())
    text = "\n".join([report, *sentences, newswriter.report(4, 300 + i)])
    return Article(f"a{i}", text, title=title, outlet="A")


@pytest.mark.parametrize("outlet", ["A", ""], ids=["one outlet", "outlets unknown"])
@pytest.mark.parametrize("n", [2, 3, 6])
def test_a_gallery_in_sentences_that_vary_around_it_is_furniture(n: int, outlet: str) -> None:
    """No line or sentence comes again, so it is not learned; the matches give it away."""
    pages = [dataclasses.replace(gallery_page(i), outlet=outlet) for i in range(n)]
    result = dedup.cluster(pages)
    assert len(result.furniture) == 0
    assert len(result.pairs) == n * (n - 1) // 2
    assert set(result.pairs.column("relation").to_pylist()) == {"furniture"}
    assert result.run["counts"]["furniture_matches"] == len(result.pairs)
    assert len(partition(result)) == len(partition(result, "story")) == n
    kept = dedup.cluster(pages, Settings(keep_furniture=True))
    assert set(kept.pairs.column("relation").to_pylist()) == {"version"}


def test_versions_of_a_report_around_one_gallery_stay_together() -> None:
    """Beside the gallery they share a report, with a few words changed in each sentence."""
    pages = [gallery_page(i) for i in range(3)]
    pages += [
        Article(
            f"a{2 + seed}",
            newswriter.edited(pages[0].text, 0.04, seed),
            title=pages[0].title,
            outlet="A",
        )
        for seed in (1, 2)
    ]
    result = dedup.cluster(pages)
    assert frozenset({"a0", "a3", "a4"}) in partition(result)
    assert matches(result)[frozenset({"a0", "a1"})][0] == "furniture"
    assert matches(result)[frozenset({"a0", "a3"})][0] in ("duplicate", "version")


def test_part_of_a_story_that_a_hundred_articles_carry_is_found() -> None:
    """Its prints are crowded, and its likeness to each carrier is too low for MinHash."""
    story = newswriter.sentences(40, 1)
    texts = [
        "\n".join([newswriter.report(3, 100 + i), *story, newswriter.report(3, 300 + i)])
        for i in range(99)
    ]
    partial = "\n".join([*story[10:18], newswriter.report(10, 7)])
    outlets = [f"outlet {i}" for i in range(100)]
    result = dedup.cluster(articles([*texts, partial], outlets))
    assert result.run["counts"]["crowded_prints"] > 0
    rows = [row for row in result.pairs.to_pylist() if "a99" in (row["id_a"], row["id_b"])]
    assert rows
    assert all(row["jaccard"] < 0.25 <= row["containment"] for row in rows)
    assert {row["relation"] for row in rows} <= {"version", "quote"}


def test_a_text_that_says_one_paragraph_again_and_again_is_found() -> None:
    paragraph = newswriter.text(45, 1)
    repeated = "\n".join([paragraph] * 60)
    report = newswriter.report(30, 2)
    long = f"{report}\n{paragraph}\n{newswriter.report(30, 3)}"
    for pair in ((repeated, long), (long, repeated)):
        (row,) = dedup.cluster(articles(list(pair))).pairs.to_pylist()
        assert row["containment"] > 0.4  # all but the shingles over its own end
        assert row["jaccard"] < 0.25
    both = f"{report}\n{repeated}\n{newswriter.report(30, 3)}"
    (row,) = dedup.cluster(articles([repeated, both])).pairs.to_pylist()
    assert row["containment"] == 1.0


def test_a_chain_of_versions_is_one_story_only_around_a_hub() -> None:
    parts = [newswriter.report(12, 20 + i) for i in range(5)]
    chain = [f"{parts[i]}\n{parts[i + 1]}" for i in range(4)]
    versions = {"threshold": 0.4}  # no clusters: 144 of 288 words are shared, Jaccard 1/3
    result = dedup.cluster(articles(chain), Settings(**versions))
    assert len(partition(result)) == 4
    assert set(result.pairs.column("relation").to_pylist()) == {"version"}
    assert len(result.pairs) == 3
    found = partition(result, "story")
    assert 2 <= max(map(len, found)) <= 4  # a hub, what matches it, and what came along with that
    longer = dedup.cluster(articles([*chain, "\n".join(parts)]), Settings(**versions))
    assert partition(longer, "story") == {frozenset(f"a{i}" for i in range(5))}


@pytest.mark.parametrize(("threshold", "most"), [(0.5, 3), (0.25, 7)])
def test_a_long_chain_of_versions_falls_apart(threshold: float, most: int) -> None:
    """Stars of texts have three here; where they are clusters, stars of stars have seven."""
    parts = [newswriter.report(12, 200 + i) for i in range(61)]
    chain = [f"{parts[i]}\n{parts[i + 1]}" for i in range(60)]
    result = dedup.cluster(articles(chain), Settings(threshold=threshold))
    assert len(result.pairs) == 59
    for story in partition(result, "story"):
        places = [int(name[1:]) for name in story]
        assert max(places) - min(places) < most


def test_members_that_meet_only_in_their_anchor_have_a_relation_to_each_other() -> None:
    parts = [newswriter.report(12, 20 + i) for i in range(4)]
    sides = ["\n".join(parts[:2]), "\n".join(parts[2:])]
    result = dedup.cluster(articles([sides[0], "\n".join(parts), sides[1]]))
    assert len(result.pairs) == 2
    rows = result.articles.to_pylist()
    assert [row["relation"] for row in rows] == [None, "version", "version"]
    assert {row["cluster"] for row in rows} == {"a0"}


def test_a_notice_that_is_contained_but_not_alike_ties_no_story() -> None:
    notice = f"(Reuters) {newswriter.text(103, 1)}"  # agency copy, so no excerpt
    sizes = [9, *[26] * 6]
    pages = [
        Article(f"a{i}", f"{notice}\n{newswriter.titled(n, 50 + i)[1]}",
                title=newswriter.subject(50 + i))
        for i, n in enumerate(sizes)
    ]  # fmt: skip
    assert len(partition(dedup.cluster(pages), "story")) == 7


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_text_of_several_outlets_is_of_none_of_them(order: tuple[int, ...]) -> None:
    """Within one outlet paragraphs are reused; here the blog may have them from either paper."""
    base = newswriter.text(125, 1)
    report = f"{base} {newswriter.text(400, 3)}"
    three = [
        Article("blog", f"{newswriter.text(100, 2)} {base}", outlet="A"),
        Article("one", report, outlet="A"),
        Article("two", report, outlet="B"),
    ]
    found = matches(dedup.cluster([three[i] for i in order]))
    assert found[frozenset({"blog", "one"})][0] == found[frozenset({"blog", "two"})][0] == "quote"
    alone = matches(dedup.cluster(three[:2]))
    assert alone[frozenset({"blog", "one"})][0] == "version"


def test_a_chain_of_small_drifts_does_not_collapse() -> None:
    texts = newswriter.chain(26)
    found = partition(dedup.cluster(articles(texts)))
    linked = matches(dedup.cluster(articles(texts)))
    assert all(frozenset((f"a{i}", f"a{i + 1}")) in linked for i in range(25))
    assert len(found) >= 4
    assert not any({"a0", "a25"} <= group for group in found)
    ends = [max(int(name[1:]) for name in g) - min(int(name[1:]) for name in g) for g in found]
    assert max(ends) <= 8


def noticed(n: int) -> list[Article]:
    """Make n unrelated pages with one notice of 150 words before the report."""
    notice = newswriter.text(150, 1)
    return [
        Article(f"a{i}", f"{notice} {newswriter.titled(16, 100 + i)[1]}",
                title=newswriter.subject(100 + i))
        for i in range(n)
    ]  # fmt: skip


@pytest.mark.parametrize("n", [2, 3, 10, 3000])
def test_pages_with_one_notice_do_not_collapse_however_many_they_are(n: int) -> None:
    pages = noticed(n)
    pages.append(
        dataclasses.replace(pages[1], id="copy", text=newswriter.edited(pages[1].text, 0.03, 5))
    )
    result = dedup.cluster(pages)
    for level in ("cluster", "story"):
        groups = partition(result, level)
        assert {group for group in groups if len(group) > 1} == {frozenset({"a1", "copy"})}


@pytest.mark.parametrize("outlet", ["A", ""], ids=["one outlet", "outlets unknown"])
def test_a_page_with_the_notice_alone_gathers_nobody(outlet: str) -> None:
    notice = f"{newswriter.text(150, 1)}."
    bare = Article("bare", notice, title="Back at noon", outlet=outlet)
    pages = [
        dataclasses.replace(page, text=page.text.replace(notice[:-1], notice), outlet=outlet)
        for page in noticed(400)
    ]
    assert dedup.cluster([bare, *pages]).run["counts"]["largest_cluster"] == 1


def test_a_page_with_the_notice_of_its_outlet_alone_gathers_nobody_where_none_is_learned() -> None:
    """The notice runs into the first sentence of each report here."""
    bare = Article("bare", newswriter.text(150, 1), title="Back at noon", outlet="A")
    pages = [dataclasses.replace(page, outlet="A") for page in noticed(100)]
    assert dedup.cluster([bare, *pages]).run["counts"]["largest_cluster"] == 1


def test_a_story_that_hundreds_carried_stays_one_cluster() -> None:
    story = newswriter.text(400, 1)
    texts = [
        f"{newswriter.text(30, 100 + i)} {newswriter.edited(story, 0.01, i)}" for i in range(400)
    ]
    result = dedup.cluster(articles(texts))
    assert result.run["counts"]["largest_cluster"] == 400
    assert any("max_bucket" in warning for warning in result.run["warnings"])


def test_thousands_of_identical_texts_cost_no_square() -> None:
    result = dedup.cluster(articles([BASE[0]] * 3000))
    assert result.run["counts"]["largest_cluster"] == 3000
    assert len(result.pairs) == 2999
    assert any("one and the same text" in warning for warning in result.run["warnings"])


def test_two_texts_of_thousands_of_articles_cost_no_square_either() -> None:
    near = newswriter.edited(BASE[0], 0.05, 1)
    result = dedup.cluster(articles([BASE[0], near] * 1000))
    assert len(result.pairs) == 999 + 999 + 1999
    assert any("one and the same text" in warning for warning in result.run["warnings"])


def test_short_texts_match_only_when_identical_and_the_result_says_so() -> None:
    texts = ["Rain is likely in the north today.", "RAIN is likely in the north today",
             "Rain is likely in the south today."]  # fmt: skip
    result = dedup.cluster(articles(texts))
    assert partition(result) == {frozenset({"a0", "a1"}), frozenset({"a2"})}
    assert result.run["counts"]["too_short"] == 3


DATED = [
    {"id": "late", "text": BASE[0], "published": "2024-07-30T12:00:00Z"},
    {"id": "unknown", "text": BASE[0] + " and a longer ending"},
    {"id": "early", "text": BASE[0], "published": "2024-07-30T13:00:00+03:00"},
    {"id": "day after", "text": BASE[0], "published": "2024-07-31"},
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_a_cluster_is_named_after_its_earliest_article(order: tuple[int, ...]) -> None:
    result = dedup.cluster([DATED[i] for i in order])
    assert set(result.articles.column("cluster").to_pylist()) == {"early"}


@pytest.mark.parametrize(
    ("policy", "expected"), [("earliest", "early"), ("longest", "unknown"), ("central", "early")]
)
def test_the_representative_follows_the_policy(policy: str, expected: str) -> None:
    rows = dedup.cluster(DATED, Settings(representative=policy)).articles.to_pylist()
    assert [row["id"] for row in rows if row["representative"]] == [expected]


OUTLET_NAMES = [f"outlet {i}" for i in range(40)]
N_PAGES = 20_000
N_COPIED = 30


@pytest.fixture(scope="module")
def templated() -> list[tuple[str, str]]:
    """Titles and texts of unrelated pages with one notice, in the furniture of forty outlets."""
    notice = newswriter.report(13, 1)[: len(newswriter.text(150, 1))]
    menus = ["\n".join(newswriter.sentences(5, 1000 + i, 8)) for i in range(len(OUTLET_NAMES))]
    footers = [newswriter.report(4, 2000 + i) for i in range(len(OUTLET_NAMES))]

    def page(report: str, i: int) -> str:
        outlet = i % len(OUTLET_NAMES)
        return f"{menus[outlet]}\n{report}\n{notice}\n{footers[outlet]}"

    titles, reports = zip(*(newswriter.titled(17, 10_000 + i) for i in range(N_PAGES)), strict=True)
    copies = [newswriter.edited(reports[i], 0.03, i) for i in range(N_COPIED)]
    texts = [page(report, i) for i, report in enumerate(reports)]
    texts += [page(report, i + 17) for i, report in enumerate(copies)]
    return list(zip([*titles, *titles[:N_COPIED]], texts, strict=True))


@pytest.mark.parametrize("is_known", [True, False], ids=["outlets given", "outlets unknown"])
def test_a_notice_in_the_furniture_of_forty_outlets_does_not_collapse(
    templated: list[tuple[str, str]], is_known: bool
) -> None:
    n = len(OUTLET_NAMES)
    outlets = [OUTLET_NAMES[(i + 17 * (i >= N_PAGES)) % n] * is_known for i in range(N_PAGES)]
    outlets += [OUTLET_NAMES[(i + 17) % n] * is_known for i in range(N_COPIED)]
    result = dedup.cluster(
        Article(f"a{i}", text, title=title, outlet=outlet)
        for i, ((title, text), outlet) in enumerate(zip(templated, outlets, strict=True))
    )
    true = {frozenset({f"a{i}", f"a{N_PAGES + i}"}) for i in range(N_COPIED)}
    for level in ("cluster", "story"):
        assert {group for group in partition(result, level) if len(group) > 1} == true


def test_a_text_of_several_outlets_is_no_page_of_one() -> None:
    menu = newswriter.text(100, 1)
    pages = [f"{menu} {newswriter.text(100, 50 + i)}" for i in range(4)]
    records = [Article(f"t{i}", page, outlet="A") for i, page in enumerate(pages)]
    copy = Article("copy", pages[0], outlet="B")
    first, last = dedup.cluster([copy, *records]), dedup.cluster([*records, copy])
    assert partition(first) == partition(last)


def test_a_notice_with_a_word_of_its_own_in_each_sentence_does_not_collapse() -> None:
    """No two pages have a sentence in common here, so nothing of the notice is learned."""
    notice = [sentence.split() for sentence in newswriter.sentences(26, 1)]
    n = 4000

    def bulletin(i: int) -> str:
        slots = newswriter.words(len(notice), 50_000 + i)
        return "\n".join(
            " ".join([*words[:5], slot, *words[6:]])
            for words, slot in zip(notice, slots, strict=True)
        )

    titles, reports = zip(*(newswriter.titled(17, 10_000 + i) for i in range(n)), strict=True)
    reports += tuple(newswriter.edited(reports[i], 0.03, i) for i in range(N_COPIED))
    titles += titles[:N_COPIED]
    result = dedup.cluster(
        Article(f"a{i}", f"{report}\n{bulletin(i)}", title=title, outlet=OUTLET_NAMES[i % 37])
        for i, (title, report) in enumerate(zip(titles, reports, strict=True))
    )
    true = {frozenset({f"a{i}", f"a{n + i}"}) for i in range(N_COPIED)}
    for level in ("cluster", "story"):
        assert {group for group in partition(result, level) if len(group) > 1} == true


def test_settings_that_cannot_work_are_refused_before_anything_is_read() -> None:
    def unread() -> Any:
        raise AssertionError("a record was read")
        yield

    with pytest.raises(dedup.SettingsError, match="set num_perm to"):
        dedup.cluster(unread(), Settings(num_perm=4))
    with pytest.raises(dedup.SettingsError, match="workers is 0"):
        dedup.cluster(unread(), workers=0)


def test_skipped_records_are_in_input_order() -> None:
    records = [{"id": "x", "text": "y"}, {"id": "x", "text": "y"}, {"id": "e", "text": ""}]
    assert dedup.cluster(records).skipped.column("line").to_pylist() == [2, 3]
    with pytest.raises(dedup.InputError, match="record 2: repeated id"):
        dedup.cluster(records, strict=True)


def test_a_repeated_id_is_skipped_with_its_reason() -> None:
    records = [{"id": name, "text": BASE[name == "y"]} for name in "xyx"]
    result = dedup.cluster(records)
    assert result.articles.column("id").to_pylist() == ["x", "y"]
    assert result.skipped.to_pylist() == [
        {"file": "", "line": 3, "id": "x", "reason": "repeated id; the first one was kept"}
    ]
    with pytest.raises(dedup.InputError, match="record 3: repeated id"):
        dedup.cluster(records, strict=True)


def test_what_the_input_said_is_carried_through() -> None:
    known = {"title": "T", "outlet": "O", "published": "2024-07-30", "url": "u", "authors": "A"}
    record = {"id": "x", "text": BASE[0], **known, "section": "sport", "cluster": 7}
    row = dedup.cluster([record]).articles.to_pylist()[0]
    assert {name: row[name] for name in known} == known
    assert row["extra"] == '{"section":"sport","cluster":7}'
    assert row["cluster"] == "x"


def test_no_articles_give_empty_tables() -> None:
    result = dedup.cluster([])
    assert all(len(table) == 0 for table in result.to_arrow().values())
    assert result.run["counts"]["articles"] == 0


def test_tables_of_other_libraries_are_read() -> None:
    import pandas as pd
    import polars as pl

    columns = {"id": ["a", "b"], "text": [BASE[0], BASE[0].lower()]}
    expected = dedup.cluster([{"id": "a", "text": BASE[0]}, {"id": "b", "text": BASE[0].lower()}])
    for table in (pa.table(columns), pd.DataFrame(columns), pl.DataFrame(columns)):
        assert dedup.cluster(table).articles.equals(expected.articles)
    assert list(expected.to_pandas()["pairs"].columns)[:3] == ["id_a", "id_b", "relation"]


@pytest.mark.parametrize("wrong", ["a.jsonl", b"x", {"id": "a"}, 7])
def test_something_that_is_no_collection_of_articles_is_refused(wrong: object) -> None:
    with pytest.raises(dedup.InputError, match=r"give files|no such file"):
        dedup.cluster(wrong)
