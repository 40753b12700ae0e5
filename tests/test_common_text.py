"""What many pages have in common: a report that many carry, furniture around reports, a notice."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import newswriter
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dedup
from dedup import Article, Settings
from dedup.results.result import Result

NOTICE = " ".join(newswriter.sentences(8, 31))
BRIEF = (
    "LOW HARBOUR (AP) — A trawler with six people on board sank off the Marrow islands early on "
    "Friday. All were picked up by a ferry that was passing, the coast guard said. The owner could "
    "not be reached, and an inquiry will open on Monday."
)
TRAWLER = " ".join([BRIEF, *newswriter.sentences(14, 41)])


def groups(result: Result, level: str = "cluster") -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in result.articles.to_pylist():
        found.setdefault(row[level], set()).add(row["id"])
    return {frozenset(group) for group in found.values()}


def tied(result: Result, level: str = "cluster") -> set[frozenset[str]]:
    """The groups of more than one article."""
    return {group for group in groups(result, level) if len(group) > 1}


def carriers(
    n: int, *, titled: bool = True, outlet: str = "Paper {}", own: int = 6
) -> list[Article]:
    """Pages of n outlets with one report, each between furniture of its own."""
    around = [[newswriter.report(own // 2, seed + i) for seed in (500, 700)] for i in range(n)]
    return [
        Article(
            f"c{i}",
            f"{above}\n{TRAWLER}\n{below}",
            title="Trawler sinks off Marrow islands" * titled,
            outlet=outlet.format(i),
        )
        for i, (above, below) in enumerate(around)
    ]


def noticed(n: int, *, outlet: str = "Sister {}", first: int = 0) -> list[Article]:
    """Pages with other reports and one notice."""
    return [
        Article(f"n{i}", f"{newswriter.titled(9, 900 + i)[1]}\n{NOTICE}",
                title=newswriter.subject(900 + i), outlet=outlet.format(i))
        for i in range(first, first + n)
    ]  # fmt: skip


@pytest.mark.parametrize("n", [2, 3, 4, 10, 60, 101])
@pytest.mark.parametrize("titled", [True, False], ids=["titled", "untitled"])
@pytest.mark.parametrize("outlet", ["Paper {}", "Archive", ""], ids=["many", "one", "unknown"])
def test_a_report_stays_one_cluster_however_many_carry_it(
    n: int, titled: bool, outlet: str
) -> None:
    result = dedup.cluster(carriers(n, titled=titled, outlet=outlet))
    assert tied(result) == {frozenset(f"c{i}" for i in range(n))}


def test_a_report_stays_one_cluster_with_more_page_than_report() -> None:
    """Each page has 264 words of its own around 236 of the report, as on the sites of a chain."""
    result = dedup.cluster(carriers(101, own=22))
    assert tied(result, "story") == {frozenset(f"c{i}" for i in range(101))}


@pytest.mark.parametrize("n", [2, 3, 4, 10, 40, 101])
@pytest.mark.parametrize("outlet", ["Sister {}", "Register", ""], ids=["many", "one", "unknown"])
def test_pages_with_one_notice_stay_apart_however_many_have_it(n: int, outlet: str) -> None:
    result = dedup.cluster(noticed(n, outlet=outlet))
    assert not tied(result) | tied(result, "story")


@given(
    st.integers(2, 12), st.integers(0, 4), st.sampled_from(["Paper {}", "Archive", ""]),
    st.booleans(),
)  # fmt: skip
@settings(deadline=None, max_examples=25)
def test_one_more_copy_of_a_report_keeps_all_ties_among_the_others(
    n: int, n_noticed: int, outlet: str, titled: bool
) -> None:
    """Limit: each copy is the report for the most part, or has it in its title."""
    others = noticed(n_noticed, outlet=outlet)
    articles = carriers(n + 1, outlet=outlet, titled=titled)
    before, after = dedup.cluster([*articles[:-1], *others]), dedup.cluster([*articles, *others])
    for level in ("cluster", "story"):
        expected = {frozenset(group - {f"c{n}"}) for group in groups(after, level)} - {frozenset()}
        assert groups(before, level) == expected


@given(st.integers(1, 8), st.integers(1, 8), st.sampled_from(["Paper {}", "Archive", ""]))
@settings(deadline=None, max_examples=25)
def test_one_more_page_with_its_furniture_keeps_all_ties_among_the_others(
    n: int, n_carriers: int, outlet: str
) -> None:
    """The carriers have the notice too. Limit: the pages have titles."""
    articles = [
        dataclasses.replace(one, text=f"{one.text}\n{NOTICE}")
        for one in carriers(n_carriers, outlet=outlet)
    ]
    pages = noticed(n + 1, outlet=outlet)
    before, after = dedup.cluster([*articles, *pages[:-1]]), dedup.cluster([*articles, *pages])
    for level in ("cluster", "story"):
        expected = {frozenset(group - {f"n{n}"}) for group in groups(after, level)} - {frozenset()}
        assert groups(before, level) == expected


def pile() -> list[Article]:
    """Carriers, pages with a notice, fetched again and not, and reports of their own."""
    again = dataclasses.replace(noticed(1)[0], id="again", text=noticed(1)[0].text + "\nMost read")
    edited = newswriter.edited(TRAWLER, 0.05, 1)
    more = Article("edited", edited, title="Six saved off Marrow", outlet="Z")
    return [*carriers(5), *noticed(6), again, more]


def tables(result: Result) -> dict[str, list[dict[str, Any]]]:
    """All tables, in an order of their own, without what follows the order of the input."""
    return {
        name: sorted(table.to_pylist(), key=lambda row: sorted(map(str, row.values())))
        for name, table in result.to_arrow().items()
        if name != "skipped"
    }


@given(st.permutations(range(13)))
@settings(deadline=None, max_examples=15)
def test_the_order_of_records_makes_no_difference(order: list[int]) -> None:
    articles = pile()
    found, shuffled = dedup.cluster(articles), dedup.cluster([articles[i] for i in order])
    for level in ("cluster", "story"):
        assert groups(found, level) == groups(shuffled, level)
    relations = [
        {(frozenset((r["id_a"], r["id_b"])), r["relation"]) for r in one.pairs.to_pylist()}
        for one in (found, shuffled)
    ]
    assert relations[0] == relations[1]
    assert tables(found)["furniture"] == tables(shuffled)["furniture"]


@given(st.permutations(["Amber", "Birch", "Cedar", "Dove", "Elm", "Fir"]))
@settings(deadline=None, max_examples=15)
def test_the_names_of_outlets_make_no_difference(names: list[str]) -> None:
    def renamed(names: list[str]) -> list[Article]:
        return [dataclasses.replace(one, outlet=names[i % 6]) for i, one in enumerate(pile())]

    found, other = dedup.cluster(renamed(names)), dedup.cluster(renamed(sorted(names)))
    for level in ("cluster", "story"):
        assert groups(found, level) == groups(other, level)
    assert tables(found)["furniture"] == tables(other)["furniture"]


@pytest.mark.parametrize("workers", [2, 5])
def test_workers_make_no_difference(workers: int) -> None:
    found, other = dedup.cluster(pile()), dedup.cluster(pile(), workers=workers)
    assert all(t.equals(other.to_arrow()[name]) for name, t in found.to_arrow().items())


@pytest.mark.parametrize("n", [2, 3, 5, 24])
@pytest.mark.parametrize("titled", [True, False], ids=["titled", "untitled"])
def test_a_page_that_is_fetched_again_with_other_link_lists_stays_one_cluster(
    n: int, titled: bool
) -> None:
    links = [f"Read next: {newswriter.text(6, 300 + i)}" for i in range(40)]
    fetched = [
        Article(f"f{i}", "\n".join([TRAWLER, *links[i : i + 8]]),
                title="Trawler sinks off Marrow islands" * titled, outlet="Register",
                url="https://register.example/trawler-sinks-off-marrow-islands")
        for i in range(n)
    ]  # fmt: skip
    result = dedup.cluster([*fetched, *noticed(4, outlet="Register")])
    assert tied(result) == {frozenset(f"f{i}" for i in range(n))}


PAYWALL = (
    "This article is for subscribers only. Sign in to read on, or take out a trial for a month at "
    "no cost. You can cancel at any time from your account page."
)
STUBS = {
    "a paywall": PAYWALL,
    "an error page": "Sorry, we could not find the page that you asked for. It may have moved, or "
    "the address may be wrong. Please go back to the front page and try again.",
    "a link to a video": "Your browser does not support this player. Please enable scripts and "
    "reload the page to watch the video, or open it in the app on your telephone.",
}
HEADLINES = ["Trawler sinks off Marrow", "Zeppelin museum to close", "Quarry fined over dust"]


@pytest.mark.parametrize("text", STUBS.values(), ids=STUBS)
@pytest.mark.parametrize("n", [2, 3])
def test_stubs_under_different_titles_stay_apart(text: str, n: int) -> None:
    articles = [
        Article(f"s{i}", text, title=title, outlet="Register")
        for i, title in enumerate(HEADLINES[:n])
    ]
    result = dedup.cluster(articles)
    assert not tied(result) | tied(result, "story")


@pytest.mark.parametrize("text", STUBS.values(), ids=STUBS)
def test_stubs_under_one_title_are_one(text: str) -> None:
    articles = [Article(f"s{i}", text, title=HEADLINES[0], outlet=f"Paper {i}") for i in range(3)]
    assert tied(dedup.cluster(articles)) == {frozenset({"s0", "s1", "s2"})}


def test_one_brief_under_different_headlines_is_one_cluster() -> None:
    titles = ["Trawler sinks off Marrow", "Six saved from the sea", "Coast guard opens inquiry"]
    titles += ["Ferry picks up crew of trawler", ""]
    articles = [
        Article(f"b{i}", BRIEF, title=title, outlet=f"Paper {i}") for i, title in enumerate(titles)
    ]
    assert tied(dedup.cluster(articles)) == {frozenset(f"b{i}" for i in range(5))}


@pytest.mark.parametrize("titled", [True, False], ids=["titled", "untitled"])
def test_a_brief_the_brief_with_a_sentence_more_and_a_digest_keep_the_report(titled: bool) -> None:
    """The report itself was taken for furniture when three pages of one paper had it."""
    more = f"{BRIEF} It was the second such accident this year."
    digest = "\n".join([newswriter.titled(4, 61)[1], BRIEF, newswriter.titled(4, 62)[1]])
    pages = [("brief", "Trawler sinks", BRIEF), ("more", "Trawler sinks off Marrow", more),
             ("digest", "News in brief", digest)]  # fmt: skip
    articles = [
        Article(name, text, title=title * titled, outlet="Register") for name, title, text in pages
    ]
    result = dedup.cluster(articles)
    assert any({"brief", "more"} <= group for group in tied(result))
    assert not any("trawler" in digest[r["start"] : r["end"]] for r in result.furniture.to_pylist())


def test_reports_that_share_a_notice_and_their_copies_are_told_apart() -> None:
    pages = noticed(4)
    copies = [
        Article(f"k{i}", page.text.replace(NOTICE, ""), title=page.title, outlet="Other")
        for i, page in enumerate(pages)
    ]
    result = dedup.cluster([*pages, *copies])
    assert tied(result) == {frozenset({f"n{i}", f"k{i}"}) for i in range(4)}


def test_keeping_furniture_keeps_common_text() -> None:
    pages = noticed(3)
    pages = [
        dataclasses.replace(page, text=f"{NOTICE} {NOTICE.lower()}\n{page.text}") for page in pages
    ]
    assert not tied(dedup.cluster(pages))
    kept = dedup.cluster(pages, Settings(keep_furniture=True))
    assert set(kept.pairs.column("relation").to_pylist()) <= {"version", "duplicate"}
    assert len(kept.pairs) == len(list(itertools.combinations(pages, 2)))


@pytest.mark.parametrize("n_outlets", [1, 4, 40])
@pytest.mark.parametrize("titled", [True, False], ids=["titled", "untitled"])
def test_a_long_notice_of_many_outlets_ties_nothing_whatever_stands_below_it(
    titled: bool, n_outlets: int
) -> None:
    notice = newswriter.report(13, 77)
    footers = [newswriter.report(4, 800 + outlet) for outlet in range(n_outlets)]
    pages = []
    for i in range(120):
        title, text = newswriter.titled(17, 2_000 + i)
        page = f"{text}\n{notice}\n{footers[i % n_outlets]}"
        outlet = f"Paper {i % n_outlets}"
        pages.append(Article(f"p{i}", page, title=title * titled, outlet=outlet))
    assert tied(dedup.cluster(pages)) == set()


def test_outlets_that_are_unknown_may_be_one_so_a_third_page_decides() -> None:
    pages = [dataclasses.replace(page, outlet="") for page in noticed(60)]
    result = dedup.cluster([*pages, Article("alone", NOTICE)])
    assert tied(result, "story") == set()


@pytest.mark.parametrize("titled", [True, False], ids=["titled", "untitled"])
def test_a_long_notice_of_sixty_sister_sites_ties_nothing(titled: bool) -> None:
    notice = newswriter.report(16, 78)
    pages = []
    for i in range(60):
        title, text = newswriter.titled(15, 3_000 + i)
        outlet = f"Sister {i}"
        pages.append(Article(f"p{i}", f"{text}\n{notice}", title=title * titled, outlet=outlet))
    assert tied(dedup.cluster(pages)) == set()
