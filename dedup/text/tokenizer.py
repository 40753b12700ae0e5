"""Texts as token values and blocks, with offsets; text columns as the flat buffers kernels work on.

Tokens are words folded in case, accents, widths and ligatures. Blocks are the units in which page
furniture is learned: the sentences of a line, found by a simple rule, or the whole line. Where each
token and each block stands in its text is known.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup import kernels

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Bytes, Offsets, TokenValues

_scratch = threading.local()


class LineList(NamedTuple):
    """Lines known as furniture, by the hashes of their tokens; see `furniture.line_list`.

    Attributes:
        lines: Of whole lines.
        prefixes: Of beginnings of lines.
        limits: The most tokens that a line with each of these beginnings may have.
        longest: Tokens of the longest beginning.
    """

    lines: npt.NDArray[np.uint64]
    prefixes: npt.NDArray[np.uint64]
    limits: npt.NDArray[np.int64]
    longest: int


NO_LINES = LineList(
    np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64), 0
)


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of n texts: sentences found by a simple rule, or lines without any.

    Attributes:
        offsets: Blocks of text i are those from `offsets[i]` to `offsets[i + 1]`; length n + 1.
        hashes: 64-bit hash of each block's tokens in order.
        ends: Where each block ends, in tokens of its text; it starts where the one before ends.
        spans: Start and end in code points of the text, shape (blocks, 2).
        marks: `kernels.WHOLE_LINE` and `kernels.LISTED`, or both.
    """

    offsets: Offsets
    hashes: npt.NDArray[np.uint64]
    ends: npt.NDArray[np.int32]
    spans: npt.NDArray[np.int32]
    marks: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of n texts.

    Attributes:
        values: All texts' token values, end to end.
        offsets: Text i is `values[offsets[i] : offsets[i + 1]]`; length n + 1.
        blocks: The blocks of the same texts.
    """

    values: TokenValues
    offsets: Offsets
    blocks: Blocks

    def __len__(self) -> int:
        return len(self.offsets) - 1


def tokenise(texts: pa.Array | pa.ChunkedArray, listed: LineList = NO_LINES) -> Tokens:
    """Cut each text of an Arrow string column into tokens and blocks.

    Safe to call from several threads.
    """
    data, offsets = utf8_buffers(texts)
    n = len(offsets) - 1
    size = int(offsets[-1] - offsets[0]) + n
    values = scratch("values", np.uint32, (2 * size,))
    hashes = scratch("hashes", np.uint64, (size,))
    ends = scratch("ends", np.int32, (size,))
    spans = scratch("spans", np.int32, (size, 2))
    marks = scratch("marks", np.uint8, (size,))
    token_offsets, block_offsets = np.empty((2, n + 1), dtype=np.int64)
    kernels.tokenise_texts(
        data,
        offsets,
        *kernels.load_unicode(),
        listed.lines,
        listed.prefixes,
        listed.limits,
        listed.longest,
        values,
        token_offsets,
        hashes,
        ends,
        spans,
        marks,
        block_offsets,
    )
    m = block_offsets[-1]
    blocks = Blocks(
        block_offsets, hashes[:m].copy(), ends[:m].copy(), spans[:m].copy(), marks[:m].copy()
    )
    return Tokens(values[: token_offsets[-1]].copy(), token_offsets, blocks)


def token_spans(value: str) -> npt.NDArray[np.int32]:
    """Find where each token of one text stands: start and end in code points, shape (tokens, 2)."""
    data = np.frombuffer(value.encode("utf-8", "surrogatepass"), dtype=np.uint8)
    spans = np.empty((2 * len(data) + 2, 2), dtype=np.int32)
    n = kernels.locate_tokens(data, 0, len(data), *kernels.load_unicode(), spans)
    return spans[:n].copy()


def hash_texts(tokens: Tokens) -> npt.NDArray[np.uint64]:
    """Hash the tokens of each text, as the tokens of blocks and of listed lines are hashed."""
    starts, ends = tokens.offsets[:-1], tokens.offsets[1:]
    rows = [tokens.values[start:end] for start, end in zip(starts, ends, strict=True)]
    return np.array([kernels.hash_tokens(row) for row in rows], dtype=np.uint64)


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


def scratch(name: str, dtype: npt.DTypeLike, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Give an array that this thread uses again and again, under a name of its own.

    Fresh memory is zeroed by the system when it is first touched, which costs as much as the work.
    """
    values: npt.NDArray[Any] | None = getattr(_scratch, name, None)
    if values is None or len(values) < shape[0]:
        values = np.empty(shape, dtype=dtype)
        setattr(_scratch, name, values)
    return values
