"""Texts to sentences, with offsets.

A line break ends a sentence: headlines, list items and paragraphs of scraped pages often have no
full stop. Within a line, nupunkt finds the ends (a Punkt model with thousands of abbreviations; of
nupunkt, sentencex and blingfire it agrees best with our sentences for its size and speed, see
`benchmarks/alignment.py`); lines of Chinese or Japanese are cut at their own stops.
"""

from __future__ import annotations

import re

import nupunkt

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_STOPPED = re.compile(r"[^。！？]*[。！？]+[」』”’）)】》]*|[^。！？]+")
_ROW = re.compile(r"[\W_]{40,}")
"""Rows of signs, such as dots in a table of contents."""


def split(value: str) -> list[tuple[int, int]]:
    """Give the sentences of a text as spans of code points, in order.

    Sentences do not overlap, are not empty and neither begin nor end with white space; between them
    there is white space only.
    """
    spans: list[tuple[int, int]] = []
    for line in _LINE.finditer(value):
        for start, end in _split_line(line.group()):
            _add(spans, value, line.start() + start, line.start() + end)
    return spans


def _split_line(line: str) -> list[tuple[int, int]]:
    """Give spans that cover a line without gaps."""
    if any(stop in line for stop in "。！？"):
        return [match.span() for match in _STOPPED.finditer(line)]
    starts = {0}
    at = 0
    for row in [
        *_ROW.finditer(line),
        None,
    ]:  # nupunkt's time grows with the square of a row of stops
        end = row.start() if row else len(line)
        found = [at + start for start, _ in nupunkt.sent_spans(line[at:end])]
        starts |= set(found[1:] if _ROW.fullmatch(line, 0, at) else found)
        at = row.end() if row else end
    ordered = sorted(starts)
    return list(zip(ordered, [*ordered[1:], len(line)], strict=True))


def _add(spans: list[tuple[int, int]], value: str, start: int, end: int) -> None:
    """Append a span without the white space around it, unless it is nothing else."""
    piece = value[start:end]
    stripped = piece.strip()
    if not stripped:
        return
    start += len(piece) - len(piece.lstrip())
    spans.append((start, start + len(stripped)))
