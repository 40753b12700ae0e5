"""CSV and TSV, with a header; a quote that is never closed costs one record, not the file.

A record may span lines inside quotes (RFC 4180). Lines are joined until the quotes close. If a
quote closes in the middle of a later line's field, or never, it was opened by mistake: its record
is reported and reading resumes on the line after it. Python's `csv` would swallow the rest.
Lines wait on disk, once they are longer than a record may be, until that is known.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import IO, NamedTuple

from dedup.readers import fields, jsonl, streams
from dedup.readers.batches import BadRecord, Collector, Found, too_long
from dedup.readers.streams import Stream
from dedup.records import Batch

_DELIMITERS = (",", "\t", ";", "|")
_UNCLOSED = 'a quote opens here that does not close properly; write a quote inside quotes as ""'

_TOO_LONG = b""  # stands for a record that is over the limit
_FIRST_LINE = re.compile(rb'(?:[^"\r\n]++|"[^"]*+")*+(\r\n|\r|\n)')

Line = tuple[int, bytes | None]


_OPEN, _CLOSED, _WRONG = range(3)


class _Syntax(NamedTuple):
    """Patterns for one delimiter."""

    delimiter: str
    cell: re.Pattern[str]
    unquoted: re.Pattern[bytes]
    quoted: re.Pattern[bytes]


@cache
def _syntax(delimiter: str) -> _Syntax:
    mark = re.escape(delimiter)
    plain = rf"[^{mark}]*+"
    return _Syntax(
        delimiter,
        cell=re.compile(rf'(?:"((?:[^"]++|"")*+)"({plain})|({plain}))({mark}|\Z)'),
        unquoted=re.compile(rf'(?:(?!"){plain}{mark})*+'.encode()),
        quoted=re.compile(rf'[^"]*+(?:""[^"]*+)*+"({plain})'.encode()),
    )


def tells(text: bytes, named: str) -> bool:
    """Whether its name says so, or the first line is a header with a field for the text."""
    if named:
        return True
    header = text.partition(b"\n")[0].decode("utf-8", "replace")
    names = re.split(re.escape(guess_delimiter(header)), header)
    return len(names) > 1 and fields.has_text(dict.fromkeys(n.strip('" \r') for n in names))


def read(stream: Stream, collector: Collector) -> Iterator[Batch]:
    """Read rows by the line they start on."""
    delimiter = "\t" if stream.format == "tsv" else ""
    found = _records(stream.text(), stream.limit, delimiter)
    yield from collector.collect(found, stream.name)


def _records(blocks: Iterator[bytes], limit: int, delimiter: str) -> Iterator[Found]:
    """Give rows as {header: cell}; the delimiter is guessed if ""."""
    header: tuple[str, ...] | None = None
    for line, row, size in _rows(blocks, limit, delimiter):
        if isinstance(row, BadRecord):
            yield line, row, 0
        elif header is None:
            header = _header(row)
        elif len(row) != len(header):
            yield line, BadRecord(f"{len(row)} fields; the header has {len(header)}"), 0
        else:
            yield line, dict(zip(header, row, strict=True)), size


def rows(
    blocks: Iterator[bytes], limit: int, delimiter: str = ""
) -> Iterator[tuple[int, list[str] | BadRecord]]:
    """Read rows as lists of cells, the header among them, by the line they start on."""
    found = _rows(streams.without_bom(blocks), limit, delimiter)
    return ((line, row) for line, row, _ in found)


def guess_delimiter(header: str) -> str:
    """Choose the delimiter that splits a header most often outside quotes; "," if none does."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(_DELIMITERS, key=bare.count)


def _header(row: list[str]) -> tuple[str, ...]:
    """Name every column; one without a name as pandas does, a repeated one by its number."""
    named: list[str] = []
    for number, name in enumerate(row):
        name = name.strip() or f"Unnamed: {number}"
        named.append(f"{name}_{number}" if name in named else name)
    return tuple(named)


