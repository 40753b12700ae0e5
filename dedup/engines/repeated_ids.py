"""Which records have an id that came before: the first of each id stays."""

from __future__ import annotations

import sys

import numpy as np
import pyarrow as pa

from dedup import kernels
from dedup.records import Batch, Skipped
from dedup.text import tokenizer


class FirstOfEachId:
    """Lets the first record of each id through, and moves later ones to the skipped.

    An id is known by 128 bits of hash, in 32 to 64 bytes of memory.
    """

    def __init__(self) -> None:
        self._table = np.zeros((1 << 12, 2), dtype=np.uint64)
        self._used = 0

    def __call__(self, batch: Batch) -> Batch:
        """Give the batch without the records whose id was seen before."""
        data, offsets = tokenizer.utf8_buffers(batch.articles.column("id"))
        hashes = np.empty((len(offsets) - 1, 2), dtype=np.uint64)
        kernels.hash_ids(data, offsets, hashes)
        self._make_room(len(hashes))
        is_new = np.empty(len(hashes), dtype=np.bool_)
        n_new = kernels.add_ids(hashes, self._table, is_new)
        self._used += n_new
        if n_new == len(hashes):
            return batch
        places = batch.articles.select(["file", "line", "id"])
        skipped = [
            Skipped(row["file"], row["line"], row["id"], "repeated id; the first one was kept")
            for row in places.filter(pa.array(~is_new)).to_pylist()
        ]
        return Batch(batch.articles.filter(pa.array(is_new)), _in_order(batch, skipped))

    def _make_room(self, more: int) -> None:
        """Keep half of the table free."""
        room = len(self._table)
        while 2 * (self._used + more) > room:
            room *= 2
        if room > len(self._table):
            known = self._table[self._table[:, 1] != 0]
            self._table = np.zeros((room, 2), dtype=np.uint64)
            kernels.add_ids(known, self._table, np.empty(len(known), dtype=np.bool_))


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
