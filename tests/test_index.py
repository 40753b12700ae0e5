"""The ingest index: one body of tests for every store; the deaths and races they must bear."""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import os
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import newswriter
import numpy as np
import pyarrow.parquet as pq
import pytest
import stores_for_tests
from hypothesis import given, settings
from hypothesis import strategies as st

import dedup
from dedup import Settings, kernels, readers
from dedup.errors import InputError, StoreError
from dedup.index import learning
from dedup.index.ingest import Index
from dedup.index.stores import postings, sqlite

ROOT = Path(__file__).parents[1]
SYNDICATION = Path(__file__).parents[2] / "shared/data/syndication_day/articles.parquet"
CRASHES = int(os.environ.get("DEDUP_CRASHES", "0"))
TWO_WEEKS = timedelta(days=14)

FLOOD, HARBOUR, STRIKE = (newswriter.text(200, seed) for seed in (1, 2, 3))
OPENING = " ".join(FLOOD.split()[:120])


@pytest.fixture(scope="session")
def server() -> Iterator[stores_for_tests.Server]:
    missing = stores_for_tests.why_no_server()
    if missing:
        pytest.skip(missing)
    running = stores_for_tests.Server()
    yield running
    running.close()


def _location(store: str, request: pytest.FixtureRequest) -> str:
    if store == "memory":
        return ":memory:"
    if store == "sqlite":
        return str(request.getfixturevalue("tmp_path") / "index.db")
    return request.getfixturevalue("server").database()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def location(request: pytest.FixtureRequest) -> str:
    return _location(request.param, request)


@pytest.fixture(params=["sqlite", "postgres"])
def lasting(request: pytest.FixtureRequest) -> str:
    """Give a place that can be opened again."""
    return _location(request.param, request)


@pytest.fixture
def index(location: str) -> Iterator[Index]:
    with Index.open(location) as opened:
        yield opened


def article(name: str, text: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "text": text, **more}


@cache
def newsroom() -> list[dict[str, Any]]:
    names = ["id", "text", "title", "outlet", "published", "url"]
    batches = readers.read([str(ROOT / "fixtures/newsroom.jsonl")])
    return [row for batch in batches for row in batch.articles.select(names).to_pylist()]


@cache
def syndication() -> list[dict[str, Any]]:
    if not SYNDICATION.exists():
        pytest.skip(f"{SYNDICATION} is not there")
    return pq.ParquetFile(SYNDICATION).read(use_threads=False).to_pylist()


CORPORA = pytest.mark.parametrize("corpus", [newsroom, syndication], ids=["newsroom", "real"])


