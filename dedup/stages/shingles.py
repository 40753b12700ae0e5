"""Token values to sets of shingle hashes, and the prints among them.

A text without its furniture is shingled: each window of `shingle_size` tokens is one 32-bit hash,
and a text's set is its distinct hashes, sorted. Sets lie end to end in one array (CSR form). See
Broder, "On the resemblance and containment of documents", 1997. Prints are the shingles that
winnowing keeps (Schleimer, Wilkerson and Aiken, "Winnowing", 2003): where two texts share a run of
`WINDOW` shingles, they share a print. Prints of furniture are marked, so that they never equal
those of reports.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup import kernels
from dedup.text import tokenizer

if TYPE_CHECKING:
    import pyarrow as pa

    from dedup.records import Offsets, Shingles, TokenValues
    from dedup.settings import Settings

WINDOW = 16
"""Of so many shingles in a row at least one is kept as a print. Thus texts that share 20 words in a
row (16 shingles of 5 words) share a print."""


@dataclass(frozen=True, slots=True)
class ShingleSets:
    """The shingle sets of n texts.

    Attributes:
        values: All sets, end to end; each sorted, without repeats.
        offsets: Set i is `values[offsets[i] : offsets[i + 1]]`; length n + 1.
        n_tokens: Tokens per text, repeats counted, furniture not.
        text_hashes: 64-bit hash of each text's tokens, in order.
        page_hashes: 64-bit hash of each text's token values, furniture and marks too.
    """

    values: Shingles
    offsets: Offsets
    n_tokens: np.ndarray[tuple[int], np.dtype[np.int64]]
    text_hashes: np.ndarray[tuple[int], np.dtype[np.uint64]]
    page_hashes: np.ndarray[tuple[int], np.dtype[np.uint64]]

    def __len__(self) -> int:
        return len(self.n_tokens)

    def sizes(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Count each set's members."""
        return np.diff(self.offsets)


class Prints(NamedTuple):
    """The prints of n texts: of text i, `values[offsets[i] : offsets[i + 1]]`.

    Those of the text come first, then those of its furniture, marked `kernels.PAGE_PRINT`.
    """

    values: Shingles
    offsets: Offsets


def shingle(texts: pa.Array | pa.ChunkedArray, settings: Settings) -> ShingleSets:
    """Make the shingle set of each text of an Arrow string column, whatever in it is furniture.

    A text of fewer than `shingle_size` tokens has an empty set. Safe to call from several threads.
    """
    tokens = tokenizer.tokenise(texts)
    return shingle_tokens(tokens.values, tokens.offsets, settings)[0]


def shingle_tokens(
    tokens: TokenValues, offsets: Offsets, settings: Settings
) -> tuple[ShingleSets, Prints]:
    """Make the shingle set of each text without its furniture, and the prints of both.

    A text that furniture leaves with fewer than `min_tokens` has the text hash of all its tokens.
    Safe to call from several threads.

    Args:
        tokens: Token values with their marks.
        offsets: Text i is `tokens[offsets[i] : offsets[i + 1]]`.
        settings: Supplies `shingle_size` and `min_tokens`.
    """
    n = len(offsets) - 1
    size = (int(offsets[-1] - offsets[0]),)
    values = tokenizer.scratch("shingles", np.uint32, size)
    prints = tokenizer.scratch("prints", np.uint32, size)
    set_offsets, print_offsets = np.empty((2, n + 1), dtype=np.int64)
    n_tokens = np.empty(n, dtype=np.int64)
    text_hashes, page_hashes = np.empty((2, n), dtype=np.uint64)
    kernels.shingle_tokens(
        tokens,
        offsets,
        settings.shingle_size,
        WINDOW,
        settings.min_tokens,
        values,
        set_offsets,
        prints,
        print_offsets,
        n_tokens,
        text_hashes,
        page_hashes,
    )
    sets = ShingleSets(
        values[: set_offsets[-1]].copy(), set_offsets, n_tokens, text_hashes, page_hashes
    )
    return sets, Prints(prints[: print_offsets[-1]].copy(), print_offsets)
