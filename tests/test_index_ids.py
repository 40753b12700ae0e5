"""Texts that come to an ingest index under an id that it knows."""

from __future__ import annotations

import concurrent.futures
import threading

import newswriter
from index_cases import (
    FLOOD,
    HARBOUR,
    OPENING,
    STRIKE,
    article,
    stored,
)

from dedup.index.ingest import Index


def test_a_version_of_an_article_under_its_id_replaces_it(index: Index) -> None:
    index.add(article("first", OPENING))
    verdict = index.add(article("first", FLOOD))
    assert (verdict.id, verdict.is_new, verdict.of) == ("first", False, "first")
    assert verdict.relation == "version"
    assert verdict.evidence["updates"]
    assert stored(index) == {"first": FLOOD}


def test_an_edited_brief_under_its_id_is_an_update(index: Index) -> None:
    brief = "The ferry to the island leaves at noon today."
    index.add(article("brief", brief))
    verdict = index.add(article("brief", f"{brief} No cars."))
    assert (verdict.id, verdict.is_new) == ("brief", False)
    again = index.query(article("other", brief))  # the old text is there no more, the new one is
    assert (again.of, again.relation) == ("brief", "duplicate")
    assert again.jaccard < 1


def test_an_unrelated_text_under_a_known_id_is_another_article(index: Index) -> None:
    index.add(article("1", FLOOD))
    second = index.add(article("1", HARBOUR))
    assert (second.id, second.is_new, second.relation) == ("1#2", True, "unrelated")
    assert (second.cluster, second.story) == ("1#2", "1#2")
    assert second.evidence["given_id"] == "1"
    third = index.add(article("1", STRIKE))
    assert (third.id, third.is_new) == ("1#3", True)
    for again in (second, third):
        text = HARBOUR if again is second else STRIKE
        assert index.query(article("1", text)) == again
        assert index.add(article("1", text)) == again
    assert stored(index) == {"1": FLOOD, "1#2": HARBOUR, "1#3": STRIKE}
    assert index.query(article("copy", FLOOD)).of == "1"
    assert index.query(article("copy", HARBOUR)).of == "1#2"


def test_an_unrelated_text_under_a_known_id_can_be_a_copy_of_another_article(
    index: Index,
) -> None:
    index.add(article("a", HARBOUR))
    index.add(article("1", FLOOD))
    verdict = index.add(article("1", HARBOUR))
    assert (verdict.id, verdict.is_new) == ("1#2", False)
    assert (verdict.relation, verdict.of, verdict.cluster) == ("duplicate", "a", "a")


def test_what_is_kept_under_a_derived_id_is_updated_removed_and_its_id_used_again(
    index: Index,
) -> None:
    index.add_many([article("1", FLOOD), article("1", HARBOUR)])
    longer = f"{HARBOUR} {' '.join(STRIKE.split()[:40])}"
    for name in ("1", "1#2"):
        verdict = index.add(article(name, longer if name == "1" else HARBOUR))
        assert (verdict.id, verdict.is_new, verdict.of) == ("1#2", False, "1#2")
        assert verdict.evidence["updates"]
    assert index.add(article("1", longer)).id == "1#2"
    assert stored(index) == {"1": FLOOD, "1#2": longer}
    assert index.remove("1")
    assert index.add(article("1", longer)).id == "1#2"
    assert index.add(article("1", STRIKE)).id == "1"
    assert index.remove("1#2")
    assert index.add(article("1", FLOOD)).id == "1#2"


def test_ids_of_a_feed_that_look_derived_are_ids_of_their_own(index: Index) -> None:
    index.add(article("page#2", FLOOD))
    assert index.add(article("page", FLOOD)).id == "page"
    assert index.add(article("page", HARBOUR)).id == "page#3"
    assert index.add(article("page#2", STRIKE)).id == "page#2#2"


def test_a_feed_that_gives_all_stories_one_id_keeps_them_all(index: Index) -> None:
    texts = [newswriter.text(60, 6_000 + i) for i in range(40)]
    names = ["0", *(f"0#{i}" for i in range(2, 41))]
    assert [index.add(article("0", text)).id for text in texts] == names
    assert [index.add(article("0", text)).id for text in texts] == names
    assert stored(index) == dict(zip(names, texts, strict=True))


def test_a_text_that_many_carry_is_known_again_under_its_derived_id(index: Index) -> None:
    index.add_many([article("1", HARBOUR), article("1", FLOOD)])
    index.add_many(article(f"copy-{i}", FLOOD) for i in range(70))
    verdict = index.add(article("1", FLOOD))
    assert (verdict.id, verdict.is_new) == ("1#2", True)
    assert index.info()["articles"] == 72


def test_workers_with_other_stories_under_one_id_keep_them_all(lasting: str) -> None:
    texts = [newswriter.text(60, 7_000 + i) for i in range(8)]
    Index.open(lasting).close()
    start = threading.Barrier(len(texts))

    def add(text: str) -> str:
        with Index.open(lasting) as index:
            start.wait()
            return index.add(article("1", text)).id

    with concurrent.futures.ThreadPoolExecutor(len(texts)) as workers:
        names = list(workers.map(add, texts))
    assert sorted(names) == ["1", *(f"1#{i}" for i in range(2, 9))]
    with Index.open(lasting) as index:
        assert stored(index) == dict(zip(names, texts, strict=True))


def test_another_story_under_the_id_of_a_cluster_leaves_the_cluster_its_name(
    index: Index,
) -> None:
    for name in ("first", "second"):
        index.add(article(name, FLOOD))
    index.add(article("first", HARBOUR))
    assert index.add(article("third", FLOOD)).cluster == "first"
    assert index.add(article("fourth", HARBOUR)).cluster == "first#2"
