"""What stays of each article once its text is let go.

Per article: 4 bytes for each token, 25 for each sentence, and what the input said of it other than
its text; then 4 bytes for each distinct shingle, each print and each value of its signature, and
40 for counts and hashes. `sizes_in_bytes` gives the sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.records import FIELDS_BUT_TEXT, Batch, article_schema
from dedup.results import tables
from dedup.stages.shingles import Prints, ShingleSets
from dedup.text.outlets import outlet_names
from dedup.text.tokenizer import Blocks, Tokens

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.engines.workspace import Column, Workspace
    from dedup.records import Signatures


class Articles:
    """All that later stages need of the articles, in input order."""

    def __init__(self, space: Workspace) -> None:
        self._said = space.records("said", _schema(FIELDS_BUT_TEXT))
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
        self._said.extend(batch.articles.select(FIELDS_BUT_TEXT))
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
        """Give the `FIELDS_BUT_TEXT` columns of all articles."""
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
        numbers: npt.NDArray[np.int64] = (
            names.dictionary_encode().indices.to_numpy().astype(np.int64)
        )
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


def _schema(names: Sequence[str]) -> pa.Schema:
    schema = article_schema()
    return pa.schema([schema.field(name) for name in names])


def _offsets(space: Workspace, name: str) -> Column:
    """Start the offsets of a ragged array, or take those that are there."""
    offsets = space.column(name, np.int64)
    if len(offsets) == 0:
        offsets.extend(np.zeros(1, dtype=np.int64))
    return offsets
