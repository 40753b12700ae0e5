"""The ingest index: one call per article, the same stages as the batch run.

Every article leaves its prints in a store (see `stores`). A new one is compared, as exactly as in a
batch, with those that share enough prints with it; that is decided by `matching`, on the texts as
they are stored. What only a look at all articles can tell comes late: furniture is learned now and
then from the newest articles (see `learning`), and an article's cluster and story are those of its
best match, as things stood when it came (see `verdicts`). `result` gives what a batch run over all
stored articles gives, and `refresh` takes that over.

Prints alone find the candidates, where a batch run asks MinHash/LSH too: LSH finds near copies, and
those share many prints. What the verdicts miss of a batch run's matches is measured by
`benchmarks/index.py --data DIR`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from dedup import api
from dedup.engines import local
from dedup.errors import InputError
from dedup.index import keys, learning, payloads, stored_settings, stores
from dedup.index.decisions import Decider, Decision
from dedup.index.keys import KeyedArticle, KeyedBatch
from dedup.index.stores import Row, Session
from dedup.index.verdicts import Verdict
from dedup.readers import OneByOne, ReadOptions, describe
from dedup.records import Batch
from dedup.settings import Settings

if TYPE_CHECKING:
    from dedup.records import Article
    from dedup.results.result import Result

__all__ = ["MEMORY", "Index", "Verdict"]

MEMORY = ":memory:"

_ADDED_AT_ONCE = 64
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
        seconds = stored_settings.window_seconds(window)
        self._lock = threading.RLock()
        self._store = stores.open_store(location)
        self.location = self._store.location
        try:
            stored = self._store.read(stored_settings.read)
            if stored is None:
                stored = self._store.write(
                    partial(stored_settings.make, window=seconds, settings=settings)
                )
            self.settings, self._window = stored_settings.check(
                self.location, stored, seconds, settings
            )
        except BaseException:
            self._store.close()
            raise
        self.window = None if self._window is None else timedelta(seconds=self._window)
        self._store.set_slices(self._window and -(-self._window // stores.SLICES))
        self._knowledge = learning.nothing()
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

        The same id with the same text gets the same answer and changes nothing; with a version of
        that text it is an update and replaces it; with an unrelated text it is another article, and
        `Verdict.id` says under which id that is kept.

        Raises:
            InputError: It has no text or no id.
            StoreError: It could not be kept; calling again is safe.
        """
        (verdict,) = self.add_batch(self._read(article))
        return verdict

    def add_many(self, articles: Iterable[Article | Mapping[str, Any]] | Any) -> list[Verdict]:
        """Add articles in order; 64 to a commit.

        Raises:
            InputError: One has no text or no id. Those before it may have been added.
            StoreError: As for `add`; adding all of them again is safe.
        """
        found: list[Verdict] = []
        for batch in api.batches_of(articles, self.settings, needs_id=True):
            if batch.skipped:
                raise InputError(describe(batch.skipped[0]))
            for start in range(0, batch.articles.num_rows, _ADDED_AT_ONCE):
                found += self.add_batch(Batch(batch.articles.slice(start, _ADDED_AT_ONCE), ()))
        return found

    def add_batch(self, batch: Batch) -> list[Verdict]:
        """Add the articles of a reader's batch in one commit; when this returns, it is done.

        Other writers wait meanwhile, so give no more than some hundred at once (`batch_rows` of
        `dedup.readers.ReadOptions`).

        Raises:
            StoreError: None of them could be kept; calling again is safe.
        """
        if batch.articles.num_rows == 0:
            return []
        with_keys = keys.extract(batch.articles, self._knowledge, self.settings)
        with self._lock:
            self._learn_if_due(batch.articles.num_rows)
            self._expire_if_due(with_keys.keyed)
            take = partial(self._take, batch=with_keys)
            return self._store.write(take, keys.locks(with_keys.keyed))

    def query(self, article: Article | Mapping[str, Any]) -> Verdict:
        """Say what `add` would answer, and keep nothing.

        Raises:
            InputError: It has no text or no id.
            StoreError: The index cannot be read.
        """
        (verdict,) = self.query_batch(self._read(article))
        return verdict

    def query_batch(self, batch: Batch) -> list[Verdict]:
        """Say what `add` would answer for each article of a batch by itself."""
        if batch.articles.num_rows == 0:
            return []
        with_keys = keys.extract(batch.articles, self._knowledge, self.settings)
        with self._lock:
            return self._store.read(partial(self._ask, batch=with_keys))

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
            "location": self.location,
            **found,
            "bytes": size,
            "bytes_per_article": round(size / max(1, found["articles"])),
        }

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
            learning.keep(session, new)
            rows = session.after(-1, _PAGE)
            while rows:
                session.place(
                    (*places[row.id], row.number)
                    for row in rows
                    if row.id in places and [row.cluster, row.story] != places[row.id]
                )
                rows = session.after(rows[-1].number, _PAGE)

        with self._lock:
            new = self._store.read(self._learn_all)
            self._store.write(settle)
        return found

    def _learn_all(self, session: Session) -> learning.NewKnowledge:
        self._reload(session)
        return learning.learn(session, self._knowledge, self.settings, whole=True)

    # One article's way: its keys, what it may be a copy of, what it is, and into the store.

    def _keyed(self, session: Session, batch: KeyedBatch) -> list[KeyedArticle]:
        """Take over what any process has learned; give keys made with that."""
        self._reload(session)
        if batch.stamp != self._knowledge.stamp:
            batch = keys.extract(batch.articles, self._knowledge, self.settings)
        return batch.keyed

    def _ask(self, session: Session, batch: KeyedBatch) -> list[Verdict]:
        """Decide on articles, each by itself."""
        keyed = self._keyed(session, batch)
        decider = self._decider(session)
        return [decider.decide(article).verdict for article in keyed]

    def _take(self, session: Session, batch: KeyedBatch) -> list[Verdict]:
        """Decide on articles in order, each among those before it, and keep them."""
        found = []
        keyed = self._keyed(session, batch)
        decider = self._decider(session)
        for article in keyed:
            decision = decider.decide(article)
            found.append(decision.verdict)
            if not decision.is_known:
                self._put(session, article, decision)
        return found

    def _decider(self, session: Session) -> Decider:
        return Decider(session, self._knowledge, self.settings, self._window)

    def _put(self, session: Session, article: KeyedArticle, decision: Decision) -> None:
        if decision.replaced is not None:
            self._delete(session, decision.replaced)
        row = decision.to_row(article, self._knowledge.codec)
        number = session.put(row, article.keys)
        self._added = max(self._added, number >> 1)

    def _delete(self, session: Session, row: Row) -> None:
        batch = self._batch([row])
        (article,) = keys.extract(batch.articles, self._knowledge, self.settings).keyed
        session.delete(row.number, article.keys)

    # What the index has learned.

    def _reload(self, session: Session) -> None:
        """Take over what any process has learned since the last look."""
        self._knowledge = learning.load(session, self._knowledge)

    def _learn_if_due(self, more: int) -> None:
        """Learn anew when it is time; others can add meanwhile."""
        if not self._knowledge.is_due(self._added + more):
            return

        def learn(session: Session) -> learning.NewKnowledge | None:
            self._reload(session)
            if not self._knowledge.is_due(self._added + more):
                return None
            return learning.learn(session, self._knowledge, self.settings)

        new = self._store.read(learn)
        if new is not None:
            self._store.write(partial(learning.keep, new=new))

    def _expire_if_due(self, articles: Sequence[KeyedArticle]) -> None:
        """Move the clock on with the newest article, and drop what is past."""
        if self._window is None:
            return
        newest = max((one.time for one in articles if one.time is not None), default=0)
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
        return payloads.to_batch(rows, self._knowledge.codec, self.location)
