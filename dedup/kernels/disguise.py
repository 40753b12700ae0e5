"""Words with letters of another alphabet that look the same, and the words they pass for.

"mаil" with a Cyrillic а is no word of any language; a reader sees "mail". What such a word is meant
to be depends on its text: that has the alphabet in which most of its words can be written, whatever
letters stand in for its own. Words that can be written in it are read in it, so that "а" alone, or
"соре", is found in a text that is disguised elsewhere; a word that cannot is read in another
alphabet of its own letters if one can write all of it; and a word that none can write, "COVIDом",
stays what it is. In a text in which no word mixes alphabets nothing is changed: there a Cyrillic
word stays apart from the Latin one that looks like it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.characters import (
    CLASS,
    EXPANDED,
    LETTER,
    NOTE,
    WORD,
    decode_any,
    encode,
    folded,
    is_ascii_letter,
)
from dedup.kernels.compiling import kernel, part
from dedup.kernels.memory import fill

if TYPE_CHECKING:
    from dedup.kernels.arrays import U8, U32, Out
    from dedup.records import Bytes

_ALPHABETS = 4
_ROW = 1 + _ALPHABETS
_SPACE = np.uint32(32)
_LONGEST = 64
"""Characters of a word; a longer one is left as it is."""


@kernel
def undisguise(
    data: Bytes, start: int, end: int, entries: U32, expansions: U32, out: Out[U8]
) -> int:
    """Write a text with the letters that its words look like, if one of its words mixes alphabets.

    Letters that are replaced lose their case and accents. There are as many code points as before.

    Args:
        data: UTF-8 bytes.
        start: Where the text starts in them; `end` likewise.
        end: See `start`.
        entries: From `load_unicode`; `expansions` likewise.
        expansions: See `entries`.
        out: Gets the bytes; room for three times as many.

    Returns:
        Their number, 0 if nothing is wrong.
    """
    if not _mixes_alphabets(data, start, end, entries):
        return 0
    counts = np.empty(_ALPHABETS, dtype=np.int64)
    fill(counts, 0)
    main, size = -1, 0
    for _ in range(2):
        size = _read(data, start, end, entries, expansions, out, counts, main)
        main = 0
        for k in range(_ALPHABETS):
            if counts[k] > counts[main]:
                main = k
    return size


@part
def _mixes_alphabets(data, start, end, entries):
    """Say whether somewhere a letter of Greek, Cyrillic or Armenian stands before one of ASCII."""
    at = start
    while at < end:
        code, length = decode_any(data, at, end)
        at += length
        entry = entries[code]
        is_foreign = length == 2 and (entry & CLASS) == WORD and (entry >> NOTE) != 0
        if is_foreign and at < end and is_ascii_letter(data[at]):
            return True
    return False


@part
def _read(data, start, end, entries, expansions, out, counts, main):
    """Count the words that each alphabet can write, or with a main alphabet, write them.

    Returns:
        The bytes that were written.
    """
    codes, letters = np.empty(_LONGEST, dtype=np.uint32), np.empty(_LONGEST, dtype=np.uint32)
    rows = np.empty(_LONGEST, dtype=np.int64)
    size, n_bytes = 0, 0
    is_whole = True
    at = start
    while at <= end:
        code, length = decode_any(data, at, end) if at < end else (_SPACE, 1)
        entry, is_part = _letter_of(entries[code], expansions)
        if is_part and size < _LONGEST:
            codes[size], letters[size] = code, entry
            rows[size] = _row_of(code, expansions)
            size += 1
        else:
            is_whole &= not is_part
            n_bytes = _end_word(
                codes, letters, rows, size, is_whole, expansions, counts, main, out, n_bytes
            )
            if at < end:
                n_bytes = encode(code, out, n_bytes)
            size = 0
            is_whole = not is_part
        at += length
    return n_bytes


@part
def _letter_of(entry, expansions):
    """Give the letter that a character folds to, and whether it belongs to a word.

    Of several letters, the first; of none (an accent by itself), 0.
    """
    if (entry & CLASS) != EXPANDED:
        return entry, (entry & CLASS) == WORD
    first, last = folded(entry, expansions)
    if first == last:
        return np.uint32(0), True
    is_part = True
    for i in range(first, last):
        is_part &= (expansions[i] & CLASS) == WORD
    return expansions[first], is_part


@part
def _end_word(codes, letters, rows, size, is_whole, expansions, counts, main, out, n_bytes):
    """Count a word, or write it in the alphabet it is to be read in; return the bytes written."""
    present, possible = np.int64(0), np.int64((1 << _ALPHABETS) - 1)
    for k in range(size):
        alphabet = _alphabet_of(letters[k])
        present |= alphabet
        if alphabet != 0:
            possible &= alphabet | _others_of(rows[k], expansions)
    if present == 0 or not is_whole:
        possible = np.int64(0)
    chosen = -1
    for k in range(_ALPHABETS):
        can_write = (possible >> k) & 1
        if main < 0:
            counts[k] += can_write
        elif can_write and (k == main or (chosen < 0 and (present >> k) & 1)):
            chosen = k
    for k in range(size):
        alphabet = _alphabet_of(letters[k])
        is_other = chosen >= 0 and alphabet != 0 and alphabet != 1 << chosen
        code = expansions[rows[k] + 1 + chosen] if is_other else codes[k]
        n_bytes = encode(code, out, n_bytes)
    return n_bytes


@part
def _others_of(row, expansions):
    """Give the bits of the alphabets that have a letter that looks like one."""
    found = np.int64(0)
    if row >= 0:
        for k in range(_ALPHABETS):
            found |= np.int64(expansions[row + 1 + k] != 0) << k
    return found


@part
def _alphabet_of(entry):
    """Give the bit of a letter's alphabet; 0 for digits, and where no letter looks like another's.

    It is the note, but for Latin, whose letters have none: so what most texts are written in has
    the hashes of plain characters.
    """
    if (entry >> NOTE) != 0:
        return np.int64(entry >> NOTE)
    letter = np.int64((entry & LETTER) >> np.uint32(2))
    return np.int64(
        0x61 <= letter <= 0x7A
        or 0xDF <= letter <= 0x2AF
        or 0x1D00 <= letter <= 0x1EFF
        or 0x2C60 <= letter <= 0x2C7F
        or 0xA720 <= letter <= 0xA7FF
        or 0xAB30 <= letter <= 0xAB6F
    )


@part
def _row_of(code, expansions):
    """Find the row of a letter that looks like others; -1 if there is none."""
    n = np.int64(expansions[len(expansions) - 1])
    start = len(expansions) - 1 - _ROW * n
    first, last = np.int64(0), n - np.int64(1)
    while first < last:
        middle = (first + last) // 2
        if expansions[start + _ROW * middle] < code:
            first = middle + 1
        else:
            last = middle
    place = start + _ROW * first
    return place if expansions[place] == code else -1
