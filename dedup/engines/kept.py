"""What stays of each article once its text is let go.

Per article: 4 bytes for each token, 25 for each sentence, and what the input said of it other than
its text; then 4 bytes for each distinct shingle, each print and each value of its signature, and
40 for counts and hashes. `sizes_in_bytes` gives the sums.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup import kernels
from dedup.records import Batch, Skipped, article_schema
from dedup.results import tables
from dedup.stages.shingles import Prints, ShingleSets
from dedup.text import tokenizer
from dedup.text.tokenizer import Blocks, Tokens

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.engines.workspace import Column, Workspace
    from dedup.records import Signatures

CARRIED = ("id", "title", "outlet", "published", "url", "authors", "language", "extra")
_HOST = r"^(?:[a-z][a-z0-9+.-]*:)?//(?:[^/@]*@)?(?:www\.)?(?P<host>[^/:?#]+)"


class IdFilter:
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


class Articles:
    """All that later stages need of the articles, in input order."""

    def __init__(self, space: Workspace) -> None:
        self._said = space.records("said", _schema(CARRIED))
        self._values = space.column("tokens", np.uint32)
        self._offsets = _offsets(space, "token_offsets")
        self._block_offsets = _offsets(space, "block_offsets")
        self._hashes = space.column("block_hashes", np.uint64)
        self._ends = space.column("block_ends", np.int32)
        self._spans = space.column("block_spans", np.int32, 2)
        self._marks = space.column("block_marks", np.uint8)
        self._skipped = space.records("skipped", tables.skipped(()).schema)
        self.n_new = 0

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def add(self, batch: Batch, tokens: Tokens, *, is_new: bool = True) -> None:
        """Keep what stays of a batch; those known before come after all new ones."""
        self.n_new += is_new * batch.articles.num_rows
        if batch.skipped:
            self._skipped.extend(tables.skipped(batch.skipped).to_batches()[0])
        self._said.extend(batch.articles.select(CARRIED))
        self._offsets.extend(tokens.offsets[1:] + len(self._values))
        self._values.extend(tokens.values)
        blocks = tokens.blocks
        self._block_offsets.extend(blocks.offsets[1:] + len(self._hashes))
        self._hashes.extend(blocks.hashes)
        self._ends.extend(blocks.ends)
        self._spans.extend(blocks.spans)
        self._marks.extend(blocks.marks)

    def tokens(self) -> Tokens:
        """Give the tokens and blocks of all articles."""
        blocks = Blocks(
            self._block_offsets.values(),
            self._hashes.values(),
            self._ends.values(),
            self._spans.values(),
            self._marks.values(),
        )
        return Tokens(self._values.values(), self._offsets.values(), blocks)

    def said(self) -> pa.Table:
        """Give the `CARRIED` columns of all articles."""
        return self._said.table()

    def skipped(self) -> pa.Table:
        """Give the `skipped` table."""
        return self._skipped.table()

    def outlets(self) -> npt.NDArray[np.int64]:
        """Give a number for each article's outlet, -1 where it is unknown.

        Where no outlet is given, the host of the URL stands for it.
        """
        names = outlet_names(self.said())
        if len(names) == 0:
            return np.empty(0, dtype=np.int64)
        encoded = names.dictionary_encode()
        rank = pc.rank(encoded.dictionary).to_numpy().astype(np.int64)  # whatever came first
        numbers: npt.NDArray[np.int64] = rank[encoded.indices.to_numpy()]
        numbers[pc.equal(names, "").to_numpy(zero_copy_only=False)] = -1
        return numbers

    def sizes_in_bytes(self) -> dict[str, int]:
        """Say what is held, by kind."""
        blocks = (self._block_offsets, self._hashes, self._ends, self._spans, self._marks)
        return {
            "articles": self._said.nbytes,
            "tokens": self._values.nbytes + self._offsets.nbytes,
            "blocks": sum(part.nbytes for part in blocks),
        }


class Sketches:
    """The shingle sets, prints and signatures of articles, in their order."""

    def __init__(self, space: Workspace, num_perm: int) -> None:
        self._values = space.column("shingles", np.uint32)
        self._offsets = _offsets(space, "shingle_offsets")
        self._n_tokens = space.column("n_tokens", np.int64)
        self._text_hashes = space.column("text_hashes", np.uint64)
        self._page_hashes = space.column("page_hashes", np.uint64)
        self._prints = space.column("prints", np.uint32)
        self._print_offsets = _offsets(space, "print_offsets")
        self._signatures = space.column("signatures", np.uint32, num_perm)

    def __len__(self) -> int:
        return len(self._n_tokens)

    def add(self, sets: ShingleSets, prints: Prints, signatures: Signatures) -> None:
        """Append those of some articles."""
        self._offsets.extend(sets.offsets[1:] + len(self._values))
        self._values.extend(sets.values)
        self._n_tokens.extend(sets.n_tokens)
        self._text_hashes.extend(sets.text_hashes)
        self._page_hashes.extend(sets.page_hashes)
        self._print_offsets.extend(prints.offsets[1:] + len(self._prints))
        self._prints.extend(prints.values)
        self._signatures.extend(signatures)

    def sets(self) -> ShingleSets:
        """Give the shingle sets of all articles."""
        return ShingleSets(
            self._values.values(),
            self._offsets.values(),
            self._n_tokens.values(),
            self._text_hashes.values(),
            self._page_hashes.values(),
        )

    def prints(self) -> Prints:
        """Give the prints of all articles."""
        return Prints(self._prints.values(), self._print_offsets.values())

    def signatures(self) -> Signatures:
        """Give the signatures of all articles, shape (n, num_perm)."""
        return self._signatures.values()

    def sizes_in_bytes(self) -> dict[str, int]:
        """Say what is held, by kind."""
        hashes = (self._text_hashes, self._page_hashes)
        counts = (self._offsets, self._print_offsets, self._n_tokens, *hashes)
        return {
            "shingle_sets": self._values.nbytes,
            "prints": self._prints.nbytes,
            "signatures": self._signatures.nbytes,
            "counts_and_hashes": sum(part.nbytes for part in counts),
        }


def outlet_names(said: pa.Table) -> pa.Array:
    """Give each article's outlet in lower case, or the host of its URL, or ""."""
    names, urls = (said.column(name).combine_chunks() for name in ("outlet", "url"))
    if len(names) == 0:
        return pa.array([], pa.large_string())
    names = pc.utf8_lower(pc.utf8_trim_whitespace(names))
    hosts = pc.struct_field(pc.extract_regex(pc.utf8_lower(urls), _HOST), "host")
    return pc.if_else(pc.equal(names, ""), pc.fill_null(hosts, ""), names)


def outlet_of(outlet: str, url: str) -> str:
    """Give one article's outlet as `outlet_names` does."""
    host = None if outlet.strip() else re.match(_HOST, url.lower())
    return host["host"] if host else outlet.strip().lower()


def _schema(names: Sequence[str]) -> pa.Schema:
    schema = article_schema()
    return pa.schema([schema.field(name) for name in names])


def _offsets(space: Workspace, name: str) -> Column:
    """Start the offsets of a ragged array, or take those that are there."""
    offsets = space.column(name, np.int64)
    if len(offsets) == 0:
        offsets.extend(np.zeros(1, dtype=np.int64))
    return offsets
