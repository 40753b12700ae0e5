"""JSON that is not one object per line: an array, an object that wraps one, or objects in a row.

The stream is scanned for brackets outside strings, so that one record at a time is cut out and
parsed. The scan accepts JSON's own tokens only: after a missing quote the prose that follows is
no token, so the damage is seen at once, and reading resumes where the next object seems to start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import orjson

from dedup.readers import fields, jsonl
from dedup.readers.batches import BadRecord, Found, too_long
from dedup.readers.streams import StreamError

_STRING = rb'"(?:[^"\\\x00-\x1f]++|\\.)*+'
_LITERALS = (b"true", b"false", b"null", b"NaN", b"Infinity")
_SCALAR = re.compile(rb"[-+0-9.eE]++|" + b"|".join(_LITERALS) + rb"|" + _STRING + rb'"')
_UP_TO_BRACKET = re.compile(
    rb"(?:[\s,:]++|[-+0-9.eE]++|" + b"|".join(_LITERALS) + rb"|" + _STRING + rb'")*+'
)
_OPEN_STRING = re.compile(_STRING + rb"\\?")
_IN_STRING = re.compile(rb'(?:[^"\\\x00-\x1f]++|\\.)*+')
_KINDS = {b'"': "a string", b"t": "a boolean", b"f": "a boolean", b"n": "null"}
_GAP = re.compile(rb"[\s,]*+")
# Where a next record seems to start, after a broken one.
_RESUME = rb'[}\n,]\s*,?\s*(?=\{\s*"%s)'
_FIRST_KEY = re.compile(rb'\{\s*"([^"\\]*")')
_RESUME_OVERLAP = 4096
_AFTER_COLON = re.compile(rb":\s*\Z")
_INDENT = 256
"""More space than any writer leaves between a colon and a bracket."""
_HEAD = 1 << 16
"""Bytes looked at to see whether an object wraps a list."""


def records(blocks: Iterator[bytes], limit: int) -> Iterator[Found]:
    """Read objects, numbered from 1."""
    scanner = _Scanner(blocks, limit)
    for number, (value, size) in enumerate(_values(scanner), 1):
        yield number, value, size


def _values(scanner: _Scanner) -> Iterator[tuple[object, int]]:
    while byte := scanner.next_byte():
        if byte == b"[":
            yield from scanner.array()
        elif byte == b"{" and scanner.enter_wrapper():
            yield from scanner.array()
            yield from scanner.leave_wrapper()
        else:
            value, size = scanner.value()
            inner = _inner_list(value) or [value]
            yield from ((record, size // len(inner)) for record in inner)


def _inner_list(value: object, depth: int = 2) -> list[Any] | None:
    """Find the one list of objects in an object that is no article itself."""
    if not isinstance(value, dict) or fields.has_text(value) or not depth:
        return None
    lists = [v for v in value.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
    lists += [found for v in value.values() if (found := _inner_list(v, depth - 1))]
    return lists[0] if len(lists) == 1 else None


@cache
def _wrapper() -> re.Pattern[bytes]:
    """An object's scalar members, then a member that usually holds the list of records."""
    names = b"|".join(re.escape(name.encode()) for name in fields.wrapper_names())
    scalars = rb'(\s*"(?:[^"\\]|\\.)*+"\s*:\s*(?:' + _SCALAR.pattern + rb")\s*,)*?"
    return re.compile(rb"\{(" + scalars + rb')\s*"(?:' + names + rb')"\s*:\s*(?=\[\s*[\{\]])')


