"""The ingest index: one call per article, the same stages as the batch run.

Every article leaves its prints in a store (see `stores`). A new one is compared, as exactly as in a
batch, with those that share enough prints with it; that is decided by `matching`, on the texts as
they are stored. What only a look at all articles can tell comes late: furniture is learned now and
then from the newest articles (see `learned`), and an article's cluster and story are those of its
best match, as things stood when it came (see `verdicts`). `result` gives what a batch run over all
stored articles gives, and `refresh` takes that over.

Prints alone find the candidates, where a batch run asks MinHash/LSH too: LSH finds near copies, and
those share many prints. What the verdicts miss of a batch run's matches is measured by
`benchmarks/index.py --data DIR`.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa

from dedup import api
from dedup.engines import local, matching
from dedup.errors import InputError, StoreError
from dedup.index import header, incoming, learned, stores, verdicts
from dedup.index.incoming import Entry, Part
from dedup.index.learned import FIELDS, Content
from dedup.index.stores import Row, Session
from dedup.index.verdicts import Match, Verdict
from dedup.readers import OneByOne, ReadOptions, describe
from dedup.records import Batch, article_schema
from dedup.settings import Settings
from dedup.stages import shingles

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Article
    from dedup.results.result import Result
    from dedup.stages.shingles import ShingleSets
    from dedup.text.tokenizer import Tokens

    Keys = npt.NDArray[np.uint32]
    Numbers = npt.NDArray[np.int64]

__all__ = ["MEMORY", "Index", "Verdict"]

MEMORY = ":memory:"

_LEAST, _SHARE = 2, 0.05
"""Keys to share, as in `fingerprints`: so many, and so large a share of the fewer keys; with a
short article one will do."""

_MOST_COMPARED = 64
"""Candidates compared, those with most prints in common; each costs some 30 µs."""

_ADDED_AT_ONCE = 256
_PAGE = 4_096


class Index:
    """Articles seen so far, and what each new one is to them.

    Safe to use from several threads, which take turns; for more, open it in several processes. Each
    process opens it for itself.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        """Make an index in memory; `Index.open` gives one that stays."""
        self._open(MEMORY, None, settings)

    @classmethod
    def open(
        cls,
        location: str | Path,
        window: timedelta | None = None,
        settings: Settings | Mapping[str, Any] | None = None,
    ) -> Index:
        """Open an index, or make one.

        Args:
            location: A file (SQLite), ":memory:", or a postgresql:// URL.
            window: Articles published further apart are not compared, and those that are older
                than the newest by more may be dropped; undated ones count as new. By default that
                of the index; a new one without a window keeps everything.
            settings: Settings, or some of them by name; the rest, or all by default, are those of
                the index, or of `Settings()` for a new one.

        Raises:
            StoreError: It cannot be opened, is no index, or was made by a version, with settings
                or with a window that do not fit.
        """
        index = cls.__new__(cls)
        index._open(str(location), window, settings)
        return index

    def _open(
        self,
        location: str,
        window: timedelta | None,
        settings: Settings | Mapping[str, Any] | None,
    ) -> None:
        self.location = location
        seconds = _seconds(window)
        self._lock = threading.RLock()
        self._store = stores.open_store(location)
        try:
            stored = self._store.write(partial(header.read, window=seconds, settings=settings))
            self.settings, self._window = header.check(self._shown(), stored, seconds, settings)
        except BaseException:
            self._store.close()
            raise
        self.window = None if self._window is None else timedelta(seconds=self._window)
        self._store.set_slices(self._window and -(-self._window // stores.SLICES))
        self._known = learned.nothing()
        self._reader = OneByOne(
            ReadOptions(
                fields=self.settings.fields,
                max_record_bytes=self.settings.max_record_bytes,
                needs_id=True,
            )
        )
        self._added, self._expire_at = 0, 0

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store; all that was answered is kept."""
        self._store.close()

    def add(self, article: Article | Mapping[str, Any]) -> Verdict:
        """Say what an article is, and keep it. When this returns, it is committed.

        The same id with the same text gets the same answer and changes nothing; with another text
        it replaces the first.

        Raises:
            InputError: It has no text or no id.
            StoreError: It could not be kept; calling again is safe.
        """
        (verdict,) = self.add_batch(self._read(article))
        return verdict

    def add_many(self, articles: Iterable[Article | Mapping[str, Any]] | Any) -> list[Verdict]:
        """Add articles in order; a commit for every few hundred.

        Raises:
            InputError: One has no text or no id. Those before it may have been added.
            StoreError: As for `add`; adding all of them again is safe.
        """
        found: list[Verdict] = []
        for batch in api.batches_of(articles, self.settings, needs_id=True):
            if batch.skipped:
                raise InputError(describe(batch.skipped[0]))
            found += self.add_batch(batch)
        return found

    def add_batch(self, batch: Batch) -> Iterator[Verdict]:
        """Add a batch of a reader, see `dedup.readers`; each verdict is of a committed article."""
        for part in self._parts(batch.articles):
            with self._lock:
                self._learn_if_due(len(part.entries))
                self._expire_if_due(part.entries)
                found = self._store.write(
                    partial(self._take, part=part), incoming.locks(part.entries)
                )
            yield from found

    def query(self, article: Article | Mapping[str, Any]) -> Verdict:
        """Say what `add` would answer, and keep nothing.

        Raises:
            InputError: It has no text or no id.
            StoreError: The index cannot be read.
        """
        (verdict,) = self.query_batch(self._read(article))
        return verdict

    def query_batch(self, batch: Batch) -> Iterator[Verdict]:
        """Say what `add` would answer for each article of a batch by itself."""
        for part in self._parts(batch.articles):
            with self._lock:
                found = self._store.read(partial(self._ask, part=part))
            yield from found

    def _read(self, article: Article | Mapping[str, Any]) -> Batch:
        with self._lock:
            batch = self._reader.read_one(article)
        if batch.skipped:
            raise InputError(describe(batch.skipped[0]))
        return batch

    def remove(self, id: str) -> bool:  # noqa: A002, the contract's word
        """Take an article out; say whether it was there."""

        def take_out(session: Session) -> bool:
            row = session.find(id)
            if row is None:
                return False
            self._reload(session)
            self._delete(session, row)
            session.rename(id)
            return True

        with self._lock:
            return self._store.write(take_out)

    def expire(self) -> int:
        """Drop what is older than the newest article by more than the window.

        Articles go by slices of a quarter of the window, so some stay for that much longer; they
        match nothing that is a window apart. Adding does this too, now and then.

        Returns:
            How many articles went.
        """
        if self._window is None:
            return 0
        window = self._window

        def drop(session: Session) -> int:
            newest = int(session.meta("newest") or 0)
            return session.expire(newest - window)

        return self._store.write(drop)

    def info(self) -> dict[str, Any]:
        """Say what the index holds: articles, bytes, window, settings, versions, furniture."""

        def ask(session: Session) -> dict[str, Any]:
            return {
                "articles": session.count(),
                "newest": int(session.meta("newest") or 0) or None,
                "furniture_blocks": len(session.meta("furniture") or b"") // 8,
                **orjson.loads(session.meta("header") or b"{}"),
            }

        found = self._store.read(ask)
        size = self._store.size_in_bytes()
        return {
            "location": self._shown(),
            **found,
            "bytes": size,
            "bytes_per_article": round(size / max(1, found["articles"])),
        }

    def _shown(self) -> str:
        return re.sub(r"//[^/@]*@", "//", self.location)

    def result(self, *, workers: int | None = None) -> Result:
        """Cluster all articles in the index, as `dedup.cluster` does, in the order they came.

        Pairs further apart than the window count here, where both are still in the index.
        """
        batches = self.batches()
        return local.cluster(batches, self.settings, workers=workers or api.available_cores())

    def batches(self) -> Iterator[Batch]:
        """Give the articles in the index, in the order they came."""
        last = -1
        while True:
            with self._lock:
                rows = self._store.read(partial(self._page, after=last))
                if not rows:
                    return
                last = rows[-1].number
                batch = self._batch(rows)
            yield batch

    def _page(self, session: Session, after: int) -> list[Row]:
        self._reload(session)
        return session.after(after, _PAGE)

    def refresh(self, *, workers: int | None = None) -> Result:
        """Take over what a look at all articles tells: furniture, clusters and stories.

        Returns:
            The same as `result`.
        """
        found = self.result(workers=workers)
        columns = (found.articles.column(name).to_pylist() for name in ("id", "cluster", "story"))
        places = {name: place for name, *place in zip(*columns, strict=True)}

        def settle(session: Session) -> None:
            learned.keep(session, lesson)
            rows = session.after(-1, _PAGE)
            while rows:
                session.place(
                    (*places[row.id], row.number)
                    for row in rows
                    if row.id in places and [row.cluster, row.story] != places[row.id]
                )
                rows = session.after(rows[-1].number, _PAGE)

        with self._lock:
            lesson = self._store.read(self._learn_all)
            self._store.write(settle)
        return found

    def _learn_all(self, session: Session) -> learned.Lesson:
        self._reload(session)
        return learned.learn(session, self._known, self.settings, whole=True)

    # One article's way: sketched, looked up, compared, decided, put.

    def _parts(self, articles: pa.RecordBatch) -> Iterator[Part]:
        for start in range(0, articles.num_rows, _ADDED_AT_ONCE):
            part = articles.slice(start, _ADDED_AT_ONCE)
            yield incoming.sketch(part, self._known, self.settings)

    def _entries(self, session: Session, part: Part) -> list[Entry]:
        """Take over what any process has learned; sketch again if that is other furniture."""
        self._reload(session)
        if part.stamp != self._known.stamp:
            part = incoming.sketch(part.articles, self._known, self.settings)
        return part.entries

    def _ask(self, session: Session, part: Part) -> list[Verdict]:
        """Decide on articles, each by itself."""
        return [self._decide(session, entry).verdict for entry in self._entries(session, part)]

    def _take(self, session: Session, part: Part) -> list[Verdict]:
        """Decide on articles in order, each among those before it, and keep them."""
        found = []
        for entry in self._entries(session, part):
            decision = self._decide(session, entry)
            found.append(decision.verdict)
            if not decision.is_known:
                self._put(session, entry, decision)
        return found

    def _put(self, session: Session, entry: Entry, decision: _Decision) -> None:
        verdict, old = decision.verdict, decision.old
        if old is not None:
            self._delete(session, old)
            if verdict.relation not in verdicts.SAME_REPORT:
                session.rename(entry.id)  # what was named after it was so for its old text
        content = Content(entry.fields, verdicts.to_values(verdict))
        number = session.put(
            Row(
                number=int(entry.is_short),
                id=entry.id,
                time=self._dated(session, entry),
                cluster=verdict.cluster,
                story=verdict.story,
                n_keys=len(entry.keys),
                payload=self._known.codec.seal(content),
            ),
            entry.keys,
        )
        self._added = max(self._added, number >> 1)

    def _delete(self, session: Session, row: Row) -> None:
        batch = self._batch([row])
        (entry,) = incoming.sketch(batch.articles, self._known, self.settings).entries
        session.delete(row.number, entry.keys)

    def _decide(self, session: Session, entry: Entry) -> _Decision:
        """Say what an article is to those in the index."""
        old = session.find(entry.id)
        if old is not None:
            content = self._known.codec.open(old.payload)
            if content.fields[0] == entry.fields[0]:
                return _Decision(verdicts.from_values(content.verdict, old), old, is_known=True)
        rows = self._candidates(session, entry, old)
        evidence = {
            "shingles": entry.n_shingles,
            "furniture_words": entry.furniture_words,
            "compared": len(rows),
        }
        matches = self._compare(entry, rows)
        if old is None:
            return _Decision(verdicts.decide(entry.id, matches, evidence), None, is_known=False)
        verdict = verdicts.decide_update(entry.id, old, matches, evidence)
        return _Decision(verdict, old, is_known=False)

    def _candidates(self, session: Session, entry: Entry, old: Row | None) -> list[Row]:
        """Find what to compare an article with: its old text too."""
        since, until = -(1 << 62), 1 << 62
        if self._window is not None:
            at = self._dated(session, entry)
            since, until = at - self._window, at + self._window
        numbers, counts = session.sharing(entry.asked, since, until)
        likely = (counts >= (1 if entry.is_short else _LEAST)) | (numbers & 1 == 1)
        most = np.lexsort((-numbers, -counts))
        most = most[likely[most]][:_MOST_COMPARED]
        shared = dict(zip(numbers[most].tolist(), counts[most].tolist(), strict=True))
        n_asked = len(entry.asked)
        found = {
            row.id: row
            for row in session.rows(list(shared))
            if shared[row.number] >= _SHARE * min(n_asked, row.n_keys) and row.id != entry.id
        }
        for row in list(found.values()):  # and what their clusters are named after
            if row.cluster not in found and row.cluster != entry.id:
                head = session.find(row.cluster)
                found |= {head.id: head} if head else {}
        rows = [row for row in found.values() if since <= row.time <= until]
        return rows if old is None else [*rows, old]

    def _dated(self, session: Session, entry: Entry) -> int:
        """Give an article's time; one without a date came when the newest did."""
        if entry.time is not None:
            return entry.time
        newest = session.meta("newest") if self._window is not None else None
        return int(newest or time.time())

    def _compare(self, entry: Entry, rows: list[Row]) -> list[Match]:
        """Compare an article with those of some rows, as a batch run compares its candidates."""
        if not rows:
            return []
        contents = [entry.fields, *(self._known.codec.open(row.payload).fields for row in rows)]
        column = pa.array([fields[0] for fields in contents], pa.large_string())
        tokens = learned.tokenise(column, self._known, self.settings)
        sets, _ = shingles.shingle_tokens(tokens.values, tokens.offsets, self.settings)
        outlets = learned.number_outlets(contents)
        nodes = matching.Nodes(
            np.arange(len(contents)), outlets, tokens, sets, learned.headings_of(contents)
        )
        same = _same_texts(tokens, sets)
        long = (sets.n_tokens >= min(matching.SHORTEST, self.settings.min_tokens)) & (
            sets.sizes() > 0
        )
        asked = np.flatnonzero(~same & long & long[0])
        asked = asked[asked > 0]
        pairs = np.stack((np.zeros_like(asked), asked), axis=1)
        found = matching.verify(nodes, pairs, self.settings)
        return verdicts.list_matches(
            rows,
            np.flatnonzero(same[1:]),
            matching.relate(nodes, found, self.settings),
            entry.n_shingles,
            self.settings.threshold,
        )

    # What the index has learned.

    def _reload(self, session: Session) -> None:
        """Take over what any process has learned since the last look."""
        self._known = learned.load(session, self._known)

    def _learn_if_due(self, more: int) -> None:
        """Learn anew when it is time; others can add meanwhile."""
        if not self._known.is_due(self._added + more):
            return

        def learn(session: Session) -> learned.Lesson | None:
            self._reload(session)
            if not self._known.is_due(self._added + more):
                return None
            return learned.learn(session, self._known, self.settings)

        lesson = self._store.read(learn)
        if lesson is not None:
            self._store.write(partial(learned.keep, lesson=lesson))

    def _expire_if_due(self, coming: Sequence[Entry]) -> None:
        """Move the clock on with the newest article, and drop what is past."""
        if self._window is None:
            return
        newest = max((entry.time for entry in coming if entry.time is not None), default=0)
        if newest < self._expire_at:
            return
        window = self._window

        def drop(session: Session) -> int:
            latest = max(newest, int(session.meta("newest") or 0))
            session.set_meta("newest", b"%d" % latest)
            session.expire(latest - window)
            return latest

        self._expire_at = self._store.write(drop) + max(1, window // (4 * stores.SLICES))

    def _batch(self, rows: Sequence[Row]) -> Batch:
        contents = [self._known.codec.open(row.payload).fields for row in rows]
        columns: dict[str, list[Any]] = {
            name: [content[i] for content in contents] for i, name in enumerate(FIELDS)
        }
        columns |= {
            "id": [row.id for row in rows],
            "file": [self._shown()] * len(rows),
            "line": [0] * len(rows),
        }
        schema = article_schema()
        arrays = [pa.array(columns[field.name], field.type) for field in schema]
        return Batch(pa.RecordBatch.from_arrays(arrays, schema=schema), ())


class _Decision(NamedTuple):
    """A verdict; the row of the same id, if any, and whether it has the same text."""

    verdict: Verdict
    old: Row | None
    is_known: bool


def _same_texts(tokens: Tokens, sets: ShingleSets) -> npt.NDArray[np.bool_]:
    """Say which texts but the first are the first one's text, as a batch run groups them."""
    found = np.diff(tokens.offsets) > 0
    for measure in (sets.n_tokens, sets.sizes(), sets.text_hashes):
        found &= measure == measure[0]
    found[0] = False
    return found


def _seconds(window: timedelta | None) -> int | None:
    if window is None:
        return None
    if not isinstance(window, timedelta) or window < timedelta(minutes=1):
        raise StoreError(f"window is {window!r}; give a timedelta of a minute or more")
    return int(window.total_seconds())
