"""Inputs as streams of byte blocks, decompressed, never more than a block in memory.

gzip and Zstandard are known by their first bytes. A stream that breaks off gives all it can, then
raises. zlib can bound its output; the zstd library cannot, and silently accepts a frame that is
cut off, so frames are walked block by block (RFC 8878, section
3.1.1; a block holds at most 128 KB).
"""

from __future__ import annotations

import os
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import IO, TYPE_CHECKING, BinaryIO

import zstandard

from dedup.readers.formats import COMPRESSED
from dedup.readers.options import ReadOptions

BLOCK = 1 << 20
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_SKIPPABLE = 0x184D2A50
_RLE = 1
if TYPE_CHECKING:
    _Member = zlib._Decompress


class StreamError(Exception):
    """A stream broke off; its message says how."""


@dataclass(frozen=True, slots=True)
class Stream:
    """An input as the module of its format gets it.

    Attributes:
        path: Where it is; "-" is stdin.
        name: As articles and skipped records name it.
        format: The name of its format.
        head: Its first bytes, four at least if it has as many.
        blocks: All its bytes, decompressed; to be read once.
        options: How it is to be read.
    """

    path: str
    name: str
    format: str
    head: bytes
    blocks: Iterator[bytes]
    options: ReadOptions

    @property
    def limit(self) -> int:
        """Bytes that a record may have."""
        return self.options.max_record_bytes

    def text(self) -> Iterator[bytes]:
        """Give the bytes without a byte order mark."""
        return without_bom(self.blocks)

    @contextmanager
    def file(self) -> Iterator[str | IO[bytes]]:
        """Give a file that can be read in any order: the input's own, or a copy of the stream."""
        if _begins_with(self.path, self.head):
            yield self.path
            return
        with tempfile.TemporaryFile() as copy:
            for block in self.blocks:
                copy.write(block)
            copy.seek(0)
            yield copy


def _begins_with(path: str, head: bytes) -> bool:
    """Whether a path is a file that holds what was read from it, not compressed."""
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        return file.read(len(head)) == head


@contextmanager
def open_blocks(path: str) -> Iterator[Iterator[bytes]]:
    """Open a file, or stdin for "-", as decompressed blocks.

    Raises:
        StreamError: The file cannot be opened, or is not what its name says.
    """
    if path == "-":
        yield decompressed(_blocks(sys.stdin.buffer))
        return
    try:
        file = open(path, "rb", buffering=0)  # noqa: SIM115, closed below
    except OSError as error:
        raise StreamError(f"cannot be read: {error.strerror}") from error
    with file:
        yield decompressed(_blocks(file), path)


def decompressed(blocks: Iterator[bytes], path: str = "") -> Iterator[bytes]:
    """Decompress gzip and Zstandard, and leave other data as it is.

    Raises:
        StreamError: The path says compressed, the data are not.
    """
    head, blocks = peek(blocks, 4)
    if head.startswith(_GZIP):
        return _gunzip(blocks)
    if head.startswith(_ZSTD) or _is_skippable(head):
        return _unzstd(blocks)
    if path.lower().endswith(COMPRESSED):
        raise StreamError("empty file" if not head else "named as compressed, but is not")
    return blocks


