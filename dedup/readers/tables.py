"""Records and tables given by a library call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from dedup.errors import InputError
from dedup.readers import columns
from dedup.readers.batches import Collector
from dedup.readers.options import ReadOptions
from dedup.records import Article, Batch


def from_records(records: Iterable[Any], options: ReadOptions) -> Iterator[Batch]:
    """Read `Article`s and mappings, numbered from 1; see `readers.from_records`."""
    collector = Collector(options)
    found = ((number, record, _size(record)) for number, record in enumerate(records, 1))
    yield from collector.collect(found, "")
    yield from collector.rest()


def _size(record: object) -> int:
    """Length of a record's strings: near enough to bound a batch."""
    if isinstance(record, Article):
        return len(record.text) if isinstance(record.text, str) else 0
    if not isinstance(record, dict):
        return 0
    return sum(len(value) for value in record.values() if isinstance(value, str))


def from_table(table: Any, options: ReadOptions) -> Iterator[Batch]:
    """Read an Arrow, pandas or polars table; see `readers.from_table`."""
    collector = Collector(options)
    first = 1
    try:
        found = record_batches(table, options)
    except UnicodeEncodeError:
        # pandas holds lone surrogates, Arrow cannot.
        yield from from_records(table.to_dict("records"), options)
        return
    for batch in found:
        yield from columns.batches(batch, collector, options, file="", first=first)
        first += batch.num_rows


def record_batches(table: Any, options: ReadOptions) -> Iterator[pa.RecordBatch]:
    """Give any table as Arrow record batches.

    Raises:
        InputError: The object is no table, or holds types that Arrow has not.
        UnicodeEncodeError: A pandas frame holds lone surrogates.
    """
    if isinstance(table, pa.Table):
        return iter(table.to_batches(max_chunksize=options.batch_rows))
    if hasattr(table, "__arrow_c_stream__"):
        return _stream(table)
    if hasattr(table, "__arrow_c_array__"):
        return iter([pa.record_batch(table)])
    if hasattr(table, "to_batches"):  # a dataset
        return iter(table.to_batches(batch_size=options.batch_rows))
    kind = type(table).__name__
    raise InputError(f"cannot read a {kind} as a table; needed Arrow, pandas, polars or a dataset")


def _stream(table: Any) -> Iterator[pa.RecordBatch]:
    try:
        return iter(pa.RecordBatchReader.from_stream(table))
    except UnicodeEncodeError:
        raise
    except (pa.ArrowException, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"cannot read the {type(table).__name__} as a table: {reason}") from error
