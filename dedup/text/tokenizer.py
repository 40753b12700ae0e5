"""Texts as token values and blocks, with offsets; text columns as the flat buffers kernels work on.

Tokens are words folded in case, accents, widths and ligatures. Blocks are the units in which page
furniture is learned: the sentences of a line, found by a simple rule, or the whole line. Where each
token and each block stands in its text is known.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup import kernels

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Bytes, Offsets, TokenValues

_MOST_MISREAD = 3
"""Times that a text was read wrong, one after another."""

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
    tokens = _tokenise(data, offsets, listed)
    is_odd = np.empty(len(offsets) - 1, dtype=np.bool_)
    kernels.find_odd(data, offsets, is_odd)
    rows = np.flatnonzero(is_odd)
    return _read_again(data, offsets, rows, tokens, listed) if len(rows) else tokens


def _tokenise(data: Bytes, offsets: Offsets, listed: LineList) -> Tokens:
    """Cut texts into tokens and blocks, as they are."""
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


def _read_again(
    data: Bytes,
    offsets: Offsets,
    rows: npt.NDArray[np.intp],
    tokens: Tokens,
    listed: LineList,
) -> Tokens:
    """Put the tokens and blocks of what was meant in the place of those of odd texts."""
    parts = [data[offsets[row] : offsets[row + 1]] for row in rows]
    mended = [mend(part) for part in parts]
    texts = [_undisguise(text) for text, _ in mended]
    is_other = [text is not part for text, part in zip(texts, parts, strict=True)]
    if not any(is_other):
        return tokens
    texts, rows = list(compress(texts, is_other)), rows[is_other]
    starts = np.cumsum([0, *map(len, texts)], dtype=np.int64)
    others = _tokenise(np.concatenate(texts), starts, listed)
    bounds = others.blocks.offsets
    for k, (_, places) in enumerate(compress(mended, is_other)):
        if places is not None:
            of_text = slice(bounds[k], bounds[k + 1])
            others.blocks.spans[of_text] = places[others.blocks.spans[of_text]]
    return _replace(tokens, rows.tolist(), others)


def _replace(tokens: Tokens, rows: list[int], others: Tokens) -> Tokens:
    """Put the tokens and blocks of other texts in the place of those of some rows."""

    def joined(name: str, before: Tokens | Blocks, other: Tokens | Blocks) -> Any:
        values, others = getattr(before, name), getattr(other, name)
        pieces, start = [], 0
        for k, row in enumerate(rows):
            pieces.append(values[before.offsets[start] : before.offsets[row]])
            pieces.append(others[other.offsets[k] : other.offsets[k + 1]])
            start = row + 1
        return np.concatenate([*pieces, values[before.offsets[start] :]])

    def offsets(before: Tokens | Blocks, other: Tokens | Blocks) -> Offsets:
        lengths = np.diff(before.offsets)
        lengths[rows] = np.diff(other.offsets)
        return np.concatenate(([0], np.cumsum(lengths)))

    old, new = tokens.blocks, others.blocks
    names = ("hashes", "ends", "spans", "marks")
    blocks = Blocks(offsets(old, new), *(joined(name, old, new) for name in names))
    return Tokens(joined("values", tokens, others), offsets(tokens, others), blocks)


def token_spans(value: str) -> npt.NDArray[np.int32]:
    """Find where each token of one text stands: start and end in code points, shape (tokens, 2)."""
    data, places = mend(np.frombuffer(value.encode("utf-8", "surrogatepass"), dtype=np.uint8))
    spans = np.empty((2 * len(data) + 2, 2), dtype=np.int32)
    n = kernels.locate_tokens(data, 0, len(data), *kernels.load_unicode(), spans)
    return spans[:n].copy() if places is None else places[spans[:n]]


def mend(data: Bytes) -> tuple[Bytes, npt.NDArray[np.int32] | None]:
    """Read a text as it was meant whose UTF-8 somebody read as Windows-1252 or Latin-1.

    Returns:
        Its bytes, and where each of their code points stands in the text, in code points, with the
        end of the text behind them; None if nothing is wrong.
    """
    found: npt.NDArray[np.int32] | None = None
    for _ in range(_MOST_MISREAD):
        out = np.empty(3 * len(data), dtype=np.uint8)
        places = np.empty(len(data) + 1, dtype=np.int32)
        n = kernels.mend(data, 0, len(data), out, places)
        if n == 0:
            break
        data = out[:n]
        places = places[: 1 + int(np.sum((data & 0xC0) != 0x80))]
        found = places if found is None else found[places]
    return data, found


def _undisguise(data: Bytes) -> Bytes:
    """Give a text with the letters that its words look like; itself if none mixes alphabets."""
    out = np.empty(3 * len(data), dtype=np.uint8)
    n = kernels.undisguise(data, 0, len(data), *kernels.load_unicode(), out)
    return out[:n] if n else data


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