def peek(blocks: Iterator[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """Look at the first bytes (fewer if the stream is shorter) and give the stream anew."""
    seen: list[bytes] = []
    have = 0
    error: StreamError | None = None
    try:
        for block in blocks:
            seen.append(block)
            have += len(block)
            if have >= size:
                break
    except StreamError as broken:
        error = broken
    return b"".join(seen)[:size], chain(seen, _raising(error) if error else blocks)


def lines(blocks: Iterator[bytes], limit: int) -> Iterator[tuple[int, bytes | None]]:
    """Number and give the lines of a stream, without their end; None for one over the limit."""
    number, size = 1, 0
    held: list[bytes] = []
    for block in blocks:
        first, *others = block.split(b"\n")
        held.append(first)
        size += len(first)
        if others:
            yield number, b"".join(held) if size <= limit else None
            number += 1
            for line in others[:-1]:
                yield number, line if len(line) <= limit else None
                number += 1
            held, size = [others[-1]], len(others[-1])
        if size > limit:
            held.clear()
    if size:
        yield number, b"".join(held) if size <= limit else None


def without_bom(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Drop a UTF-8 byte order mark."""
    first = True
    for block in peek(blocks, 3)[1]:
        yield block.removeprefix(b"\xef\xbb\xbf") if first else block
        first = False


def _raising(error: StreamError) -> Iterator[bytes]:
    raise error
    yield b""


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    read = getattr(file, "read1", file.read)
    try:
        while block := read(BLOCK):
            yield block
    except OSError as error:
        raise StreamError(f"cannot be read on: {error.strerror}") from error


def _gunzip(blocks: Iterator[bytes]) -> Iterator[bytes]:
    member, inside = zlib.decompressobj(31), False
    for data in blocks:
        pending = True
        while data or pending:
            if not inside:
                data = data.lstrip(b"\0")  # padding after a member is allowed
                if not data:
                    break
            before = member.copy()
            try:
                out = member.decompress(data, BLOCK)
            except zlib.error as error:
                yield from _up_to_damage(before, data)
                raise StreamError(f"gzip data are damaged ({error})") from error
            if out:
                yield out
            inside, data, pending = True, member.unconsumed_tail, len(out) == BLOCK
            if member.eof:
                data = member.unused_data
                member, inside, pending = zlib.decompressobj(31), False, False
    if inside:
        raise StreamError("gzip data end early")


def _up_to_damage(member: _Member, data: bytes) -> Iterator[bytes]:
    """Give what comes before the damage, in small steps: zlib drops the output of a failed call."""
    try:
        while out := member.decompress(data, 64):
            yield out
            data = member.unconsumed_tail
    except zlib.error:
        return


def _is_skippable(magic: bytes) -> bool:
    return len(magic) == 4 and int.from_bytes(magic, "little") & ~0xF == _SKIPPABLE


def _unzstd(blocks: Iterator[bytes]) -> Iterator[bytes]:
    source = _Source(blocks)
    try:
        while magic := source.take(4, at_end=True):
            if _is_skippable(magic):
                source.skip(int.from_bytes(source.take(4), "little"))
            elif magic == _ZSTD:
                yield from _zstd_frame(source)
            else:
                raise StreamError("Zstandard data are damaged (no frame starts where one should)")
    except zstandard.ZstdError as error:
        raise StreamError(f"Zstandard data are damaged ({error})") from error


def _zstd_frame(source: _Source) -> Iterator[bytes]:
    """Decompress one frame, a block at a time (RFC 8878, 3.1.1.1 and 3.1.1.2)."""
    frame = zstandard.ZstdDecompressor().decompressobj(write_size=1 << 17)
    descriptor = source.take(1)
    flags = descriptor[0]
    single_segment, has_checksum = flags & 0x20, flags & 0x04
    content_size = (0, 2, 4, 8)[flags >> 6] or (1 if single_segment else 0)
    size = (0 if single_segment else 1) + (0, 1, 2, 4)[flags & 3] + content_size
    frame.decompress(_ZSTD + descriptor + source.take(size))
    last = False
    while not last:
        header = source.take(3)
        word = int.from_bytes(header, "little")
        last = bool(word & 1)
        yield frame.decompress(header + source.take(1 if word >> 1 & 3 == _RLE else word >> 3))
    if has_checksum:
        frame.decompress(source.take(4))


class _Source:
    """Takes exact numbers of bytes from blocks."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._block = b""
        self._at = 0

    def take(self, size: int, *, at_end: bool = False) -> bytes:
        """Give the next bytes; b"" if the stream is over and `at_end` allows that.

        Raises:
            StreamError: The stream is too short.
        """
        end = self._at + size
        if end > len(self._block):
            self._fill(size)
            end = size
            if at_end and not self._block:
                return b""
        if end > len(self._block):
            raise StreamError("Zstandard data end early")
        taken, self._at = self._block[self._at : end], end
        return taken

    def skip(self, size: int) -> None:
        """Pass over bytes."""
        while size:
            step = min(size, BLOCK)
            self.take(step)
            size -= step

    def _fill(self, size: int) -> None:
        parts = [self._block[self._at :]]
        have = len(parts[0])
        while have < size and (block := next(self._blocks, b"")):
            parts.append(block)
            have += len(block)
        self._block, self._at = b"".join(parts), 0
