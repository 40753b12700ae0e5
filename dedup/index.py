"""The ingest index: one call per article, the same stages as the batch run.

Every article leaves its prints in a store (see `stores`). A new one is compared, as exactly as in a
batch, with those that share enough prints with it; that is decided by `matching`, on the texts as
they are stored. What only a look at all articles can tell comes late: furniture is learned now and
then from the newest articles, and an article's cluster and story are those of its best match, as
things stood when it came. `result` gives what a batch run over all stored articles gives, and
`refresh` takes that over.

Prints alone find the candidates, where a batch run asks MinHash/LSH too: LSH finds near copies, and
those share many prints. What the verdicts miss of a batch run's matches is measured by
`benchmarks/index.py --data DIR`.
"""

from __future__ import annotations

import re
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import zstandard

from dedup import api, dates, furniture, kernels, matching, pipeline, shingles, stores, text
from dedup.errors import InputError, StoreError
from dedup.intake import outlet_of
from dedup.readers import OneByOne, ReadOptions, describe
from dedup.records import Batch, article_schema
from dedup.settings import Settings
from dedup.stores import Row, Session
from dedup.version import __version__

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.matching import Matches
    from dedup.records import Article
    from dedup.results import Result
    from dedup.text import Tokens

    Keys = npt.NDArray[np.uint32]
    Hashes = npt.NDArray[np.uint64]

MEMORY = ":memory:"

_SHORT = 32
"""An article of fewer shingles may share one print only, as in `fingerprints`."""

_FEW_KEYS = 4
"""So few has only an article of a few dozen words."""

_SPREAD = np.uint32(0x9E3779B1)
"""Winnowing keeps low hashes; times this odd number keys are spread evenly, and still distinct."""

_OUTLET, _URL = 2, 4
_MOST_COMPARED = 64
"""Candidates compared, those with most prints in common; each costs some 30 µs."""

_LEARN_FIRST, _LEARN_FROM = 64, 20_000
"""Furniture is learned anew when as many articles again have come, from the newest of them."""

