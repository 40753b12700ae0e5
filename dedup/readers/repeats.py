"""Records whose id came before: the same again, or another text under a known id.

The same id with the same text is the same record; it is left out. With another text it is another
article: feeds that number from 1 and pages that are told by their section alone give one id to
several. It is kept under a derived id, "17#2", then "17#3". Ids and texts are known by their
hashes: of an id 95 bits are kept and of its text 32, in 32 to 64 bytes of memory.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dedup import kernels
from dedup.records import Batch, Skipped
from dedup.text import tokenizer

if TYPE_CHECKING:
    import numpy.typing as npt

    Hashes = npt.NDArray[np.uint64]
    Bools = npt.NDArray[np.bool_]

_FIRST_SIZE = 1 << 12
_SHOWN = 3


class RepeatedIds:
    """Passes batches on with ids that are all different, in whatever batches the records come."""

    def __init__(self) -> None:
        self._table = np.zeros((_FIRST_SIZE, 2), dtype=np.uint64)
        self._used = 0
        self._next_number: dict[str, int] = {}
        self._other_texts: set[tuple[str, int]] = set()
        self._n_renamed = 0
        self._examples: list[str] = []

    def __call__(self, batch: Batch) -> Batch:
        """Give the batch without records that came before; other texts get ids of their own."""
        ids, texts = _hash(batch.articles.column("id")), _text_hashes(batch)
        is_new = np.empty(len(ids), dtype=np.bool_)
        renamed: dict[int, str] = {}
        at = 0
        while (at := self._add(ids, texts, is_new, at)) < len(ids):
            if derived := self._derive(batch.articles.column("id")[at].as_py(), int(texts[at])):
                renamed[at] = derived
            is_new[at] = bool(derived)
            at += 1
        return self.note(_kept(_renamed(batch, renamed), is_new))

    def unknown_in(self, batch: Batch) -> Batch:
        """Give the batch without records whose id came before, whatever their texts."""
        ids, texts = _hash(batch.articles.column("id")), _text_hashes(batch)
        is_new = np.empty(len(ids), dtype=np.bool_)
        at = 0
        while (at := self._add(ids, texts, is_new, at)) < len(ids):
            is_new[at] = False
            at += 1
        return Batch(batch.articles.filter(pa.array(is_new)), ())

    def warnings(self) -> list[str]:
        """Say which records were given another id, if any were."""
        n = self._n_renamed
        if not n:
            return []
        more = f" and {n - len(self._examples)} more" if n > len(self._examples) else ""
        return [
            f"{n} record{'s' * (n > 1)} had an id that another text had before; "
            f"kept as {', '.join(self._examples)}{more}"
        ]

    def _add(self, ids: Hashes, texts: Hashes, is_new: Bools, at: int) -> int:
        """Look up records from one on; give the place of the next that has another text."""
        self._make_room(len(ids) - at)
        found: int = kernels.add_ids(ids, texts, self._table, is_new, at)
        self._used += int(np.count_nonzero(is_new[at:found]))
        return found

    def _derive(self, name: str, text: int) -> str:
        """Give an id to another text under a known id; "" if it came before, too."""
        if (name, text) in self._other_texts:
            return ""
        self._other_texts.add((name, text))
        number = self._next_number.get(name, 2)
        while not self._is_free(derived := f"{name}#{number}", text):
            number += 1
        self._next_number[name] = number + 1
        return derived

    def _is_free(self, name: str, text: int) -> bool:
        """Take an id, if no record has it."""
        is_new = np.zeros(1, dtype=np.bool_)
        one = pa.array([name], pa.large_string())
        self._add(_hash(one), np.array([text], dtype=np.uint64), is_new, 0)
        return bool(is_new[0])

    def note(self, batch: Batch) -> Batch:
        """Count the records that a batch has under other ids, for the warning; give it on."""
        self._n_renamed += len(batch.renamed)
        self._examples += batch.renamed[: _SHOWN - len(self._examples)]
        return batch

    def _make_room(self, more: int) -> None:
        """Keep half of the table free."""
        room = len(self._table)
        while 2 * (self._used + more) > room:
            room *= 2
        if room > len(self._table):
            known = self._table[self._table[:, 1] != 0]
            ids = np.stack((known[:, 0], known[:, 1] >> np.uint64(32)), axis=1)
            self._table = np.zeros((room, 2), dtype=np.uint64)
            kernels.add_ids(
                ids,
                np.ascontiguousarray(known[:, 1]),
                self._table,
                np.empty(len(ids), dtype=np.bool_),
                0,
            )


def _text_hashes(batch: Batch) -> Hashes:
    return np.ascontiguousarray(_hash(batch.articles.column("text"))[:, 0])


def _hash(strings: pa.Array) -> Hashes:
    data, offsets = tokenizer.utf8_buffers(strings)
    hashes = np.empty((len(offsets) - 1, 2), dtype=np.uint64)
    kernels.hash_strings(data, offsets, hashes)
    return hashes


def _renamed(batch: Batch, renamed: dict[int, str]) -> Batch:
    """Put derived ids into the column of ids."""
    if not renamed:
        return batch
    ids = batch.articles.column("id").to_pylist()
    for row, name in renamed.items():
        ids[row] = name
    place = batch.articles.schema.get_field_index("id")
    field = batch.articles.schema.field(place)
    articles = batch.articles.set_column(place, field, pa.array(ids, field.type))
    return batch._replace(articles=articles, renamed=(*batch.renamed, *renamed.values()))


def _kept(batch: Batch, is_new: Bools) -> Batch:
    """Move the records that are not new to those skipped."""
    if is_new.all():
        return batch
    places = batch.articles.select(["file", "line", "id"])
    skipped = [
        Skipped(row["file"], row["line"], row["id"], "repeated id; the first one was kept")
        for row in places.filter(pa.array(~is_new)).to_pylist()
    ]
    articles = batch.articles.filter(pa.array(is_new))
    return batch._replace(articles=articles, skipped=_in_order(batch, skipped))


def _in_order(batch: Batch, more: list[Skipped]) -> tuple[Skipped, ...]:
    """Put a batch's skipped records in input order; what concerns a whole file (line 0) is last."""
    files = batch.articles.column("file").unique().to_pylist()
    place = {file: i for i, file in enumerate(files)}
    return tuple(
        sorted(
            (*batch.skipped, *more),
            key=lambda record: (place.get(record.file, len(place)), record.line or sys.maxsize),
        )
    )
