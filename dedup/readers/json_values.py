"""JSON that is not one object per line: an array, an object that wraps one, or objects in a row.

The stream is scanned for brackets outside strings, so that one record at a time is cut out and
parsed. The scan accepts JSON's own tokens only: after a missing quote the prose that follows is
no token, so the damage is seen at once, and reading resumes where the next object seems to start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dedup.readers import jsonl, wrappers
from dedup.readers.batches import BadRecord, Collector, Found, too_long
from dedup.readers.streams import Stream, StreamError
from dedup.records import Batch

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
_MISSES = 100  # after as many in vain, looking for such an object is given up
_LOOK = 1 << 20
"""Bytes after damage in which an object that starts as records do is looked for."""
_AFTER_COLON = re.compile(rb":\s*\Z")
_INDENT = 256
"""More space than any writer leaves between a colon and a bracket."""
_HEAD = 1 << 16
"""Bytes looked at to see whether an object wraps a list."""


def tells(text: bytes, named: str) -> bool:
    """Whether text is JSON; lines of it are told before."""
    return bool(named) or text[:1] in (b"{", b"[")


def read(stream: Stream, collector: Collector) -> Iterator[Batch]:
    """Read objects, numbered from 1."""
    yield from collector.collect(records(stream.text(), stream.limit), stream.name)


def records(blocks: Iterator[bytes], limit: int) -> Iterator[Found]:
    """Give the objects, numbered from 1."""
    scanner = _Scanner(blocks, limit)
    for number, (value, size) in enumerate(_values(scanner), 1):
        yield number, value, size


def _values(scanner: _Scanner) -> Iterator[tuple[object, int]]:
    while byte := scanner.next_byte():
        if byte == b"[":
            yield from scanner.array()
        elif byte == b"{" and (depth := scanner.enter_wrapper()):
            yield from scanner.array()
            yield from scanner.leave_wrapper(depth)
        else:
            value, size = scanner.value()
            inner = wrappers.unwrap(value)
            yield from ((record, size // len(inner)) for record in inner)


class _Scanner:
    """A window on the stream, and the value being cut out of it."""

    def __init__(self, blocks: Iterator[bytes], limit: int) -> None:
        self._blocks = blocks
        self._limit = limit
        self._buffer = b""
        self._at = 0
        self._damaged = False
        self._size = 0
        self._last = b""
        self._misses = 0

    def next_byte(self) -> bytes:
        """Pass over space and commas; give the byte there, b"" at the end."""
        while True:
            match = _GAP.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at : self._at + 1]
            if not self._more(self._at):
                return b""

    def enter_wrapper(self) -> int:
        """Go to the list inside a wrapping object; give how many objects are around it, or 0."""
        while len(self._buffer) - self._at < _HEAD and self._more(self._at):
            pass  # a pipe may give a few bytes at a time
        found = wrappers.find_list(self._buffer[self._at : self._at + _HEAD], 0)
        self._at += found[0] if found else 0
        return found[1] if found else 0

    def leave_wrapper(self, depth: int) -> Iterator[tuple[object, int]]:
        """Pass over the rest of the wrapping objects."""
        if not self._damaged and not self._pass_over(depth):
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
        self._last = data[:_INDENT]
        return jsonl.parse(data)

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
        first = _FIRST_KEY.match(self._buffer, start) or _FIRST_KEY.match(self._last)
        self._last = first[0] if first else b""
        self._at = start + 1
        self._resume(at_end=at_end)
        return BadRecord(reason)

    def _resume(self, *, at_end: bool = False) -> None:
        """Go to the next object, or to the end.

        One whose first key is that of the last record comes first: others are what is nested in a
        broken record. A file that was cut off has no next record, only what is nested.
        """
        first = _FIRST_KEY.match(self._last)
        if first and self._misses < _MISSES:
            while not at_end and len(self._buffer) - self._at < _LOOK and self._more(self._at):
                pass
            alike = re.compile(_RESUME % re.escape(first[1]))
            match = alike.search(self._buffer, self._at, self._at + _LOOK)
            if match or at_end:
                self._at = match.end() if match else len(self._buffer)
                return
            self._misses += 1
        self._resume_anywhere()

    def _resume_anywhere(self) -> None:
        pattern = re.compile(_RESUME % b"")
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
