"""An index in a PostgreSQL database, for workers on several machines.

Two articles that could match share a key, so writers lock their keys (`pg_advisory_xact_lock`, in
ascending order: no deadlock) and look only then, in a statement of its own, which sees what the
one before has committed. Writers without a common key run side by side. One that has very many keys
locks the whole index instead.

Tables are partitioned by slice of time, and expiry drops partitions. The connection is opened again
where it was lost: what was not acknowledged is done once more.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from dedup.errors import StoreError
from dedup.index import stores
from dedup.index.stores import CROWDED, NEWEST_OF_CROWDED, Row, postgres_tables

try:
    import psycopg
except ImportError as error:
    raise StoreError(
        "an index in PostgreSQL needs psycopg; install it with: pip install 'dedup[postgres]'"
    ) from error

if TYPE_CHECKING:
    import numpy.typing as npt

    Keys = npt.NDArray[np.uint32]
    Numbers = npt.NDArray[np.int64]

T = TypeVar("T")

_LOCKS = 0x64656475  # first of the two numbers of our advisory locks
_WHOLE = 0x64656476
_MOST_LOCKS = 500
"""The server has room for some 6,400 locks of all its clients by default."""

_WAIT_SECONDS = 60.0
_COLUMNS = "number, id, time, cluster, story, n_keys, payload"


class PostgresStore:
    """See `stores.Store`."""

    def __init__(self, location: str) -> None:
        self._conninfo = location
        self.location = _without_password(location)
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._slice_seconds: int | None = None
        self._known: set[int] = set()
        self._db: psycopg.Connection[Any] | None = None
        self._is_closed = False
        with self._lock:
            self._transact(lambda store: None, None, write=False)

    def _connect(self) -> psycopg.Connection[Any]:
        db = psycopg.connect(self._conninfo, autocommit=True, connect_timeout=10)
        try:
            if not postgres_tables.exist(db):
                postgres_tables.make(db, lock=_WHOLE)
            found = db.execute("SELECT value FROM dedup_meta WHERE name = 'store'").fetchone()
            stores.check_format(
                self.location, bytes(found[0]).decode(errors="replace") if found else "none"
            )
            db.execute("SET synchronous_commit = on")
        except BaseException:
            db.close()
            raise
        return db

    def write(self, work: Callable[[PostgresStore], T], keys: Keys | None = None) -> T:
        """Do work while no other writer has one of the keys, or none at all."""
        return self._transact(work, keys, write=True)

    def read(self, work: Callable[[PostgresStore], T]) -> T:
        """Do work on one state of the index."""
        return self._transact(work, None, write=False)

    def _transact(self, work: Callable[[PostgresStore], T], keys: Keys | None, *, write: bool) -> T:
        stores.check_process(self.location, self._process)
        with self._lock:
            if self._is_closed:
                raise stores.closed(self.location)
            deadline = time.monotonic() + _WAIT_SECONDS
            pause = 0.05
            missing: int | None = None
            while True:
                try:
                    if missing is not None:
                        self._once(partial(_make_slice, k=missing), None, write=True)
                        missing = None
                    return self._once(work, keys, write=write)
                except _NoSliceError as needed:
                    missing = needed.slice
                except psycopg.errors.CheckViolation:  # another worker dropped the slice
                    self._known.clear()
                except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                    self._hang_up()
                    if not _passes(error) or time.monotonic() + pause > deadline:
                        raise self._failed(error) from error
                    time.sleep(pause)
                    pause = min(2 * pause, 2.0)
                except psycopg.Error as error:
                    raise self._failed(error) from error

    def _once(self, work: Callable[[PostgresStore], T], keys: Keys | None, *, write: bool) -> T:
        if self._db is None or self._db.closed:
            self._db = self._connect()
        with self._db.transaction():
            if write:
                self._take_locks(keys)
            else:
                self._db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            return work(self)

    def _take_locks(self, keys: Keys | None) -> None:
        db = self._connection()
        distinct = None if keys is None else np.unique(keys.view(np.int32))
        if distinct is None or len(distinct) > _MOST_LOCKS:
            db.execute("SELECT pg_advisory_xact_lock(%s, 1)", (_WHOLE,))
            return
        db.execute(
            "SELECT pg_advisory_xact_lock_shared(%s, 1), (SELECT count(pg_advisory_xact_lock(%s, "
            "key)) FROM (SELECT key FROM unnest(%s::int[]) AS key ORDER BY key) AS sorted)",
            (_WHOLE, _LOCKS, distinct.tolist()),
        )

    def _connection(self) -> psycopg.Connection[Any]:
        assert self._db is not None  # noqa: S101, always so within a transaction
        return self._db

    def _one(self, query: str, values: tuple[object, ...] = ()) -> Any:
        return self._connection().execute(query, values, binary=True).fetchone()

    def meta(self, name: str) -> bytes | None:
        """Read a named value."""
        found = self._one("SELECT value FROM dedup_meta WHERE name = %s", (name,))
        return bytes(found[0]) if found else None

    def set_meta(self, name: str, value: bytes) -> None:
        """Write a named value."""
        self._connection().execute(
            "INSERT INTO dedup_meta VALUES (%s, %s) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def find(self, id: str) -> Row | None:
        """Give the article with an id."""
        found = self._one(f"SELECT {_COLUMNS} FROM dedup_articles WHERE id = %s", (id,))
        return _row(found) if found else None

    def rows(self, numbers: Sequence[int]) -> list[Row]:
        """Give articles by number."""
        if not len(numbers):
            return []
        found = self._connection().execute(
            f"SELECT {_COLUMNS} FROM dedup_articles WHERE number = ANY(%s) ORDER BY number",
            (list(numbers),),
            binary=True,
        )
        return [_row(values) for values in found]

    def sharing(self, keys: Keys, since: int, until: int) -> tuple[Numbers, Numbers]:
        """Find articles that hold some of the keys."""
        found = (
            self._connection()
            .execute(
                "SELECT number, count(*) FROM (SELECT number, "
                "row_number() OVER (PARTITION BY wanted ORDER BY number DESC) AS place, "
                "count(*) OVER (PARTITION BY wanted) AS holders "
                "FROM unnest(%s::int[]) AS wanted, LATERAL (SELECT number "
                "FROM dedup_postings WHERE key = wanted AND slice BETWEEN %s AND %s "
                "ORDER BY number DESC LIMIT %s) AS holding) AS found "
                "WHERE place <= %s OR holders < %s GROUP BY number ORDER BY number",
                (
                    keys.view(np.int32).tolist(),
                    self._slice_of(since),
                    self._slice_of(until),
                    CROWDED,
                    NEWEST_OF_CROWDED,
                    CROWDED,
                ),
            )
            .fetchall()
        )
        both = np.array(found, dtype=np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    def put(self, row: Row, keys: Keys) -> int:
        """Add an article."""
        k = self._slice_of(row.time)
        if k not in self._known:
            if (
                self._one("SELECT to_regclass(%s)", (f"dedup_postings_{stores.slice_name(k)}",))[0]
                is None
            ):
                raise _NoSliceError(k)
            self._known.add(k)
        (number,) = self._one(
            "WITH added AS (INSERT INTO dedup_articles "
            "SELECT %s, 2 * nextval('dedup_number') + %s, %s, %s, %s, %s, %s, %s "
            "RETURNING slice, number), "
            "posted AS (INSERT INTO dedup_postings "
            "SELECT slice, key, number FROM added, unnest(%s::int[]) AS key) "
            "SELECT number FROM added",
            (k, row.number & 1, *row[1:], keys.view(np.int32).tolist()),
        )
        return int(number)

    def delete(self, number: int, keys: Keys) -> None:
        """Take an article and its keys out."""
        self._connection().execute("DELETE FROM dedup_articles WHERE number = %s", (number,))
        self._connection().execute(
            "DELETE FROM dedup_postings WHERE number = %s AND key = ANY(%s)",
            (number, keys.view(np.int32).tolist()),
        )

    def rename(self, id: str) -> None:
        """Name the cluster and the story of an article after the earliest of their others."""
        for column in ("cluster", "story"):
            self._connection().execute(
                f"UPDATE dedup_articles SET {column} = (SELECT id FROM dedup_articles "
                f"WHERE {column} = %s AND id <> %s ORDER BY number LIMIT 1) "
                f"WHERE {column} = %s AND id <> %s",
                (id, id, id, id),
            )

    def place(self, places: Iterable[tuple[str, str, int]]) -> None:
        """Set cluster and story of articles by number."""
        with self._connection().cursor() as cursor:
            cursor.executemany(
                "UPDATE dedup_articles SET cluster = %s, story = %s WHERE number = %s", places
            )

    def before(self, number: int, most: int) -> list[Row]:
        """Give the next articles with lower numbers, the newest first."""
        found = self._connection().execute(
            f"SELECT {_COLUMNS} FROM dedup_articles WHERE number < %s "
            "ORDER BY number DESC LIMIT %s",
            (number, most),
            binary=True,
        )
        return [_row(values) for values in found]

    def after(self, number: int, most: int) -> list[Row]:
        """Give the next articles with higher numbers, in the order in which they came."""
        found = self._connection().execute(
            f"SELECT {_COLUMNS} FROM dedup_articles WHERE number > %s ORDER BY number LIMIT %s",
            (number, most),
            binary=True,
        )
        return [_row(values) for values in found]

    def expire(self, before: int) -> int:
        """Drop slices of which all is older."""
        past = self._connection().execute(
            "SELECT slice, count(*) FROM dedup_articles WHERE slice < %s GROUP BY slice",
            (self._slice_of(before),),
        )
        gone = 0
        for k, n in past.fetchall():
            for table in ("articles", "postings"):
                self._connection().execute(
                    f"DROP TABLE IF EXISTS dedup_{table}_{stores.slice_name(k)}"
                )
            self._known.discard(k)
            gone += int(n)
        return gone

    def count(self) -> int:
        """Count the articles."""
        return int(self._one("SELECT count(*) FROM dedup_articles")[0])

    def size_in_bytes(self) -> int:
        """Say what the tables and their indexes take."""

        def ask(store: PostgresStore) -> int:
            found = store._one(
                "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class "
                "WHERE starts_with(relname, 'dedup_') AND relkind = 'r'"
            )
            return int(found[0])

        return self.read(ask)

    def set_slices(self, seconds: int | None) -> None:
        """Say how long a slice of time is."""
        self._slice_seconds = seconds

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._hang_up()
            self._is_closed = True

    def _hang_up(self) -> None:
        if self._db is not None:
            self._db.close()
        self._db = None
        self._known.clear()

    def _slice_of(self, time: int) -> int:
        return time // self._slice_seconds if self._slice_seconds else 0

    def _failed(self, error: psycopg.Error) -> StoreError:
        says = " ".join(str(error).split()) or type(error).__name__
        return StoreError(
            f"{self.location}: {says}; nothing was acknowledged, so the call can be repeated once "
            "the server can be reached"
        )


def _make_slice(store: PostgresStore, k: int) -> None:
    """Make the tables of a slice in a transaction of its own, which holds no other locks.

    Within that of an article, two workers that need a new slice at once would come to a deadlock.
    """
    for table in ("articles", "postings"):
        store._connection().execute(
            f"CREATE TABLE IF NOT EXISTS dedup_{table}_{stores.slice_name(k)} "
            f"PARTITION OF dedup_{table} FOR VALUES IN ({k})"
        )


class _NoSliceError(Exception):
    """An article belongs to a slice of time that has no tables yet."""

    def __init__(self, k: int) -> None:
        super().__init__(k)
        self.slice = k


def _passes(error: psycopg.Error) -> bool:
    """Say whether waiting may help: a lost connection, a server that starts, a deadlock."""
    state = error.sqlstate
    if state is None:
        says = str(error)
        lasting = ("password", "does not exist", "resolve", "invalid", "pg_hba")
        return not any(part in says for part in lasting)
    return state.startswith(("08", "40", "57"))


def _without_password(location: str) -> str:
    """Give what may be shown of a connection string, as a URL.

    Raises:
        StoreError: It is not one, or parts of a password with special characters were read as host,
            port or database, which would then show them.
    """
    try:
        given = psycopg.conninfo.conninfo_to_dict(location)
    except psycopg.ProgrammingError:
        given = {"host": "@"}
    host, port, name = (str(given.get(key) or "") for key in ("host", "port", "dbname"))
    if "@" in host + name or not re.fullmatch(r"[\d,]*", port):
        raise StoreError(
            "postgresql://: the connection string cannot be read; check its parameters, and write "
            "special characters of user and password as in postgresql://user:p%40ss@host/database"
        ) from None
    return f"postgresql://{host}{port and ':'}{port}/{name}"


def _row(values: tuple[Any, ...]) -> Row:
    number, name, time_, cluster, story, n_keys, payload = values
    return Row(number, name, time_, cluster, story, n_keys, bytes(payload))
