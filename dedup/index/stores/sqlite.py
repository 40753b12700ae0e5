"""An index in one SQLite file, for any number of processes of one machine; or in memory.

Writers take turns (`BEGIN IMMEDIATE`), readers never wait (WAL), not even to open it. A file that
this process may not write, or whose folder it may not, is opened for reading only. A commit
survives the death of the process; a loss of power may cost the last commits, never the file
(`synchronous=NORMAL`).

With a window each slice of time has tables of its own (see `time_slices`), which expiry drops.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np

from dedup.errors import StoreError
from dedup.index import stores
from dedup.index.stores import Row
from dedup.index.stores.time_slices import TimeSlice

if TYPE_CHECKING:
    import numpy.typing as npt

    Keys = npt.NDArray[np.uint32]
    Numbers = npt.NDArray[np.int64]

T = TypeVar("T")

FileState: TypeAlias = tuple[int, int, int, bool]
"""Inode, bytes, time of the last change, and whether there is a log."""

_APPLICATION = 0x64656475
_WAIT_SECONDS = 60.0
_PAGE = 16_384
"""Articles take some 1.6 KB, and what is left of a page is lost."""


class SqliteStore:
    """See `stores.Store`."""

    def __init__(self, location: str) -> None:
        self.location = location
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._slice_seconds: int | None = None
        self._path = None if location == ":memory:" else Path(location)
        self._is_read_only = self._path is not None and _is_read_only(self._path)
        if self._path is not None:
            _check_file(self._path)
        try:
            self._open()
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _open(self) -> None:
        """Connect, and make the tables of a new index; one that is there is only read."""
        self._slices: dict[int, TimeSlice] = {}
        self._version = -1
        self._db = self._connect()
        try:
            if self._is_empty():
                self._make()
            self._check()
            if not self._is_read_only and self._pragma("journal_mode") == "delete":
                self._db.execute("PRAGMA journal_mode=WAL")  # of a copy made with VACUUM INTO
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute("PRAGMA cache_size=-65536")
            self._db.execute("PRAGMA mmap_size=8589934592")
            self._db.execute("PRAGMA journal_size_limit=16777216")
        except BaseException:
            self._db.close()
            raise

    def _connect(self) -> sqlite3.Connection:
        name = self.location
        self._unchanging: FileState | None = None
        if self._path is not None and self._is_read_only:
            name = f"{self._path.absolute().as_uri()}?mode=ro"
            if not _log_of(self._path).exists() and not _can_write(self._path.parent):
                # Nobody has it open, and SQLite could not make the files that readers share.
                name += "&immutable=1"
                self._unchanging = _state_of(self._path)
        return sqlite3.connect(
            name,
            timeout=_WAIT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            uri=self._is_read_only,
        )

    def _is_empty(self) -> bool:
        return bool(self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0)

    def _pragma(self, name: str) -> Any:
        return self._db.execute(f"PRAGMA {name}").fetchone()[0]

    def _make(self) -> None:
        """Make the tables, unless another process does so first."""
        if self._is_read_only:
            raise StoreError(f"{self.location}: no index there, and none can be written there")
        db = self._db
        db.execute(f"PRAGMA page_size={_PAGE}")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("BEGIN IMMEDIATE")
        try:
            if self._is_empty():
                db.execute(f"PRAGMA application_id={_APPLICATION}")
                db.execute(f"PRAGMA user_version={stores.FORMAT}")
                db.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID")
                db.execute("CREATE TABLE slices (slice INTEGER PRIMARY KEY, made INTEGER)")
                db.execute("CREATE TABLE counter (next INTEGER)")
                db.execute("INSERT INTO counter VALUES (1)")
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise

    def _check(self) -> None:
        """Refuse another program's file, and another format."""
        if self._pragma("application_id") != _APPLICATION:
            raise _not_an_index(self.location)
        stores.check_format(self.location, str(self._pragma("user_version")))

    def write(self, work: Callable[[SqliteStore], T], keys: Keys | None = None) -> T:
        """Do work alone; `keys` make no difference, since SQLite has one writer."""
        if self._is_read_only:
            raise StoreError(
                f"{self.location}: this index can be read only; to change it, get leave to write "
                "the file and its folder"
            )
        return self._transact("BEGIN IMMEDIATE", work)

    def read(self, work: Callable[[SqliteStore], T]) -> T:
        """Do work on one state of the index."""
        return self._transact("BEGIN", work)

    def _transact(self, begin: str, work: Callable[[SqliteStore], T]) -> T:
        stores.check_process(self.location, self._process)
        with self._lock:
            try:
                self._reopen_if_changed()
                self._db.execute(begin)
                try:
                    self._catch_up()
                    outcome = work(self)
                    self._db.execute("COMMIT")
                except BaseException:
                    self._forget()
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise self._failed(error) from error
            else:
                return outcome

    def _reopen_if_changed(self) -> None:
        """Open a file anew that SQLite took for one that nobody writes, if somebody has."""
        if self._unchanging is not None and self._path is not None:
            if _state_of(self._path) == self._unchanging:
                return
            self._db.close()
            self._open()

    def _forget(self) -> None:
        """Drop what memory holds of the postings: it may be of a change that was rolled back."""
        self._slices.clear()
        self._version = -1

    def _catch_up(self) -> None:
        """Learn what other processes have committed."""
        version = self._pragma("data_version")
        if version == self._version:
            return
        known, self._slices = self._slices, {}
        for k, made in self._db.execute("SELECT slice, made FROM slices ORDER BY slice").fetchall():
            part = known.get(k)
            if part is None or part.made != made:  # dropped since, and made again
                part = TimeSlice(self._db, k, made)
            self._slices[k] = part
            part.postings.catch_up()
        self._version = version

    def meta(self, name: str) -> bytes | None:
        """Read a named value."""
        found = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return found[0] if found else None

    def set_meta(self, name: str, value: bytes) -> None:
        """Write a named value."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def find(self, id: str) -> Row | None:
        """Give the article with an id."""
        for part in self._slices.values():
            found = part.find(id)
            if found:
                return found
        return None

    def rows(self, numbers: Sequence[int]) -> list[Row]:
        """Give articles by number."""
        found: list[Row] = []
        for part in self._slices.values():
            if len(found) < len(numbers):
                found += part.rows(numbers)
        return sorted(found)

    def sharing(self, keys: Keys, since: int, until: int) -> tuple[Numbers, Numbers]:
        """Find articles that hold some of the keys."""
        first, last = self._slice_of(since), self._slice_of(until)
        found = [
            part.postings.holding(keys) for k, part in self._slices.items() if first <= k <= last
        ]
        numbers = np.concatenate(found) if found else np.empty(0, dtype=np.int64)
        return np.unique(numbers, return_counts=True)

    def put(self, row: Row, keys: Keys) -> int:
        """Add an article."""
        (following,) = self._db.execute("UPDATE counter SET next = next + 1 RETURNING next - 1")
        number = 2 * int(following[0]) + (row.number & 1)
        if number > 0xFFFFFFFF:
            raise StoreError(f"{self.location}: full after 2**31 articles; start a new index")
        k = self._slice_of(row.time)
        if k not in self._slices:
            self._slices[k] = TimeSlice.create(self._db, k, number)
        self._slices[k].put(row._replace(number=number), keys)
        return number

    def delete(self, number: int, keys: Keys) -> None:
        """Take an article out; its keys are passed over from now on, and go with merging."""
        for part in self._slices.values():
            part.delete(number)

    def rename(self, id: str) -> None:
        """Name the cluster and the story of an article after the earliest of their others."""
        for column in ("cluster", "story"):
            firsts = [part.first_named(column, id) for part in self._slices.values()]
            known = [first for first in firsts if first is not None]
            if known:
                for part in self._slices.values():
                    part.rename(column, id, min(known)[1])

    def place(self, places: Iterable[tuple[str, str, int]]) -> None:
        """Set cluster and story of articles by number."""
        found = list(places)
        for part in self._slices.values():
            part.place(found)

    def before(self, number: int, most: int) -> list[Row]:
        """Give the next articles with lower numbers, the newest first."""
        found = [row for part in self._slices.values() for row in part.before(number, most)]
        return sorted(found, reverse=True)[:most]

    def after(self, number: int, most: int) -> list[Row]:
        """Give the next articles with higher numbers, in the order in which they came."""
        found = [row for part in self._slices.values() for row in part.after(number, most)]
        return sorted(found)[:most]

    def expire(self, before: int) -> int:
        """Drop slices of which all is older."""
        gone = 0
        for k in [k for k in self._slices if k < self._slice_of(before)]:
            gone += self._slices.pop(k).drop()
        return gone

    def count(self) -> int:
        """Count the articles."""
        return sum(part.count() for part in self._slices.values())

    def size_in_bytes(self) -> int:
        """Say what the index takes: pages in use, free ones not."""
        with self._lock:
            pages, free, size = (
                int(self._pragma(name)) for name in ("page_count", "freelist_count", "page_size")
            )
        return (pages - free) * size

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def set_slices(self, seconds: int | None) -> None:
        """Say how long a slice is, once the index's own window is known."""
        self._slice_seconds = seconds

    def _slice_of(self, time: int) -> int:
        return time // self._slice_seconds if self._slice_seconds else 0

    def _failed(self, error: sqlite3.Error) -> StoreError:
        says = str(error)
        if "locked" in says:
            return StoreError(
                f"{self.location}: another process held the index for {_WAIT_SECONDS:.0f} s; try "
                "again, or add in smaller batches"
            )
        if isinstance(error, sqlite3.ProgrammingError) and "closed" in says:
            return stores.closed(self.location)
        return StoreError(f"{self.location}: cannot be used as an index: {says}")


