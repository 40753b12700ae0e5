"""Text columns as flat UTF-8 buffers, the form the kernels work on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from dedup.records import Bytes, Offsets


def utf8_buffers(texts: pa.Array | pa.ChunkedArray) -> tuple[Bytes, Offsets]:
    """Give the UTF-8 bytes of a text column and where each text starts, without copying them.

    Any Arrow string type will do, sliced or not; a null counts as an empty text.

    Returns:
        The bytes, and `offsets` of length n + 1: text i is `data[offsets[i] : offsets[i + 1]]`.
    """
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    if isinstance(texts, pa.ChunkedArray):  # still chunked when it has no chunk at all
        texts = pa.concat_arrays(texts.chunks) if texts.chunks else pa.array([], pa.large_string())
    if texts.type != pa.large_string():
        texts = texts.cast(pa.large_string())
    if texts.null_count:
        texts = pc.fill_null(texts, "")
    if len(texts) == 0:
        return np.empty(0, dtype=np.uint8), np.zeros(1, dtype=np.int64)
    _, offsets, data = texts.buffers()
    starts = np.frombuffer(offsets, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    if data is None or data.size == 0:
        return np.empty(0, dtype=np.uint8), starts
    return np.frombuffer(data, dtype=np.uint8), starts
