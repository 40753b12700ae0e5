"""Rows of a table that may lie in a file, by their number."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


class Lookup:
    """Gives single rows of a table; only what is asked for is read."""

    def __init__(self, table: pa.Table) -> None:
        self._batches = table.to_batches()
        self._starts = [0, *accumulate(len(batch) for batch in self._batches)]

    def __call__(self, row: int) -> dict[str, Any]:
        """Give the values of a row, by column."""
        number = bisect_right(self._starts, row) - 1
        batch, place = self._batches[number], row - self._starts[number]
        names = batch.schema.names
        return {
            name: column[place].as_py() for name, column in zip(names, batch.columns, strict=True)
        }
