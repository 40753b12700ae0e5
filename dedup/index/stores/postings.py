"""The postings of one slice of time in SQLite: which articles hold a key.

They come in two parts, as in a log-structured merge tree (O'Neil et al., 1996). Keys of new
articles are appended to a table, a row an article, and every process holds them sorted in memory.
Older postings lie in blocks of some 256, sorted, in a table that is searched by the first key a
block may hold; they take 6 bytes each, since the keys of a block agree in their upper half. The
range of keys is cut into 64 partitions, and every so often one of them is merged: so an article
costs one appended row, a search one block a key, and no writer ever waits for a large merge.

A posting is a key and the number of an article, packed `key << 32 | number`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import orjson

from dedup import kernels
from dedup.index.stores import CROWDED, NEWEST_OF_CROWDED

if TYPE_CHECKING:
    import numpy.typing as npt

    Keys = npt.NDArray[np.uint32]
    Numbers = npt.NDArray[np.int64]
    Packed = npt.NDArray[np.uint64]

_PARTITIONS, _PARTITION_BITS = 64, 26
_BLOCK, _MOST_SHIFT = 256, 16
"""Postings in a block, about; its keys have all but their last 16 bits in common, or more."""

_FEWEST, _MOST = 16_384, 32_768
"""So many articles' postings are in no block yet, at least and at most: a merge every 256 articles
or more keeps them out of the 99th percentile of `add`; all lie in memory, some 480 bytes each."""


class Postings:
    """The postings of one slice of time, and what memory holds of the newest."""

    def __init__(self, db: sqlite3.Connection, slice_name: str) -> None:
        self._db = db
        self._recent, self._removed = f"recent_{slice_name}", f"removed_{slice_name}"
        self._blocks, self._partitions = f"postings_{slice_name}", f"partitions_{slice_name}"
        self._gone: Numbers = np.empty(0, dtype=np.int64)
        self._gone_upto, self._gone_since = -1, -1
        self._seen = -1
        self._n_recent = 0
        self._levels: list[Packed] = []  # each sorted; the oldest and largest first
        self._merged_to = np.full(_PARTITIONS, -1, dtype=np.int64)
        self._shift = np.full(_PARTITIONS, _PARTITION_BITS, dtype=np.int64)

    @staticmethod
    def create(db: sqlite3.Connection, slice_name: str) -> None:
        """Make the tables."""
        db.execute(
            f"CREATE TABLE removed_{slice_name} (upto INTEGER, number INTEGER, "
            "PRIMARY KEY (upto, number)) WITHOUT ROWID"
        )
        db.execute(f"CREATE TABLE recent_{slice_name} (number INTEGER PRIMARY KEY, keys BLOB)")
        db.execute(f"CREATE TABLE postings_{slice_name} (first INTEGER PRIMARY KEY, data BLOB)")
        db.execute(
            f"CREATE TABLE partitions_{slice_name} "
            "(number INTEGER PRIMARY KEY, merged_to INTEGER, shift INTEGER)"
        )

    def drop(self) -> None:
        """Drop the tables."""
        for table in (self._recent, self._removed, self._blocks, self._partitions):
            self._db.execute(f"DROP TABLE {table}")

    def catch_up(self) -> None:
        """Learn of articles added and partitions merged since the last look."""
        merged = self._db.execute(f"SELECT number, merged_to, shift FROM {self._partitions}")
        before = self._merged_to.copy()
        for partition, merged_to, shift in merged:
            self._merged_to[partition], self._shift[partition] = merged_to, shift
        after = max(self._seen, int(self._merged_to.min()))
        found = self._db.execute(
            f"SELECT number, keys FROM {self._recent} WHERE number > ? ORDER BY number",
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
            f"SELECT upto, number FROM {self._removed} WHERE upto >= ? ORDER BY upto",
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
                f"SELECT count(*) FROM {self._recent} WHERE number > ?",
                (int(self._merged_to.min()),),
            )
            self._n_recent = int(recent.fetchone()[0])

    def holding(self, keys: Keys) -> Numbers:
        """List the articles that hold each key, once for each."""
        partition = (keys >> np.uint32(_PARTITION_BITS)).astype(np.int64)
        found = np.empty((len(keys), CROWDED), dtype=np.int64)
        counts = np.zeros(len(keys), dtype=np.int64)
        merged_to = self._merged_to[partition]
        for level in reversed(self._levels):
            kernels.collect_postings(level, keys, merged_to, self._gone, found, counts)
        self._collect_merged(keys, partition, found, counts)
        counts[counts == CROWDED] = NEWEST_OF_CROWDED
        return found[np.arange(CROWDED) < counts[:, None]]

    def _collect_merged(
        self, keys: Keys, partition: Numbers, found: Numbers, counts: Numbers
    ) -> None:
        """Add what blocks hold to the articles found for each key."""
        shift = self._shift[partition]
        firsts = keys.astype(np.int64) >> shift << shift
        wanted = dict.fromkeys(firsts[self._merged_to[partition] >= 0].tolist())
        blocks = self._db.execute(
            f"SELECT first, data FROM {self._blocks} "
            "WHERE first IN (SELECT value FROM json_each(?)) ORDER BY first",
            (orjson.dumps(list(wanted)).decode(),),
        ).fetchall()
        if blocks:
            there, bounds, data = _joined(blocks)
            place = np.minimum(np.searchsorted(there, firsts), len(there) - 1)
            sizes = np.where(there[place] == firsts, np.diff(bounds)[place], 0)
            starts = 3 * bounds[place]
            kernels.collect_packed(data, keys, starts, sizes, self._gone, found, counts)

    def add(self, number: int, keys: Keys) -> None:
        """Add an article's keys; merge a partition when it is time for one."""
        self._db.execute(
            f"INSERT INTO {self._recent} VALUES (?, ?)",
            (number, keys.tobytes()),
        )
        self._remember([(number, keys)])
        most = min(max(_FEWEST, number // 32), _MOST)
        if self._n_recent > most and self._n_recent % (most // _PARTITIONS) == 0:
            self._merge(int(self._merged_to.argmin()), number)

    def remove(self, number: int) -> None:
        """Pass over an article from now on; its number is kept until all partitions are merged."""
        upto = max(number, self._seen)
        self._db.execute(f"INSERT INTO {self._removed} VALUES (?, ?)", (upto, number))
        self._note_removed()

    def _merge(self, partition: int, number: int) -> None:
        """Bring the postings of a partition, up to the newest, into blocks."""
        postings = self._postings_of(partition)
        if len(self._gone):
            numbers = (postings & np.uint64(0xFFFFFFFF)).astype(np.int64)
            postings = postings[~np.isin(numbers, self._gone)]
        postings = postings[: kernels.keep_newest(postings, CROWDED)]
        shift = self._put_blocks(partition, postings)
        self._db.execute(
            f"INSERT OR REPLACE INTO {self._partitions} VALUES (?, ?, ?)",
            (partition, number, shift),
        )
        self._merged_to[partition], self._shift[partition] = number, shift
        if partition == int(self._merged_to.argmax()) and self._merged_to.min() >= 0:
            self._db.execute(
                f"DELETE FROM {self._recent} WHERE number <= ?",
                (int(self._merged_to.min()),),
            )
            self._db.execute(
                f"DELETE FROM {self._removed} WHERE upto < ?",
                (int(self._merged_to.min()),),
            )
            self._forget_merged()
            self._note_removed()

    def _postings_of(self, partition: int) -> Packed:
        """Give all postings of a partition, sorted; those of blocks and newer ones."""
        start, end = partition << _PARTITION_BITS, (partition + 1) << _PARTITION_BITS
        limits = np.array([start << 32, (end << 32) - 1], dtype=np.uint64)
        newer = []
        for level in self._levels:
            first, last = np.searchsorted(level, limits)
            newer.append(level[first:last])
        recent = np.sort(np.concatenate([np.empty(0, dtype=np.uint64), *newer]))
        blocks = self._db.execute(
            f"SELECT first, data FROM {self._blocks} WHERE first >= ? AND first < ? ORDER BY first",
            (start, end),
        ).fetchall()
        firsts, bounds, data = _joined(blocks)
        old = np.empty(bounds[-1], dtype=np.uint64)
        kernels.unpack_postings(data, firsts, bounds, old)
        postings = np.empty(len(old) + len(recent), dtype=np.uint64)
        kernels.merge_sorted(old, recent, postings)
        return postings

    def _put_blocks(self, partition: int, postings: Packed) -> int:
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
            f"DELETE FROM {self._blocks} WHERE first >= ? AND first < ?",
            (start, end),
        )
        ends = (3 * bounds).tolist()
        self._db.executemany(
            f"INSERT INTO {self._blocks} VALUES (?, ?)",
            (
                (first, packed[at:stop].tobytes())
                for first, at, stop in zip(
                    (blocks[places] << shift).tolist(), ends[:-1], ends[1:], strict=True
                )
            ),
        )
        return shift


def _joined(blocks: Sequence[tuple[int, bytes]]) -> tuple[Numbers, Numbers, npt.NDArray[np.uint16]]:
    """Put packed blocks end to end: first keys, bounds in postings, data."""
    firsts = np.array([first for first, _ in blocks], dtype=np.int64)
    sizes = np.array([0, *(len(data) // 6 for _, data in blocks)], dtype=np.int64)
    joined = b"".join([data for _, data in blocks])
    return firsts, np.cumsum(sizes), np.frombuffer(joined, dtype=np.uint16)
