"""Which blocks of texts come again, and where they stand on their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.compiling import kernel
from dedup.kernels.hashing import hash_index, place_of
from dedup.kernels.memory import copy, fill
from dedup.kernels.words import SENTENCE, WHOLE_LINE

if TYPE_CHECKING:
    from dedup.kernels.arrays import I32, I64, U8, U64, Bools, Out
    from dedup.records import Offsets


@kernel
def hash_pages(hashes: U64, marks: U8, offsets: Offsets, out: Out[U64]) -> None:
    """Hash each text's blocks in their order."""
    for i in range(len(offsets) - 1):
        h = np.uint64(0)
        odd = np.uint64(1)
        for b in range(offsets[i], offsets[i + 1]):
            h += (hashes[b] ^ np.uint64(marks[b])) * odd
            odd += np.uint64(2)
        out[i] = h


@kernel
def hash_prose(hashes: U64, marks: U8, offsets: Offsets, out: Out[U64]) -> None:
    """Hash each text's sentences in their order; 0 where there is none."""
    for i in range(len(offsets) - 1):
        h = np.uint64(0)
        odd = np.uint64(1)
        for b in range(offsets[i], offsets[i + 1]):
            if marks[b] & SENTENCE:
                h += hashes[b] * odd
                odd += np.uint64(2)
        out[i] = h


@kernel
def take_keys(hashes: U64, offsets: Offsets, of_text: U64, shift: int, part: int) -> U64:
    """List the keys (block hash xor its text's number) whose bits from `shift` up are `part`."""
    n = 0
    for i in range(len(offsets) - 1):
        for b in range(offsets[i], offsets[i + 1]):
            n += ((hashes[b] ^ of_text[i]) >> np.uint64(shift)) == np.uint64(part)
    out = np.empty(n, dtype=np.uint64)
    n = 0
    for i in range(len(offsets) - 1):
        for b in range(offsets[i], offsets[i + 1]):
            key = hashes[b] ^ of_text[i]
            if key >> np.uint64(shift) == np.uint64(part):
                out[n] = key
                n += 1
    return out


@kernel
def is_telling(offsets: Offsets, ends: I32, marks: U8, shortest: int, out: Out[Bools]) -> None:
    """Mark the blocks that are a whole line, or of `shortest` tokens or more."""
    for i in range(len(offsets) - 1):
        start = 0
        for b in range(offsets[i], offsets[i + 1]):
            out[b] = (marks[b] & WHOLE_LINE) != 0 or ends[b] - start >= shortest
            start = ends[b]


@kernel
def find_blocks(
    hashes: U64, offsets: Offsets, of_text: U64, wanted: U64, is_asked: Bools
) -> tuple[I64, I64, I64]:
    """Find the blocks asked for whose key (see `take_keys`) is wanted.

    Returns:
        The number of each such block, the place of its key in `wanted` (distinct), and its text;
        all in the order of the blocks.
    """
    index = hash_index(wanted)
    n = 0
    room = 1024
    blocks, places, texts = (
        np.empty(room, dtype=np.int64),
        np.empty(room, dtype=np.int64),
        np.empty(room, dtype=np.int64),
    )
    for i in range(len(offsets) - 1):
        for b in range(offsets[i], offsets[i + 1]):
            place = place_of(hashes[b] ^ of_text[i], wanted, index) if is_asked[b] else -1
            if place < 0:
                continue
            if n == room:
                room *= 2
                blocks = copy(blocks, n, np.empty(room, dtype=np.int64))
                places = copy(places, n, np.empty(room, dtype=np.int64))
                texts = copy(texts, n, np.empty(room, dtype=np.int64))
            blocks[n], places[n], texts[n] = b, place, i
            n += 1
    return blocks[:n], places[:n], texts[:n]


@kernel
def is_at_edge(offsets: Offsets, ends: I32, is_common: Bools, bulk: int, out: Out[Bools]) -> None:
    """Mark the common blocks that stand at an edge of their page, or in bulk.

    At an edge there is at most one block that is not common on one side. Bulk is a row of common
    blocks of `bulk` tokens or more.
    """
    fill(out, False)
    for i in range(len(offsets) - 1):
        first, last = offsets[i], offsets[i + 1]
        n_own = 0
        for b in range(first, last):
            n_own += not is_common[b]
        before, start, b = 0, 0, first
        while b < last:
            if not is_common[b]:
                before += 1
                start = ends[b]
                b += 1
                continue
            end = b
            while end < last and is_common[end]:
                end += 1
            near = min(before, n_own - before) <= 1
            fill(out[b:end], near or ends[end - 1] - start >= bulk)
            start = ends[end - 1]
            b = end


@kernel
def is_among(keys: U64, wanted: U64, out: Out[Bools]) -> None:
    """Mark the keys that are among distinct hashes."""
    index = hash_index(wanted)
    for i in range(len(keys)):
        out[i] = place_of(keys[i], wanted, index) >= 0
