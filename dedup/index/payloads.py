"""Articles as an index keeps them: compressed JSON of their fields and the verdict they got."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import pyarrow as pa
import zstandard

from dedup.errors import StoreError
from dedup.records import ARTICLE_FIELDS, UNKNOWN, Batch, article_schema

if TYPE_CHECKING:
    from dedup.index.stores import Row

FIELDS = tuple(name for name in ARTICLE_FIELDS if name != "id")
_EMPTY = tuple(UNKNOWN[name] for name in FIELDS)

_LEVEL = 5
"""Of Zstandard. Articles of 3 KB take 5 % less than at level 3, or with a dictionary of 112 KB."""


class Content(NamedTuple):
    """An article as it is kept: its `FIELDS`, and the verdict it got (`verdicts.to_values`)."""

    fields: tuple[str | None, ...]
    verdict: list[Any]


class Codec:
    """Articles as compressed JSON; with a dictionary learned from the index's own articles."""

    def __init__(self, dictionary: bytes | None) -> None:
        self._plain = zstandard.ZstdCompressor(level=_LEVEL), zstandard.ZstdDecompressor()
        self._trained = self._plain
        self._mark = b"\0"
        if dictionary is not None:
            known = zstandard.ZstdCompressionDict(dictionary)
            self._mark = b"\1"
            self._trained = (
                zstandard.ZstdCompressor(level=_LEVEL, dict_data=known),
                zstandard.ZstdDecompressor(dict_data=known),
            )

    def seal(self, content: Content) -> bytes:
        """Compress an article."""
        values = orjson.dumps((content.verdict, *_without_tail(content.fields)))
        return self._mark + self._trained[0].compress(values)

    def open(self, payload: bytes) -> Content:
        """Give an article.

        Raises:
            StoreError: The payload is damaged.
        """
        try:
            verdict, *fields = orjson.loads(self.unpack(payload))
        except orjson.JSONDecodeError as error:
            raise _damaged(error) from error
        return Content((*fields, *_EMPTY[len(fields) :]), verdict)

    def unpack(self, payload: bytes) -> bytes:
        """Give an article as JSON.

        Raises:
            StoreError: The payload is damaged.
        """
        _, decompressor = self._plain if payload[:1] == b"\0" else self._trained
        try:
            return decompressor.decompress(payload[1:])
        except zstandard.ZstdError as error:
            raise _damaged(error) from error


def _damaged(error: Exception) -> StoreError:
    return StoreError(
        f"an article in the index is damaged ({error}); restore the index from a copy"
    )


def _without_tail(fields: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """Leave out fields at the end that say nothing."""
    n = len(fields)
    while n > 1 and fields[n - 1] == _EMPTY[n - 1]:
        n -= 1
    return fields[:n]


def to_batch(rows: Sequence[Row], codec: Codec, file: str) -> Batch:
    """Give articles of an index as a reader would, as if they stood in a file."""
    contents = [codec.open(row.payload).fields for row in rows]
    columns: dict[str, Sequence[Any]] = {
        name: [content[i] for content in contents] for i, name in enumerate(FIELDS)
    }
    columns |= {
        "id": [row.id for row in rows],
        "file": [file] * len(rows),
        "line": [0] * len(rows),
    }
    schema = article_schema()
    arrays = [pa.array(columns[field.name], field.type) for field in schema]
    return Batch(pa.RecordBatch.from_arrays(arrays, schema=schema), ())
