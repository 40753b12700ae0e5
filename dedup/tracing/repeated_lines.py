"""Lines that one outlet alone prints, in several stories: they are no part of any of these.

Lines are known by 64 bits of hash, so that they need not be held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup import kernels
from dedup.text import tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from dedup.engines.columns import Column

    Bools = npt.NDArray[np.bool_]
    Hashes = npt.NDArray[np.uint64]
    Rows = npt.NDArray[np.int64]

_ROWS_AT_ONCE = 1 << 16


class Lines(NamedTuple):
    """Hashes of the lines of each text; those of row i are `hashes[offsets[i] : offsets[i + 1]]`.

    Both are columns of a workspace.
    """

    hashes: Column
    offsets: Column

    def add(self, hashes: Hashes, counts: Rows) -> None:
        """Append the lines of some texts."""
        self.offsets.extend(np.cumsum(counts) + len(self.hashes))
        self.hashes.extend(hashes)


class Outlets(NamedTuple):
    """Of each row: a number for its outlet (-1: unknown), its story, whether it is a wire story."""

    of_row: Rows
    stories: Rows
    is_wire: Bools


def hash_lines(texts: pa.Array) -> tuple[Hashes, Rows]:
    """Hash the lines of texts; give the hashes and how many each text has."""
    lines = pc.split_pattern(texts, "\n")
    counts = pc.list_value_length(lines).to_numpy(zero_copy_only=False).astype(np.int64)
    data, offsets = tokenizer.utf8_buffers(lines.flatten())
    hashes = np.empty((len(offsets) - 1, 2), dtype=np.uint64)
    kernels.hash_strings(data, offsets, hashes)
    return np.ascontiguousarray(hashes[:, 0]), counts


def find(
    lines: Lines, outlets: Outlets, matched: Bools, text_of: Callable[[int], str]
) -> frozenset[tuple[int, str]]:
    """Find the lines that one outlet alone prints, in several stories, and no wire story has.

    Args:
        lines: Of all texts.
        outlets: Of all texts.
        matched: The texts in which they are looked for.
        text_of: Gives the text of a row.

    Returns:
        The number of the outlet and the line, without white space around it.
    """
    hashes, offsets = lines.hashes.values(), lines.offsets.values()
    of_line = np.repeat(matched, np.diff(offsets))
    asked = np.unique(hashes[of_line])
    asked = asked[_is_of_one_outlet(asked, hashes, offsets, outlets)]
    found: set[tuple[int, str]] = set()
    for place in _first_places(asked, hashes, of_line):
        row = int(np.searchsorted(offsets, place, side="right")) - 1
        line = text_of(row).split("\n")[place - int(offsets[row])].strip()
        if line:
            found.add((int(outlets.of_row[row]), line))
    return frozenset(found)


def _is_of_one_outlet(asked: Hashes, hashes: Hashes, offsets: Rows, outlets: Outlets) -> Bools:
    """Say which lines stand in texts of one known outlet and of several stories."""
    lowest = np.full((2, len(asked)), np.iinfo(np.int64).max)
    highest = np.full((2, len(asked)), -2)
    in_wire = np.zeros(len(asked), dtype=np.bool_)
    for first in range(0, len(outlets.of_row), _ROWS_AT_ONCE):
        bounds = offsets[first : first + _ROWS_AT_ONCE + 1]
        rows = np.repeat(np.arange(first, first + len(bounds) - 1), np.diff(bounds))
        places, is_asked = _places(asked, hashes[bounds[0] : bounds[-1]])
        places, rows = places[is_asked], rows[is_asked]
        for values, low, high in zip(
            (outlets.of_row, outlets.stories), lowest, highest, strict=True
        ):
            np.minimum.at(low, places, values[rows])
            np.maximum.at(high, places, values[rows])
        in_wire[places[outlets.is_wire[rows]]] = True
    is_one = (lowest[0] == highest[0]) & (lowest[0] >= 0)
    found: Bools = is_one & (lowest[1] != highest[1]) & ~in_wire
    return found


def _places(asked: Hashes, hashes: Hashes) -> tuple[Rows, Bools]:
    """Find hashes among sorted ones: the place of each, and whether it is there."""
    if len(asked) == 0:
        return np.zeros(len(hashes), dtype=np.int64), np.zeros(len(hashes), dtype=np.bool_)
    places = np.minimum(np.searchsorted(asked, hashes), len(asked) - 1)
    return places, asked[places] == hashes


def _first_places(asked: Hashes, hashes: Hashes, of_line: Bools) -> list[int]:
    """Find where each of some lines stands first."""
    lines = np.flatnonzero(of_line)
    places, is_asked = _places(asked, hashes[lines])
    first = np.full(len(asked), len(hashes))
    np.minimum.at(first, places[is_asked], lines[is_asked])
    found: list[int] = first.tolist()
    return found
