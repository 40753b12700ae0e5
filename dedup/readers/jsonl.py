"""JSON Lines: one object per line; a bad line costs that line only."""

from __future__ import annotations

import json
from collections.abc import Iterator

import orjson

from dedup.readers import streams
from dedup.readers.batches import BadRecord, Found, too_long


def records(blocks: Iterator[bytes], limit: int) -> Iterator[Found]:
    """Read objects by line number; blank lines are passed over."""
    for number, line in streams.lines(blocks, limit):
        if line is None:
            yield number, BadRecord(too_long(limit)), 0
            continue
        try:
            yield number, orjson.loads(line), len(line)
        except orjson.JSONDecodeError as error:
            if line.strip():
                yield number, parse_leniently(line, error), len(line)


def parse_leniently(data: bytes, error: orjson.JSONDecodeError) -> object:
    """Parse what orjson refuses but dumps do contain: NaN, lone surrogates, huge numbers."""
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
