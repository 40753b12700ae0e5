"""Articles from files, records and tables, as Arrow batches.

    for batch in readers.read(["news/", "more.jsonl.gz"]):
        batch.articles  # a RecordBatch with the columns of `records.article_schema()`
        batch.skipped   # what was left out, and why

Formats are those of `formats.FORMATS`, each also in gzip or Zstandard. Memory stays bounded by
`ReadOptions` whatever the input. A record's fields are known by the names that news formats use
(`data/fields.json`); fields without a column are kept in `extra`. A record without an id gets its
place as id: "dump.jsonl:17", "record:17"; the third of a list on a line is "dump.jsonl:17.3".

What reads loads when it is first used, so that the table of formats costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dedup.readers.formats import FORMATS
from dedup.readers.options import ReadOptions

if TYPE_CHECKING:
    from dedup.readers.batches import describe, none_read
    from dedup.readers.reading import OneByOne, from_records, from_table, read, texts_of

__all__ = [
    "FORMATS",
    "OneByOne",
    "ReadOptions",
    "describe",
    "from_records",
    "from_table",
    "none_read",
    "read",
    "texts_of",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'dedup.readers' has no attribute {name!r}")
    from dedup.readers import batches, reading

    value = getattr(batches if name in ("describe", "none_read") else reading, name)
    globals()[name] = value
    return value
