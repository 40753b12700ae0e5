"""Texts to sentences, with offsets.

A line break ends a sentence: headlines, list items and paragraphs of scraped pages often have no
full stop. Within a line, the marks that end a sentence in their script do, whether or not a space
follows (danda, Arabic question mark, Ethiopic, Armenian, Khmer, Burmese, Tibetan, Chinese stops
and others: one table, `kernels.load_unicode`), and what is typed in their place. Thai and Lao have
spaces between sentences and clauses only. For all else nupunkt finds the ends (a Punkt model with
thousands of abbreviations; of nupunkt, sentencex and blingfire it agrees best with our sentences
for its size and speed, see `benchmarks/alignment.py`).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import nupunkt

from dedup import kernels
from dedup.text import tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_ROW = re.compile(r"[\W_]{40,}")
"""Rows of signs, such as dots in a table of contents."""
_CLOSING = r"(?:[\"'’”»›)\]}」』）】》〉]|[“‘«](?!\S))*"
_TYPED = (
    r"(?<=[\u0900-\u0dff])\s?\|+(?!\S)"
    r"|(?<=[\u0531-\u0587]):(?!\S)"
    r"|(?<=[\u1200-\u137f])(?:፡፡|::)+"
)
"""A bar for the danda, a colon for the Armenian stop, two word marks for the Ethiopic one."""
_GREEK_QUESTION = r"(?<=[\u0370-\u03ff\u1f00-\u1fff]);(?!\S)"
_ABBREVIATED = re.compile(r"(?<![^\s(«\"])[\u05d0-\u0dff](?<=[^\W\d_])[^\w\s.]*\.\s*\Z")
"""One letter, its marks and a full stop, of a script that has no capitals for initials."""
_SPACED = re.compile("[\u0e01-\u0e4e\u0e81-\u0edf]")
_GAP = re.compile(rf"(?<={_SPACED.pattern})[!?”’\"]*\s+(?={_SPACED.pattern})")
_SHORTEST = 30
"""Letters of Thai, with vowels, that a sentence has at least; names and numbers are set off too."""
_GOES_ON = re.compile(
    "กล่าว|ระบุ|บอก|เปิดเผย|แจ้ง|ยืนยัน|ชี้แจง|เผย|และ|หรือ|ซึ่ง|โดย|เพื่อ|เพราะ|ที่|ว่า|จึง"
    "|ກ່າວ|ແລະ|ຫຼື|ເຊິ່ງ|ໂດຍ|ເພື່ອ|ທີ່|ວ່າ"
)
"""What begins a clause rather than a sentence: said, told; and, or, which, by, for, that, so."""


class _Marks(NamedTuple):
    """Patterns of marks that end a sentence at once.

    Attributes:
        ending: A row of them, with what closes quotations and brackets.
        full: Those of a script that needs no full stop of ASCII but for abbreviations.
        asking: ASCII's question and exclamation marks before a space.
    """

    ending: re.Pattern[str]
    full: re.Pattern[str]
    asking: re.Pattern[str]


def split(value: str) -> list[tuple[int, int]]:
    """Give the sentences of a text as spans of code points, in order.

    Sentences do not overlap, are not empty and neither begin nor end with white space; between them
    there is white space only.
    """
    meant, places = _as_meant(value)
    spans: list[tuple[int, int]] = []
    for line in _LINE.finditer(meant):
        for start, end in _split_line(line.group()):
            start, end = line.start() + start, line.start() + end
            _add(spans, value, *((start, end) if places is None else places[[start, end]].tolist()))
    return spans


def _as_meant(value: str) -> tuple[str, npt.NDArray[np.int32] | None]:
    """Give a text as it was meant if its bytes were misread; see `tokenizer.mend`."""
    if value.isascii():
        return value, None
    data = np.frombuffer(value.encode("utf-8", "surrogatepass"), dtype=np.uint8)
    meant, places = tokenizer.mend(data)
    return (value if places is None else meant.tobytes().decode("utf-8", "surrogatepass")), places


def _split_line(line: str) -> Iterator[tuple[int, int]]:
    """Give spans that cover a line without gaps."""
    if line.isascii():
        yield from _split_at_full_stops(line, 0, len(line))
        return
    has_own_stops = _marks().full.search(line) is not None
    for start, end in _cut(line, 0, len(line), _marks().ending):
        if has_own_stops and not _has_case(line[start:end]):
            yield from _cut(line, start, end, _marks().asking)
        elif _is_spaced(line[start:end]):
            yield from _split_spaced(line, start, end)
        else:
            yield from _split_at_full_stops(line, start, end)


def _cut(line: str, start: int, end: int, mark: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Cut a piece of a line behind each mark."""
    for found in mark.finditer(line, start, end):
        yield start, found.end()
        start = found.end()
    if start < end:
        yield start, end


def _split_at_full_stops(line: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a piece where nupunkt does; its time grows with the square of a row of signs."""
    starts = {start}
    at = start
    for row in [*_ROW.finditer(line, start, end), None]:
        stop = row.start() if row else end
        found = [at + first for first, _ in nupunkt.sent_spans(line[at:stop])]
        found = [
            place for place in found if not _ABBREVIATED.search(line, max(start, place - 9), place)
        ]
        starts |= set(found[1:] if _ROW.fullmatch(line, start, at) else found)
        at = row.end() if row else stop
    ordered = sorted(starts)
    yield from zip(ordered, [*ordered[1:], end], strict=True)


def _split_spaced(line: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut Thai or Lao at spaces between letters, unless the piece is short or goes on."""
    cuts, size, at = [start], 0, start
    for gap in _GAP.finditer(line, start, end):
        size += _size(line[at : gap.start()])
        at = gap.end()
        if size >= _SHORTEST and not _GOES_ON.match(line, at):
            cuts.append(at)
            size = 0
    if len(cuts) > 1 and size + _size(line[at:end]) < _SHORTEST // 2:
        cuts.pop()
    yield from zip(cuts, [*cuts[1:], end], strict=True)


def _size(piece: str) -> int:
    return len(_SPACED.findall(piece))


def _is_spaced(piece: str) -> bool:
    """Say whether most letters are of a script that has spaces between sentences only."""
    if not _SPACED.search(piece):
        return False
    return 2 * _size(piece) > sum(c.isalnum() for c in piece)


def _has_case(piece: str) -> bool:
    """Say whether most letters are of a script with capitals: its sentences end in full stops."""
    letters = [c for c in piece if c.isalpha()]
    return 2 * sum(c.lower() != c.upper() for c in letters) > len(letters)


@cache
def _marks() -> _Marks:
    stops = kernels.list_stops()
    asking = "".join(c for c in stops if re.search("QUESTION|EXCLAM|INTERRO", unicodedata.name(c)))
    full = "".join(c for c in stops if c not in asking)
    row = rf"(?:(?:[{stops}]|{_TYPED}|{_GREEK_QUESTION})[{stops}!?.…]*{_CLOSING})+"
    return _Marks(
        re.compile(row),
        re.compile(rf"[{full}]|{_TYPED}"),
        re.compile(rf"[!?]+{_CLOSING}(?!\S)"),
    )


def _add(spans: list[tuple[int, int]], value: str, start: int, end: int) -> None:
    """Append a span without the white space around it, unless it is nothing else."""
    piece = value[start:end]
    stripped = piece.strip()
    if not stripped:
        return
    start += len(piece) - len(piece.lstrip())
    spans.append((start, start + len(stripped)))