def shuffled(articles: list[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    return random.Random(seed).sample(articles, len(articles))


def groups(places: dict[str, str]) -> set[frozenset[str]]:
    found = defaultdict(set)
    for name, place in places.items():
        found[place].add(name)
    return {frozenset(group) for group in found.values()}


def partitions(result: Any) -> tuple[set[frozenset[str]], set[frozenset[str]]]:
    rows = result.articles.to_pylist()
    clusters, stories = ({row["id"]: row[level] for row in rows} for level in ("cluster", "story"))
    return groups(clusters), groups(stories)


@cache
def batch_of(corpus: Callable[[], list[dict[str, Any]]]) -> Any:
    return partitions(dedup.cluster(corpus()))


def stored(index: Index) -> dict[str, str]:
    columns = [batch.articles.select(["id", "text"]).to_pydict() for batch in index.batches()]
    ids = [name for part in columns for name in part["id"]]
    assert len(ids) == len(set(ids))
    return dict(zip(ids, (text for part in columns for text in part["text"]), strict=True))


# What an article is to those before it.


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
    assert index.query(article("other", brief)).is_new  # the old text is matched no more


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
    copy = f"{menu}\n{newswriter.report(9, 205)}"
    assert index.query(article("q", copy, outlet="A")).of == "p5"
    assert index.query(article("q", newswriter.report(9, 205))).of == "p5"
    index.close()


def menu_pages(n: int) -> list[dict[str, Any]]:
    menu = "\n".join(newswriter.sentences(14, 91))
    return [
        article(f"p{i}", f"{menu}\n{newswriter.report(9, 200 + i)}", outlet="A") for i in range(n)
    ]


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


# The index and the batch run.


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


# Opening.


def test_an_index_made_with_other_settings_is_refused(lasting: str) -> None:
    Index.open(lasting, settings=Settings(threshold=0.7)).close()
    with Index.open(lasting) as index:
        assert index.settings.threshold == 0.7
    with pytest.raises(StoreError, match=r"threshold is 0\.7 there, 0\.5 here; leave it out"):
        Index.open(lasting, settings=Settings(threshold=0.5))


def test_an_index_made_with_another_window_is_refused(lasting: str) -> None:
    Index.open(lasting, window=TWO_WEEKS).close()
    with Index.open(lasting) as index:
        assert index.window == TWO_WEEKS
    with pytest.raises(StoreError, match=r"window is .* there, .* here; leave it out"):
        Index.open(lasting, window=timedelta(days=7))


def change(location: str, name: str, value: Callable[[bytes], bytes]) -> None:
    """Alter a named value of an index behind its back."""
    if location.startswith("postgresql"):
        db, table, mark = stores_for_tests.psycopg.connect(location), "dedup_meta", "%s"
    else:
        db, table, mark = sqlite3.connect(location), "meta", "?"
    query = f"SELECT value FROM {table} WHERE name = {mark}"
    old = bytes(db.execute(query, (name,)).fetchone()[0])
    query = f"UPDATE {table} SET value = {mark} WHERE name = {mark}"
    db.execute(query, (value(old), name))
    db.commit()
    db.close()


def test_an_index_of_other_kernels_is_refused(lasting: str) -> None:
    Index.open(lasting).close()

    def older(header: bytes) -> bytes:
        return json.dumps({**json.loads(header), "kernel_version": -1}).encode()

    change(lasting, "header", older)
    with pytest.raises(StoreError, match=r"^[^\n]*kernel_version is -1 there[^\n]*$"):
        Index.open(lasting)


@pytest.mark.parametrize("damaged", [b'{"version', b"[]", b'{"version":"0"}'])
def test_a_damaged_header_is_refused(lasting: str, damaged: bytes) -> None:
    Index.open(lasting).close()
    change(lasting, "header", lambda _: damaged)
    with pytest.raises(StoreError, match=r"^[^\n]*header is damaged[^\n]*$") as caught:
        Index.open(lasting.replace("dedup@", "dedup:secret@"))
    assert str(caught.value).startswith(lasting.replace("dedup@", ""))


def test_an_index_is_read_with_the_fields_and_limit_of_the_call(lasting: str) -> None:
    Index.open(lasting).close()
    with Index.open(lasting, settings=Settings(fields={"text": "body"})) as index:
        assert index.add({"id": "a", "body": FLOOD}).is_new
    with Index.open(lasting, settings=Settings(max_record_bytes=500)) as index:
        for use in (index.add, index.query, lambda long: index.add_many([long])):
            with pytest.raises(InputError, match="longer than 500 bytes"):
                use(article("long", FLOOD))
        assert index.query(article("short", FLOOD[:400])).of == "a"


def test_a_newer_format_is_refused(lasting: str) -> None:
    Index.open(lasting).close()
    if lasting.startswith("postgresql"):
        change(lasting, "store", lambda _: b"99")
    else:
        db = sqlite3.connect(lasting)
        db.execute("PRAGMA user_version=99")
        db.close()
    with pytest.raises(StoreError, match=r"^[^\n]*an index of format 99, this version reads \d"):
        Index.open(lasting)


def test_a_text_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no index\n" * 100)
    with pytest.raises(StoreError, match=r"^[^\n]*not a dedup index[^\n]*$"):
        Index.open(path)
    assert path.read_text() == "no index\n" * 100


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE meta (name TEXT)")
    db.commit()
    db.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"^[^\n]*not a dedup index[^\n]*$"):
        Index.open(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("share", [0.001, 0.3, 0.9])
def test_a_truncated_index_is_refused(tmp_path: Path, share: float) -> None:
    path = tmp_path / "index.db"
    with Index.open(path) as index:
        index.add_many(newsroom()[:50])
    os.truncate(path, int(path.stat().st_size * share))
    with pytest.raises(StoreError, match=r"^[^\n]*cut short[^\n]*$"):
        Index.open(path)


def test_a_folder_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="a folder; give a file"):
        Index.open(tmp_path)
    with pytest.raises(StoreError, match="make it first"):
        Index.open(tmp_path / "nowhere" / "index.db")


def test_a_server_that_cannot_be_reached_is_named_without_password(
    server: stores_for_tests.Server,
) -> None:
    url = server.url("nowhere").replace("dedup@", "dedup:secret@")
    with pytest.raises(StoreError, match="does not exist") as caught:
        Index.open(url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def with_password(url: str, password: str) -> list[str]:
    """Give the ways to write a database's URL with a password."""
    parts = stores_for_tests.psycopg.conninfo.conninfo_to_dict(url)
    keywords = " ".join(f"{key}={value}" for key, value in parts.items())
    return [
        url.replace("dedup@", f"dedup:{password}@"),
        f"{url}?password={password}",
        f"{keywords} password={password}",
    ]


@pytest.mark.parametrize("way", [0, 1, 2], ids=["user:password@", "?password=", "password="])
def test_a_password_is_never_shown(server: stores_for_tests.Server, way: int) -> None:
    with Index.open(with_password(server.database(), "hunter2")[way]) as index:
        index.add(article("first", FLOOD))
        (batch,) = index.batches()
        shown = [index.info()["location"], index.location, *batch.articles["file"].to_pylist()]
        assert all(re.fullmatch(r"postgresql://127.0.0.1:\d+/test_\d+", one) for one in shown)
    with pytest.raises(StoreError, match=r"/nowhere: .*does not exist") as caught:
        Index.open(with_password(server.url("nowhere"), "hunter2")[way])
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "location",
    [
        "postgresql://me:hunter2@home@host/news",
        "postgresql://me:hunter2/home@host/news",
        "postgresql://me:hunter2%zz@host/news",
        "postgresql://host/news?pasword=hunter2",
        "host=db password='hunter2",
        "mysql://me:hunter2@host/news",
        "mysql://host/news?password=hunter2",
    ],
)
def test_a_password_that_cannot_be_read_is_not_shown_either(
    location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match=r"^\w+://: [^\n]*$") as caught:
        Index.open(location)
    trace = "".join(traceback.format_exception(caught.value))
    assert "hunter2" not in trace.replace(repr(location), "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("window", [timedelta(seconds=1), timedelta(days=-3), 14])
def test_a_window_that_makes_no_sense_is_refused(window: Any) -> None:
    with pytest.raises(StoreError, match=r"window is .*; give a timedelta"):
        Index.open(":memory:", window=window)


def test_a_closed_index_says_so(location: str) -> None:
    index = Index.open(location)
    index.add(article("first", FLOOD))
    index.close()
    for use in (index.add, index.query):
        with pytest.raises(StoreError, match="the index is closed; open it again"):
            use(article("second", FLOOD))
    with pytest.raises(StoreError, match="the index is closed"):
        index.info()
    index.close()


def hold_write_lock(location: str) -> Any:
    """Be a writer that takes its time; closing what this gives ends that."""
    if location.startswith("postgresql"):
        writer = stores_for_tests.psycopg.connect(location)
        writer.execute("SELECT pg_advisory_xact_lock(%s, 1)", (0x64656476,))
    else:
        writer = sqlite3.connect(location, isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
    return writer


def test_opening_and_asking_do_not_wait_for_a_writer(
    lasting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Index.open(lasting) as index:
        index.add(article("first", FLOOD))
    writer = hold_write_lock(lasting)
    monkeypatch.setattr(sqlite, "_WAIT_SECONDS", 0.1)
    impatient = f"{lasting}?options=-c%20lock_timeout%3D100" if "://" in lasting else lasting
    with Index.open(impatient) as index:
        assert index.query(article("copy", FLOOD)).of == "first"
        assert index.info()["articles"] == 1
        with pytest.raises(StoreError, match=r"held the index|lock timeout"):
            index.add(article("copy", FLOOD))
    writer.close()


@contextlib.contextmanager
def without_privileges() -> Iterator[None]:
    """Be a user to whom permissions apply."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


@pytest.fixture
def shelf() -> Iterator[Path]:
    """Give a folder that any user can enter."""
    folder = Path(tempfile.mkdtemp(prefix="dedup-shelf-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("folder_mode", [0o777, 0o555], ids=["file", "file and folder"])
@pytest.mark.parametrize("in_use", [False, True], ids=["alone", "beside a writer"])
def test_an_index_that_can_only_be_read_can_be_queried(
    shelf: Path, folder_mode: int, in_use: bool
) -> None:
    path = shelf / "index #1?.db"
    with contextlib.ExitStack() as writing:
        index = writing.enter_context(Index.open(path))
        index.add_many([article("first", FLOOD), article("other", HARBOUR)])
        copy = article("copy", FLOOD)
        expected = index.query(copy)
        if not in_use:
            writing.close()
        path.chmod(0o444)
        shelf.chmod(folder_mode)
        with without_privileges(), Index.open(path) as index:
            assert index.query(copy) == expected
            assert index.info()["articles"] == 2
            assert len(stored(index)) == 2
            for change in (lambda: index.add(copy), lambda: index.remove("first"), index.refresh):
                with pytest.raises(StoreError, match=r"^[^\n]*can be read only; to change it"):
                    change()


def test_a_reader_of_an_index_that_it_cannot_write_sees_what_others_add(shelf: Path) -> None:
    path = shelf / "index.db"
    with Index.open(path) as index:
        index.add(article("first", FLOOD))
        index.query(article("q", HARBOUR))
    path.chmod(0o444)
    shelf.chmod(0o555)
    with contextlib.ExitStack() as opened:
        with without_privileges():
            watching = opened.enter_context(Index.open(path))
            assert watching.query(article("q", HARBOUR)).is_new
        path.chmod(0o644)
        shelf.chmod(0o755)
        with Index.open(path) as index:
            index.add(article("second", HARBOUR))
            path.chmod(0o444)
            shelf.chmod(0o555)
            with without_privileges():
                assert watching.query(article("q", HARBOUR)).of == "second"
            path.chmod(0o644)
            shelf.chmod(0o755)
            index.add(article("third", STRIKE))
        path.chmod(0o444)
        shelf.chmod(0o555)
        with without_privileges():
            assert watching.query(article("q", STRIKE)).of == "third"


def test_no_index_can_be_made_where_nothing_can_be_written(shelf: Path) -> None:
    (shelf / "empty.db").touch(0o444)
    shelf.chmod(0o555)
    for name in ("new.db", "empty.db"):
        with without_privileges(), pytest.raises(StoreError, match=r"^[^\n]*no index there, and"):
            Index.open(shelf / name)


def test_an_index_used_after_a_fork_says_so(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(index._store, "_process", os.getpid() + 1)
        with pytest.raises(StoreError, match="open the index in each process, after the fork"):
            index.add(article("first", FLOOD))
        with pytest.raises(StoreError, match="open the index in each process, after the fork"):
            index.query(article("first", FLOOD))
    assert index.add(article("first", FLOOD)).is_new


# The window.


def day(number: int) -> str:
    return (date(2024, 1, 1) + timedelta(days=number)).isoformat()


def test_articles_a_window_apart_do_not_match(location: str) -> None:
    with Index.open(location, window=TWO_WEEKS) as index:
        index.add(article("first", FLOOD, published=day(20)))
        assert index.query(article("late", FLOOD, published=day(33))).of == "first"
        assert index.query(article("early", FLOOD, published=day(7))).of == "first"
        assert index.query(article("late", FLOOD, published=day(35))).is_new
        assert index.query(article("early", FLOOD, published=day(5))).is_new
        assert index.add(article("late", FLOOD, published=day(35))).of is None


def test_a_stream_levels_off_with_a_window(location: str) -> None:
    n = 15 if location.startswith("postgresql") else 40
    sizes = {}
    with Index.open(location, window=TWO_WEEKS) as index:
        for today in range(1, 61):
            index.add_many(
                article(f"{today}-{i}", newswriter.text(60, today * 100 + i), published=day(today))
                for i in range(n)
            )
            if today in (30, 60):
                sizes[today] = index.info()
        assert n * 14 <= sizes[60]["articles"] <= 1.5 * sizes[30]["articles"]
        assert sizes[60]["bytes"] <= 1.5 * sizes[30]["bytes"]
        kept = stored(index)
        assert {f"{today}-0" for today in range(47, 61)} <= kept.keys()
        assert "30-0" not in kept
        assert index.query(article("q", newswriter.text(60, 5_500), published=day(60))).of == "55-0"


def test_expiring_drops_what_is_past(location: str) -> None:
    with Index.open(location, window=TWO_WEEKS) as index:
        index.add(article("old", FLOOD, published=day(1)))
        index.add(article("new", HARBOUR, published=day(8)))
        assert index.expire() == 0
        index.add(article("newest", STRIKE, published=day(60)))
        index.expire()
        assert stored(index).keys() == {"newest"}
        assert index.expire() == 0


def test_without_a_window_nothing_goes(index: Index) -> None:
    index.add(article("old", FLOOD, published=day(1)))
    index.add(article("new", HARBOUR, published=day(600)))
    assert index.expire() == 0
    assert index.query(article("copy", FLOOD, published=day(700))).of == "old"


def test_a_slice_made_again_by_another_process_is_read_anew(tmp_path: Path) -> None:
    path, asked = tmp_path / "index.db", article("q", FLOOD, published=day(1))
    with Index.open(path, window=TWO_WEEKS) as index, Index.open(path) as watching:
        index.add_many(article(f"old-{i}", FLOOD, published=day(1)) for i in range(70))
        assert watching.query(asked).of == "old-0"
        index.add(article("newest", STRIKE, published=day(90)))
        index.add_many(article(f"late-{i}", FLOOD, published=day(1)) for i in range(10))
        assert stored(index).keys() == {"newest", *(f"late-{i}" for i in range(10))}
        assert index.query(asked).evidence["compared"] == 10
        assert watching.query(asked) == index.query(asked)


# Many at once.


def test_threads_find_each_text_new_once(index: Index) -> None:
    texts = [newswriter.text(100, 700 + i) for i in range(40)]
    new: list[int] = []
    failures: list[BaseException] = []

    def add_all(worker: int) -> None:
        try:
            order = random.Random(worker).sample(range(40), 40)
            verdicts = {i: index.add(article(f"t{worker}-{i}", texts[i])) for i in order}
            new.extend(i for i, verdict in verdicts.items() if verdict.is_new)
        except BaseException as error:  # noqa: BLE001, RUF100
            failures.append(error)

    threads = [threading.Thread(target=add_all, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(new) == list(range(40))
    assert index.info()["articles"] == 320


def test_processes_find_each_text_new_once(lasting: str) -> None:
    Index.open(lasting).close()
    workers = [stores_for_tests.start("race", lasting, number) for number in range(4)]
    for worker in workers:
        worker.stdout.readline()  # it is warm
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    ended = [worker.communicate(timeout=60) for worker in workers]
    assert [errors for _, errors in ended] == [""] * 4
    new = Counter(report for out, _ in ended for report in json.loads(out))
    assert new == Counter(dict.fromkeys(range(100), 1))
    with Index.open(lasting) as index:
        texts = stores_for_tests.raced_texts()
        expected = {f"w{w}-{i}": text for w in range(4) for i, (_, text) in enumerate(texts)}
        assert stored(index) == expected
        assert index.info()["articles"] == 600


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    path, chance, acknowledged = tmp_path / "index.db", random.Random(9), set()
    for crash in range(CRASHES or 5):
        first = crash * 100_000
        worker = stores_for_tests.start("add", str(path), first)
        begun = worker.stdout.readline()
        time.sleep(chance.random() * 0.3)
        worker.kill()
        rest = worker.stdout.read()
        _, errors = worker.communicate()
        seen = {line.strip() for line in (begun + rest).splitlines(keepends=True) if "\n" in line}
        assert str(first) in seen, errors
        acknowledged |= seen
        with Index.open(path) as index:
            found = stored(index)
            assert acknowledged <= found.keys()
            assert all(stores_for_tests.numbered_text(int(k)) == found[k] for k in found)
            assert len(found) <= len(acknowledged) + crash + 1
            copy = index.query(article("copy", stores_for_tests.numbered_text(first)))
            assert copy.of == str(first)


@pytest.mark.parametrize("crash", range(CRASHES or 1))
def test_the_servers_death_loses_nothing(server: stores_for_tests.Server, crash: int) -> None:
    acknowledged: list[int] = []
    failures: list[BaseException] = []
    stop = threading.Event()
    with Index.open(server.database()) as index:

        def add() -> None:
            try:
                number = 0
                while not stop.is_set():
                    text = stores_for_tests.numbered_text(number)
                    assert index.add(article(str(number), text)).is_new
                    acknowledged.append(number)
                    number += 1
            except BaseException as error:  # noqa: BLE001, RUF100
                failures.append(error)

        adding = threading.Thread(target=add)
        adding.start()
        try:
            time.sleep(0.5 + random.Random(crash).random() * 0.5)
            server.kill()
            before = len(acknowledged)
            time.sleep(0.2)
            server.start()
            deadline = time.monotonic() + 20
            while len(acknowledged) < before + 20 and not failures:
                assert time.monotonic() < deadline
                time.sleep(0.02)
        finally:
            stop.set()
            adding.join()
        assert failures == []
        assert before > 0
        found = stored(index)
        assert found == {str(n): stores_for_tests.numbered_text(n) for n in acknowledged}


# Laws.

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


POSTINGS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 30)), max_size=60)
HIGHEST = 0xFFFFFFFF


def packed(postings: list[tuple[int, int]]) -> np.ndarray:
    values = [((HIGHEST - key if key > 3 else key) << 32) | number for key, number in postings]
    return np.array(sorted(values), dtype=np.uint64)


@given(POSTINGS, st.integers(1, 5))
@settings(deadline=None, max_examples=200)
def test_keep_newest_equals_its_twin(postings: list[tuple[int, int]], most: int) -> None:
    values = packed(postings)
    by_key = defaultdict(set)
    for value in values.tolist():
        by_key[value >> 32].add(value)
    expected = [v for key in sorted(by_key) for v in sorted(by_key[key])[-most:]]
    assert values[: kernels.keep_newest(values, most)].tolist() == expected


@given(POSTINGS, st.permutations(range(7)), st.data())
@settings(deadline=None, max_examples=200)
def test_collect_postings_equals_its_twin(
    postings: list[tuple[int, int]], order: list[int], data: st.DataObject
) -> None:
    values = np.unique(packed(postings))
    keys = [HIGHEST - key if key > 3 else key for key in order]
    after = data.draw(st.lists(st.integers(-1, 30), min_size=7, max_size=7))
    known = data.draw(st.lists(st.integers(0, 4), min_size=7, max_size=7))
    removed = data.draw(st.lists(st.integers(0, 30), unique=True).map(sorted))
    found = np.full((7, 4), 77, dtype=np.int64)
    counts = np.array(known, dtype=np.int64)
    asked = np.array(keys, dtype=np.uint32)
    gone = np.array(removed, dtype=np.int64)
    kernels.collect_postings(values, asked, np.array(after), gone, found, counts)
    for i, key in enumerate(keys):
        numbers = [value & HIGHEST for value in values.tolist() if value >> 32 == key]
        held = [n for n in numbers if n > after[i] and n not in removed]
        newest = sorted(held, reverse=True)[: 4 - known[i]]
        assert found[i, : counts[i]].tolist() == [77] * known[i] + newest


@given(POSTINGS, st.permutations(range(7)), st.data())
@settings(deadline=None, max_examples=200)
def test_packed_postings_are_those_packed(
    postings: list[tuple[int, int]], order: list[int], data: st.DataObject
) -> None:
    values = np.unique(packed([(key, 70_000 * number) for key, number in postings]))
    firsts = values[:1] >> np.uint64(48) << np.uint64(16)
    ends = np.flatnonzero(np.diff(values >> np.uint64(48))) + 1
    bounds = np.array([0, *ends, len(values)] if len(values) else [0])
    firsts = (values[bounds[:-1]] >> np.uint64(48) << np.uint64(16)).astype(np.int64)
    out = np.empty(3 * len(values), dtype=np.uint16)
    kernels.pack_postings(values, bounds, out)
    again = np.empty_like(values)
    kernels.unpack_postings(out, firsts, bounds, again)
    assert again.tolist() == values.tolist()
    keys = np.array([HIGHEST - key if key > 3 else key for key in order], dtype=np.uint32)
    wanted = keys.astype(np.int64) >> 16 << 16
    place = np.minimum(np.searchsorted(firsts, wanted), max(0, len(firsts) - 1))
    there = firsts[place] == wanted if len(firsts) else np.zeros(7, dtype=bool)
    sizes = np.where(there, np.diff(bounds)[place], 0) if len(firsts) else np.zeros(7, np.int64)
    gone = np.array(data.draw(st.lists(st.integers(0, 30), unique=True).map(sorted))) * 70_000
    gone = gone.astype(np.int64)
    found, expected = np.zeros((2, 7, 4), dtype=np.int64)
    counts, expected_counts = np.zeros((2, 7), dtype=np.int64)
    starts = 3 * bounds[place]
    kernels.collect_packed(out, keys, starts, sizes, gone, found, counts)
    after = np.full(7, -1)
    kernels.collect_postings(values, keys, after, gone, expected, expected_counts)
    assert found.tolist() == expected.tolist()
    assert counts.tolist() == expected_counts.tolist()


@given(POSTINGS, POSTINGS)
@settings(deadline=None, max_examples=100)
def test_merged_postings_are_sorted(a: list[tuple[int, int]], b: list[tuple[int, int]]) -> None:
    merged = np.empty(len(a) + len(b), dtype=np.uint64)
    kernels.merge_sorted(packed(a), packed(b), merged)
    assert merged.tolist() == packed([*a, *b]).tolist()


# Postings of the SQLite store, merged into blocks.


def test_merging_makes_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = [
        article(f"m{i}", newswriter.edited(newswriter.text(300, 3_000 + i % 90), 0.03, i))
        for i in range(400)
    ]
    asked = [article(f"q{i}", newswriter.text(300, 3_000 + i)) for i in range(100)]
    path = tmp_path / "merged.db"
    with Index.open(tmp_path / "plain.db") as plain, Index.open(path) as merged:
        plainly = [plain.add(a) for a in stream]
        answers = [plain.query(a) for a in asked]
        monkeypatch.setattr(postings, "_FEWEST", 64)
        monkeypatch.setattr(postings, "_MOST", 64)
        with Index.open(path) as watching:
            verdicts = []
            for i, a in enumerate(stream):
                verdicts.append(merged.add(a))
                if i % 20 == 0:
                    assert watching.query(a) == verdicts[-1]
            assert verdicts == plainly
            assert [watching.query(a) for a in asked] == answers
        with Index.open(path) as second:
            assert [second.query(a) for a in asked] == answers
        assert [merged.query(a) for a in asked] == answers
    db = sqlite3.connect(path)
    assert db.execute("SELECT count(*) FROM partitions_0").fetchone()[0] == 64
    assert db.execute("SELECT count(*) FROM recent_0").fetchone()[0] < 300
    db.close()


def test_a_partition_without_postings_is_merged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings, "_FEWEST", 64)
    monkeypatch.setattr(postings, "_MOST", 64)
    with Index() as index:
        for i in range(200):
            index.add(article(str(i), "Results will follow."))
        assert index.info()["articles"] == 200


def test_another_writers_articles_cost_no_look_at_all_recent_postings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    forget = postings.Postings._forget_merged
    monkeypatch.setattr(postings.Postings, "_forget_merged", lambda s: (looks.append(s), forget(s)))
    with Index.open(tmp_path / "index.db") as one, Index.open(tmp_path / "index.db") as other:
        for i in range(20):
            one.add(article(f"one-{i}", newswriter.text(60, 4_000 + i)))
            assert other.add(article(f"other-{i}", newswriter.text(60, 4_000 + i))).of == f"one-{i}"
    assert looks == []


def test_a_copy_of_a_closed_file_is_the_same_index(tmp_path: Path) -> None:
    with Index.open(tmp_path / "index.db") as index:
        index.add_many(newsroom())
        expected = [index.query(a) for a in newsroom()[:20]]
    shutil.copy(tmp_path / "index.db", tmp_path / "copy.db")
    with Index.open(tmp_path / "copy.db") as copy:
        assert [copy.query(a) for a in newsroom()[:20]] == expected


# Faults found by readers, each with its own test.


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


def test_another_story_under_the_id_of_a_cluster_leaves_the_cluster_its_name(
    index: Index,
) -> None:
    for name in ("first", "second"):
        index.add(article(name, FLOOD))
    index.add(article("first", HARBOUR))
    assert index.add(article("third", FLOOD)).cluster == "first"
    assert index.add(article("fourth", HARBOUR)).cluster == "first#2"


def test_removals_are_seen_by_other_processes_as_they_come(tmp_path: Path) -> None:
    path, asked = tmp_path / "index.db", article("q", FLOOD)
    with Index.open(path) as index, Index.open(path) as watching:
        index.add_many(article(f"copy-{i}", FLOOD) for i in range(70))
        for i in range(69, 3, -1):
            index.remove(f"copy-{i}")
            if i in (69, 30, 4):
                assert watching.query(asked) == index.query(asked)
        assert watching.query(asked).evidence["compared"] == 4


def test_a_connection_lost_while_a_slice_is_made_is_opened_again(
    server: stores_for_tests.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dedup.index.stores import postgres

    make, lost = postgres._make_slice, []

    def fail_once(store: postgres.PostgresStore, k: int) -> None:
        if not lost:
            lost.append(k)
            raise stores_for_tests.psycopg.OperationalError("server closed the connection")
        make(store, k)

    monkeypatch.setattr(postgres, "_make_slice", fail_once)
    with Index.open(server.database()) as index:
        assert index.add(article("first", FLOOD)).is_new
        assert lost == [0]


def test_without_psycopg_the_extra_to_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "dedup.index.stores.postgres", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"^[^\n]*pip install 'dedup\[postgres\]'$"):
        Index.open("postgresql://nowhere/index")
