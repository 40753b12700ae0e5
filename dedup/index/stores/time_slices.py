"""The SQLite tables of one slice of time: its articles; for their postings see `postings`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import orjson

from dedup.index import stores
from dedup.index.stores import Row
from dedup.index.stores.postings import Postings

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Keys = npt.NDArray[np.uint32]


class TimeSlice:
    """The articles of one slice of time.

    Attributes:
        made: Number of the article that it was made for: a slice that was dropped and made again
            is another one.
        postings: Of its articles.
    """

    def __init__(self, db: sqlite3.Connection, number: int, made: int) -> None:
        self._db = db
        self._number = number
        self.made = made
        name = stores.slice_name(number)
        self.articles = f"articles_{name}"
        self.postings = Postings(db, name)

    @classmethod
    def create(cls, db: sqlite3.Connection, number: int, made: int) -> TimeSlice:
        """Make the tables, for an article of the number `made`."""
        name = stores.slice_name(number)
        db.execute("INSERT INTO slices VALUES (?, ?)", (number, made))
        db.execute(
            f"CREATE TABLE articles_{name} (number INTEGER PRIMARY KEY, id TEXT, time INTEGER, "
            "cluster TEXT, story TEXT, n_keys INTEGER, payload BLOB)"
        )
        db.execute(f"CREATE INDEX ids_{name} ON articles_{name} (id)")
        for column in ("cluster", "story"):
            db.execute(
                f"CREATE INDEX {column}_{name} ON articles_{name} ({column}) "
                f"WHERE {column} IS NOT NULL"
            )
        Postings.create(db, name)
        return cls(db, number, made)

    def drop(self) -> int:
        """Drop the tables; give how many articles went."""
        gone = self.count()
        self._db.execute(f"DROP TABLE {self.articles}")
        self.postings.drop()
        self._db.execute("DELETE FROM slices WHERE slice = ?", (self._number,))
        return gone

    def put(self, row: Row, keys: Keys) -> None:
        """Add an article and its keys."""
        self._db.execute(
            f"INSERT INTO {self.articles} VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *row[:3],
                *(None if name == row.id else name for name in (row.cluster, row.story)),
                *row[5:],
            ),
        )
        self.postings.add(row.number, keys)

    def delete(self, number: int) -> None:
        """Take an article out."""
        found = self._db.execute(f"DELETE FROM {self.articles} WHERE number = ?", (number,))
        if found.rowcount:
            self.postings.remove(number)

    def find(self, id: str) -> Row | None:
        """Give the article with an id."""
        found = self._db.execute(f"SELECT * FROM {self.articles} WHERE id = ?", (id,)).fetchone()
        return _row(found) if found else None

    def rows(self, numbers: Sequence[int]) -> list[Row]:
        """Give articles by number."""
        found = self._db.execute(
            f"SELECT * FROM {self.articles} WHERE number IN (SELECT value FROM json_each(?))",
            (orjson.dumps(list(numbers)).decode(),),
        )
        return [_row(values) for values in found]

    def before(self, number: int, most: int) -> list[Row]:
        """Give the next articles with lower numbers, the newest first."""
        found = self._db.execute(
            f"SELECT * FROM {self.articles} WHERE number < ? ORDER BY number DESC LIMIT ?",
            (number, most),
        )
        return [_row(values) for values in found]

    def after(self, number: int, most: int) -> list[Row]:
        """Give the next articles with higher numbers."""
        found = self._db.execute(
            f"SELECT * FROM {self.articles} WHERE number > ? ORDER BY number LIMIT ?",
            (number, most),
        )
        return [_row(values) for values in found]

    def first_named(self, column: str, name: str) -> tuple[int, str] | None:
        """Give number and id of the first article whose cluster or story has a name not its own."""
        found: tuple[int, str] | None = self._db.execute(
            f"SELECT number, id FROM {self.articles} WHERE {column} = ? ORDER BY number LIMIT 1",
            (name,),
        ).fetchone()
        return found

    def rename(self, column: str, old: str, new: str) -> None:
        """Give a cluster or story another name."""
        self._db.execute(
            f"UPDATE {self.articles} SET {column} = nullif(?, id) WHERE {column} = ?",
            (new, old),
        )

    def place(self, places: list[tuple[str, str, int]]) -> None:
        """Set cluster and story of articles by number."""
        self._db.executemany(
            f"UPDATE {self.articles} SET cluster = nullif(?, id), story = nullif(?, id) "
            "WHERE number = ?",
            places,
        )

    def count(self) -> int:
        """Count the articles."""
        return int(self._db.execute(f"SELECT count(*) FROM {self.articles}").fetchone()[0])


def _row(values: tuple[Any, ...]) -> Row:
    number, name, time, cluster, story, n_keys, payload = values
    return Row(number, name, time, cluster or name, story or name, n_keys, payload)
