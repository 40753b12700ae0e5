"""One pass over the bytes of a text: its tokens, sentence-like blocks and quotations.

What is known of the open quotation and block is handed on in variables: kept in a small array, it
makes the pass take half as long again.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels.characters import (
    CLASS,
    EXPANDED,
    NOTE,
    SEPARATOR,
    SPACED,
    SPELLED,
    STOP,
    TOKEN,
    WORD,
    absorb,
    decode,
    folded,
    is_ascii_letter,
    is_blank_at,
    is_letter_at,
    is_wordlike,
)
from dedup.kernels.compiling import part
from dedup.kernels.hashing import mix

LINE_ENDS, SENTENCE_ENDS = 1, 2
"""How a block ends."""

_S5, _S59 = np.uint64(5), np.uint64(59)
_BLANK = np.uint8(32)
_CODE = np.uint32(2)  # where the character begins in an entry

# Kinds of ASCII characters.
_NEWLINE, _STOP, _DOUBLE_MARK, _SINGLE_MARK = 1, 2, 3, 4

# What an open quotation is closed by.
_CLOSED, _STRAIGHT, _SINGLE, _CURLY, _LOW, _ANGLED, _INWARD, _CORNER = 0, 1, 2, 3, 4, 5, 6, 7

# Quotation marks beyond ASCII: “ ” „ « » 「 『 」 』 ‘ ’; what closes a quotation that each begins;
# and which quotations each closes, a bit for each of the above.
_MARKS = np.array(
    [0x201C, 0x201D, 0x201E, 0xAB, 0xBB, 0x300C, 0x300E, 0x300D, 0x300F, 0x2018, 0x2019],
    dtype=np.uint32,
)
_OPENS = np.array(
    [_CURLY, _CLOSED, _LOW, _ANGLED, _INWARD, _CORNER, _CORNER, _CLOSED, _CLOSED, _SINGLE, _CLOSED]
)
_CLOSES = np.array(
    [
        1 << _LOW,
        1 << _CURLY | 1 << _LOW,
        0,
        1 << _INWARD,
        1 << _ANGLED,
        0,
        0,
        1 << _CORNER,
        1 << _CORNER,
        0,
        1 << _SINGLE,
    ]
)
_ROW_END = 2  # place in a row of letters that only spell words
_SHORTEST_SPACED = 30  # tokens of a block that a space may end
_LONGEST_QUOTE = 400  # tokens; a longer one has lost its closing mark


@part
def ascii_tables(entries):
    """Give the hash (0 if it is none) and the kind of each ASCII letter, for `scan_text`."""
    keys = np.empty(128, dtype=np.uint64)
    kinds = np.empty(128, dtype=np.uint8)
    for byte in range(128):
        entry = entries[byte]
        keys[byte] = absorb(np.uint64(0), entry) if (entry & CLASS) == WORD else np.uint64(0)
        kinds[byte] = 0
    kinds[10] = kinds[11] = kinds[12] = kinds[13] = _NEWLINE
    kinds[33] = kinds[46] = kinds[63] = _STOP
    kinds[34], kinds[39] = _DOUBLE_MARK, _SINGLE_MARK
    return keys, kinds


@part
def scan_text(data, start, end, entries, expansions, keys, kinds, row, tokens, blocks, quotes):
    """Hash the folded tokens of one UTF-8 text, in order; find its blocks and quotations.

    A token is a maximal run of letters, marks and digits, or one character of a script without
    spaces; where characters only spell words (Thai, Lao, Khmer, Burmese), it stands for the two
    before it in its row too: alone, it would be in every text. A block is a sentence by a simple
    rule (a stop, then white space; a stop of another script; in Thai and Lao a space, not too soon)
    or the rest of a line. A quotation ends with its line; one without a closing mark too, if it is
    not too long.

    Args:
        data: UTF-8 bytes.
        start: Where the text starts in them; `end` likewise.
        end: See `start`.
        entries: From `load_unicode`; `expansions` likewise.
        expansions: See `entries`.
        keys: From `ascii_tables`; `kinds` likewise.
        kinds: See `keys`.
        row: Room for the last two letters that only spell words, and where they end in the bytes.
        tokens: Gets the hashes; room for two per byte and two more.
        blocks: Gets rows (end token, start and end in code points, `LINE_ENDS`, `SENTENCE_ENDS` or
            both); room for a row per byte and one more.
        quotes: Gets rows (first token, end token); room for a row per two bytes and one more.

    Returns:
        How many tokens, blocks and quotations there are.
    """
    h = np.uint64(0)
    in_word = False
    n, n_blocks, n_quotes = 0, 0, 0
    row[_ROW_END] = start - 1
    beyond_ascii = 0  # bytes that start no code point
    block_token, block_at = 0, _skip_blanks(data, start, end)
    block_char = block_at - start
    closer, quote_token = _CLOSED, 0
    cut_at = -1
    at = start
    while at < end:
        if at == cut_at and n > block_token:
            char = at - start - beyond_ascii
            n_blocks = _end_block(blocks, n_blocks, n, block_char, char, SENTENCE_ENDS)
            block_token, block_at = n, _skip_blanks(data, at, end)
            block_char = block_at - start - beyond_ascii
        byte = data[at]
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
            turned = closer
            if kind == _STOP:
                if at > cut_at:
                    cut_at = _sentence_end(data, at - 1, end)
            elif kind != _NEWLINE:
                turned = _after_straight(data, at, start, end, entries, kind, closer)
        else:
            code, length = decode(data, at, end)
            at += length
            beyond_ascii += length - 1
            entry = entries[code]
            if (entry & CLASS) == WORD:
                h = absorb(h, entry)
                in_word = True
                continue
            if entry == (code << _CODE) | TOKEN:  # a character of Han or kana; this is faster
                tokens[n] = h
                n += in_word
                tokens[n] = absorb(np.uint64(0), entry)
                n += 1
                h = np.uint64(0)
                in_word = False
                continue
            n, h, in_word, is_part = _add_folded(
                entry, expansions, tokens, n, h, in_word, row, at, length
            )
            if row[_ROW_END] == at and n - block_token >= _SHORTEST_SPACED:
                cut_at = _cut_at_space(data, at, end, entries, row, cut_at)
            if is_part:
                continue
            kind, turned = 0, closer
            if (entry >> NOTE) == STOP:
                if at > cut_at:
                    cut_at = _stop_end(data, at, end, entries)
            elif code == 0x2028 or code == 0x2029 or code == 0x85:
                kind = _NEWLINE
            else:
                turned = _after_curly(data, at, start, end, entries, code, closer)
        if kind == _NEWLINE:
            n_quotes = _end_line_quote(quotes, n_quotes, quote_token, n, closer)
            closer = _CLOSED
            char = at - 1 - start - beyond_ascii
            n_blocks = _end_line(blocks, n_blocks, block_token, n, block_char, char, LINE_ENDS)
            block_token = n
            if at > block_at:
                block_at = _skip_blanks(data, at, end)
            block_char = block_at - start - beyond_ascii
        elif turned != closer:
            if turned == _CLOSED:
                n_quotes = _end_quote(quotes, n_quotes, quote_token, n)
            closer, quote_token = turned, n
    tokens[n] = h
    n += in_word
    n_quotes = _end_line_quote(quotes, n_quotes, quote_token, n, closer)
    char = end - start - beyond_ascii
    ends = LINE_ENDS | SENTENCE_ENDS if cut_at == end else LINE_ENDS
    n_blocks = _end_line(blocks, n_blocks, block_token, n, block_char, char, ends)
    for i in range(n):
        tokens[i] = mix(tokens[i])
    return n, n_blocks, n_quotes


@part
def _add_folded(entry, expansions, tokens, n, h, in_word, row, at, length):
    """Take what a character beyond ASCII folds to into the tokens.

    Returns:
        Tokens so far, hash of the word that goes on, whether one does, and whether the character
        is (part of) a word.
    """
    first, last = np.uint32(0), np.uint32(1)
    expanded = (entry & CLASS) == EXPANDED
    if expanded:
        first, last = folded(entry, expansions)
        if first == last and row[_ROW_END] == at - length:
            row[_ROW_END] = at  # a tone mark, which is dropped
    for i in range(first, last):
        if expanded:
            entry = expansions[i]
        if (entry & CLASS) == WORD:
            h = absorb(h, entry)
            in_word = True
            continue
        tokens[n] = h
        n += in_word
        h = np.uint64(0)
        in_word = False
        if (entry & CLASS) == TOKEN:
            if (entry >> NOTE) >= SPELLED:
                h = _follow_row(row, entry, at, length)
            tokens[n] = absorb(h, entry)
            h = np.uint64(0)
            n += 1
    return n, h, in_word, in_word or (entry & CLASS) == TOKEN


@part
def _follow_row(row, entry, at, length):
    """Hash the two letters before one that only spells words, and add it to its row."""
    if row[_ROW_END] < at - length:
        row[0] = row[1] = 0
    h = absorb(absorb(np.uint64(0), np.uint32(row[1])), np.uint32(row[0]))
    row[1] = row[0]
    row[0] = entry
    row[_ROW_END] = at
    return h


@part
def _cut_at_space(data, at, end, entries, row, cut_at):
    """Cut here if a space stands between letters of scripts that have it between sentences only."""
    last = np.uint32(row[0])
    if not (last >> NOTE) & SPACED or at + 1 >= end or data[at] != 32 or data[at + 1] < 128:
        return cut_at
    entry = entries[decode(data, at + 1, end)[0]]
    is_spaced = (entry & CLASS) == TOKEN and ((entry >> NOTE) & SPACED) != 0
    return at if is_spaced else cut_at


@part
def _stop_end(data, at, end, entries):
    """Find where a sentence ends that a stop of its script before `at` ends.

    It ends after other stops, and quotation marks and brackets that close.
    """
    while at < end:
        byte = data[at]
        if byte < 128:
            is_mark = (byte == 33) | (byte == 46) | (byte == 63)
            if not (is_mark | (byte == 34) | (byte == 39) | (byte == 41) | (byte == 93)):
                return at
            at += 1
            continue
        code, length = decode(data, at, end)
        entry = entries[code]
        if (entry & CLASS) != SEPARATOR or (entry >> NOTE) == 0:
            return at
        at += length
    return at


@part
def _sentence_end(data, at, end):
    """Find where the sentence stopped by the mark at `at` ends, -1 if it does not.

    It ends after closing quotation marks and brackets, if white space, a newline of any kind or
    nothing follows them.
    """
    at += 1
    while at < end:
        byte = data[at]
        if is_blank_at(data, at, end):
            return at
        if (byte == 34) | (byte == 39) | (byte == 41) | (byte == 93):
            at += 1
        elif (byte == 0xE2) and (at + 2 < end) and (data[at + 1] == 0x80):
            if (data[at + 2] == 0xA8) | (data[at + 2] == 0xA9):
                return at
            if (data[at + 2] < 0x98) | (data[at + 2] > 0x9D):
                return -1
            at += 3
        elif (byte == 0xC2) and (at + 1 < end) and ((data[at + 1] | 0x10) == 0xBB):
            at += 2
        elif (byte == 0xC2) and (at + 1 < end) and data[at + 1] == 0x85:
            return at
        else:
            return -1
    return at


@part
def _skip_blanks(data, at, end):
    """Find the first byte from `at` on that is no white space of ASCII."""
    while at < end and data[at] <= 32:
        at += 1
    return at


@part
def _end_block(blocks, n_blocks, n, first_char, char, ends):
    """End a block before token n and character `char`; return how many there are."""
    blocks[n_blocks, 0], blocks[n_blocks, 1] = n, first_char
    blocks[n_blocks, 2], blocks[n_blocks, 3] = char, ends
    return n_blocks + 1


@part
def _end_line(blocks, n_blocks, block_token, n, first_char, char, ends):
    """End a line, and with it a block if it has tokens; return how many blocks there are."""
    if n > block_token:
        return _end_block(blocks, n_blocks, n, first_char, char, ends)
    if n_blocks:
        blocks[n_blocks - 1, 3] |= LINE_ENDS
    return n_blocks


@part
def _end_quote(quotes, n_quotes, first, n):
    """End a quotation before token n, if it is not too long; return how many there are."""
    quotes[n_quotes, 0], quotes[n_quotes, 1] = first, n
    return n_quotes + (n - first <= _LONGEST_QUOTE)


@part
def _end_line_quote(quotes, n_quotes, first, n, closer):
    """End the quotation of a line that ends; an open single mark was an apostrophe."""
    if closer <= _SINGLE and closer != _STRAIGHT:
        return n_quotes
    return _end_quote(quotes, n_quotes, first, n)


@part
def _after_straight(data, at, start, end, entries, kind, closer):
    """Say what closes the quotation that is open behind the straight mark before `at`."""
    before = data[at - 2] if at - 1 > start else _BLANK
    after = data[at] if at < end else _BLANK
    if kind == _DOUBLE_MARK:
        if closer == _STRAIGHT:
            return _CLOSED if (before > 32) | (after <= 32) else closer
        return _STRAIGHT if closer <= _SINGLE and after > 32 and not is_wordlike(before) else closer
    if closer == _SINGLE:
        return closer if before <= 32 or is_letter_at(data, at, end, entries) else _CLOSED
    return _SINGLE if closer == _CLOSED and before <= 40 and is_ascii_letter(after) else closer


@part
def _after_curly(data, at, start, end, entries, code, closer):
    """Say what closes the quotation that is open behind the character before `at`."""
    k = 0
    while k < len(_MARKS) and _MARKS[k] != code:
        k += 1
    if k == len(_MARKS):
        return closer
    wanted, closes = _OPENS[k], (_CLOSES[k] >> closer) & 1 == 1
    if code == 0x201C or code == 0xBB:  # these begin a quotation here and end one there
        wanted = _CLOSED if is_blank_at(data, at, end) else wanted
    elif code == 0x2018:  # or an apostrophe
        wanted = _CLOSED if at - 4 >= start and is_wordlike(data[at - 4]) else wanted
    elif code == 0x2019:
        closes = closes and not is_letter_at(data, at, end, entries)
    if closes:
        return _CLOSED
    can_open = closer == _CLOSED or (closer == _SINGLE and wanted != _SINGLE)
    return wanted if wanted != _CLOSED and can_open else closer
