"""Opening an ingest index: what is refused, read-only files, passwords."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sqlite3
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import stores_for_tests
from index_cases import (
    FLOOD,
    HARBOUR,
    STRIKE,
    TWO_WEEKS,
    article,
    newsroom,
    stored,
)

from dedup import Settings
from dedup.errors import InputError, StoreError
from dedup.index.ingest import Index
from dedup.index.stores import sqlite


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


def test_without_psycopg_the_extra_to_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "dedup.index.stores.postgres", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"^[^\n]*pip install 'dedup\[postgres\]'$"):
        Index.open("postgresql://nowhere/index")
