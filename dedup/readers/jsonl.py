"""JSON Lines: one object per line; a bad line costs that line only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import orjson

from dedup.readers import streams
from dedup.readers.batches import BadRecord, Collector, Found, too_long
from dedup.readers.streams import Stream
from dedup.records import Batch

_EXACT = float(1 << 63)
"""orjson makes floats of whole numbers over 64 bits: the ids …123 and …124 become one."""


def tells(text: bytes, named: str) -> bool:
    """Whether text is lines of JSON, whatever JSON the name promises."""
    if named == "jsonl" and text[:1] != b"[":
        return True
    if not named and text[:1] not in (b"{", b"["):
        return False
    first, _, others = text.partition(b"\n")
    follows = others.lstrip()[:1]
    return bool(follows) and follows == text[:1] and not isinstance(parse(first), BadRecord)


def read(stream: Stream, collector: Collector) -> Iterator[Batch]:
    """Read objects by line number."""
    yield from collector.collect(records(stream.text(), stream.limit), stream.name)


def records(blocks: Iterator[bytes], limit: int) -> Iterator[Found]:
    """Give the objects by line number; blank lines are passed over."""
    for number, line in streams.lines(blocks, limit):
        if line is None:
            yield number, BadRecord(too_long(limit)), 0
        elif line and not line.isspace():
            yield number, parse(line), len(line)


def parse(data: bytes) -> object:
    """Parse one value, all digits of whole numbers kept; `BadRecord` if it is no JSON.

    Python's own parser takes over for what orjson refuses or rounds but dumps do contain: NaN, lone
    surrogates, numbers over 64 bits (ids of posts, for example).
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return _parse_leniently(data, error)
    try:
        return json.loads(data) if _may_be_rounded(value) else value
    except (ValueError, RecursionError):  # more digits or levels than Python reads
        return value


def _may_be_rounded(value: Any) -> bool:
    """Whether a parsed value is, or holds, a number that may have lost digits."""
    kind = type(value)
    if kind is float:
        return not -_EXACT < value < _EXACT
    if kind is dict:
        value = value.values()
    elif kind is not list:
        return False
    for inner in value:
        kind = type(inner)
        # Calling for floats, objects and lists alone takes a third of the time of calling for all.
        if (kind is float or kind is dict or kind is list) and _may_be_rounded(inner):
            return True
    return False


def _parse_leniently(data: bytes, error: orjson.JSONDecodeError) -> object:
    try:
        text = data.decode()
    except UnicodeDecodeError as broken:
        return BadRecord(not_utf8(broken))
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return BadRecord(f"not JSON: {error.msg} at column {error.colno}")


def not_utf8(error: UnicodeDecodeError) -> str:
    """Say where bytes stop being UTF-8, counted from 1."""
    return f"not UTF-8 at byte {error.start + 1}"
