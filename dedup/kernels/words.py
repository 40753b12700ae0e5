"""Text to token hashes, sentence-like blocks and quotation marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.characters import CLASS, EXPANDED, TOKEN, WORD, decode_any, folded
from dedup.kernels.compiling import kernel, part
from dedup.kernels.hashing import MARKS, chain_token, hash_index, mix, place_of
from dedup.kernels.scanning import LINE_ENDS, SENTENCE_ENDS, ascii_tables, scan_text

if TYPE_CHECKING:
    from dedup.kernels.arrays import I32, I64, U8, U32, U64, Bools, Out, Rows
    from dedup.records import Bytes, Offsets, TokenValues


QUOTED, FURNITURE = np.uint32(1), np.uint32(2)
"""Marks in the low bits of a token value: inside quotation marks; page furniture."""

WHOLE_LINE, LISTED, SENTENCE = np.uint8(1), np.uint8(2), np.uint8(4)
"""Marks of a block: nothing else stands on its line; its line is on the furniture list."""

_S34 = np.uint64(34)


@kernel
def locate_tokens(
    data: Bytes, start: int, end: int, entries: U32, expansions: U32, out: Out[Rows[I32]]
) -> int:
    """Find where the tokens of `scan_text` stand: start and end in code points; return how many.

    `out` needs room for two rows per byte and two more. A character that folds to several words, or
    to a word and part of the next, belongs to each of them.
    """
    n = 0
    char, first_char, last_char = 0, 0, 0
    in_word = False
    at = start
    while at < end:
        code, length = decode_any(data, at, end)
        at += length
        entry = entries[code]
        first, last = np.uint32(0), np.uint32(1)
        expanded = (entry & CLASS) == EXPANDED
        if expanded:
            first, last = folded(entry, expansions)
        for i in range(first, last):
            if expanded:
                entry = expansions[i]
            if (entry & CLASS) == WORD:
                if not in_word:
                    first_char = char
                in_word = True
                last_char = char + 1
                continue
            if in_word:
                out[n, 0], out[n, 1] = first_char, last_char
                n += 1
            in_word = False
            if (entry & CLASS) == TOKEN:
                out[n, 0], out[n, 1] = char, char + 1
                n += 1
        char += 1
    if in_word:
        out[n, 0], out[n, 1] = first_char, last_char
        n += 1
    return n


@kernel
def tokenise_texts(
    data: Bytes,
    offsets: Offsets,
    entries: U32,
    expansions: U32,
    line_keys: U64,
    prefix_keys: U64,
    prefix_limits: I64,
    longest_prefix: int,
    out: Out[TokenValues],
    out_offsets: Out[Offsets],
    block_hashes: Out[U64],
    block_ends: Out[I32],
    block_spans: Out[Rows[I32]],
    block_marks: Out[U8],
    block_offsets: Out[Offsets],
) -> None:
    """Make the token values and blocks of each text.

    A token value is the upper 30 bits of the token's hash, then its marks. The hash of a block is
    that of its tokens in order. A line is on the furniture list if its hash is in `line_keys`, or
    the hash of its first tokens in `prefix_keys` and it has no more tokens than the prefix's limit.

    Args:
        data: UTF-8 bytes.
        offsets: Text i is `data[offsets[i] : offsets[i + 1]]`.
        entries: From `load_unicode`; `expansions` likewise.
        expansions: See `entries`.
        line_keys: Hashes of listed lines (see `hash_tokens`), distinct.
        prefix_keys: Hashes of listed beginnings of lines, distinct.
        prefix_limits: Most tokens of a line with this beginning.
        longest_prefix: Tokens of the longest beginning.
        out: Gets the values; room for two per byte and two more per text.
        out_offsets: Values of text i are `out[out_offsets[i] : out_offsets[i + 1]]`.
        block_hashes: Gets a hash for each block; room for one per byte and one more per text, as
            with the other arrays of blocks.
        block_ends: End of each block, in tokens of its text.
        block_spans: Start and end of each block, in code points of its text.
        block_marks: `WHOLE_LINE`, `LISTED`, `SENTENCE`.
        block_offsets: Blocks of text i are those from `block_offsets[i]` to `block_offsets[i + 1]`.
    """
    longest = 0
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    tokens = np.empty(2 * longest + 2, dtype=np.uint64)
    blocks = np.empty((longest + 1, 4), dtype=np.int32)
    quotes = np.empty((longest // 2 + 2, 2), dtype=np.int32)
    keys, kinds = ascii_tables(entries)
    row = np.empty(3, dtype=np.int64)
    line_index = hash_index(line_keys)
    prefix_index = hash_index(prefix_keys)
    used, used_blocks = 0, 0
    out_offsets[0] = block_offsets[0] = 0
    for i in range(len(offsets) - 1):
        start, end = offsets[i], offsets[i + 1]
        n, n_blocks, n_quotes = scan_text(
            data, start, end, entries, expansions, keys, kinds, row, tokens, blocks, quotes
        )
        values = out[used : used + n]
        _write_values(tokens, n, quotes, n_quotes, values)
        token, line_token, line_block = 0, 0, 0
        line = np.uint64(0)
        listed = np.uint8(0)
        for b in range(n_blocks):
            h = np.uint64(0)
            while token < blocks[b, 0]:
                h = chain_token(h, values[token])
                line = chain_token(line, values[token])
                token += 1
                if token - line_token <= longest_prefix:
                    place = place_of(mix(line), prefix_keys, prefix_index)
                    if place >= 0:
                        listed = np.uint8(max(listed, min(prefix_limits[place], 255)))
            block_hashes[used_blocks + b] = mix(h)
            block_ends[used_blocks + b] = token
            block_spans[used_blocks + b, 0] = blocks[b, 1]
            block_spans[used_blocks + b, 1] = blocks[b, 2]
            block_marks[used_blocks + b] = SENTENCE if blocks[b, 3] & SENTENCE_ENDS else np.uint8(0)
            if blocks[b, 3] & LINE_ENDS:
                is_listed = token - line_token <= listed
                is_listed |= place_of(mix(line), line_keys, line_index) >= 0
                for other in range(line_block, b + 1):
                    block_marks[used_blocks + other] |= (LISTED if is_listed else np.uint8(0)) | (
                        WHOLE_LINE if line_block == b else np.uint8(0)
                    )
                line_token, line_block = token, b + 1
                line, listed = np.uint64(0), np.uint8(0)
        used += n
        used_blocks += n_blocks
        out_offsets[i + 1] = used
        block_offsets[i + 1] = used_blocks


@part
def _write_values(tokens, n, quotes, n_quotes, values):
    """Write the values of tokens, those inside quotation marks with their mark."""
    for k in range(n):
        values[k] = np.uint32(tokens[k] >> _S34) << MARKS
    for q in range(n_quotes):
        for k in range(quotes[q, 0], quotes[q, 1]):
            values[k] |= QUOTED


@kernel
def mark_furniture(
    values: Out[TokenValues],
    offsets: Offsets,
    block_offsets: Offsets,
    block_ends: I32,
    found: Bools,
) -> int:
    """Mark the tokens of some blocks as furniture; return how many there are."""
    n = 0
    for i in range(len(offsets) - 1):
        start = offsets[i]
        for b in range(block_offsets[i], block_offsets[i + 1]):
            end = offsets[i] + block_ends[b]
            if found[b]:
                for k in range(start, end):
                    values[k] |= FURNITURE
                n += end - start
            start = end
    return n


@kernel
def take_furniture(
    values: TokenValues,
    offsets: Offsets,
    rows: I64,
    out: Out[TokenValues],
    out_offsets: Out[Offsets],
) -> None:
    """Copy the furniture tokens of each row, without their mark."""
    n = 0
    out_offsets[0] = 0
    for i in range(len(rows)):
        for k in range(offsets[rows[i]], offsets[rows[i] + 1]):
            if values[k] & FURNITURE:
                out[n] = values[k] ^ FURNITURE
                n += 1
        out_offsets[i + 1] = n