def _is_read_only(path: Path) -> bool:
    """Say whether an index cannot be changed: a writer needs the file, and its log beside it."""
    return path.exists() and not (_can_write(path) and _can_write(path.parent))


def _can_write(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _log_of(path: Path) -> Path:
    """Give SQLite's write-ahead log of a file, which is there while a process may write to it."""
    return path.with_name(path.name + "-wal")


def _state_of(path: Path) -> FileState:
    """Give what differs once somebody has written a file, or has it open for that."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns, _log_of(path).exists()


def _not_an_index(path: str | Path) -> StoreError:
    return StoreError(f"{path}: not a dedup index; give another path, or remove the file")


def _check_file(path: Path) -> None:
    """Refuse a file that is no index of ours, or that is cut short.

    Raises:
        StoreError: So it is, or the folder is not there.
    """
    if path.is_dir():
        raise StoreError(f"{path}: a folder; give a file for the index")
    if not path.parent.is_dir():
        raise StoreError(f"{path}: no folder {path.parent}; make it first")
    if not path.exists() and not _can_write(path.parent):
        raise StoreError(f"{path}: no index there, and the folder cannot be written")
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}") from error
    if not head:
        return
    log = _log_of(path)
    whole = log.exists() and log.stat().st_size > 0  # the rest may still be in the log
    size, pages = int.from_bytes(head[16:18], "big"), int.from_bytes(head[28:32], "big")
    is_ours = int.from_bytes(head[68:72], "big") == _APPLICATION
    is_whole_head = len(head) == 100 and pages > 1 and not whole
    if not head.startswith(b"SQLite format 3\0"[: len(head)]) or (is_whole_head and not is_ours):
        raise _not_an_index(path)
    if len(head) < 100 or (path.stat().st_size < size * pages and not whole):
        raise StoreError(
            f"{path}: cut short: {path.stat().st_size} bytes of {size * pages}; restore it from a "
            "copy, or remove it and add the articles again"
        )
