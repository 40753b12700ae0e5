"""The ingest index: one body of tests for every store."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import newswriter
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_cases import (
    CORPORA,
    FLOOD,
    HARBOUR,
    OPENING,
    STRIKE,
    article,
    menu_pages,
    menu_report,
    newsroom,
    partitions,
    shuffled,
    stored,
)

import dedup
from dedup import readers
from dedup.errors import InputError
from dedup.index import learning
from dedup.index.ingest import Index


@cache
def batch_of(corpus: Callable[[], list[dict[str, Any]]]) -> Any:
    return partitions(dedup.cluster(corpus()))


def test_a_copy_is_a_duplicate_of_the_first(index: Index) -> None:
    assert index.add(article("first", FLOOD)).is_new
    verdict = index.add(article("copy", FLOOD))
    assert (verdict.is_new, verdict.relation, verdict.of) == (False, "duplicate", "first")
    assert (verdict.cluster, verdict.story) == ("first", "first")
    assert (verdict.jaccard, verdict.containment) == (1.0, 1.0)


def test_an_unrelated_article_is_new(index: Index) -> None:
    index.add(article("first", FLOOD))
    verdict = index.add(article("other", HARBOUR))
    assert (verdict.is_new, verdict.relation, verdict.of) == (True, "unrelated", None)
    assert (verdict.cluster, verdict.story) == ("other", "other")


def test_part_of_an_article_is_a_version_of_it(index: Index) -> None:
    index.add(article("first", FLOOD))
    verdict = index.add(article("part", OPENING))
    assert (verdict.is_new, verdict.relation, verdict.of) == (False, "version", "first")
    assert verdict.story == "first"
    assert verdict.containment == 1.0 > verdict.jaccard


def test_a_near_copy_is_told_with_its_evidence(index: Index) -> None:
    index.add(article("first", FLOOD))
    verdict = index.add(article("near", newswriter.edited(FLOOD, 0.02, 1)))
    assert (verdict.relation, verdict.of, verdict.cluster) == ("duplicate", "first", "first")
    assert 0 < verdict.evidence["shared"] < verdict.evidence["shingles"]
    assert json.loads(json.dumps(verdict.as_dict())) == verdict.as_dict()


def test_a_query_answers_what_add_would_and_keeps_nothing(index: Index) -> None:
    for name, text in (("first", FLOOD), ("copy", FLOOD), ("part", OPENING), ("other", HARBOUR)):
        before = index.info()["articles"]
        asked = index.query(article(name, text))
        assert index.info()["articles"] == before
        assert index.add(article(name, text)) == asked
        assert index.info()["articles"] == before + 1


def test_the_same_article_again_changes_nothing(index: Index) -> None:
    index.add(article("first", FLOOD))
    verdict = index.add(article("part", OPENING))
    before = stored(index)
    assert index.add(article("part", OPENING)) == verdict
    assert stored(index) == before


def test_an_edited_article_keeps_its_place(index: Index) -> None:
    index.add(article("first", FLOOD))
    index.add(article("second", FLOOD))
    verdict = index.add(article("second", newswriter.edited(FLOOD, 0.02, 1)))
    assert (verdict.is_new, verdict.of, verdict.cluster) == (False, "second", "first")


def test_a_removed_article_is_matched_no_more(index: Index) -> None:
    index.add(article("first", FLOOD))
    assert index.remove("first") is True
    assert index.remove("first") is False
    assert index.info()["articles"] == 0
    assert index.add(article("copy", FLOOD)).is_new


def test_articles_that_share_a_small_part_are_not_compared(index: Index) -> None:
    first = newswriter.text(1_000, 11)
    shared = " ".join(first.split()[400:430])
    index.add(article("first", first))
    long = index.query(article("long", f"{newswriter.text(1_000, 12)} {shared}"))
    assert long.evidence["compared"] == 0
    short = index.query(article("short", f"{newswriter.text(60, 13)} {shared}"))
    assert short.evidence["compared"] == 1


@pytest.mark.parametrize("given_article", [{"id": "a"}, {"id": "a", "text": None}])
def test_an_article_without_text_is_refused(index: Index, given_article: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="text"):
        index.add(given_article)
    with pytest.raises(InputError, match="text"):
        index.add_many([article("good", FLOOD), given_article])
    assert index.add(article("first", STRIKE)).is_new


def test_very_short_texts_match_identical_ones_only(index: Index) -> None:
    index.add(article("first", "Results will follow."))
    assert index.add(article("copy", "results will follow")).of == "first"
    assert index.add(article("other", "Results will follow soon.")).is_new
    assert index.add(article("dots", "…")).is_new
    assert index.add(article("marks", "!!!")).is_new


def test_furniture_is_learned_and_travels(location: str) -> None:
    menu, pages = "\n".join(newswriter.sentences(14, 91)), menu_pages(80)
    index = Index.open(location)
    verdicts = [index.add(page) for page in pages]
    late = verdicts[70:]
    assert all(verdict.is_new for verdict in late)
    assert {verdict.relation for verdict in late} <= {"unrelated", "furniture"}
    assert [(v.cluster, v.story) for v in late] == [(f"p{i}", f"p{i}") for i in range(70, 80)]
    assert index.info()["furniture_blocks"] > 0
    if location != ":memory:":
        index.close()
        index = Index.open(location)
        assert index.info()["furniture_blocks"] > 0
    verdict = index.query(article("q", f"{menu}\n{newswriter.report(9, 500)}", outlet="A"))
    assert verdict.is_new
    assert verdict.evidence["compared"] == 0  # known furniture leads nowhere
    copy = f"{menu}\n{menu_report(5)}"
    assert index.query(article("q", copy, outlet="A")).of == "p5"
    assert index.query(article("q", menu_report(5))).of == "p5"
    index.close()


def test_what_is_learned_without_new_articles_reaches_other_processes(lasting: str) -> None:
    pages = menu_pages(80)
    with Index.open(lasting) as index, Index.open(lasting) as watching:
        index.add_many(pages[:70])
        index.add_many(pages[70:-1])
        index.refresh(workers=1)
        assert watching.query(pages[-1]).evidence["furniture_words"] > 0
        for page in pages[:-2]:
            index.remove(page["id"])
        index.refresh(workers=1)
        assert index.query(pages[-1]).evidence["furniture_words"] == 0
        assert watching.query(pages[-1]).evidence["furniture_words"] == 0


def test_learning_in_pages_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    def furniture_of_all() -> bytes | None:
        with Index() as index:
            index.add_many(newsroom())
            index.refresh(workers=1)
            return index._store.read(lambda session: session.meta("furniture"))

    whole = furniture_of_all()
    monkeypatch.setattr(learning, "_PAGE", 7)
    assert whole
    assert furniture_of_all() == whole


def test_what_another_process_learned_first_is_kept(location: str) -> None:
    with Index.open(location) as index:
        index.add_many(menu_pages(70))
        index.add_many(menu_pages(80))
        late = learning.NewKnowledge(b"[0,0]", {"learned": b"[1,0]", "furniture": b""})
        index._store.write(lambda session: learning.keep(session, late))
        assert index.info()["furniture_blocks"] > 0


@CORPORA
@pytest.mark.parametrize("seed", [1, 2])
def test_a_result_equals_the_batch_run(
    index: Index, corpus: Callable[[], list[dict[str, Any]]], seed: int
) -> None:
    index.add_many(shuffled(corpus(), seed))
    assert partitions(index.result(workers=1)) == batch_of(corpus)


@CORPORA
def test_a_refreshed_index_answers_as_the_batch_run(
    index: Index, corpus: Callable[[], list[dict[str, Any]]]
) -> None:
    index.add_many(shuffled(corpus(), 3))
    rows = index.refresh(workers=1).articles.to_pylist()
    places = {row["id"]: (row["cluster"], row["story"]) for row in rows}
    answers = {a["id"]: index.query(a) for a in corpus()}
    assert {name: (v.cluster, v.story) for name, v in answers.items()} == places


@CORPORA
def test_reopening_half_way_makes_no_difference(
    lasting: str, corpus: Callable[[], list[dict[str, Any]]]
) -> None:
    articles = shuffled(corpus(), 4)
    with Index.open(lasting) as index:
        index.add_many(articles[: len(articles) // 2])
    with Index.open(lasting) as index:
        index.add_many(articles[len(articles) // 2 :])
        assert partitions(index.result(workers=1)) == batch_of(corpus)


@cache
def verdicts_in_memory() -> list[dedup.Verdict]:
    with Index() as index:
        return [index.add(a) for a in newsroom()]


def test_a_batch_is_added_by_the_call_whether_or_not_its_verdicts_are_read(index: Index) -> None:
    (batch,) = readers.from_records([article("first", FLOOD), article("copy", FLOOD)])
    index.add_batch(batch)
    assert index.info()["articles"] == 2
    assert [verdict.of for verdict in index.query_batch(batch)] == [None, "first"]
    assert index.add_batch(batch._replace(articles=batch.articles.slice(0, 0))) == []


def test_all_stores_give_the_same_verdicts(index: Index) -> None:
    assert [index.add(a) for a in newsroom()] == verdicts_in_memory()


def test_adding_many_gives_the_verdicts_of_adding_each(index: Index) -> None:
    articles = newsroom()[:60]
    assert index.add_many(articles) == verdicts_in_memory()[:60]


POOL = [
    FLOOD,
    OPENING,
    HARBOUR,
    newswriter.edited(FLOOD, 0.05, 1),
    newswriter.edited(FLOOD, 0.2, 2),
    f"{newswriter.text(70, 10)} {' '.join(HARBOUR.split()[:60])}",
    "Results will follow.",
    "…",
]


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(POOL)), max_size=10))
@settings(deadline=None, max_examples=40)
def test_adding_an_article_twice_is_adding_it_once(added: list[tuple[int, str]]) -> None:
    with Index() as once, Index() as twice:
        for name, text in added:
            verdict = once.add(article(str(name), text))
            assert twice.query(article(str(name), text)) == verdict
            assert twice.add(article(str(name), text)) == verdict
            again = twice.add(article(str(name), text))
            assert again == verdict
            assert stored(once) == stored(twice)


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from([*POOL[:-1], ""])), max_size=12))
@settings(deadline=None, max_examples=40)
def test_what_was_removed_might_never_have_been(done: list[tuple[int, str]]) -> None:
    texts: dict[str, str] = {}
    with Index() as index:
        for number, text in done:
            name = str(number)
            if text:
                texts[index.add(article(name, text)).id] = text
            else:
                assert index.remove(name) == (texts.pop(name, None) is not None)
            assert stored(index) == texts
        for text in POOL[:-1]:
            assert (index.query(article("q", text)).jaccard == 1.0) == (text in texts.values())


def test_a_copy_of_a_closed_file_is_the_same_index(tmp_path: Path) -> None:
    with Index.open(tmp_path / "index.db") as index:
        index.add_many(newsroom())
        expected = [index.query(a) for a in newsroom()[:20]]
    shutil.copy(tmp_path / "index.db", tmp_path / "copy.db")
    with Index.open(tmp_path / "copy.db") as copy:
        assert [copy.query(a) for a in newsroom()[:20]] == expected


def test_two_hundred_copies_are_one_cluster_though_keys_lead_to_the_newest_few(
    index: Index,
) -> None:
    found = index.add_many(article(f"copy-{i:03}", FLOOD) for i in range(200))
    assert {verdict.cluster for verdict in found} == {"copy-000"}


def test_updates_without_end_hide_no_copy(index: Index) -> None:
    index.add(article("first", FLOOD))
    for i in range(70):
        index.add(article("live", f"{FLOOD} And the level rose to mark {i} by the evening."))
    index.remove("live")
    assert index.query(article("copy", FLOOD)).of == "first"


def test_a_cluster_gets_another_name_when_the_article_it_was_named_after_goes(
    index: Index,
) -> None:
    for name in ("first", "second"):
        index.add(article(name, FLOOD))
    index.remove("first")
    verdict = index.add(article("third", FLOOD))
    assert (verdict.cluster, verdict.story) == ("second", "second")
