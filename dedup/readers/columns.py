"""Arrow tables to article batches, column by column.

The same rules as `batches` applies to rows, on whole columns: strings pass through untouched
and no Python object is made per row, unless a column holds lists, objects or dates in prose.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from dedup.readers import arrow_values, values
from dedup.readers.batches import NO_ID, Collector, to_json, too_long
from dedup.readers.fields import Candidate, Plan
from dedup.readers.options import ReadOptions
from dedup.records import READ_FIELDS, Batch, article_schema, without_surrogates
from dedup.text import dates

_SCHEMA = article_schema()
_STRING = arrow_values.STRING
_MISSING = pa.array(sorted(values.MISSING), _STRING)
_NEEDS_ESCAPE = r'["\\\x00-\x1f]'


class _Read(NamedTuple):
    """What a column says.

    Attributes:
        found: Strings, null where the column says nothing.
        more: Rows whose value holds more than was found, so that it stays in `extra`; None if
            there are none.
    """

    found: pa.Array
    more: pa.Array | None = None


class _Table:
    """A batch whose strings are sound, and what is left of it for `extra`."""

    def __init__(self, batch: pa.RecordBatch, file: str, first: int) -> None:
        self.file = file
        self.first = first
        self.rows = batch.num_rows
        self.columns: dict[str, pa.Array] = {}
        self.not_utf8: dict[str, dict[int, str]] = {}
        self._used: dict[str, pa.Array | None] = {}
        self._raw: dict[str, pa.Array] = {}
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            if name not in self.columns:
                self.columns[name], self.not_utf8[name] = arrow_values.sound(column)
                self._raw[name] = column

    def ids(self, key: str) -> pa.Array:
        """Give a column that holds ids: bytes that are not UTF-8 must not become alike."""
        if not self.not_utf8[key]:
            return self.columns[key]
        return arrow_values.sound(self._raw[key], is_id=True)[0]

    def value(self, key: str, row: int) -> Any:
        """Give one value as Python has it."""
        return arrow_values.to_list(self.columns[key].slice(row, 1))[0]

    def use(self, key: str, rows: pa.Array | None) -> None:
        """Mark rows of a column as used up; None means all."""
        before = self._used.get(key, False)
        if rows is None or before is None:
            self._used[key] = None
        else:
            self._used[key] = rows if before is False else pc.or_(before, rows)

    def rest(self) -> pa.Array:
        """Write what was not used up as JSON objects, null where nothing is left."""
        pieces = []
        for key, column in self.columns.items():
            used = self._used.get(key, False)
            if used is None:
                continue
            if column.null_count < self.rows:
                held = _members(key, column)
                pieces.append(
                    held if used is False else pc.if_else(used, pa.scalar(None, _STRING), held)
                )
        if not pieces:
            return pa.nulls(self.rows, _STRING)
        # Every member starts with a comma, the first one is cut off. Joining with commas would do,
        # but Arrow 26 loses the rows that are all null with null_handling="skip".
        joined = _concat(*(pc.fill_null(piece, "") for piece in pieces))
        objects = _concat(_text("{"), pc.utf8_slice_codeunits(joined, 1), _text("}"))
        return pc.if_else(pc.equal(joined, _text("")), pa.scalar(None, _STRING), objects)


def batches(
    batch: pa.RecordBatch, collector: Collector, *, file: str, first: int
) -> Iterator[Batch]:
    """Turn a batch of records into batches of articles.

    Args:
        batch: Any columns; `first` is the number of its first row.
        collector: Knows bounds and fields and takes the skipped records; holds no articles.
        file: Where the records come from.
        first: Number of the first record.
    """
    for part in _split(batch, collector.options):
        table = _Table(part, file, first)
        plan = collector.plans.plan(tuple(table.columns))
        columns = {
            name: _coalesce(table, candidates, name)
            for name, candidates in zip(READ_FIELDS, plan.columns, strict=True)
        }
        kept = _skip_bad(table, columns, plan, collector)
        articles = _assemble(table, columns)
        first += part.num_rows
        yield collector.joined(articles if kept is None else articles.filter(kept))


def _split(batch: pa.RecordBatch, options: ReadOptions) -> Iterator[pa.RecordBatch]:
    """Halve a batch until it keeps both bounds, or is one row."""
    rows = batch.num_rows
    if rows <= options.batch_rows and (rows < 2 or _size(batch) <= options.batch_bytes):
        yield batch
        return
    half = rows // 2 if rows < 2 * options.batch_rows else options.batch_rows
    for start in range(0, rows, half):
        yield from _split(batch.slice(start, half), options)


def _size(batch: pa.RecordBatch) -> int:
    return sum(map(arrow_values.size_in_bytes, batch.columns))


def _coalesce(table: _Table, candidates: tuple[Candidate, ...], name: str) -> pa.Array:
    """Fill a column from its candidates, most telling first."""
    result = pa.nulls(table.rows, _STRING)
    for candidate in candidates:
        found, more = _read(_find(table, candidate, name), candidate, name)
        if not candidate.path:
            table.use(candidate.key, _used_up(result, found, more))
        result = found if result.null_count == table.rows else pc.coalesce(result, found)
        if not result.null_count:
            break
    return result


def _used_up(before: pa.Array, found: pa.Array, more: pa.Array | None) -> pa.Array | None:
    """Rows that were taken here or say nothing; None means all."""
    taken = None
    if before.null_count < len(before):
        taken = pc.or_(before.is_null(), found.is_null())
    if more is None:
        return taken
    return pc.invert(more) if taken is None else pc.and_(taken, pc.invert(more))


def _find(table: _Table, candidate: Candidate, name: str) -> pa.Array:
    is_id = name == "id"
    column = table.ids(candidate.key) if is_id else table.columns[candidate.key]
    for part in candidate.path:
        kind = column.type
        if not pa.types.is_struct(kind) or kind.get_field_index(part) < 0:
            return pa.nulls(table.rows)
        column = pc.struct_field(column, part)
    return arrow_values.sound(column, is_id=is_id)[0] if candidate.path else column


def _read(column: pa.Array, candidate: Candidate, name: str) -> _Read:
    kind = column.type
    if pa.types.is_null(kind):
        return _Read(pa.nulls(len(column), _STRING))
    if name == "published":
        return _read_dates(column, candidate)
    if arrow_values.is_string(kind):
        if candidate.read in (values.string, values.text, values.names) or (
            candidate.read is values.name and not _has_url(column)
        ):
            return _Read(_present(column))
        return _read_distinct(column, candidate, name)
    if pa.types.is_integer(kind) and name != "text":
        return _Read(column.cast(_STRING))
    return _read_each(column, candidate, name)


def _present(column: pa.Array) -> pa.Array:
    """Make strings that say nothing null."""
    blank = pc.or_(pc.is_in(column, _MISSING), pc.utf8_is_space(column))
    if not pc.any(blank).as_py():
        return column
    return pc.if_else(blank, pa.scalar(None, _STRING), column)


def _has_url(column: pa.Array) -> bool:
    starts = (pc.any(pc.starts_with(column, start)).as_py() for start in values.URL_STARTS)
    return any(starts)


def _read_distinct(column: pa.Array, candidate: Candidate, name: str) -> _Read:
    """Read each distinct value once."""
    encoded = column.dictionary_encode()
    read = _read_each(encoded.dictionary, candidate, name)
    more = None if read.more is None else pc.fill_null(read.more.take(encoded.indices), False)
    return _Read(read.found.take(encoded.indices), more)


def _read_each(column: pa.Array, candidate: Candidate, name: str) -> _Read:
    """Read value by value, as rows are read."""
    found: list[str | None] = []
    more: list[bool] = []
    for value in arrow_values.to_list(column):
        read = candidate.read(value)
        found.append(read if read is None else without_surrogates(read))
        if read is None:
            more.append(not values.says_nothing(value))
        else:
            more.append(read is not value and values.says_more(value, name, read))
    return _Read(pa.array(found, _STRING), pa.array(more, pa.bool_()) if any(more) else None)


def _read_moments(column: pa.Array, candidate: Candidate) -> _Read:
    """Read times and days; one in no year that news is from stays in `extra`."""
    moments = arrow_values.moments(column)
    found, more = _read_dates(moments, candidate)
    lost = pc.and_(column.is_valid(), moments.is_null())
    if not pc.any(lost).as_py():
        return _Read(found, more)
    return _Read(found, lost if more is None else pc.or_(lost, more))


def _read_dates(column: pa.Array, candidate: Candidate) -> _Read:
    """Read dates; those that already are as `dates` would write them pass through."""
    kind = column.type
    if arrow_values.is_moment(kind):
        return _read_moments(column, candidate)
    if not arrow_values.is_string(column.type):
        return _read_each(column, candidate, "published")
    if pc.all(pc.match_substring_regex(column, dates.PLAIN)).as_py():
        return _Read(column)
    usual = pc.replace_substring_regex(column, r"^(\d{4}-\d\d-\d\d) (\d)", r"\1T\2")
    usual = pc.replace_substring_regex(usual, r"^(.{16,26})Z$", r"\1+00:00")
    plain = pc.match_substring_regex(usual, dates.PLAIN)
    rest = pc.if_else(plain, pa.scalar(None, _STRING), column)
    found, more = _read_distinct(rest, candidate, "published")
    return _Read(pc.coalesce(found, pc.if_else(plain, usual, pa.scalar(None, _STRING))), more)


def _members(key: str, column: pa.Array) -> pa.Array:
    """Write values as members of a JSON object, null where they hold nothing."""
    name = f",{to_json(key).decode()}:"
    kind = column.type
    if arrow_values.is_string(kind):
        if not pc.any(pc.match_substring_regex(column, _NEEDS_ESCAPE)).as_py():
            held = pc.if_else(pc.equal(column, _text("")), pa.scalar(None, _STRING), column)
            return _concat(_text(f'{name}"'), held, _text('"'))
    elif pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return _concat(_text(name), column.cast(_STRING))
    held = arrow_values.to_list(column)
    members = [name.encode() + to_json(v) if values.holds(v) else None for v in held]
    return pa.array(members, _STRING)


def _concat(*parts: Any) -> pa.Array:
    """Put strings together, row by row; null where any is."""
    return pc.binary_join_element_wise(*parts, _text(""))


def _text(value: str) -> pa.Scalar:
    return pa.scalar(value, _STRING)


def _skip_bad(
    table: _Table, columns: dict[str, pa.Array], plan: Plan, collector: Collector
) -> pa.Array | None:
    """Report rows without a sound text of bearable length; give the rows kept, None for all."""
    text, options = columns["text"], collector.options
    long = pc.greater(pc.binary_length(text), options.max_record_bytes)
    bad = pc.or_(text.is_null(), pc.fill_null(long, False))
    wrong = {row: why for c in plan.text for row, why in table.not_utf8[c.key].items()}
    if options.needs_id and columns["id"].null_count:
        nameless = pc.and_not(columns["id"].is_null(), bad)
        bad = pc.or_(bad, nameless)
        wrong = dict.fromkeys(pc.indices_nonzero(nameless).to_pylist(), NO_ID) | wrong
    if not wrong and not pc.any(bad).as_py():
        return None
    rows = sorted({*pc.indices_nonzero(bad).to_pylist(), *wrong})
    for row in rows:
        why = wrong.get(row) or _why(table, plan, collector, row, is_null=not text[row].is_valid)
        why = why or too_long(options.max_record_bytes)
        collector.skip(table.file, table.first + row, why, columns["id"][row].as_py())
    kept = [True] * table.rows
    for row in rows:
        kept[row] = False
    return pa.array(kept, pa.bool_())


def _why(table: _Table, plan: Plan, collector: Collector, row: int, *, is_null: bool) -> str:
    if not is_null:
        return ""
    flat = [c.key for c in plan.text if not c.path]
    keys = flat if flat and len(flat) == len(plan.text) else table.columns
    record: dict[str, Any] = {key: table.value(key, row) for key in keys}
    return collector.plans.no_text(plan, record)


def _assemble(table: _Table, columns: dict[str, pa.Array]) -> pa.RecordBatch:
    """Build the article columns; a missing id is the record's place."""
    id_ = columns["id"]
    lines = pa.array(range(table.first, table.first + table.rows), pa.int64())
    if id_.null_count:
        place = _text(f"{table.file or 'record'}:")
        id_ = pc.coalesce(id_, _concat(place, lines.cast(_STRING)))
    arrays = [id_]
    for name in READ_FIELDS[1:]:
        column = columns[name]
        arrays.append(column if name == "published" else pc.fill_null(column, ""))
    files = pa.repeat(_text(table.file), table.rows)
    return pa.RecordBatch.from_arrays([*arrays, table.rest(), files, lines], schema=_SCHEMA)
