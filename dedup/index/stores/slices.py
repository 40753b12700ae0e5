"""The SQLite tables of one slice of time, and what memory holds of its newest postings.

Postings come in two parts, as in a log-structured merge tree (O'Neil et al., 1996). Keys of new
articles are appended to a table, a row an article, and every process holds them sorted in memory.
Older postings lie in blocks of some 256, sorted, in a table that is searched by the first key a
block may hold; they take 6 bytes each, since the keys of a block agree in their upper half. The
range of keys is cut into 64 partitions, and every so often one of them is merged: so an article
costs one appended row, a search one block a key, and no writer ever waits for a large merge.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from dedup import kernels
from dedup.index import stores
from dedup.index.stores import IF_CROWDED, MOST_ARTICLES, Row

if TYPE_CHECKING:
    import numpy.typing as npt

    Keys = npt.NDArray[np.uint32]
    Numbers = npt.NDArray[np.int64]
    Postings = npt.NDArray[np.uint64]

_PARTITIONS, _PARTITION_BITS = 64, 26
_BLOCK, _MOST_SHIFT = 256, 16
"""Postings in a block, about; its keys have all but their last 16 bits in common, or more."""

_FEWEST, _MOST = 16_384, 32_768
"""So many articles' postings are in no block yet, at least and at most: a merge every 256 articles
or more keeps them out of the 99th percentile of `add`; all lie in memory, some 480 bytes each."""


class Slice:
    """The tables of one slice of time, and what memory holds of its newest postings."""

    def __init__(self, db: sqlite3.Connection, number: int, made: int) -> None:
        self._db = db
        self._number = number
        self.made = made
        name = stores.slice_name(number)
        self.articles, self._recent = f"articles_{name}", f"recent_{name}"
        self._blocks, self._partitions = f"postings_{name}", f"partitions_{name}"
        self._removed = f"removed_{name}"
        self._gone: Numbers = np.empty(0, dtype=np.int64)
        self._gone_upto, self._gone_since = -1, -1
        self._seen = -1
        self._n_recent = 0
        self._levels: list[Postings] = []  # each sorted; the oldest and largest first
        self._merged_to = np.full(_PARTITIONS, -1, dtype=np.int64)
        self._shift = np.full(_PARTITIONS, _PARTITION_BITS, dtype=np.int64)

    @classmethod
    def create(cls, db: sqlite3.Connection, number: int, made: int) -> Slice:
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
        db.execute(
            f"CREATE TABLE removed_{name} (upto INTEGER, number INTEGER, "
            "PRIMARY KEY (upto, number)) WITHOUT ROWID"
        )
        db.execute(f"CREATE TABLE recent_{name} (number INTEGER PRIMARY KEY, keys BLOB)")
        db.execute(f"CREATE TABLE postings_{name} (first INTEGER PRIMARY KEY, data BLOB)")
        db.execute(
            f"CREATE TABLE partitions_{name} "
            "(number INTEGER PRIMARY KEY, merged_to INTEGER, shift INTEGER)"
        )
        return cls(db, number, made)

    def drop(self) -> int:
        """Drop the tables; give how many articles went."""
        gone = self.count()
        tables = (self.articles, self._recent, self._removed, self._blocks, self._partitions)
        for table in tables:
            self._db.execute(f"DROP TABLE {table}")
        self._db.execute("DELETE FROM slices WHERE slice = ?", (self._number,))
        return gone

    def catch_up(self) -> None:
        """Learn of articles added and partitions merged since the last look."""
        merged = self._db.execute(f"SELECT number, merged_to, shift FROM {self._partitions}")  # noqa: S608
        before = self._merged_to.copy()
        for partition, merged_to, shift in merged:
            self._merged_to[partition], self._shift[partition] = merged_to, shift
        after = max(self._seen, int(self._merged_to.min()))
        found = self._db.execute(
            f"SELECT number, keys FROM {self._recent} WHERE number > ? ORDER BY number",  # noqa: S608
            (after,),
        ).fetchall()
        if found:
            self._remember([(number, np.frombuffer(keys, np.uint32)) for number, keys in found])
        if (self._merged_to != before).any():  # it looks at every posting: up to 5 ms
            self._forget_merged()
        self._note_removed()

    def _note_removed(self) -> None:
        """Learn of articles taken out since the last look."""
        since = int(self._merged_to.min())
        if since > self._gone_since:  # merging has left out those before
            self._gone, self._gone_upto, self._gone_since = self._gone[:0], -1, since
        found = self._db.execute(
            f"SELECT upto, number FROM {self._removed} WHERE upto >= ? ORDER BY upto",  # noqa: S608
            (self._gone_upto,),
        ).fetchall()
        if found:
            self._gone_upto = found[-1][0]
            self._gone = np.union1d(self._gone, np.array([n for _, n in found], dtype=np.int64))

    def _remember(self, found: list[tuple[int, Keys]]) -> None:
        postings = [keys.astype(np.uint64) << np.uint64(32) | np.uint64(n) for n, keys in found]
        self._levels.append(np.sort(np.concatenate(postings)))
        while len(self._levels) > 1 and len(self._levels[-2]) < 4 * len(self._levels[-1]):
            last = self._levels.pop()
            self._levels[-1] = np.sort(np.concatenate((self._levels[-1], last)))
        self._seen = found[-1][0]
        self._n_recent += len(found)

    def _forget_merged(self) -> None:
        """Drop from memory what lies in blocks, once half of it does."""
        total = sum(map(len, self._levels))
        if total == 0 or self._merged_to.min() < 0:
            return
        kept = []
        for level in self._levels:
            partition = (level >> np.uint64(32 + _PARTITION_BITS)).astype(np.int64)
            numbers = (level & np.uint64(0xFFFFFFFF)).astype(np.int64)
            kept.append(level[numbers > self._merged_to[partition]])
        if sum(map(len, kept)) < total * 0.7:
            self._levels = [level for level in kept if len(level)]
            recent = self._db.execute(
                f"SELECT count(*) FROM {self._recent} WHERE number > ?",  # noqa: S608
                (int(self._merged_to.min()),),
            )
            self._n_recent = int(recent.fetchone()[0])

    def holding(self, keys: Keys) -> Numbers:
        """List the articles that hold each key, once for each."""
        partition = (keys >> np.uint32(_PARTITION_BITS)).astype(np.int64)
        found = np.empty((len(keys), MOST_ARTICLES), dtype=np.int64)
        counts = np.zeros(len(keys), dtype=np.int64)
        merged_to = self._merged_to[partition]
        for level in reversed(self._levels):
            kernels.collect_postings(level, keys, merged_to, self._gone, found, counts)
        self._collect_merged(keys, partition, found, counts)
        counts[counts == MOST_ARTICLES] = IF_CROWDED
        return found[np.arange(MOST_ARTICLES) < counts[:, None]]

    def _collect_merged(
        self, keys: Keys, partition: Numbers, found: Numbers, counts: Numbers
    ) -> None:
        """Add what blocks hold to the articles found for each key."""
        shift = self._shift[partition]
        firsts = keys.astype(np.int64) >> shift << shift
        wanted = dict.fromkeys(firsts[self._merged_to[partition] >= 0].tolist())
        blocks = self._db.execute(
            f"SELECT first, data FROM {self._blocks} "  # noqa: S608
            "WHERE first IN (SELECT value FROM json_each(?)) ORDER BY first",
            (orjson.dumps(list(wanted)).decode(),),
        ).fetchall()
        if blocks:
            there, bounds, data = _joined(blocks)
            place = np.minimum(np.searchsorted(there, firsts), len(there) - 1)
            sizes = np.where(there[place] == firsts, np.diff(bounds)[place], 0)
            starts = 3 * bounds[place]
            kernels.collect_packed(data, keys, starts, sizes, self._gone, found, counts)

    def put(self, row: Row, keys: Keys) -> None:
        """Add an article and its keys; merge a partition when it is time for one."""
        self._db.execute(
            f"INSERT INTO {self.articles} VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (
                *row[:3],
                *(None if name == row.id else name for name in (row.cluster, row.story)),
                *row[5:],
            ),
        )
        self._db.execute(
            f"INSERT INTO {self._recent} VALUES (?, ?)",  # noqa: S608
            (row.number, keys.tobytes()),
        )
        self._remember([(row.number, keys)])
        most = min(max(_FEWEST, row.number // 32), _MOST)
        if self._n_recent > most and self._n_recent % (most // _PARTITIONS) == 0:
            self._merge(int(self._merged_to.argmin()), row.number)

    def _merge(self, partition: int, number: int) -> None:
        """Bring the postings of a partition, up to the newest, into blocks."""
        postings = self._postings_of(partition)
        if len(self._gone):
            numbers = (postings & np.uint64(0xFFFFFFFF)).astype(np.int64)
            postings = postings[~np.isin(numbers, self._gone)]
        postings = postings[: kernels.keep_newest(postings, MOST_ARTICLES)]
        shift = self._put_blocks(partition, postings)
        self._db.execute(
            f"INSERT OR REPLACE INTO {self._partitions} VALUES (?, ?, ?)",  # noqa: S608
            (partition, number, shift),
        )
        self._merged_to[partition], self._shift[partition] = number, shift
        if partition == int(self._merged_to.argmax()) and self._merged_to.min() >= 0:
            self._db.execute(
                f"DELETE FROM {self._recent} WHERE number <= ?",  # noqa: S608
                (int(self._merged_to.min()),),
            )
            self._db.execute(
                f"DELETE FROM {self._removed} WHERE upto < ?",  # noqa: S608
                (int(self._merged_to.min()),),
            )
            self._forget_merged()
            self._note_removed()

    def _postings_of(self, partition: int) -> Postings:
        """Give all postings of a partition, sorted; those of blocks and newer ones."""
        start, end = partition << _PARTITION_BITS, (partition + 1) << _PARTITION_BITS
        limits = np.array([start << 32, (end << 32) - 1], dtype=np.uint64)
        newer = []
        for level in self._levels:
            first, last = np.searchsorted(level, limits)
            newer.append(level[first:last])
        recent = np.sort(np.concatenate([np.empty(0, dtype=np.uint64), *newer]))
        blocks = self._db.execute(
            f"SELECT first, data FROM {self._blocks} WHERE first >= ? AND first < ? ORDER BY first",  # noqa: S608
            (start, end),
        ).fetchall()
        firsts, bounds, data = _joined(blocks)
        old = np.empty(bounds[-1], dtype=np.uint64)
        kernels.unpack_postings(data, firsts, bounds, old)
        postings = np.empty(len(old) + len(recent), dtype=np.uint64)
        kernels.merge_sorted(old, recent, postings)
        return postings

    def _put_blocks(self, partition: int, postings: Postings) -> int:
        """Write the blocks of a partition anew; give the bits of a key within a block."""
        start, end = partition << _PARTITION_BITS, (partition + 1) << _PARTITION_BITS
        n_blocks = max(1, len(postings) // _BLOCK)
        shift = min(_MOST_SHIFT, _PARTITION_BITS - (n_blocks - 1).bit_length())
        blocks = (postings >> np.uint64(32 + shift)).astype(np.int64)
        places = np.flatnonzero(np.diff(blocks, prepend=-1))
        bounds = np.append(places, len(postings))
        packed = np.empty(3 * len(postings), dtype=np.uint16)
        kernels.pack_postings(postings, bounds, packed)
        self._db.execute(
            f"DELETE FROM {self._blocks} WHERE first >= ? AND first < ?",  # noqa: S608
            (start, end),
        )
        ends = (3 * bounds).tolist()
        self._db.executemany(
            f"INSERT INTO {self._blocks} VALUES (?, ?)",  # noqa: S608
            (
                (first, packed[at:stop].tobytes())
                for first, at, stop in zip(
                    (blocks[places] << shift).tolist(), ends[:-1], ends[1:], strict=True
                )
            ),
        )
        return shift

    def find(self, id: str) -> Row | None:  # noqa: A002
        """Give the article with an id."""
        found = self._db.execute(f"SELECT * FROM {self.articles} WHERE id = ?", (id,)).fetchone()  # noqa: S608
        return _row(found) if found else None

    def rows(self, numbers: Sequence[int]) -> list[Row]:
        """Give articles by number."""
        found = self._db.execute(
            f"SELECT * FROM {self.articles} WHERE number IN (SELECT value FROM json_each(?))",  # noqa: S608
            (orjson.dumps(list(numbers)).decode(),),
        )
        return [_row(values) for values in found]

    def before(self, number: int, most: int) -> list[Row]:
        """Give the next articles with lower numbers, the newest first."""
        found = self._db.execute(
            f"SELECT * FROM {self.articles} WHERE number < ? ORDER BY number DESC LIMIT ?",  # noqa: S608
            (number, most),
        )
        return [_row(values) for values in found]

    def after(self, number: int, most: int) -> list[Row]:
        """Give the next articles with higher numbers."""
        found = self._db.execute(
            f"SELECT * FROM {self.articles} WHERE number > ? ORDER BY number LIMIT ?",  # noqa: S608
            (number, most),
        )
        return [_row(values) for values in found]

    def delete(self, number: int) -> None:
        """Take an article out; its number is known until all partitions are merged again."""
        found = self._db.execute(f"DELETE FROM {self.articles} WHERE number = ?", (number,))  # noqa: S608
        if found.rowcount:
            upto = max(number, self._seen)
            self._db.execute(f"INSERT INTO {self._removed} VALUES (?, ?)", (upto, number))  # noqa: S608
            self._note_removed()

    def first_named(self, column: str, name: str) -> tuple[int, str] | None:
        """Give number and id of the first article whose cluster or story has a name not its own."""
        found: tuple[int, str] | None = self._db.execute(
            f"SELECT number, id FROM {self.articles} WHERE {column} = ? ORDER BY number LIMIT 1",  # noqa: S608
            (name,),
        ).fetchone()
        return found

    def rename(self, column: str, old: str, new: str) -> None:
        """Give a cluster or story another name."""
        self._db.execute(
            f"UPDATE {self.articles} SET {column} = nullif(?, id) WHERE {column} = ?",  # noqa: S608
            (new, old),
        )

    def place(self, places: list[tuple[str, str, int]]) -> None:
        """Set cluster and story of articles by number."""
        self._db.executemany(
            f"UPDATE {self.articles} SET cluster = nullif(?, id), story = nullif(?, id) "  # noqa: S608
            "WHERE number = ?",
            places,
        )

    def count(self) -> int:
        """Count the articles."""
        return int(self._db.execute(f"SELECT count(*) FROM {self.articles}").fetchone()[0])  # noqa: S608


def _joined(blocks: Sequence[tuple[int, bytes]]) -> tuple[Numbers, Numbers, npt.NDArray[np.uint16]]:
    """Put packed blocks end to end: first keys, bounds in postings, data."""
    firsts = np.array([first for first, _ in blocks], dtype=np.int64)
    sizes = np.array([0, *(len(data) // 6 for _, data in blocks)], dtype=np.int64)
    joined = b"".join([data for _, data in blocks])
    return firsts, np.cumsum(sizes), np.frombuffer(joined, dtype=np.uint16)


def _row(values: tuple[Any, ...]) -> Row:
    number, name, time, cluster, story, n_keys, payload = values
    return Row(number, name, time, cluster or name, story or name, n_keys, payload)