_DICTIONARY_FROM, _DICTIONARY_BYTES = 1_000, 112 << 10
_ADDED_AT_ONCE = 256
_PAGE = 4_096
_FIELDS = ("text", "title", "outlet", "published", "url", "authors", "language", "extra")
_RANK = {"duplicate": 0, "version": 1, "quote": 2, "furniture": 3}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an article is to those in the index.

    Attributes:
        is_new: Nothing in the index is the same report: no duplicate and no version of it.
        relation: To `of`: "duplicate", "version", "quote", "furniture"; "unrelated" without one.
        of: Id of the article it matches best, the article's own id for another text of the same
            article, None if nothing matches.
        cluster: Id of the article its cluster is named after, its own for a new one.
        story: The same for its story.
        jaccard: Of the two texts, 0 to 1.
        containment: Share of the shorter text found in the longer one, 0 to 1.
        evidence: What was counted, to be logged: `shared` shingles, `shingles` of the article and
            `of_shingles` of the other, `margin` to the nearest border of the relation, `compared`
            articles, `furniture_words` left out; `updates` where the id was known with another
            text; and the best other matches in `also`.
    """

    is_new: bool
    relation: str
    of: str | None
    cluster: str
    story: str
    jaccard: float
    containment: float
    evidence: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Give the verdict as plain values."""
        return asdict(self)


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
        settings: Settings | None = None,
    ) -> Index:
        """Open an index, or make one.

        Args:
            location: A file (SQLite), ":memory:", or a postgresql:// URL.
            window: Articles published further apart are not compared, and those that are older
                than the newest by more may be dropped; undated ones count as new. By default that
                of the index; a new one without a window keeps everything.
            settings: By default those of the index, or `Settings()` for a new one.

        Raises:
            StoreError: It cannot be opened, is no index, or was made by a version, with settings
                or with a window that do not fit.
        """
        index = cls.__new__(cls)
        index._open(str(location), window, settings)
        return index

    def _open(self, location: str, window: timedelta | None, settings: Settings | None) -> None:
        self.location = location
        seconds = _seconds(window)
        self._lock = threading.RLock()
        self._store = stores.open_store(location)
        try:
            header = self._store.write(lambda session: _header(session, seconds, settings))
            _check_header(location, header, seconds, settings)
            self.settings = Settings.from_dict(header["settings"])
        except BaseException:
            self._store.close()
            raise
        self.window = None if header["window"] is None else timedelta(seconds=header["window"])
        self._window: int | None = header["window"]
        self._store.set_slices(self._window and -(-self._window // stores.SLICES))
        self._known = _Known(b"", np.empty(0, dtype=np.uint64), _Codec(None))
        self._reader = OneByOne(ReadOptions(fields=self.settings.fields))
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
        verdicts: list[Verdict] = []
        for batch in api.batches_of(articles, self.settings):
            if batch.skipped:
                raise InputError(describe(batch.skipped[0]))
            verdicts += self.add_batch(batch)
        return verdicts

    def add_batch(self, batch: Batch) -> Iterator[Verdict]:
        """Add a batch of a reader, see `dedup.readers`; each verdict is of a committed article."""
        with_keys = self._sketched(batch.articles)
        for start in range(0, len(with_keys), _ADDED_AT_ONCE):
            part = with_keys[start : start + _ADDED_AT_ONCE]
            with self._lock:
                self._learn_if_due(len(part))
                self._expire_if_due(part)
                keys = np.unique(np.concatenate([entry.locks for entry in part]))
                verdicts = self._store.write(partial(self._take, entries=part), keys)
            yield from verdicts

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
        for entry in self._sketched(batch.articles):
            with self._lock:
                decision = self._store.read(partial(self._decide, entry=entry))
            yield decision.verdict

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
            self._delete(session, row)
            session.rename(id)
            return True

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
        return pipeline.cluster(batches, self.settings, workers=workers or api.available_cores())

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
            self._learn(session, None)
            rows = session.after(-1, _PAGE)
            while rows:
                session.place(
                    (*places[row.id], row.number)
                    for row in rows
                    if row.id in places and [row.cluster, row.story] != places[row.id]
                )
                rows = session.after(rows[-1].number, _PAGE)

        with self._lock:
            self._store.write(settle)
        return found

    # One article's way: sketched, looked up, compared, decided, put.

    def _sketched(self, articles: pa.RecordBatch) -> list[_Entry]:
        """Give each article with its keys, which do not depend on what is in the index."""
        tokens = text.tokenise(articles.column("text"), self._listed())
        _, prints = shingles.shingle_tokens(tokens.values, tokens.offsets, self.settings)
        now = int(time.time())
        entries = []
        for i, values in enumerate(articles.to_pylist()):
            whole = kernels.hash_tokens(tokens.values[tokens.offsets[i] : tokens.offsets[i + 1]])
            own = np.unique(prints.values[prints.offsets[i] : prints.offsets[i + 1]])
            same_text = np.uint32(int(whole) & 0xFFFFFFFF)
            same_id = np.uint32(zlib.crc32(values["id"].encode()))
            entries.append(
                _Entry(
                    id=values["id"],
                    time=_time(values["published"], now),
                    fields=tuple(values[name] for name in _FIELDS),
                    keys=np.unique(np.append(own, same_text) * _SPREAD),
                    locks=np.unique(np.append(own, (same_text, same_id)) * _SPREAD),
                )
            )
        return entries

    def _listed(self) -> text.LineList:
        return text.NO_LINES if self.settings.keep_furniture else furniture.line_list()

    def _take(self, session: Session, entries: Sequence[_Entry]) -> list[Verdict]:
        """Decide on articles in order, each among those before it, and keep them."""
        verdicts = []
        for entry in entries:
            decision = self._decide(session, entry)
            verdicts.append(decision.verdict)
            if decision.is_known:
                continue
            if decision.old is not None:
                self._delete(session, decision.old)
                if not decision.is_same_story:
                    session.rename(entry.id)  # what was named after it was so for its old text
            number = session.put(
                Row(
                    number=int(decision.is_short),
                    id=entry.id,
                    time=self._dated(session, entry),
                    cluster=decision.verdict.cluster,
                    story=decision.verdict.story,
                    verdict=_sealed(decision.verdict),
                    payload=self._known.codec.seal(entry.fields),
                ),
                entry.keys,
            )
            self._added = max(self._added, number >> 1)
        return verdicts

    def _delete(self, session: Session, row: Row) -> None:
        self._reload(session)
        (entry,) = self._sketched(self._batch([row]).articles)
        session.delete(row.number, entry.keys)

    def _decide(self, session: Session, entry: _Entry) -> _Decision:
        """Say what an article is to those in the index."""
        self._reload(session)
        old = session.find(entry.id)
        if old is not None and self._known.codec.open(old.payload)[0] == entry.fields[0]:
            return _Decision(_unsealed(old), old, is_known=True, is_short=False)
        since, until = -(1 << 62), 1 << 62
        if self._window is not None:
            at = self._dated(session, entry)
            since, until = at - self._window, at + self._window
        numbers, counts = session.sharing(entry.keys, since, until)
        likely = (counts >= 2) | (numbers & 1 == 1) | (len(entry.keys) < _FEW_KEYS)
        most = np.lexsort((-numbers, -counts))
        most = most[likely[most]][:_MOST_COMPARED]
        rows = [row for row in session.rows(numbers[most].tolist()) if since <= row.time <= until]
        rows = [row for row in rows if old is None or row.number != old.number]
        rows += self._heads(session, rows, since, until, old)
        if old is not None:
            rows.append(old)
        compared = self._compare(entry, rows)
        if old is not None:
            return self._updated(compared, entry, old, rows)
        return _Decision(_verdict(compared, entry, rows), None, False, compared.is_short)

    def _heads(
        self, session: Session, rows: list[Row], since: int, until: int, old: Row | None
    ) -> list[Row]:
        """Give the articles that the clusters of some others are named after."""
        missing = dict.fromkeys(row.cluster for row in rows if row.cluster != row.id)
        there = {row.id for row in rows} | ({old.id} if old else set())
        heads = [session.find(name) for name in missing if name not in there]
        return [head for head in heads if head is not None and since <= head.time <= until]

    def _dated(self, session: Session, entry: _Entry) -> int:
        """Give an article's time; one without a date came when the newest did."""
        if entry.time is not None:
            return entry.time
        newest = session.meta("newest") if self._window is not None else None
        return int(newest or time.time())

    def _compare(self, entry: _Entry, rows: list[Row]) -> _Compared:
        """Compare an article with those of some rows, as a batch run compares its candidates."""
        contents = [entry.fields, *(self._known.codec.open(row.payload) for row in rows)]
        column = pa.array([fields[0] for fields in contents], pa.large_string())
        tokens = text.tokenise(column, self._listed())
        if not self.settings.keep_furniture:
            self._known.mark(tokens)
        sets, _ = shingles.shingle_tokens(tokens.values, tokens.offsets, self.settings)
        names = [outlet_of(fields[_OUTLET] or "", fields[_URL] or "") for fields in contents]
        numbers = {name: i for i, name in enumerate(dict.fromkeys(names))}
        outlets = np.array([numbers[name] if name else -1 for name in names])
        nodes = matching.Nodes(np.arange(len(contents)), outlets, tokens, sets)
        sizes = sets.sizes()
        long = (sets.n_tokens >= self.settings.min_tokens) & (sizes > 0)
        others = np.arange(1, len(contents))
        same = (sets.n_tokens[1:] == sets.n_tokens[0]) & (sizes[1:] == sizes[0])
        same &= (sets.text_hashes[1:] == sets.text_hashes[0]) & (len(tokens.values) > 0)
        same &= np.diff(tokens.offsets)[1:] > 0
        asked = others[~same & long[1:] & long[0]]
        pairs = np.stack((np.zeros_like(asked), asked), axis=1)
        found = matching.verify(nodes, pairs, self.settings)
        matches = matching.relate(nodes, found, self.settings)
        n_words = int(tokens.offsets[1])
        return _Compared(
            same=others[same] - 1,
            matches=matches,
            n_shingles=int(sizes[0]),
            furniture_words=n_words - int(sets.n_tokens[0]),
            is_short=not long[0] or int(sizes[0]) < _SHORT,
            n=len(rows),
            threshold=self.settings.threshold,
        )

    def _updated(self, compared: _Compared, entry: _Entry, old: Row, rows: list[Row]) -> _Decision:
        """Say that an article has another text now, and where it belongs."""
        among = _verdict(compared, entry, rows[:-1])
        own = compared.best_of(len(rows) - 1)
        is_alone = among.cluster == entry.id and among.story == entry.id
        keeps = is_alone and own.relation in ("duplicate", "version")
        verdict = replace(
            among,
            is_new=False,
            relation=own.relation,
            of=entry.id,
            cluster=old.cluster if keeps else among.cluster,
            story=old.story if keeps else among.story,
            jaccard=own.jaccard,
            containment=own.containment,
            evidence={**among.evidence, "updates": True},
        )
        return _Decision(
            verdict,
            old,
            is_known=False,
            is_short=compared.is_short,
            is_same_story=own.relation in ("duplicate", "version"),
        )

    # What the index has learned.

    def _reload(self, session: Session) -> None:
        """Take over what any process has learned since the last look."""
        stamp = session.meta("stamp") or b""
        if stamp != self._known.stamp:
            hashes = np.frombuffer(session.meta("furniture") or b"", dtype=np.uint64)
            self._known = _Known(stamp, hashes, _Codec(session.meta("dictionary")))

    def _learn_if_due(self, more: int) -> None:
        due = self._known.due()
        if self._added + more < due:
            return

        def learn(session: Session) -> None:
            self._reload(session)
            if self._added + more >= self._known.due():
                self._learn(session, _LEARN_FROM)

        self._store.write(learn)

    def _learn(self, session: Session, most: int | None) -> None:
        """Learn furniture, and how to compress, from the newest articles, or from all."""
        self._reload(session)
        count = session.count()
        n = count if most is None else min(most, count)
        rows = list(session.newest(n))[::-1]
        hashes = self._known.furniture
        if not self.settings.keep_furniture and rows:
            batch = self._batch(rows)
            tokens = text.tokenise(batch.articles.column("text"), self._listed())
            names = [
                outlet_of(*pair)
                for pair in zip(
                    batch.articles.column("outlet").to_pylist(),
                    batch.articles.column("url").to_pylist(),
                    strict=True,
                )
            ]
            numbers = {name: i for i, name in enumerate(dict.fromkeys(names))}
            outlets = np.array([numbers[name] if name else -1 for name in names])
            found = np.unique(tokens.blocks.hashes[furniture.learn(tokens.blocks, outlets)])
            hashes = found if n == count else np.union1d(hashes, found)
        dictionary = session.meta("dictionary")
        if dictionary is None and len(rows) >= _DICTIONARY_FROM:
            dictionary = _dictionary([self._known.codec.open(row.payload) for row in rows])
            session.set_meta("dictionary", dictionary)
        self._added = max(self._added, rows[-1].number >> 1 if rows else 0)
        session.set_meta("furniture", hashes.tobytes())
        session.set_meta("stamp", b"%d" % self._added)
        self._reload(session)

    def _expire_if_due(self, entries: Sequence[_Entry]) -> None:
        """Move the clock on with the newest article, and drop what is past."""
        if self._window is None:
            return
        newest = max((entry.time for entry in entries if entry.time is not None), default=0)
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
        contents = [self._known.codec.open(row.payload) for row in rows]
        columns: dict[str, list[Any]] = {
            name: [content[i] for content in contents] for i, name in enumerate(_FIELDS)
        }
        columns |= {
            "id": [row.id for row in rows],
            "file": [self._shown()] * len(rows),
            "line": [0] * len(rows),
        }
        schema = article_schema()
        arrays = [pa.array(columns[field.name], field.type) for field in schema]
        return Batch(pa.RecordBatch.from_arrays(arrays, schema=schema), ())


class _Entry(NamedTuple):
    """An article on its way in.

    `keys` is what it leaves in the index, `locks` what no other writer may touch meanwhile.
    """

    id: str
    time: int | None
    fields: tuple[str | None, ...]
    keys: Keys
    locks: Keys


class _Decision(NamedTuple):
    """A verdict; the row of the same id, if any; whether that has the same text, or a version."""

    verdict: Verdict
    old: Row | None
    is_known: bool
    is_short: bool
    is_same_story: bool = True


class _Best(NamedTuple):
    """What an article is to one other."""

    relation: str
    jaccard: float
    containment: float


class _Compared(NamedTuple):
    """An article beside n others, which have the places 0 to n - 1.

    `same` are those of the same text, `matches` has the article as node 0 and the others from 1 on.
    """

    same: npt.NDArray[np.int64]
    matches: Matches
    n_shingles: int
    furniture_words: int
    is_short: bool
    n: int
    threshold: float

    def best_of(self, place: int) -> _Best:
        """Say what the article is to the one at a place."""
        if place in self.same:
            return _Best("duplicate", 1.0, 1.0)
        overlaps = self.matches.overlaps
        at = np.flatnonzero(overlaps.pairs[:, 1] == place + 1)
        if len(at) == 0:
            return _Best("unrelated", 0.0, 0.0)
        k = int(at[0])
        return _Best(
            str(self.matches.relations[k]),
            float(overlaps.jaccard()[k]),
            float(overlaps.containment()[k]),
        )


def _verdict(compared: _Compared, entry: _Entry, rows: Sequence[Row]) -> Verdict:
    """Decide between the matches among the first rows."""
    overlaps, matches = compared.matches.overlaps, compared.matches
    jaccard, containment = overlaps.jaccard(), overlaps.containment()
    found = [
        (0, -1.0, -1.0, rows[i].number, i, -1) for i in compared.same.tolist() if i < len(rows)
    ]
    for k, place in enumerate((overlaps.pairs[:, 1] - 1).tolist()):
        if place < len(rows):
            rank = _RANK[str(matches.relations[k])]
            found.append((rank, -jaccard[k], -containment[k], rows[place].number, place, k))
    found.sort()
    by_jaccard = sorted(found, key=lambda match: (match[1], match[3]))
    in_cluster = [
        m
        for m in by_jaccard
        if rows[m[4]].cluster == rows[m[4]].id  # so that no chain of copies ties what is not alike
        and (m[5] < 0 or (matches.ties_cluster[m[5]] and jaccard[m[5]] >= compared.threshold))
    ]
    in_story = [
        m
        for m in sorted(found, key=lambda match: (match[2], match[3]))
        if m[5] < 0 or matches.ties_story[m[5]] or matches.ties_cluster[m[5]]
    ]
    cluster = rows[in_cluster[0][4]].cluster if in_cluster else entry.id
    tied = in_cluster or in_story
    story = rows[tied[0][4]].story if tied else entry.id
    evidence: dict[str, Any] = {
        "shingles": compared.n_shingles,
        "furniture_words": compared.furniture_words,
        "compared": compared.n,
    }
    if not found:
        return Verdict(True, "unrelated", None, cluster, story, 0.0, 0.0, evidence)
    rank, _, _, _, place, k = found[0]
    relation = list(_RANK)[rank]
    evidence |= {
        "shared": int(overlaps.shared[k]) if k >= 0 else compared.n_shingles,
        "of_shingles": int(overlaps.size_b[k]) if k >= 0 else compared.n_shingles,
    }
    if k >= 0 and not np.isnan(matches.margins[k]):
        evidence["margin"] = round(float(matches.margins[k]), 4)
    if len(found) > 1:
        evidence["also"] = [rows[match[4]].id for match in found[1:6]]
    return Verdict(
        is_new=relation in ("quote", "furniture"),
        relation=relation,
        of=rows[place].id,
        cluster=cluster,
        story=story,
        jaccard=float(-found[0][1]),
        containment=float(-found[0][2]),
        evidence=evidence,
    )


def _sealed(verdict: Verdict) -> bytes:
    """Write what a row does not say otherwise."""
    return orjson.dumps(
        [
            verdict.is_new,
            verdict.relation,
            verdict.of,
            verdict.jaccard,
            verdict.containment,
            verdict.evidence,
        ]
    )


def _unsealed(row: Row) -> Verdict:
    is_new, relation, of, jaccard, containment, evidence = orjson.loads(row.verdict)
    return Verdict(is_new, relation, of, row.cluster, row.story, jaccard, containment, evidence)


class _Codec:
    """Articles as compressed JSON; with a dictionary learned from the index's own articles."""

    def __init__(self, dictionary: bytes | None) -> None:
        self._plain = zstandard.ZstdCompressor(level=3), zstandard.ZstdDecompressor()
        self._trained = self._plain
        self._mark = b"\0"
        if dictionary is not None:
            known = zstandard.ZstdCompressionDict(dictionary)
            self._mark = b"\1"
            self._trained = (
                zstandard.ZstdCompressor(level=3, dict_data=known),
                zstandard.ZstdDecompressor(dict_data=known),
            )

    def seal(self, fields: tuple[str | None, ...]) -> bytes:
        """Compress an article's fields."""
        return self._mark + self._trained[0].compress(orjson.dumps(_without_tail(fields)))

    def open(self, payload: bytes) -> tuple[str | None, ...]:
        """Give an article's fields.

        Raises:
            StoreError: The payload is damaged.
        """
        _, decompressor = self._plain if payload[:1] == b"\0" else self._trained
        try:
            values = orjson.loads(decompressor.decompress(payload[1:]))
        except (zstandard.ZstdError, orjson.JSONDecodeError) as error:
            raise StoreError(
                f"an article in the index is damaged ({error}); restore the index from a copy"
            ) from error
        return (*values, *_NOTHING[len(values) :])


_NOTHING: tuple[str | None, ...] = ("", "", "", None, "", "", "", None)


def _without_tail(fields: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """Leave out fields at the end that say nothing."""
    n = len(fields)
    while n > 1 and fields[n - 1] == _NOTHING[n - 1]:
        n -= 1
    return fields[:n]


def _dictionary(contents: Sequence[tuple[str | None, ...]]) -> bytes:
    """Train a compression dictionary; the same articles give the same one."""
    samples: list[bytes | bytearray | memoryview] = [
        orjson.dumps(_without_tail(fields))[:8_192] for fields in contents[-4_000:]
    ]
    try:
        return zstandard.train_dictionary(_DICTIONARY_BYTES, samples).as_bytes()
    except zstandard.ZstdError:  # too little, or all the same
        return zstandard.ZstdCompressionDict(b"".join(samples)[:_DICTIONARY_BYTES]).as_bytes()


class _Known(NamedTuple):
    """What an index has learned, and after how many articles."""

    stamp: bytes
    furniture: Hashes
    codec: _Codec

    def due(self) -> int:
        """Say after how many articles to learn again."""
        last = int(self.stamp or 0)
        return max(_LEARN_FIRST, last + min(last, _LEARN_FROM))

    def mark(self, tokens: Tokens) -> None:
        """Mark the furniture in some texts' tokens."""
        blocks = tokens.blocks
        found = (blocks.marks & kernels.LISTED) > 0
        if len(self.furniture):
            places = np.searchsorted(self.furniture, blocks.hashes)
            found |= self.furniture[np.minimum(places, len(self.furniture) - 1)] == blocks.hashes
        kernels.mark_furniture(tokens.values, tokens.offsets, blocks.offsets, blocks.ends, found)


def _time(published: str | None, now: int) -> int | None:
    """Give an article's time in seconds, None where it is unknown; none is in the future."""
    return None if published is None else min(now, dates.order_key(published) // 1_000_000)


def _seconds(window: timedelta | None) -> int | None:
    if window is None:
        return None
    if not isinstance(window, timedelta) or window < timedelta(minutes=1):
        raise StoreError(f"window is {window!r}; give a timedelta of a minute or more")
    return int(window.total_seconds())


def _length(seconds: int | None) -> str:
    return "none" if seconds is None else str(timedelta(seconds=seconds))


def _header(session: Session, window: int | None, settings: Settings | None) -> dict[str, Any]:
    """Read what an index was made with; write it if it is new."""
    stored = session.meta("header")
    if stored is not None:
        try:
            header: dict[str, Any] = orjson.loads(stored)
        except orjson.JSONDecodeError as error:
            raise StoreError("its header is damaged; restore the index from a copy") from error
        return header
    header = {
        "version": __version__,
        "kernel_version": kernels.KERNEL_VERSION,
        "settings": (settings or Settings()).as_dict(),
        "window": window,
    }
    session.set_meta("header", orjson.dumps(header))
    return header


_HOW_TO_READ = ("fields", "max_record_bytes", "representative")
"""Settings that concern neither keys nor verdicts, and so may differ from call to call."""


def _check_header(
    location: str, header: Mapping[str, Any], window: int | None, settings: Settings | None
) -> None:
    """Refuse an index made otherwise.

    Raises:
        StoreError: With the field, both values and what to do.
    """
    if header["kernel_version"] != kernels.KERNEL_VERSION:
        raise StoreError(
            f"{location}: kernel_version is {header['kernel_version']} there (dedup "
            f"{header['version']}), {kernels.KERNEL_VERSION} here (dedup {__version__}); use that "
            "version, or add the articles to a new index"
        )
    if window is not None and window != header["window"]:
        raise StoreError(
            f"{location}: window is {_length(header['window'])} there, {_length(window)} here; "
            "leave it out, or add the articles to a new index"
        )
    for name, value in settings.as_dict().items() if settings else ():
        there = header["settings"].get(name)
        if name not in _HOW_TO_READ and value != there:
            raise StoreError(
                f"{location}: {name} is {there!r} there, {value!r} here; leave it out, or add the "
                "articles to a new index"
            )
