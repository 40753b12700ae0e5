"""Arrow columns of any type as ones that every kernel knows, and their values as Python has them.

Arrow's own kernels lack many types (views in dictionaries, run-ends, extensions, unions), and
Python has no time before year 1 or after 9999, no zone that its database lacks, no nanoseconds.
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dedup.readers import jsonl
from dedup.text import dates

STRING = pa.large_string()
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_FIRST_DAY = date(dates.FIRST_YEAR, 1, 1).toordinal() - _EPOCH_DAY
_AFTER_LAST_DAY = date(dates.LAST_YEAR + 1, 1, 1).toordinal() - _EPOCH_DAY
_PER_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
# What conversions raise: OverflowError and LookupError for times and zones unknown to Python.
_NOT_CONVERTED = (pa.ArrowException, ArithmeticError, LookupError, TypeError, ValueError)


def sound(column: pa.Array, *, is_id: bool = False) -> tuple[pa.Array, dict[int, str]]:
    """Turn a column into a type that all kernels know, any kind of string into checked UTF-8.

    Args:
        column: Of any type.
        is_id: Give bytes that are not UTF-8 in hexadecimal, so that what differs still does.

    Returns:
        The column, and the rows that were not UTF-8 with a reason.
    """
    try:
        column = _stored(column)
    except _NOT_CONVERTED:
        column = _by_value(column)
    kind = column.type
    if not (is_string(kind) or _is_binary(kind)):
        return column, {}
    try:
        if is_string(kind):
            column.validate(full=True)
        return column.cast(STRING), {}
    except pa.ArrowInvalid:
        return _decode(column.cast(pa.large_binary()), is_id=is_id)


def _stored(column: pa.Array) -> pa.Array:
    """Unwrap extensions, run-ends and dictionaries."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        if kind.extension_name == "arrow.uuid":
            return pa.array([data and str(uuid.UUID(bytes=data)) for data in _bytes(column)])
        return _stored(column.storage)
    if pa.types.is_run_end_encoded(kind):
        return _stored(pc.run_end_decode(column))
    if pa.types.is_dictionary(kind):
        return _plain_dictionary(column).take(column.indices)
    return column


def _bytes(column: pa.Array) -> list[bytes | None]:
    found: list[bytes | None] = column.storage.to_pylist()
    return found


def _plain_dictionary(column: pa.Array) -> pa.Array:
    """Give a dictionary's values in a type that can be taken from: views cannot."""
    found = _stored(column.dictionary)
    if is_string(found.type):
        return found.cast(STRING)
    return found.cast(pa.large_binary()) if _is_binary(found.type) else found


def _by_value(column: pa.Array) -> pa.Array:
    """Make a column of Python values; strings, if they are of several types."""
    found = to_list(column)
    try:
        return pa.array(found)
    except _NOT_CONVERTED:
        return pa.array([None if value is None else str(value) for value in found], STRING)


def _decode(column: pa.Array, *, is_id: bool) -> tuple[pa.Array, dict[int, str]]:
    decoded: list[str | None] = []
    wrong: dict[int, str] = {}
    for row, data in enumerate(column.to_pylist()):
        try:
            decoded.append(None if data is None else data.decode())
        except UnicodeDecodeError as error:
            wrong[row] = jsonl.not_utf8(error)
            decoded.append(data.hex() if is_id else data.decode("utf-8", "replace"))
    return pa.array(decoded, STRING), wrong


def is_string(kind: pa.DataType) -> bool:
    """Whether a type is a kind of string."""
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _is_binary(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_binary_view(kind)
        or pa.types.is_fixed_size_binary(kind)
    )


def size_in_bytes(column: pa.Array) -> int:
    """Bytes of a column once its dictionary is decoded; of their share only, if it is a slice."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return size_in_bytes(column.storage)
    if pa.types.is_dictionary(kind):
        distinct = _plain_dictionary(column)
        if is_string(distinct.type) or _is_binary(distinct.type):
            return pc.sum(pc.binary_length(distinct).take(column.indices)).as_py() or 0
    size: int = column.nbytes
    return size


def to_list(column: pa.Array) -> list[Any]:
    """Give a column as Python values; a value that Python cannot hold as Arrow writes it."""
    try:
        return _without_nanoseconds(column).to_pylist()  # type: ignore[no-any-return]  # pyarrow has no types
    except _NOT_CONVERTED:
        return [_value(item) for item in column]


def _value(item: pa.Scalar) -> Any:
    try:
        return item.as_py()
    except _NOT_CONVERTED:
        pass
    try:
        if pa.types.is_temporal(item.type) and not pa.types.is_duration(item.type):
            return item.cast(pa.string()).as_py()
    except _NOT_CONVERTED:
        pass
    return f"{getattr(item, 'value', None)} {item.type}"


def _without_nanoseconds(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return column.cast(pa.timestamp("us", kind.tz), safe=False)
    return column


def is_moment(kind: pa.DataType) -> bool:
    """Whether a type is a time or a day."""
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def moments(column: pa.Array) -> pa.Array:
    """Write times and days as ISO 8601 with a space, UTC where they have a zone.

    Null is what lies outside the years of `dates`.
    """
    kind = column.type
    if pa.types.is_date(kind):
        ticks_type, per_day = (
            (pa.int32(), 1) if pa.types.is_date32(kind) else (pa.int64(), _PER_DAY["ms"])
        )
        ticks = _within(column.cast(ticks_type).cast(pa.int64()), per_day)
        days = pc.floor(pc.divide(ticks.cast(pa.float64()), float(per_day)))
        return days.cast(pa.int32()).cast(pa.date32()).cast(STRING)
    ticks = _within(column.cast(pa.int64()), _PER_DAY[kind.unit])
    zone = None if kind.tz is None else "UTC"  # which needs no database of zones
    times = ticks.cast(pa.timestamp(kind.unit, zone)).cast(pa.timestamp("us", zone), safe=False)
    return pc.replace_substring_regex(times.cast(STRING), r"\.?0*(Z?)$", r"\1")


def _within(ticks: pa.Array, per_day: int) -> pa.Array:
    first = pa.scalar(max(_FIRST_DAY * per_day, -(2**63)), pa.int64())
    last = pa.scalar(min(_AFTER_LAST_DAY * per_day, 2**63) - 1, pa.int64())
    inside = pc.and_(pc.greater_equal(ticks, first), pc.less_equal(ticks, last))
    return pc.if_else(inside, ticks, pa.scalar(None, ticks.type))
