"""Texts to sets of shingle hashes.

A text is folded (case, accents, widths, ligatures), cut into tokens and shingled: each window of
`shingle_size` tokens is one 32-bit hash, and a text's set is its distinct hashes, sorted. Sets lie
end to end in one array (CSR form). See Broder, "On the resemblance and containment of documents",
1997.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dedup import kernels, text

if TYPE_CHECKING:
    import pyarrow as pa

    from dedup.records import Offsets, Shingles
    from dedup.settings import Settings

_scratch = threading.local()


@dataclass(frozen=True, slots=True)
class ShingleSets:
    """The shingle sets of n texts.

    Attributes:
        values: All sets, end to end; each sorted, without repeats.
        offsets: Set i is `values[offsets[i] : offsets[i + 1]]`; length n + 1.
        n_tokens: Tokens per text, repeats counted.
        text_hashes: 64-bit hash of each text's folded tokens, in order.
    """

    values: Shingles
    offsets: Offsets
    n_tokens: np.ndarray[tuple[int], np.dtype[np.int64]]
    text_hashes: np.ndarray[tuple[int], np.dtype[np.uint64]]

    def __len__(self) -> int:
        return len(self.n_tokens)

    def sizes(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Count each set's members."""
        return np.diff(self.offsets)


def shingle(texts: pa.Array | pa.ChunkedArray, settings: Settings) -> ShingleSets:
    """Make the shingle set of each text of an Arrow string column.

    A text of fewer than `shingle_size` tokens has an empty set. Safe to call from several threads.
    """
    data, offsets = text.utf8_buffers(texts)
    n = len(offsets) - 1
    values = _buffer(2 * int(offsets[-1] - offsets[0]) + n)
    set_offsets = np.empty(n + 1, dtype=np.int64)
    n_tokens = np.empty(n, dtype=np.int64)
    text_hashes = np.empty(n, dtype=np.uint64)
    entries, expansions = kernels.load_unicode()
    kernels.shingle_texts(
        data,
        offsets,
        settings.shingle_size,
        entries,
        expansions,
        values,
        set_offsets,
        n_tokens,
        text_hashes,
    )
    return ShingleSets(values[: set_offsets[-1]].copy(), set_offsets, n_tokens, text_hashes)


def _buffer(size: int) -> Shingles:
    """Give this thread's scratch array: fresh memory would be zeroed page by page every time."""
    values: Shingles | None = getattr(_scratch, "values", None)
    if values is None or len(values) < size:
        values = _scratch.values = np.empty(size, dtype=np.uint32)
    return values
