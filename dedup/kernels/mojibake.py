"""Texts in UTF-8 that somebody read as Windows-1252 or Latin-1, and read as they were meant.

"prÃ©fecture" has two letters where "préfecture" has one: each byte of a letter beyond ASCII became
a character. Such a row of characters is a leading one, U+00C2 to U+00F4, and behind it as many as
its byte calls for that stand for the bytes 0x80 to 0xBF. By accident people write such rows too
("gagné »" with a no-break space is one), but only with what commonly follows a letter: quotation
marks, dashes, white space, letters, signs of trade. A row with anything else is surely misread and
is always mended; the others of a text only if some are sure, and three quarters of its leading
characters begin a row. Texts misread twice have to be
mended twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.characters import REPLACEMENT, decode_any, encode
from dedup.kernels.compiling import kernel, part

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.kernels.arrays import I32, U8, Out
    from dedup.records import Bytes

# Windows-1252's characters for the bytes 0x80 to 0x9F; five stand for themselves, as in Latin-1.
_CP1252 = np.array(
    [ord(c) for c in "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ"], dtype=np.uint32
)

_FIRST_LEAD, _LAST_LEAD = np.uint32(0xC2), np.uint32(0xF4)
_SHARP_S = np.uint32(0xDF)
"""It would begin letters of N'Ko; German has it before all sorts of marks."""
_RING_A = np.uint32(0xC5)
_TIMES = np.uint32(0xD7)
"""The sign; it begins Hebrew letters."""
_NO_BYTE = np.uint32(0)


def _marked(written: str) -> npt.NDArray[np.bool_]:
    """Mark the bytes of some characters."""
    found = np.zeros(256, dtype=np.bool_)
    found[[ord(c) if ord(c) < 256 else 0x80 + _CP1252.tolist().index(ord(c)) for c in written]] = 1
    return found


_TYPED = _marked("‚„…‹‘’“”–—›\xa0«\xad»")
"""What people write behind any letter: quotation marks, dashes, spaces."""
_WRITTEN = _TYPED | _marked("ŠŒŽšœžª´µ·º™©®")
"""With letters, and signs behind names in capitals; but not behind Â, Ã, Ä and Å."""


@part
def _byte_of(code):
    """Give the byte, 0x80 to 0xBF, that a character was; 0 if it was none of these."""
    if np.uint32(0x80) <= code <= np.uint32(0xBF):
        return code
    if code < np.uint32(0x152):
        return _NO_BYTE
    for i in range(32):
        if _CP1252[i] == code:
            return np.uint32(0x80 + i)
    return _NO_BYTE


@part
def _read_row(data, at, end):
    """Read the row of misread characters at a place.

    Returns:
        What it was meant to be, the bytes it takes, how many characters it has, and whether it is
        surely misread; no bytes if it is no such row.
    """
    lead, taken = decode_any(data, at, end)
    if lead < _FIRST_LEAD or lead > _LAST_LEAD or lead == _SHARP_S:
        return lead, 0, 0, False
    behind = 1 if lead < np.uint32(0xE0) else 2 if lead < np.uint32(0xF0) else 3
    code = lead & np.uint32(0x3F >> behind)
    at += taken
    is_sure = False
    for i in range(behind):
        other, length = decode_any(data, at, end) if at < end else (_NO_BYTE, 0)
        byte = _byte_of(other)
        if byte == _NO_BYTE:
            is_quote = lead == np.uint32(0xE2) and i == 1 and code == np.uint32(0x80)
            if is_quote:  # 0x9D, the last byte of ”, is often lost: Windows-1252 has none
                lost = length if other == REPLACEMENT else 0
                return np.uint32(0x201D), taken + lost, 2 + (lost > 0), True
            return lead, 0, 0, False
        if lead == _TIMES and not np.uint32(0x90) <= byte <= np.uint32(0xAA):
            return lead, 0, 0, False
        is_sure |= not (_TYPED[byte] if lead <= _RING_A else _WRITTEN[byte])
        code = (code << np.uint32(6)) | (byte & np.uint32(0x3F))
        at += length
        taken += length
    least = np.uint32(0x80) if behind == 1 else np.uint32(0x800 if behind == 2 else 0x10000)
    is_surrogate = np.uint32(0xD800) <= code <= np.uint32(0xDFFF)
    if code < least or code > np.uint32(0x10FFFF) or is_surrogate:
        return lead, 0, 0, False
    return code, taken, behind + 1, is_sure


@part
def _judge(data, start, end):
    """Say whether any row of a text is surely misread, and whether all the others are then too."""
    others, rows, sure = 0, 0, 0
    at = start
    while at < end:
        if data[at] < 128:
            at += 1
            continue
        _, taken, _, is_sure = _read_row(data, at, end)
        if taken:
            rows += 1
            sure += is_sure
        else:
            code, taken = decode_any(data, at, end)
            is_half = at + 2 < end and data[at + 2] == 32  # of a no-break space, or of an à
            is_lead = _FIRST_LEAD <= code <= _LAST_LEAD
            others += is_lead and not (is_half and code <= np.uint32(0xC3))
        at += taken
    return sure > 0, rows >= 3 * others


@kernel
def mend(data: Bytes, start: int, end: int, out: Out[U8], places: Out[I32]) -> int:
    """Read misread rows of a text as they were meant, if any is surely misread.

    Args:
        data: UTF-8 bytes.
        start: Where the text starts in them; `end` likewise.
        end: See `start`.
        out: Gets the bytes that were meant; room for three times as many as the text has, for where
            it is no UTF-8.
        places: Gets where each code point that was meant stands in the text, in code points, and
            behind them where the text ends; room for one a byte and one more.

    Returns:
        The number of bytes that were meant, 0 if nothing is wrong.
    """
    some, every = _judge(data, start, end)
    if not some:
        return 0
    n, n_bytes, char = 0, 0, 0
    at = start
    while at < end:
        code, taken, chars, is_sure = _read_row(data, at, end)
        if not taken or not (is_sure or every):
            code, taken = decode_any(data, at, end)
            chars = 1
            is_left = every and code == np.uint32(0xC2) and at + 2 < end and data[at + 2] == 32
            if is_left:  # of a no-break space, whose other half was tidied to a space
                code = np.uint32(0xA0)
        places[n] = char
        n += 1
        char += chars
        n_bytes = encode(code, out, n_bytes)
        at += taken
    places[n] = char
    return n_bytes
