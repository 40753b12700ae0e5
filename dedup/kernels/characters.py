"""Characters of UTF-8 text: their code points, what they fold to, and which of them are letters."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.compiling import part
from dedup.kernels.hashing import GOLDEN, mix

if TYPE_CHECKING:
    from dedup.kernels.arrays import U32

SEPARATOR, WORD, TOKEN, EXPANDED = np.uint32(0), np.uint32(1), np.uint32(2), np.uint32(3)
"""Classes of characters: between words, in a word, a word by itself, several characters."""

CLASS = np.uint32(3)
"""Bits of an entry that hold its class."""

LETTER = np.uint32(0xFFFFFF)
"""Bits of an entry that hold its class and the folded character."""

NOTE = np.uint32(24)
"""Where an entry's note begins: what a mark does, or what alphabet or script a letter is of."""

STOP = np.uint32(1)
"""Note of a mark that ends a sentence; other notes of separators are of marks that may follow."""
SPACED, SPELLED = np.uint32(1), np.uint32(2)
"""Notes of a token by itself: a space may end a sentence; it is only a letter of a word."""

REPLACEMENT = np.uint32(0xFFFD)
_S5, _S59 = np.uint64(5), np.uint64(59)


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


def list_stops() -> str:
    """List the marks that end a sentence whether or not a space follows."""
    entries, _ = load_unicode()
    is_stop = (entries >> NOTE == STOP) & (entries & CLASS == SEPARATOR)
    return "".join(map(chr, np.flatnonzero(is_stop).tolist()))


@part
def decode(data, at, end):
    """Decode one multi-byte UTF-8 code point; a broken one is U+FFFD and one byte long."""
    first = np.uint32(data[at])
    if first >= np.uint32(0xF0):
        length, code = 4, first & np.uint32(0x07)
    elif first >= np.uint32(0xE0):
        length, code = 3, first & np.uint32(0x0F)
    else:
        length, code = 2, first & np.uint32(0x1F)
    if first < np.uint32(0xC0) or at + length > end:
        return REPLACEMENT, 1
    for i in range(at + 1, at + length):
        code = (code << np.uint32(6)) | (np.uint32(data[i]) & np.uint32(0x3F))
    if code > np.uint32(0x10FFFF):
        return REPLACEMENT, 1
    return code, length


@part
def decode_any(data, at, end):
    """Decode the code point at a place, be it of ASCII or not."""
    if data[at] < 128:
        return np.uint32(data[at]), 1
    return decode(data, at, end)


@part
def encode(code, out, at):
    """Write a code point as UTF-8; return where the next one goes."""
    if code < np.uint32(0x80):
        out[at] = code
        return at + 1
    behind = 1 if code < np.uint32(0x800) else 2 if code < np.uint32(0x10000) else 3
    shift = np.uint32(6 * behind)
    out[at] = (np.uint32(0xF80) >> np.uint32(behind)) & np.uint32(0xFF) | (code >> shift)
    for k in range(1, behind + 1):
        shift = np.uint32(6 * (behind - k))
        out[at + k] = np.uint32(0x80) | ((code >> shift) & np.uint32(0x3F))
    return at + behind + 1


@part
def folded(entry, expansions):
    """Say where in `expansions` the characters stand that an expanded one folds to."""
    first = (entry >> np.uint32(2)) + np.uint32(1)
    return first, first + expansions[first - np.uint32(1)]


@part
def absorb(h, entry):
    """Take one folded character into a word's hash: rotate, and add the character's own hash.

    Adding carries, so characters 64 places apart do not cancel out as they would under XOR.
    """
    return ((h << _S5) | (h >> _S59)) + mix(np.uint64(entry) * GOLDEN)


@part
def is_ascii_letter(byte):
    """Say whether a byte is an ASCII letter."""
    return ((byte | 32) >= 97) & ((byte | 32) <= 122)


@part
def is_wordlike(byte):
    """Say whether a byte is an ASCII letter or digit."""
    return is_ascii_letter(byte) | ((byte >= 48) & (byte <= 57))


@part
def is_blank_at(data, at, end):
    """Say whether white space, a no-break space or the end stands here."""
    if at >= end or data[at] <= 32:
        return True
    return (data[at] == 0xC2) and (at + 1 < end) and (data[at + 1] == 0xA0)


@part
def is_letter_at(data, at, end, entries):
    """Say whether a letter or digit, of any script, stands here."""
    if at >= end:
        return False
    if data[at] < 128:
        return is_wordlike(data[at])
    code, _ = decode(data, at, end)
    return (entries[code] & CLASS) != SEPARATOR
