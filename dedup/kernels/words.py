"""Text to token hashes, sentence-like blocks and quotation marks."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Bytes, Offsets, TokenValues

    U8 = npt.NDArray[np.uint8]
    U16 = npt.NDArray[np.uint16]
    U32 = npt.NDArray[np.uint32]
    U64 = npt.NDArray[np.uint64]
    I32 = npt.NDArray[np.int32]
    I64 = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]

QUOTED, FURNITURE = np.uint32(1), np.uint32(2)
"""Marks in the low bits of a token value: inside quotation marks; page furniture."""

WHOLE_LINE, LISTED, SENTENCE = np.uint8(1), np.uint8(2), np.uint8(4)
"""Marks of a block: nothing else stands on its line; its line is on the furniture list."""

_SEPARATOR, _WORD, _TOKEN, _EXPANDED = np.uint32(0), np.uint32(1), np.uint32(2), np.uint32(3)
_CLASS = np.uint32(3)
_REPLACEMENT = np.uint32(0xFFFD)

# Odd multipliers: the 64-bit golden ratio, and the two of MurmurHash3's finaliser.
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX2 = np.uint64(0xC4CEB9FE1A85EC53)
_S33, _S32 = np.uint64(33), np.uint64(32)
_S34, _S2 = np.uint64(34), np.uint32(2)
_S5, _S59 = np.uint64(5), np.uint64(59)

# What an open quotation is closed by.
_CLOSED, _STRAIGHT, _SINGLE, _CURLY, _LOW, _ANGLED, _INWARD, _CORNER = 0, 1, 2, 3, 4, 5, 6, 7
_LONGEST_QUOTE = 400  # tokens; a longer one has lost its closing mark
_NEWLINE, _STOP, _DOUBLE_MARK, _SINGLE_MARK = 1, 2, 3, 4


@cache
def load_unicode() -> tuple[U32, U32]:
    """Load the tokeniser's table: `entries` per code point, and `expansions`.

    Their form is described in `tools/build_unicode.py`.
    """
    with (
        resources.files("dedup.data").joinpath("unicode.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as stored,
    ):
        entries = stored["entries"] ^ np.arange(0x110000, dtype=np.uint32) << np.uint32(2)
        return entries, stored["expansions"]


@njit(cache=True, nogil=True, inline="always")
def _mix(h):  # type: ignore[no-untyped-def]
    h ^= h >> _S33
    h *= _MIX1
    h ^= h >> _S33
    h *= _MIX2
    return h ^ (h >> _S33)


@njit(cache=True, nogil=True, inline="always")
def _decode(data, at, end):  # type: ignore[no-untyped-def]
    """Decode one multi-byte UTF-8 code point; a broken one is U+FFFD and one byte long."""
    first = np.uint32(data[at])
    if first >= np.uint32(0xF0):
        length, code = 4, first & np.uint32(0x07)
    elif first >= np.uint32(0xE0):
        length, code = 3, first & np.uint32(0x0F)
    else:
        length, code = 2, first & np.uint32(0x1F)
    if first < np.uint32(0xC0) or at + length > end:
        return _REPLACEMENT, 1
    for i in range(at + 1, at + length):
        code = (code << np.uint32(6)) | (np.uint32(data[i]) & np.uint32(0x3F))
    if code > np.uint32(0x10FFFF):
        return _REPLACEMENT, 1
    return code, length


@njit(cache=True, nogil=True, inline="always")
def _absorb(h, entry):  # type: ignore[no-untyped-def]
    """Take one folded character into a word's hash: rotate, and add the character's own hash.

    Adding carries, so characters 64 places apart do not cancel out as they would under XOR.
    """
    return ((h << _S5) | (h >> _S59)) + _mix(np.uint64(entry) * _GOLDEN)


@njit(cache=True, nogil=True, inline="always")
def _is_ascii_letter(byte):  # type: ignore[no-untyped-def]
    return ((byte | 32) >= 97) & ((byte | 32) <= 122)


@njit(cache=True, nogil=True, inline="always")
def _is_wordlike(byte):  # type: ignore[no-untyped-def]
    return _is_ascii_letter(byte) | ((byte >= 48) & (byte <= 57))


@njit(cache=True, nogil=True)
def _is_blank_at(data, at, end):  # type: ignore[no-untyped-def]
    """Say whether white space, a no-break space or the end stands here."""
    if at >= end or data[at] <= 32:
        return True
    return (data[at] == 0xC2) and (at + 1 < end) and (data[at + 1] == 0xA0)


@njit(cache=True, nogil=True)
def _is_letter_at(data, at, end, entries):  # type: ignore[no-untyped-def]
    """Say whether a letter or digit, of any script, stands here."""
    if at >= end:
        return False
    if data[at] < 128:
        return _is_wordlike(data[at])
    code, _ = _decode(data, at, end)
    return (entries[code] & _CLASS) != _SEPARATOR


@njit(cache=True, nogil=True)
def _sentence_end(data, at, end):  # type: ignore[no-untyped-def]
    """Find where the sentence stopped by the mark at `at` ends, -1 if it does not.

    It ends after closing quotation marks and brackets, if white space or nothing follows them.
    """
    at += 1
    while at < end:
        byte = data[at]
        if _is_blank_at(data, at, end):
            return at
        if (byte == 34) | (byte == 39) | (byte == 41) | (byte == 93):
            at += 1
        elif (byte == 0xE2) and (at + 2 < end) and (data[at + 1] == 0x80):
            if (data[at + 2] < 0x98) | (data[at + 2] > 0x9D):
                return -1
            at += 3
        elif (byte == 0xC2) and (at + 1 < end) and ((data[at + 1] | 0x10) == 0xBB):
            at += 2
        else:
            return -1
    return at


@njit(cache=True, nogil=True)
def scan_text(
    data: Bytes,
    start: int,
    end: int,
    entries: U32,
    expansions: U32,
    tokens: U64,
    blocks: I32,
    quotes: I32,
) -> tuple[int, int, int]:
    """Hash the folded tokens of one UTF-8 text, in order; find its blocks and quotations.

    A token is a maximal run of letters, marks and digits, or one character of a script without
    spaces. A block is a sentence by a simple rule (a stop, then white space) or the rest of a line.
    A quotation ends with its line; one without a closing mark too, if it is not too long.

    Args:
        data: UTF-8 bytes.
        start: Where the text starts in them; `end` likewise.
        end: See `start`.
        entries: From `load_unicode`; `expansions` likewise.
        expansions: See `entries`.
        tokens: Gets the hashes; room for two per byte and two more.
        blocks: Gets rows (end token, start and end in code points, 1 if the line ends here plus 2
            if a sentence does); room
            for a row per byte and one more.
        quotes: Gets rows (first token, end token); room for a row per two bytes and one more.

    Returns:
        How many tokens, blocks and quotations there are.
    """
    keys = np.empty(128, dtype=np.uint64)
    kinds = np.zeros(128, dtype=np.uint8)
    for byte in range(128):
        entry = entries[byte]
        is_letter = (entry & _CLASS) == _WORD
        keys[byte] = _absorb(np.uint64(0), entry) if is_letter else np.uint64(0)
    kinds[10] = kinds[11] = kinds[12] = kinds[13] = _NEWLINE
    kinds[33] = kinds[46] = kinds[63] = _STOP
    kinds[34], kinds[39] = _DOUBLE_MARK, _SINGLE_MARK
    h = np.uint64(0)
    in_word = False
    n, n_blocks, n_quotes = 0, 0, 0
    beyond_ascii = 0  # bytes that start no code point
    block_token, block_at = 0, start
    while block_at < end and data[block_at] <= 32:
        block_at += 1
    block_char = block_at - start
    cut_at = -1
    open_mark, open_token = _CLOSED, 0
    at = start
    while at < end:
        if at == cut_at and n > block_token:
            blocks[n_blocks, 0], blocks[n_blocks, 1] = n, block_char
            blocks[n_blocks, 2], blocks[n_blocks, 3] = at - start - beyond_ascii, 2
            n_blocks += 1
            block_token = n
            block_at = at
            while block_at < end and data[block_at] <= 32:
                block_at += 1
            block_char = block_at - start - beyond_ascii
        byte = data[at]
        kind = 0
        if byte < 128:
            # No branch on what the character is: word ends come too irregularly to predict.
            key = keys[byte]
            is_letter = key != 0
            tokens[n] = h
            n += in_word & (not is_letter)
            h = (((h << _S5) | (h >> _S59)) + key) if is_letter else np.uint64(0)
            in_word = is_letter
            kind = kinds[byte]
            at += 1
            if kind == 0:
                continue
            if kind == _STOP:
                if at > cut_at:
                    cut_at = _sentence_end(data, at - 1, end)
            elif kind != _NEWLINE:
                before = data[at - 2] if at - 1 > start else np.uint8(32)
                after = data[at] if at < end else np.uint8(32)
                if kind == _DOUBLE_MARK:
                    if open_mark == _STRAIGHT:
                        if (before > 32) | (after <= 32):
                            quotes[n_quotes, 0], quotes[n_quotes, 1] = open_token, n
                            n_quotes += n - open_token <= _LONGEST_QUOTE
                            open_mark = _CLOSED
                    elif open_mark <= _SINGLE and after > 32 and not _is_wordlike(before):
                        open_mark, open_token = _STRAIGHT, n
                elif open_mark == _SINGLE:
                    if before > 32 and not _is_letter_at(data, at, end, entries):
                        quotes[n_quotes, 0], quotes[n_quotes, 1] = open_token, n
                        n_quotes += n - open_token <= _LONGEST_QUOTE
                        open_mark = _CLOSED
                elif open_mark == _CLOSED and before <= 40 and _is_ascii_letter(after):
                    open_mark, open_token = _SINGLE, n
        else:
            code, length = _decode(data, at, end)
            at += length
            beyond_ascii += length - 1
            entry = entries[code]
            first, last = np.uint32(0), np.uint32(1)
            expanded = (entry & _CLASS) == _EXPANDED
            if expanded:
                first = (entry >> np.uint32(2)) + np.uint32(1)
                last = first + expansions[first - np.uint32(1)]
            for i in range(first, last):
                if expanded:
                    entry = expansions[i]
                if (entry & _CLASS) == _WORD:
                    h = _absorb(h, entry)
                    in_word = True
                    continue
                tokens[n] = h
                n += in_word
                h = np.uint64(0)
                in_word = False
                if (entry & _CLASS) == _TOKEN:
                    tokens[n] = _absorb(h, entry)
                    n += 1
            if in_word or (entry & _CLASS) == _TOKEN:
                continue
            wanted, closes = _CLOSED, False
            is_last = _is_blank_at(data, at, end)
            if code == 0x201C:
                closes = open_mark == _LOW
                wanted = _CLOSED if is_last else _CURLY
            elif code == 0x201D:
                closes = (open_mark == _CURLY) | (open_mark == _LOW)
            elif code == 0x201E:
                wanted = _LOW
            elif code == 0xAB:
                closes = open_mark == _INWARD
                wanted = _ANGLED
            elif code == 0xBB:
                closes = open_mark == _ANGLED
                wanted = _CLOSED if is_last else _INWARD
            elif code == 0x300C or code == 0x300E:
                wanted = _CORNER
            elif code == 0x300D or code == 0x300F:
                closes = open_mark == _CORNER
            elif code == 0x2018:
                if at - 4 < start or not _is_wordlike(data[at - 4]):
                    wanted = _SINGLE
            elif code == 0x2019:
                closes = open_mark == _SINGLE and not _is_letter_at(data, at, end, entries)
            elif code == 0x3002 or code == 0xFF01 or code == 0xFF1F:
                cut_at = at
            elif code == 0x2028 or code == 0x2029 or code == 0x85:
                kind = _NEWLINE
            if closes:
                quotes[n_quotes, 0], quotes[n_quotes, 1] = open_token, n
                n_quotes += n - open_token <= _LONGEST_QUOTE
                open_mark = _CLOSED
            elif wanted != _CLOSED and (
                open_mark == _CLOSED or (open_mark == _SINGLE and wanted != _SINGLE)
            ):
                open_mark, open_token = wanted, n
        if kind == _NEWLINE:
            if open_mark > _SINGLE or open_mark == _STRAIGHT:
                quotes[n_quotes, 0], quotes[n_quotes, 1] = open_token, n
                n_quotes += n - open_token <= _LONGEST_QUOTE
            open_mark = _CLOSED
            if n > block_token:
                blocks[n_blocks, 0], blocks[n_blocks, 1] = n, block_char
                blocks[n_blocks, 2], blocks[n_blocks, 3] = at - 1 - start - beyond_ascii, 1
                n_blocks += 1
                block_token = n
            elif n_blocks:
                blocks[n_blocks - 1, 3] |= 1
            if at > block_at:
                block_at = at
                while block_at < end and data[block_at] <= 32:
                    block_at += 1
            block_char = block_at - start - beyond_ascii
    tokens[n] = h
    n += in_word
    if open_mark > _SINGLE or open_mark == _STRAIGHT:
        quotes[n_quotes, 0], quotes[n_quotes, 1] = open_token, n
        n_quotes += n - open_token <= _LONGEST_QUOTE
    if n > block_token:
        blocks[n_blocks, 0], blocks[n_blocks, 1] = n, block_char
        blocks[n_blocks, 2] = end - start - beyond_ascii
        blocks[n_blocks, 3] = 3 if cut_at == end else 1
        n_blocks += 1
    elif n_blocks:
        blocks[n_blocks - 1, 3] |= 1
    for i in range(n):
        tokens[i] = _mix(tokens[i])
    return n, n_blocks, n_quotes


@njit(cache=True, nogil=True)
def locate_tokens(
    data: Bytes, start: int, end: int, entries: U32, expansions: U32, out: I32
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
        if data[at] < 128:
            code, length = np.uint32(data[at]), 1
        else:
            code, length = _decode(data, at, end)
        at += length
        entry = entries[code]
        first, last = np.uint32(0), np.uint32(1)
        expanded = (entry & _CLASS) == _EXPANDED
        if expanded:
            first = (entry >> np.uint32(2)) + np.uint32(1)
            last = first + expansions[first - np.uint32(1)]
        for i in range(first, last):
            if expanded:
                entry = expansions[i]
            if (entry & _CLASS) == _WORD:
                if not in_word:
                    first_char = char
                in_word = True
                last_char = char + 1
                continue
            if in_word:
                out[n, 0], out[n, 1] = first_char, last_char
                n += 1
            in_word = False
            if (entry & _CLASS) == _TOKEN:
                out[n, 0], out[n, 1] = char, char + 1
                n += 1
        char += 1
    if in_word:
        out[n, 0], out[n, 1] = first_char, last_char
        n += 1
    return n


@njit(cache=True, nogil=True, inline="always")
def _chain(h, token):  # type: ignore[no-untyped-def]
    """Take a token value, without its marks, into the hash of a row of tokens."""
    h = (h ^ np.uint64(token >> _S2)) * _GOLDEN
    return h ^ (h >> _S32)


@njit(cache=True, nogil=True)
def tokenise_texts(
    data: Bytes,
    offsets: Offsets,
    entries: U32,
    expansions: U32,
    line_keys: U64,
    prefix_keys: U64,
    prefix_limits: I64,
    longest_prefix: int,
    out: TokenValues,
    out_offsets: Offsets,
    block_hashes: U64,
    block_ends: I32,
    block_spans: I32,
    block_marks: U8,
    block_offsets: Offsets,
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
    line_index = hash_index(line_keys)
    prefix_index = hash_index(prefix_keys)
    used, used_blocks = 0, 0
    out_offsets[0] = block_offsets[0] = 0
    for i in range(len(offsets) - 1):
        n, n_blocks, n_quotes = scan_text(
            data, offsets[i], offsets[i + 1], entries, expansions, tokens, blocks, quotes
        )
        values = out[used : used + n]
        for k in range(n):
            values[k] = np.uint32(tokens[k] >> _S34) << _S2
        for q in range(n_quotes):
            for k in range(quotes[q, 0], quotes[q, 1]):
                values[k] |= QUOTED
        token, line_token, line_block = 0, 0, 0
        line = np.uint64(0)
        listed = np.uint8(0)
        for b in range(n_blocks):
            h = np.uint64(0)
            while token < blocks[b, 0]:
                h = _chain(h, values[token])
                line = _chain(line, values[token])
                token += 1
                if token - line_token <= longest_prefix:
                    place = place_of(_mix(line), prefix_keys, prefix_index)
                    if place >= 0:
                        listed = np.uint8(max(listed, min(prefix_limits[place], 255)))
            block_hashes[used_blocks + b] = _mix(h)
            block_ends[used_blocks + b] = token
            block_spans[used_blocks + b, 0] = blocks[b, 1]
            block_spans[used_blocks + b, 1] = blocks[b, 2]
            block_marks[used_blocks + b] = SENTENCE if blocks[b, 3] & 2 else np.uint8(0)
            if blocks[b, 3] & 1:
                is_listed = token - line_token <= listed
                is_listed |= place_of(_mix(line), line_keys, line_index) >= 0
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


@njit(cache=True, nogil=True)
def hash_tokens(values: TokenValues) -> int:
    """Hash a row of tokens, whatever their marks, to 64 bits: as blocks and listed lines are."""
    h = np.uint64(0)
    for value in values:
        h = _chain(h, value)
    return _mix(h)  # type: ignore[no-any-return]


@njit(cache=True, nogil=True)
def hash_values(values: TokenValues) -> int:
    """Hash a row of token values, with their marks, to 64 bits."""
    h = np.uint64(0)
    for value in values:
        h = (h ^ np.uint64(value)) * _GOLDEN
        h ^= h >> _S32
    return _mix(h)  # type: ignore[no-any-return]


@njit(cache=True, nogil=True)
def hash_index(keys):  # type: ignore[no-untyped-def]
    """Index distinct hashes for `place_of`: an open table, at most a quarter full, of their places.

    A binary search would guess wrong at every other step; this is three times as fast.
    """
    size = 64
    while size < 4 * len(keys):
        size *= 2
    table = np.full(size, -1, dtype=np.int32)
    for place in range(len(keys)):
        slot = np.uintp(keys[place]) & np.uintp(size - 1)
        while table[slot] >= 0:
            slot = (slot + np.uintp(1)) & np.uintp(size - 1)
        table[slot] = place
    return table


@njit(cache=True, nogil=True, inline="always")
def place_of(key, keys, index):  # type: ignore[no-untyped-def]
    """Find the place of a hash among the indexed ones; -1 if it is not there."""
    slot = np.uintp(key) & np.uintp(len(index) - 1)
    while index[slot] >= 0 and keys[index[slot]] != key:
        slot = (slot + np.uintp(1)) & np.uintp(len(index) - 1)
    return index[slot]


@njit(cache=True, nogil=True)
def mark_furniture(
    values: TokenValues, offsets: Offsets, block_offsets: Offsets, block_ends: I32, found: Bools
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


@njit(cache=True, nogil=True)
def take_furniture(
    values: TokenValues, offsets: Offsets, rows: I64, out: TokenValues, out_offsets: Offsets
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
