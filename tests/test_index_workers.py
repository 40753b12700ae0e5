"""Windows of time, many workers, and deaths that an ingest index must bear."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import newswriter
import pytest
import stores_for_tests
from index_cases import (
    FLOOD,
    HARBOUR,
    STRIKE,
    TWO_WEEKS,
    article,
    stored,
)

from dedup.index.ingest import Index

CRASHES = int(os.environ.get("DEDUP_CRASHES", "0"))


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


def test_threads_find_each_text_new_once(index: Index) -> None:
    texts = [newswriter.text(100, 700 + i) for i in range(40)]
    new: list[int] = []
    failures: list[BaseException] = []

    def add_all(worker: int) -> None:
        try:
            order = random.Random(worker).sample(range(40), 40)
            verdicts = {i: index.add(article(f"t{worker}-{i}", texts[i])) for i in order}
            new.extend(i for i, verdict in verdicts.items() if verdict.is_new)
        except BaseException as error:  # noqa: BLE001, RUF100, whatever ends a thread fails the test
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
            except BaseException as error:  # noqa: BLE001, RUF100, whatever ends a thread fails the test
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
