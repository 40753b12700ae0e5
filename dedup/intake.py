"""What stays of each article once its text is let go.

Per article: 4 bytes for each distinct shingle, 4 for each value of its signature, 24 for counts and
hashes, and what the input said of it other than its text. `Articles.sizes_in_bytes` gives the sums.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.records import Batch, Skipped, article_schema
from dedup.shingles import ShingleSets

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Signatures

CARRIED = ("id", "title", "outlet", "published", "url", "authors", "language", "extra")


class Growing:
    """An array that grows at its end, in place where the allocator can."""

    def __init__(self, dtype: npt.DTypeLike, width: int | None = None) -> None:
        self._row = () if width is None else (width,)
        self._values: npt.NDArray[Any] = np.empty((0, *self._row), dtype=dtype)
        self._used = 0

    def extend(self, more: npt.NDArray[Any]) -> None:
        """Append values."""
        used = self._used + len(more)
        if used > len(self._values):
            room = max(used, len(self._values) * 5 // 4)
            self._values.resize((room, *self._row), refcheck=False)
        self._values[self._used : used] = more
        self._used = used

    def values(self) -> npt.NDArray[Any]:
        """Give what was appended so far; a view that appending may invalidate."""
        return self._values[: self._used]


class IdFilter:
    """Lets the first record of each id through, and moves later ones to the skipped."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def __call__(self, batch: Batch) -> Batch:
        """Give the batch without the records whose id was seen before."""
        ids = batch.articles.column("id").to_pylist()
        distinct = set(ids)
        if len(distinct) == len(ids) and self._seen.isdisjoint(distinct):
            self._seen |= distinct
            return batch
        is_new = []
        for name in ids:
            is_new.append(name not in self._seen)
            self._seen.add(name)
        places = batch.articles.select(["file", "line", "id"])
        skipped = [
            Skipped(row["file"], row["line"], row["id"], "repeated id; the first one was kept")
            for row in places.filter(pa.array([not new for new in is_new])).to_pylist()
        ]
        return Batch(batch.articles.filter(pa.array(is_new)), _in_order(batch, skipped))


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


class Articles:
    """All that later stages need of the articles, in input order."""

    def __init__(self, num_perm: int) -> None:
        self._said: list[pa.RecordBatch] = []
        self._values = Growing(np.uint32)
        self._offsets = Growing(np.int64)
        self._offsets.extend(np.zeros(1, dtype=np.int64))
        self._n_tokens = Growing(np.int64)
        self._text_hashes = Growing(np.uint64)
        self._signatures = Growing(np.uint32, num_perm)
        self.skipped: list[Skipped] = []

    def __len__(self) -> int:
        return len(self._n_tokens.values())

    def add(self, batch: Batch, sets: ShingleSets, signatures: Signatures) -> None:
        """Keep what stays of a batch."""
        self.skipped += batch.skipped
        self._said.append(batch.articles.select(CARRIED))
        self._offsets.extend(sets.offsets[1:] + len(self._values.values()))
        self._values.extend(sets.values)
        self._n_tokens.extend(sets.n_tokens)
        self._text_hashes.extend(sets.text_hashes)
        self._signatures.extend(signatures)

    def sets(self) -> ShingleSets:
        """Give the shingle sets of all articles."""
        return ShingleSets(
            self._values.values(),
            self._offsets.values(),
            self._n_tokens.values(),
            self._text_hashes.values(),
        )

    def signatures(self) -> Signatures:
        """Give the signatures of all articles, shape (n, num_perm)."""
        return self._signatures.values()

    def said(self) -> pa.Table:
        """Give the `CARRIED` columns of all articles."""
        schema = article_schema()
        wanted = pa.schema([schema.field(name) for name in CARRIED])
        return pa.Table.from_batches(self._said, wanted)

    def outlets(self) -> npt.NDArray[np.int64]:
        """Give a number for each article's outlet, -1 where it is unknown."""
        names = self.said().column("outlet").combine_chunks()
        if len(names) == 0:
            return np.empty(0, dtype=np.int64)
        encoded = pc.utf8_lower(pc.utf8_trim_whitespace(names)).dictionary_encode()
        numbers: npt.NDArray[np.int64] = encoded.indices.to_numpy().astype(np.int64)
        numbers[names.to_numpy(zero_copy_only=False) == ""] = -1
        return numbers

    def sizes_in_bytes(self) -> dict[str, int]:
        """Say what is held, by kind."""
        sets = self.sets()
        return {
            "articles": sum(batch.nbytes for batch in self._said),
            "shingle_sets": sets.values.nbytes,
            "signatures": self.signatures().nbytes,
            "counts_and_hashes": sets.offsets.nbytes
            + sets.n_tokens.nbytes
            + sets.text_hashes.nbytes,
        }
