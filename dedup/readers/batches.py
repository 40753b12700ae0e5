"""Records to article batches, row by row.

Values are appended to one list per column and become Arrow arrays of the article schema when
the batch is full; no object is made per article.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import orjson
import pyarrow as pa

from dedup.readers import fields, values, wrappers
from dedup.readers.options import ReadOptions
from dedup.records import (
    READ_FIELDS,
    Article,
    Batch,
    Skipped,
    article_schema,
    without_surrogates,
)

Found: TypeAlias = tuple[int, object, int]
"""A line or record number, what stands there (`BadRecord` if unreadable), and its bytes."""

_SCHEMA = article_schema()
_READS = [(name, fields.read_of(name)) for name in READ_FIELDS]
_JSON = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


NO_ID = "no `id` field, without which an index cannot tell articles apart; name it with id-field"


class BadRecord(NamedTuple):
    """A record that could not be read, and why."""

    reason: str


class Place(NamedTuple):
    """Where a record stands.

    Attributes:
        file: Its file's name, "" if it was given by a library call.
        line: As in `Skipped`.
        size: Its bytes, roughly.
        part: Which of the records on its line it is, such as ".3"; "" if it is the only one.
    """

    file: str
    line: int
    size: int = 0
    part: str = ""

    def as_id(self) -> str:
        """Make an id of it, for a record that has none."""
        return f"{self.file or 'record'}:{self.line}{self.part}"


class Collector:
    """Gathers articles and skipped records, in order, and gives them out in batches."""

    def __init__(self, options: ReadOptions) -> None:
        self.options = options
        self._fields = fields.FieldMap(options.fields)
        self._clear()

    def _clear(self) -> None:
        self._rows: list[tuple[Any, ...]] = []
        self._skipped: list[Skipped] = []
        self._bytes = 0

    @property
    def plans(self) -> fields.FieldMap:
        """The field map, for readers that work on whole columns."""
        return self._fields

    @property
    def is_full(self) -> bool:
        """Whether the batch has reached one of its bounds."""
        return (
            self._bytes >= self.options.batch_bytes
            or len(self._rows) >= self.options.batch_rows
            or len(self._skipped) >= self.options.batch_rows
        )

    def collect(self, found: Iterable[Found], file: str) -> Iterator[Batch]:
        """Add records of a file; give out each batch as it fills, the last one stays open."""
        for line, record, size in found:
            if type(record) is BadRecord:
                self.skip(file, line, record.reason)
            else:
                self.add(record, Place(file, line, size))
            if self.is_full:
                yield self.flush()

    def add(self, record: object, place: Place) -> None:
        """Add one record, or those that it wraps."""
        if type(record) is dict:
            # First, since a type check with an abstract class takes 0.3 µs.
            plan = self._fields.plan(tuple(record))
            if plan.text:
                self._add_fields(record, plan, place)
                return
        elif isinstance(record, Article):
            self._add_article(record, place)
            return
        inner = wrappers.unwrap(record)
        for number, member in enumerate(inner, 1):
            part = f".{number}" if len(inner) > 1 else ""
            self._add_inner(member, place._replace(size=place.size // len(inner), part=part))

    def _add_inner(self, record: object, place: Place) -> None:
        if isinstance(record, Mapping):
            plan = self._fields.plan(tuple(record))
            self._add_fields(record, plan, place)
        else:
            kind = values.type_name(record)
            self.skip(place.file, place.line, f"not an object with fields but {kind}")

    def _add_fields(self, record: Mapping[str, Any], plan: fields.Plan, place: Place) -> None:
        """Add one record; it is skipped if it has no text."""
        row, rest = fields.take_row(record, plan)
        if row[1] is None:
            self.skip(place.file, place.line, self._fields.no_text(plan, record), row[0])
        else:
            self._append(row, _extra({key: record[key] for key in rest}), place)

    def _add_article(self, article: Article, place: Place) -> None:
        row = [read(getattr(article, name)) for name, read in _READS]
        if row[1] is None:
            kind = values.type_name(article.text)
            known = isinstance(article.text, str)
            reason = "empty text" if known else f"`text` is {kind}, not a string"
            self.skip(place.file, place.line, reason, row[0])
        else:
            self._append(row, _extra(article.extra), place)

    def _append(self, row: list[str | None], extra: bytes | None, place: Place) -> None:
        """Add an article by its columns; it is skipped if its text is over the limit."""
        id_, text = row[0], row[1] or ""
        limit = self.options.max_record_bytes
        if not id_ and self.options.needs_id:
            self.skip(place.file, place.line, NO_ID)
        elif 4 * len(text) > limit and len(text.encode("utf-8", "replace")) > limit:
            self.skip(place.file, place.line, too_long(limit), id_ or place.as_id())
        else:
            self._rows.append((id_ or place.as_id(), *row[1:], extra, place.file, place.line))
            self._bytes += place.size

    def skip(self, file: str, line: int, reason: str, id_: str | None = None) -> None:
        """Leave a record out."""
        self._skipped.append(
            Skipped(
                without_surrogates(file),
                line,
                without_surrogates(id_ or ""),
                without_surrogates(reason),
            )
        )

    def flush(self) -> Batch:
        """Give out what was gathered since the last batch."""
        columns = zip(*self._rows, strict=True) if self._rows else [()] * len(_SCHEMA)
        arrays = [_array(column, field) for column, field in zip(columns, _SCHEMA, strict=True)]
        batch = Batch(pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA), tuple(self._skipped))
        self._clear()
        return batch

    def joined(self, articles: pa.RecordBatch) -> Batch:
        """Give out articles made elsewhere, with the records skipped since the last batch."""
        batch = Batch(articles, tuple(self._skipped))
        self._skipped = []
        return batch

    def rest(self) -> Iterator[Batch]:
        """Give out the open batch, if it holds anything."""
        if self._rows or self._skipped:
            yield self.flush()


def describe(skipped: Skipped) -> str:
    """Write a skipped record as one line: file:line: reason."""
    file, line, _, reason = skipped
    place = file + (f":{line}" if line else "") if file else f"record {line}"
    return f"{place}: {reason}"


def none_read(n_skipped: int, first: Skipped | None = None, listed: str = "") -> str:
    """Say that every record was skipped; `listed` is where they are."""
    more = f"; the first: {describe(first)}" if first else ""
    see = f", see {listed}" if listed else ""
    return f"no article could be read: all {n_skipped} records were skipped{see}{more}"


def too_long(limit: int) -> str:
    """Say that a record is over the limit."""
    return f"record is longer than {limit} bytes; raise max_record_bytes to keep it"


def to_json(value: object) -> bytes:
    """Write a value as JSON; what JSON lacks becomes a string."""
    try:
        return orjson.dumps(value, default=str, option=_JSON)
    except (TypeError, ValueError, RecursionError):
        # Lone surrogates and integers over 64 bits, which orjson refuses.
        return without_surrogates(json.dumps(value, default=str, ensure_ascii=False)).encode()


def _extra(rest: Mapping[str, Any]) -> bytes | None:
    """Write the fields that say anything as JSON, None if none does."""
    held = {key: value for key, value in rest.items() if values.holds(value)}
    return to_json(held) if held else None


def _array(column: Sequence[Any], field: pa.Field) -> pa.Array:
    """Build a column; lone surrogates become U+FFFD only where there are any."""
    try:
        if not field.nullable:
            column = ["" if value is None else value for value in column]
        return pa.array(column, field.type)
    except UnicodeEncodeError:
        # Ids that differ only there must still differ.
        clean = values.escaped if field.name == "id" else without_surrogates
        return _array([clean(v) if isinstance(v, str) else v for v in column], field)
