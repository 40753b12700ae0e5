"""What stays of each article once it was read.

Per article 4 bytes for each token, 25 for each sentence, and what the input says of it other than
its text. The text itself is let go, but for a trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.records import FIELDS_BUT_TEXT, Batch, article_schema
from dedup.results import tables
from dedup.text.outlets import outlet_names
from dedup.text.tokenizer import Blocks, Tokens

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.engines.workspace import Workspace


class Articles:
    """All that later stages need of the articles, in input order.

    Companions come after them: texts to compare with that are no part of the input.

    Args:
        space: Where to keep it.
        keep_texts: Keep the texts too.

    Attributes:
        n_own: How many articles are of the input; rows from this one on are companions.
    """

    def __init__(self, space: Workspace, *, keep_texts: bool = False) -> None:
        self._metadata = space.records("metadata", _schema(FIELDS_BUT_TEXT))
        self._texts = space.records("texts", _schema(["text"])) if keep_texts else None
        self._values = space.column("tokens", np.uint32)
        self._offsets = space.offsets("token_offsets")
        self._block_offsets = space.offsets("block_offsets")
        self._hashes = space.column("block_hashes", np.uint64)
        self._ends = space.column("block_ends", np.int32)
        self._spans = space.column("block_spans", np.int32, 2)
        self._marks = space.column("block_marks", np.uint8)
        self._skipped = space.records("skipped", tables.skipped(()).schema)
        self.n_own = 0

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def add(self, batch: Batch, tokens: Tokens, *, is_own: bool = True) -> None:
        """Keep what stays of a batch; companions come after all articles of the input."""
        self.n_own += is_own * batch.articles.num_rows
        if batch.skipped:
            self._skipped.extend(tables.skipped(batch.skipped).to_batches()[0])
        self._metadata.extend(batch.articles.select(FIELDS_BUT_TEXT))
        if self._texts is not None:
            self._texts.extend(batch.articles.select(["text"]))
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

    def metadata(self) -> pa.Table:
        """Give the `FIELDS_BUT_TEXT` columns of all articles."""
        return self._metadata.table()

    def texts(self) -> pa.ChunkedArray:
        """Give the texts of all articles.

        Raises:
            LookupError: They were not kept.
        """
        if self._texts is None:
            raise LookupError("texts were not kept")
        return self._texts.table().column("text")

    def skipped(self) -> pa.Table:
        """Give the `skipped` table."""
        return self._skipped.table()

    def outlets(self) -> npt.NDArray[np.int64]:
        """Give a number for each article's outlet, -1 where it is unknown.

        Where no outlet is given, the host of the URL stands for it.
        """
        names = outlet_names(self.metadata())
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
            "articles": self._metadata.nbytes,
            "tokens": self._values.nbytes + self._offsets.nbytes,
            "blocks": sum(part.nbytes for part in blocks),
        }


def _schema(names: Sequence[str]) -> pa.Schema:
    schema = article_schema()
    return pa.schema([schema.field(name) for name in names])
