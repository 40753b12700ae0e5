"""The records that flow through dedup, and the names of its arrays and tables.

Records at the edges are frozen dataclasses; inside, articles travel as Arrow batches
(`article_schema()`) and numbers as NumPy arrays whose dtypes are stated here, once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Bytes: TypeAlias = npt.NDArray[np.uint8]
    Offsets: TypeAlias = npt.NDArray[np.int64]
    """Row i of a ragged array is values[offsets[i] : offsets[i + 1]]."""
    TokenValues: TypeAlias = npt.NDArray[np.uint32]
    """30 bits of each token's hash, then a bit if it is furniture and one if it is quoted."""
    Shingles: TypeAlias = npt.NDArray[np.uint32]
    Signatures: TypeAlias = npt.NDArray[np.uint32]
    """MinHash values, shape (n_articles, num_perm)."""
    Pairs: TypeAlias = npt.NDArray[np.int64]
    """Row numbers (a, b) with a < b, sorted, no repeats, shape (n_pairs, 2)."""


WORK_MARK = ".dedup-work.json"
"""Name of the file that marks a folder that a run works in."""

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Article:
    """One article as an ingestion job or a reader hands it over.

    Attributes:
        id: Unique in its collection.
        text: The article's own text; all offsets count its Unicode code points.
        title: Headline, if known.
        outlet: Who published it (a name or a host).
        published: When: a datetime, a date, or any date form that `dates.parse_date` knows.
        url: Where it was published.
        authors: Byline as printed, several names joined with "; ".
        language: As the source states it, for example "en".
        extra: Any other fields of the record; carried through, never interpreted.
    """

    id: str
    text: str
    title: str = ""
    outlet: str = ""
    published: datetime | date | str | int | float | None = None
    url: str = ""
    authors: str = ""
    language: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


ARTICLE_FIELDS = tuple(item.name for item in fields(Article))
"""All that is said of an article, in the order of its columns."""

READ_FIELDS = tuple(name for name in ARTICLE_FIELDS if name != "extra")
"""Those that a field of an input can be read as; `extra` is what is left."""

FIELDS_BUT_TEXT = tuple(name for name in ARTICLE_FIELDS if name != "text")
"""What is kept of an article when its text is let go."""

UNKNOWN: Mapping[str, str | None] = {
    name: None if name in ("published", "extra") else "" for name in ARTICLE_FIELDS
}
"""What stands in a column where nothing is known: only two hold nulls."""


class Skipped(NamedTuple):
    """A record that was left out, and why; one row of the `skipped` table.

    Attributes:
        file: The input it came from; "" for records given by a library call.
        line: Line of a text format (the first line is 1), record number of the others, 0 when
            the whole file is meant.
        id: The record's id where it was readable, else "".
        reason: One clause that says what was found and what was needed.
    """

    file: str
    line: int
    id: str
    reason: str


class Batch(NamedTuple):
    """Articles in input order, and the records left out on the way to them.

    Attributes:
        articles: Columns of `article_schema()`.
        skipped: In input order.
        renamed: Ids given to articles whose own was that of another text before them.
    """

    articles: pa.RecordBatch
    skipped: tuple[Skipped, ...]
    renamed: tuple[str, ...] = ()


def without_surrogates(value: str) -> str:
    """Put U+FFFD for lone surrogates, which no UTF-8 can hold; all others keep their places."""
    return _SURROGATE.sub("\ufffd", value)


def article_schema() -> pa.Schema:
    """Columns of an article batch.

    `published` is ISO 8601 written as precisely as it is known ("2018-07", "2018-07-16",
    "2018-07-16T10:00", "2018-07-16T10:00:00.5-04:00"), with a zone only where one was given; null
    when unknown. `extra` is a JSON object of the fields that have no column, null when there
    are none. `file` and `line` say where the record stood. Only `published` and `extra`
    hold nulls; unknown strings are "".
    """
    import pyarrow as pa

    said = [
        pa.field(name, pa.large_string(), nullable=nothing is None)
        for name, nothing in UNKNOWN.items()
    ]
    place = [
        pa.field("file", pa.large_string(), nullable=False),
        pa.field("line", pa.int64(), nullable=False),
    ]
    return pa.schema([*said, *place])
