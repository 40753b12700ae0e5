"""Parquet files, a batch of rows at a time, without a Python object per row."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from dedup.readers import columns, fields
from dedup.readers.batches import Collector
from dedup.readers.options import ReadOptions
from dedup.readers.streams import BLOCK, Stream, StreamError
from dedup.records import Batch

_MAGIC = b"PAR1"
_RUN_BYTES = 32 << 20
_SHORT = 1000
"""Bytes that few articles get by with: what is stored in less may unpack to far more."""


def tells(text: bytes, named: str) -> bool:
    """Whether it is Parquet by its name or first bytes."""
    return bool(named) or text.startswith(_MAGIC)


def read(stream: Stream, collector: Collector) -> Iterator[Batch]:
    """Read rows, numbered from 1."""
    yield from collector.rest()
    with stream.file() as source:
        try:
            # A buffer makes Arrow read pages as it goes, not a whole column chunk at once.
            with pq.ParquetFile(source, buffer_size=BLOCK) as parquet:
                packed = _packed_texts(parquet.metadata)
            with pq.ParquetFile(source, buffer_size=BLOCK, read_dictionary=packed) as parquet:
                yield from _batches(parquet, collector, stream)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            reason = " ".join(str(error).split())[:200]
            raise StreamError(f"not readable as Parquet ({reason})") from error


def _batches(parquet: pq.ParquetFile, collector: Collector, stream: Stream) -> Iterator[Batch]:
    first = 1
    rows = _batch_rows(parquet.metadata, stream.options)
    for groups in _runs(parquet.metadata):
        for batch in parquet.iter_batches(batch_size=rows, row_groups=groups):
            yield from columns.batches(batch, collector, file=stream.name, first=first)
            first += batch.num_rows


def _runs(metadata: pq.FileMetaData) -> Iterator[list[int]]:
    """Put row groups together to some tens of MB: Arrow keeps buffers of all it was asked for."""
    run: list[int] = []
    size = 0
    for number in range(metadata.num_row_groups):
        run.append(number)
        size += metadata.row_group(number).total_byte_size
        if size >= _RUN_BYTES:
            yield run
            run, size = [], 0
    if run:
        yield run


def _packed_texts(metadata: pq.FileMetaData) -> list[str]:
    """Name the texts to be decoded piece by piece: 4096 texts may be one in a dictionary."""
    packed: dict[str, None] = {}
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for column in map(group.column, range(group.num_columns)):
            name = column.path_in_schema
            short = column.total_uncompressed_size < _SHORT * max(column.num_values, 1)
            if short and column.has_dictionary_page and fields.has_text({name: None}):
                packed[name] = None
    return list(packed)


def _batch_rows(metadata: pq.FileMetaData, options: ReadOptions) -> int:
    """Rows that keep to the bytes of a batch, going by the fattest row group."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    widest = max((g.total_byte_size // max(g.num_rows, 1) for g in groups), default=0)
    return max(1, min(options.batch_rows, options.batch_bytes // max(widest, 1)))