class _Scanner:
    """A window on the stream, and the value being cut out of it."""

    def __init__(self, blocks: Iterator[bytes], limit: int) -> None:
        self._blocks = blocks
        self._limit = limit
        self._buffer = b""
        self._at = 0
        self._damaged = False
        self._size = 0

    def next_byte(self) -> bytes:
        """Pass over space and commas; give the byte there, b"" at the end."""
        while True:
            match = _GAP.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at : self._at + 1]
            if not self._more(self._at):
                return b""

    def enter_wrapper(self) -> bool:
        """Go to the list inside a wrapping object, if it starts with one."""
        while len(self._buffer) - self._at < _HEAD and self._more(self._at):
            pass  # a pipe may give a few bytes at a time
        match = _wrapper().match(self._buffer, self._at)
        if match is None:
            return False
        try:
            head = orjson.loads(b"{" + match[1].rstrip().rstrip(b",") + b"}")
        except orjson.JSONDecodeError:
            return False
        if fields.has_text(head):
            return False
        self._at = match.end()
        return True

    def leave_wrapper(self) -> Iterator[tuple[object, int]]:
        """Pass over the rest of the wrapping object."""
        if not self._damaged and not self._pass_over(1):
            yield BadRecord("not JSON: the object around the records is damaged or cut off"), 0

    def array(self) -> Iterator[tuple[object, int]]:
        """Give the values of the array that starts here, and their bytes.

        Raises:
            StreamError: The stream ends before the array does.
        """
        self._at += 1
        while byte := self.next_byte():
            if self._damaged and byte != b"{":
                self._resume()  # part of the damage, which was reported
            elif byte != b"]":
                yield self.value()
            else:
                self._at += 1
                return
        if not self._damaged:
            raise StreamError("the JSON array is not closed: the file ends early")

    def value(self) -> tuple[object, int]:
        """Give the value that starts here, and its bytes."""
        start = self._buffer[self._at : self._at + 1]
        if start in (b"]", b"}"):
            return self._broken(self._at), 0
        value = self._nested() if start in (b"{", b"[") else self._scalar()
        return value, 0 if isinstance(value, BadRecord) else self._size

    def _nested(self) -> object:
        """Cut out and parse the object or array that starts here."""
        start, inside = self._at, bytearray()
        while True:
            match = _UP_TO_BRACKET.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            byte = self._buffer[self._at : self._at + 1]
            if byte and byte in b"{}[]":
                if not self._fits(byte, inside):
                    return self._misplaced(start, byte)
                self._at += 1
                if not inside:
                    return self._parse(self._buffer[start : self._at])
            elif not self._is_cut_off():
                return self._broken(start)
            elif len(self._buffer) - start > self._limit:
                if self._pass_over(len(inside)):
                    return BadRecord(too_long(self._limit))
                return self._broken(self._at)
            else:
                over = not self._more(start)
                start = 0
                if over:
                    return self._broken(start, at_end=True)

    def _misplaced(self, start: int, bracket: bytes) -> BadRecord:
        """Report a value that lacks a bracket: the object that opens here may be the next one."""
        if bracket != b"{":
            return self._broken(start)
        self._damaged = True
        return BadRecord(self._why())

    def _fits(self, bracket: bytes, inside: bytearray) -> bool:
        """Open or close a bracket; False if it cannot stand here."""
        if bracket in b"{[":
            in_object = inside[-1:] == b"{"
            before = self._buffer[max(0, self._at - _INDENT) : self._at]
            inside += bracket
            return not in_object or _AFTER_COLON.search(before) is not None
        opened = inside.pop()
        return bracket == (b"}" if opened == ord("{") else b"]")

    def _parse(self, data: bytes) -> object:
        self._size = len(data)
        if self._size > self._limit:
            return BadRecord(too_long(self._limit))
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError as error:
            return jsonl.parse_leniently(data, error)

    def _scalar(self) -> BadRecord:
        """Pass over a value that is no object."""
        while True:
            match = _SCALAR.match(self._buffer, self._at)
            is_open = self._is_cut_off() if match is None else match.end() == len(self._buffer)
            is_long = len(self._buffer) - self._at > self._limit
            if not is_open or is_long or not self._more(self._at):
                break
        if match is None:
            return self._broken(self._at)
        self._at = match.end()
        kind = _KINDS.get(match[0][:1], "a number")
        return BadRecord(f"not an object with fields but {kind}")

    def _is_cut_off(self) -> bool:
        """Whether the token here may go on beyond the buffer."""
        rest = self._buffer[self._at : self._at + 10]
        if rest[:1] == b'"':
            match = _OPEN_STRING.match(self._buffer, self._at)
            return match is not None and match.end() == len(self._buffer)
        return len(rest) < 10 and any(word.startswith(rest) for word in _LITERALS)

    def _pass_over(self, depth: int) -> bool:
        """Drop the rest of a value without holding it; False if it is damaged or cut off."""
        while True:
            match = _UP_TO_BRACKET.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            byte = self._buffer[self._at : self._at + 1]
            if byte and byte in b"{}[]":
                depth += 1 if byte in b"{[" else -1
                self._at += 1
                if not depth:
                    return True
            elif not self._is_cut_off() or not self._pass_token():
                return False

    def _pass_token(self) -> bool:
        """Drop the token here, a block at a time; False at the end of the stream."""
        if self._buffer[self._at : self._at + 1] != b'"':
            return self._more(self._at)
        self._at += 1
        while True:
            match = _IN_STRING.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            rest = self._buffer[self._at : self._at + 2]
            if rest and rest != b"\\":
                self._at += rest[:1] == b'"'
                return True
            if not self._more(self._at):
                return False

    def _broken(self, start: int, *, at_end: bool = False) -> BadRecord:
        """Report a value that is no JSON, and go to where the next one seems to start."""
        self._damaged = True
        reason = "not JSON: the file ends inside it" if at_end else self._why()
        first = _FIRST_KEY.match(self._buffer, start) if at_end else None
        self._at = start + 1
        # A file that was cut off has no next record, only what is nested in its last one.
        self._resume(first[1] if first else b"")
        return BadRecord(reason)

    def _resume(self, key: bytes = b"") -> None:
        """Go to the next object (whose first key starts with `key`), or to the end."""
        pattern = re.compile(_RESUME % re.escape(key))
        while not (match := pattern.search(self._buffer, self._at)):
            if not self._more(max(self._at, len(self._buffer) - _RESUME_OVERLAP)):
                self._at = len(self._buffer)
                return
        self._at = match.end()

    def _why(self) -> str:
        seen = self._buffer[self._at : self._at + 20].decode("utf-8", "replace")
        return f"not JSON: {seen!r} where a value or a quote was expected"

    def _more(self, keep: int) -> bool:
        """Read on, dropping what is before `keep`; False at the end of the stream."""
        block = next(self._blocks, b"")
        self._buffer = self._buffer[keep:] + block
        self._at -= keep
        self._at = max(self._at, 0)
        return bool(block)
