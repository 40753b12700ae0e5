"""Write `dedup/data/unicode.npz`: what the tokeniser does with each Unicode code point.

Run `python tools/build_unicode.py` to make the table again. It is stored rather than built
at run time so that every Python, whatever its own version of Unicode, gives the same shingles.

Each code point is case-folded and decomposed (NFKD, until nothing changes), and its combining
marks and format characters are dropped; so composed and decomposed forms, ligatures, widths and
soft hyphens make no difference. What is left of it becomes one entry or, if it is several
characters, a run of entries in `expansions`:

    entry = class | character << 2     class 0 separator, 1 part of a word, 2 a token by itself
    entry = 3 | start << 2             class 3: `expansions[start]` entries follow it, maybe none

The file holds `entries` XOR the code point itself (shifted alike), which is mostly zeros and packs
to a few kilobytes; `kernels.load_unicode` undoes it.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

import numpy as np

SEPARATOR, WORD, TOKEN, EXPANDED = range(4)

UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x19E0, 0x19FF),  # Khmer symbols
    (0x3005, 0x3007),  # Han iteration mark, closing mark, zero
    (0x3021, 0x3029),  # Hangzhou numerals
    (0x3041, 0x30FF),  # kana
    (0x31F0, 0x31FF),  # small kana
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xA9E0, 0xA9FF),  # Burmese
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),  # Han compatibility
    (0x1AFF0, 0x1B16F),  # kana
    (0x20000, 0x3FFFF),  # Han
)
"""Blocks of the scripts written without spaces between words."""


def main() -> None:
    """Write the table into the package and say how large it is."""
    entries, expansions = build()
    path = Path(__file__).resolve().parents[1] / "dedup" / "data" / "unicode.npz"
    np.savez_compressed(path, entries=entries ^ identity(), expansions=expansions)
    print(f"{path.name}: Unicode {unicodedata.unidata_version}, {path.stat().st_size:,} bytes")


def build() -> tuple[np.ndarray, np.ndarray]:
    """Make the entries (shape (0x110000,), uint32) and the expansions (uint32)."""
    entries = np.zeros(sys.maxunicode + 1, dtype=np.uint32)
    expansions = [0]
    starts: dict[tuple[int, ...], int] = {(): 0}
    for code in range(sys.maxunicode + 1):
        run = tuple(_entry(part) for part in fold(chr(code)))
        if len(run) == 1:
            entries[code] = run[0]
            continue
        if run not in starts:
            starts[run] = len(expansions)
            expansions += [len(run), *run]
        entries[code] = EXPANDED | starts[run] << 2
    return entries, np.array(expansions, dtype=np.uint32)


def identity() -> np.ndarray:
    """Every code point, placed as in an entry (shape (0x110000,), uint32)."""
    return np.arange(sys.maxunicode + 1, dtype=np.uint32) << np.uint32(2)


def fold(character: str) -> str:
    """Case-fold and decompose one character, and drop what does not tell words apart."""
    before, after = "", character
    while before != after:
        before, after = after, unicodedata.normalize("NFKD", after.casefold())
    return "".join(part for part in after if not _is_dropped(part))


def classify(character: str) -> int:
    """Say whether a folded character separates words, is part of one, or is a token itself."""
    if unicodedata.category(character)[0] not in "LMN":
        return SEPARATOR
    code = ord(character)
    return TOKEN if any(first <= code <= last for first, last in UNSPACED) else WORD


def _entry(character: str) -> int:
    return classify(character) | ord(character) << 2


def _is_dropped(character: str) -> bool:
    # Marks of combining class 0 are vowels of Indic and Thai scripts: letters, in effect.
    return unicodedata.combining(character) != 0 or unicodedata.category(character) == "Cf"


if __name__ == "__main__":
    main()
