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


class Collector:
    """Gathers articles and skipped records, in order, and gives them out in batches."""

    def __init__(self, options: ReadOptions) -> None:
        self._options = options
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
            self._bytes >= self._options.batch_bytes
            or len(self._rows) >= self._options.batch_rows
            or len(self._skipped) >= self._options.batch_rows
        )

    def collect(self, found: Iterable[Found], file: str) -> Iterator[Batch]:
        """Add records of a file; give out each batch as it fills, the last one stays open."""
        for line, record, size in found:
            if type(record) is BadRecord:
                self.skip(file, line, record.reason)
            else:
                self.add(record, file, line, size)
            if self.is_full:
                yield self.flush()

    def add(self, record: object, file: str, line: int, size: int) -> None:
        """Add one record, or those that it wraps."""
        if type(record) is dict:
            # First, since a type check with an abstract class takes 0.3 µs.
            plan = self._fields.plan(tuple(record))
            if plan.text:
                self._add_fields(record, plan, file, line, size)
                return
        elif isinstance(record, Article):
            self._add_article(record, file, line, size)
            return
        inner = wrappers.unwrap(record)
        for number, member in enumerate(inner, 1):
            place = f".{number}" if len(inner) > 1 else ""
            self._add_inner(member, file, line, size // len(inner), place)

    def _add_inner(self, record: object, file: str, line: int, size: int, place: str) -> None:
        if isinstance(record, Mapping):
            plan = self._fields.plan(tuple(record))
            self._add_fields(record, plan, file, line, size, place)
        else:
            kind = values.type_name(record)
            self.skip(file, line, f"not an object with fields but {kind}")

    def _add_fields(
        self,
        record: Mapping[str, Any],
        plan: fields.Plan,
        file: str,
        line: int,
        size: int,
        place: str = "",
    ) -> None:
        """Add one record; it is skipped if it has no text."""
        row, rest = fields.take_row(record, plan)
        if row[1] is None:
            self.skip(file, line, self._fields.no_text(plan, record), row[0])
        elif self._options.needs_id and not row[0]:
            self.skip(file, line, NO_ID)
        else:
            row[0] = row[0] or _place(file, line, place)
            extra = _extra({key: record[key] for key in rest})
            self._append(row, extra, file, line, size)

    def _add_article(self, article: Article, file: str, line: int, size: int) -> None:
        row = [read(getattr(article, name)) for name, read in _READS]
        if row[1] is None:
            kind = values.type_name(article.text)
            known = isinstance(article.text, str)
            self.skip(
                file, line, "empty text" if known else f"`text` is {kind}, not a string", row[0]
            )
        elif self._options.needs_id and not row[0]:
            self.skip(file, line, NO_ID)
        else:
            row[0] = row[0] or _place(file, line)
            self._append(row, _extra(article.extra), file, line, size)

    def _append(
        self, row: list[str | None], extra: bytes | None, file: str, line: int, size: int
    ) -> None:
        """Add an article by its columns; it is skipped if its text is over the limit."""
        text = row[1] or ""
        limit = self._options.max_record_bytes
        if 4 * len(text) > limit and len(text.encode("utf-8", "replace")) > limit:
            self.skip(file, line, too_long(limit), row[0])
            return
        self._rows.append((*row, extra, file, line))
        self._bytes += size

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


def _place(file: str, line: int, place: str = "") -> str:
    """Make an id of where a record stands; `place` is its number within the line's value."""
    return f"{file or 'record'}:{line}{place}"


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
