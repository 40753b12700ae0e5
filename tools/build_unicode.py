"""Write `dedup/data/unicode.npz`: what the tokeniser does with each Unicode code point.

Run `python tools/build_unicode.py` to make the table again. It is stored rather than built
at run time so that every Python, whatever its own version of Unicode, gives the same shingles.

Each code point is case-folded and decomposed (NFKD, until nothing changes), and its combining
marks and format characters are dropped; so composed and decomposed forms, ligatures, widths and
soft hyphens make no difference. Then letters that are only spelled differently become one
(`SPELLINGS`, digits of any script, and the groups of Chinese characters in `folding.json`, which
`build_folding.py` makes). What is left of it becomes one entry or, if it is several characters, a
run of entries in `expansions`:

    entry = class | character << 2 | note << 24
                                class 0 separator, 1 part of a word, 2 a token by itself
    entry = 3 | start << 2      class 3: `expansions[start]` entries follow it, maybe none

A note says, of a separator, whether it ends a sentence or may close one (`STOP`, `CLOSING`); of a
letter that is part of a word, its alphabet if that has letters that look like another's (but for
Latin); of a token by itself, whether a space ends a sentence in its script, and whether it only
spells words (`SPACED`, `SPELLED`).

Behind its runs, `expansions` has a row for each letter that looks like one of another alphabet,
sorted: the letter, and the folded ones that it looks like in Latin, Greek, Cyrillic and Armenian, 0
for none. The number of rows comes last.

The file holds `entries` XOR the code point itself (shifted alike), which is mostly zeros and packs
to a few kilobytes; `kernels.load_unicode` undoes it.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from functools import cache
from pathlib import Path

import numpy as np

SEPARATOR, WORD, TOKEN, EXPANDED = range(4)

STOP, CLOSING = 1, 2
SPACED, SPELLED = 1, 2
ALPHABETS = {"GREEK": 2, "CYRILLIC": 4, "ARMENIAN": 8}
OTHER_ALPHABETS = dict.fromkeys(("CHEROKEE", "COPTIC", "LISU", "GEORGIAN"), 16)

SPELLINGS = str.maketrans(
    {
        # Arabic, Persian and Urdu write the same letters with different keyboards, and leave off
        # hamza and the dots of final letters (after Lucene's ArabicNormalizer, PersianNormalizer).
        **dict.fromkeys("ىیے", "ي"),
        "ک": "ك",
        **dict.fromkeys("ہھەۃة", "ه"),
        "ٱ": "ا",
        "ء": None,
        "ـ": None,  # lengthens a letter
        # Latin: the small i of Turkish, whose capital is I, and two other drawings of a letter.
        "ı": "i",
        "ɑ": "a",
        "ɡ": "g",
        # Letters that are typed for an apostrophe, in Ukrainian and in transcriptions.
        **dict.fromkeys("ʹʻʼʽʾʿˈ", "'"),
    }
)

MODERN = (
    "abcdefghijklmnopqrstuvwxyz",
    "αβγδεζηθικλμνξοπρστυφχψω",
    "абвгдежзийклмнопрстуфхцчшщъыьэюяєіјљњћђџґәғқңөұү",
    "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև",
)
"""What each alphabet is written with today: the letters that a look-alike can stand for."""

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
            entries[code] = run[0] | (_mark(chr(code)) if run[0] & 3 == SEPARATOR else 0) << 24
            continue
        if run not in starts:
            starts[run] = len(expansions)
            expansions += [len(run), *run]
        entries[code] = EXPANDED | starts[run] << 2
    rows = sorted(look_alikes().items())
    for letter, row in rows:
        expansions += [ord(letter), *row]
    return entries, np.array([*expansions, len(rows)], dtype=np.uint32)


def identity() -> np.ndarray:
    """Every code point, placed as in an entry (shape (0x110000,), uint32)."""
    return np.arange(sys.maxunicode + 1, dtype=np.uint32) << np.uint32(2)


def fold(character: str) -> str:
    """Case-fold and decompose one character, and drop what does not tell words apart."""
    before, after = "", character
    while before != after:
        before, after = after, unicodedata.normalize("NFKD", after.casefold())
    kept = "".join(part for part in after if not _is_dropped(part)).translate(SPELLINGS)
    return "".join(_digit(part) for part in kept.translate(_han()))


def classify(character: str) -> int:
    """Say whether a folded character separates words, is part of one, or is a token itself."""
    if unicodedata.category(character)[0] not in "LMN":
        return SEPARATOR
    code = ord(character)
    return TOKEN if any(first <= code <= last for first, last in UNSPACED) else WORD


def look_alikes() -> dict[str, list[int]]:
    """Give letters that look like one of another alphabet, and what they look like in each."""
    base_of = {chr(code): _base(chr(code)) for code in range(sys.maxunicode + 1)}
    rows = {}
    for group in _facts()["look_alikes"]:
        for letter in group:
            rows[letter] = [_twin(letter, group, modern) for modern in MODERN]
    accented = {c: rows[base] for c, base in base_of.items() if base in rows and c not in rows}
    found = {c: row for c, row in {**rows, **accented}.items() if len(fold(c)) == 1}
    return {c: row for c, row in found.items() if any(t and t != ord(fold(c)) for t in row)}


def _twin(letter: str, group: str, modern: str) -> int:
    """Choose the letter of an alphabet that looks like this one: of the same case, the first."""
    if letter.casefold() in modern:
        return ord(fold(letter))
    has_case = letter.isupper() or letter.islower()
    for other in sorted(group):
        if other.casefold() in modern and (not has_case or other.isupper() == letter.isupper()):
            return ord(fold(other))
    return 0


def _base(character: str) -> str:
    """A letter without its accents, its case as it is."""
    plain = unicodedata.normalize("NFD", character)
    return "".join(part for part in plain if not _is_dropped(part))


@cache
def _facts() -> dict[str, list[str]]:
    path = Path(__file__).with_name("folding.json")
    facts: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return facts


@cache
def _han() -> dict[int, str]:
    return {ord(c): group[0] for group in _facts()["han"] for c in group}


def _digit(character: str) -> str:
    return str(unicodedata.decimal(character, character))


def _entry(character: str) -> int:
    kind = classify(character)
    note = 0
    if kind == WORD:
        note = _alphabet(character)
    elif kind == TOKEN:
        script = unicodedata.name(character, "").split(" ")[0]
        note = {"THAI": SPACED | SPELLED, "LAO": SPACED | SPELLED}.get(script, 0)
        note |= SPELLED * (script in ("KHMER", "MYANMAR"))
    return kind | ord(character) << 2 | note << 24


def _alphabet(character: str) -> int:
    """Give the bit of a letter's alphabet; 0 for Latin, and if no letter looks like another's."""
    if unicodedata.category(character)[0] != "L":
        return 0
    known = {**ALPHABETS, **OTHER_ALPHABETS}
    return known.get(unicodedata.name(character, "").split(" ")[0], 0)


def _mark(character: str) -> int:
    """Say whether a separator ends a sentence by itself, or may close one."""
    if character in _facts()["stops"]:
        return STOP
    return CLOSING * (unicodedata.category(character) in ("Pe", "Pf", "Pi"))


def _is_dropped(character: str) -> bool:
    # Marks of combining class 0 are vowels of Indic and Thai scripts: letters, in effect.
    return unicodedata.combining(character) != 0 or unicodedata.category(character) == "Cf"


if __name__ == "__main__":
    main()