def _with_line_feeds(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """End lines with a line feed where a header ends with a carriage return alone (Excel, Mac)."""
    head, blocks = streams.peek(blocks, streams.BLOCK)
    match = _FIRST_LINE.match(head)
    if match and match[1] == b"\r":
        return (block.replace(b"\r", b"\n") for block in blocks)
    return blocks


class _Lines:
    """Lines that can be put back."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._sources = [lines]

    def next(self) -> Line | None:
        """Give the next line, None at the end."""
        while (line := next(self._sources[-1], None)) is None and len(self._sources) > 1:
            self._sources.pop()
        return line

    def put_back(self, lines: Iterator[Line]) -> None:
        """Give these lines next."""
        self._sources.append(lines)


def _rows(
    blocks: Iterator[bytes], limit: int, delimiter: str
) -> Iterator[tuple[int, list[str] | BadRecord, int]]:
    """Split lines into rows of cells."""
    lines = _Lines(streams.lines(_with_line_feeds(blocks), limit))
    syntax = _syntax(delimiter) if delimiter else None
    while line := lines.next():
        number, data = line
        if data is None:
            yield number, BadRecord(too_long(limit)), 0
            continue
        if data.isspace() or not data:
            continue
        if syntax is None:
            syntax = _syntax(guess_delimiter(data.decode("utf-8", "replace")))
        is_open = b'"' in data and _follow(data, syntax) == _OPEN
        whole = _close(number, data, lines, limit, syntax) if is_open else data
        if whole is None:
            yield number, BadRecord(_UNCLOSED), 0
        elif whole is _TOO_LONG:
            yield number, BadRecord(too_long(limit)), 0
        else:
            yield number, _cells(whole, syntax), len(whole)


def _close(number: int, data: bytes, lines: _Lines, limit: int, syntax: _Syntax) -> bytes | None:
    """Join a line with the lines its quotes span; None, and no line lost, if they never close."""
    held: list[bytes] = []
    spool: IO[bytes] | None = None
    state, size, line = _OPEN, len(data), None
    while state == _OPEN and (line := lines.next()) and line[1] is not None:
        held.append(line[1])
        size += len(line[1]) + 1
        state = _follow(line[1], syntax, in_quotes=True)
        if size > limit:
            spool = spool or tempfile.TemporaryFile()  # noqa: SIM115, closed by its reader
            spool.writelines(part + b"\n" for part in held)
            held.clear()
    if state == _CLOSED:
        if spool:
            spool.close()
        return _TOO_LONG if spool else b"\n".join([data, *held])
    ahead = _replay(spool, number + 1) if spool else iter(enumerate(held, number + 1))
    lines.put_back(chain(ahead, [line] if state == _OPEN and line else []))
    return None


def _replay(spool: IO[bytes], first: int) -> Iterator[Line]:
    with spool:
        spool.seek(0)
        for number, line in enumerate(spool, first):
            yield number, line[:-1]


def _follow(data: bytes, syntax: _Syntax, *, in_quotes: bool = False) -> int:
    """Follow a line to its end: is a quote open there?

    A quote that was opened on an earlier line and closes in the middle of a field is wrong; on
    one line that is only sloppy (`"so-called" news`).
    """
    at, carried = 0, in_quotes
    while True:
        if in_quotes:
            match = syntax.quoted.match(data, at)
            if match is None:
                return _OPEN
            if carried and match[1].strip():
                return _WRONG
            at = match.end() + 1
            if at > len(data):
                return _CLOSED
            in_quotes = carried = False
        else:
            skipped = syntax.unquoted.match(data, at)
            at = skipped.end() if skipped else at
            if data[at : at + 1] != b'"':
                return _CLOSED
            at, in_quotes = at + 1, True


def _cells(data: bytes, syntax: _Syntax) -> list[str] | BadRecord:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return BadRecord(jsonl.not_utf8(error))
    text = text.removesuffix("\r")
    if '"' not in text:
        return text.split(syntax.delimiter)
    cells: list[str] = []
    at, mark = 0, syntax.delimiter
    while mark:
        match = syntax.cell.match(text, at)
        assert match is not None, "an empty cell matches anywhere"  # noqa: S101, our own mistake if not
        quoted, tail, plain, mark = match.groups()
        cells.append(plain if quoted is None else quoted.replace('""', '"') + tail)
        at = match.end()
    return cells
