"""Whole runs: laws that must hold whatever the input, and the failures others have."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import newswriter
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dedup
from dedup import Article, Settings, pipeline, readers
from dedup.results import Result

BASE = [newswriter.text(120, seed) for seed in range(4)]
POOL = [
    *BASE,
    BASE[0].upper(),
    newswriter.edited(BASE[0], 0.05, 1),
    newswriter.edited(BASE[0], 0.15, 2),
    newswriter.edited(BASE[1], 0.1, 3),
    " ".join(BASE[1].split()[:70]),
    BASE[2] + " " + newswriter.text(80, 9),
    "Results will follow.",
    "results will follow",
    "…",
    "!!!",
]
TEXTS = st.lists(st.sampled_from(POOL), max_size=14)


# Limits so low that templates, crowded buckets and outlets' common text come up in small samples.
SETTINGS = st.sampled_from([Settings(), Settings(max_bucket=2, max_family=2)])
OUTLETS = st.lists(st.sampled_from(["", "A", "A", "B"]), min_size=14, max_size=14)


def articles(texts: list[str], outlets: list[str] | None = None) -> list[Article]:
    of = outlets or [""] * len(texts)
    return [Article(id=f"a{i}", text=text, outlet=of[i]) for i, text in enumerate(texts)]


def partition(result: Result) -> set[frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for row in result.articles.to_pylist():
        groups.setdefault(row["cluster"], set()).add(row["id"])
    return {frozenset(group) for group in groups.values()}


def matches(result: Result) -> dict[frozenset[str], tuple[Any, ...]]:
    return {
        frozenset((row["id_a"], row["id_b"])): (row["jaccard"], row["containment"], row["shared"])
        for row in result.pairs.to_pylist()
    }


@given(TEXTS, OUTLETS, SETTINGS, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=150)
def test_order_of_input_makes_no_difference(
    texts: list[str], outlets: list[str], chosen: Settings, order: Any
) -> None:
    given_articles = articles(texts, outlets)
    shuffled = given_articles.copy()
    order.shuffle(shuffled)
    a, b = dedup.cluster(given_articles, chosen), dedup.cluster(shuffled, chosen)
    assert partition(a) == partition(b)
    assert matches(a) == matches(b)


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
    out = Counter(result.articles.column("id").to_pylist())
    out.update(result.skipped.column("id").to_pylist())
    assert out == Counter(record["id"] for record in records)


def test_workers_make_no_difference() -> None:
    stories = [newswriter.text(80, seed) for seed in range(300)]
    texts = [newswriter.edited(story, 0.1 * (i % 5), i) for i, story in enumerate(stories * 5)]
    outlets = [f"o{i % 7}" for i in range(len(texts))]
    chosen = Settings(max_bucket=4, max_family=4)
    small = readers.ReadOptions(batch_rows=50)
    results = [
        pipeline.cluster(readers.from_records(articles(texts, outlets), small), chosen, workers=w)
        for w in (1, 2, 5)
    ]
    for name, table in results[0].to_arrow().items():
        assert all(table.equals(result.to_arrow()[name]) for result in results)
    assert results[0].run["counts"]["clusters"] > 100


@given(TEXTS)
@settings(deadline=None, max_examples=30)
def test_pairs_and_clusters_say_the_same(texts: list[str]) -> None:
    result = dedup.cluster(articles(texts))
    of = {row["id"]: row for row in result.articles.to_pylist()}
    tied = [row for row in result.pairs.to_pylist() if row["relation"] == "duplicate"]
    matched = {row[side] for row in tied for side in ("id_a", "id_b")}
    sizes = Counter(row["cluster"] for row in of.values())
    for name, row in of.items():
        assert row["cluster_size"] == row["story_size"] == sizes[row["cluster"]]
        assert (row["cluster_size"] > 1) <= (name in matched)
        assert row["story"] == row["cluster"]
    for cluster in sizes:
        members = [row for row in of.values() if row["cluster"] == cluster]
        assert sum(row["representative"] for row in members) == 1
        assert cluster == members[0]["id"]  # without dates, the first in the input


def test_similarity_of_each_match_is_exact_and_directed() -> None:
    whole = newswriter.text(104, 1)
    half = " ".join(whole.split()[:54])
    row = dedup.cluster([Article("whole", whole), Article("half", half)]).pairs.to_pylist()[0]
    assert (row["id_a"], row["id_b"], row["relation"]) == ("whole", "half", "duplicate")
    assert (row["shared"], row["jaccard"], row["containment"]) == (50, 0.5, 1.0)
    assert (row["containment_a"], row["containment_b"]) == (0.5, 1.0)


def test_a_chain_of_small_drifts_does_not_collapse() -> None:
    texts = newswriter.chain(26)
    found = partition(dedup.cluster(articles(texts)))
    linked = matches(dedup.cluster(articles(texts)))
    assert all(frozenset((f"a{i}", f"a{i + 1}")) in linked for i in range(25))
    assert len(found) >= 4
    assert not any({"a0", "a25"} <= group for group in found)
    ends = [max(int(name[1:]) for name in g) - min(int(name[1:]) for name in g) for g in found]
    assert max(ends) <= 8


def test_a_template_shared_by_thousands_does_not_collapse() -> None:
    template = newswriter.text(150, 1)
    texts = [f"{template} {newswriter.text(200, 100 + i)}" for i in range(3000)]
    texts.append(newswriter.edited(texts[17], 0.03, 5))
    result = dedup.cluster(articles(texts))
    assert partition(result) >= {frozenset({"a17", "a3000"})}
    assert result.run["counts"]["largest_cluster"] == 2
    assert result.run["counts"]["furniture_matches"] > 3000


def test_a_stub_that_is_the_template_alone_gathers_nobody() -> None:
    template = newswriter.text(150, 1)
    texts = [template] + [f"{template} {newswriter.text(200, 100 + i)}" for i in range(400)]
    assert dedup.cluster(articles(texts)).run["counts"]["largest_cluster"] == 1


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


def test_a_text_of_several_outlets_is_no_page_of_one() -> None:
    menu = newswriter.text(100, 1)
    pages = [f"{menu} {newswriter.text(100, 50 + i)}" for i in range(4)]
    records = [Article(f"t{i}", page, outlet="A") for i, page in enumerate(pages)]
    copy = Article("copy", pages[0], outlet="B")
    first, last = dedup.cluster([copy, *records]), dedup.cluster([*records, copy])
    assert partition(first) == partition(last)


def test_settings_that_cannot_work_are_refused_before_anything_is_read() -> None:
    def unread() -> Any:
        raise AssertionError("a record was read")
        yield

    with pytest.raises(dedup.SettingsError, match="set num_perm to"):
        dedup.cluster(unread(), Settings(num_perm=4))
    with pytest.raises(dedup.SettingsError, match="workers is 0"):
        dedup.cluster(unread(), workers=0)


def test_skipped_records_are_in_input_order() -> None:
    records = [{"id": "x", "text": "y"}, {"id": "x", "text": "z"}, {"id": "e", "text": ""}]
    assert dedup.cluster(records).skipped.column("line").to_pylist() == [2, 3]
    with pytest.raises(dedup.InputError, match="record 2: repeated id"):
        dedup.cluster(records, strict=True)


def test_a_repeated_id_is_skipped_with_its_reason() -> None:
    records = [{"id": "x", "text": BASE[0]}, {"id": "y", "text": BASE[1]}, {"id": "x", "text": "z"}]
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
    with pytest.raises(dedup.InputError, match="give an iterable of Article or dict"):
        dedup.cluster(wrong)
