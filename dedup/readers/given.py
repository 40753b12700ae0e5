"""What a caller of the library gives: files, batches, records, texts or a table.

A string is taken for a file only where there is one: a list of strings that all name files (or
globs that match) is files, one of which none does is texts. What could be either is refused.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import pyarrow as pa

from dedup.errors import InputError
from dedup.readers import columns
from dedup.readers.batches import Collector
from dedup.readers.formats import by_suffix
from dedup.readers.options import ReadOptions
from dedup.records import Article, Batch

_LONGEST_PATH = 4096
_WANTED = (
    "give files (paths or globs), batches of dedup.readers, a table, or an iterable of Article, "
    "dict or text"
)


class Given(NamedTuple):
    """Articles as a caller has them: in files, or else in an object.

    Attributes:
        paths: Files, folders and globs; empty if it is something else.
        other: Batches, a table, or an iterable of records.
    """

    paths: tuple[str, ...]
    other: Any = None


def understand(given: Any) -> Given:
    """Tell paths from other forms of articles.

    Raises:
        InputError: It is none of them, or a string that names no file.
    """
    if isinstance(given, str | os.PathLike):
        return Given((_the_path(given),))
    if isinstance(given, bytes | bytearray | Mapping | Article):
        raise InputError(f"articles is a {type(given).__name__}; {_WANTED}")
    if isinstance(given, Batch):
        return Given((), [given])
    if is_table(given):
        return Given((), given)
    if not isinstance(given, Iterable):
        raise InputError(f"articles is a {type(given).__name__}; {_WANTED}")
    first, given = _peek(given)
    if not isinstance(first, str | os.PathLike):
        return Given((), given)
    if not isinstance(given, Sequence):
        if not _is_path(first) and not _looks_like_path(first):
            return Given((), given)  # texts, however many
        given = list(given)
    return _paths_or_texts(given)


def batches_of(given: Any, options: ReadOptions) -> Iterator[Batch]:
    """Read what is not in files: see `understand`."""
    if is_table(given):
        return from_table(given, options)
    first, given = _peek(given)
    if isinstance(first, Batch):
        return iter(given)
    return from_records(_with_texts(given, options), options)


def is_table(given: object) -> bool:
    """Whether an object is a table or dataset; a single column of one is not."""
    # Of the type, since a frame has its columns for attributes, and one may be called so.
    if isinstance(given, pa.ChunkedArray) or hasattr(type(given), "dtype"):
        return False
    is_old_pandas = hasattr(given, "columns") and hasattr(given, "iloc")  # before 2.2
    names = ("__arrow_c_stream__", "__arrow_c_array__", "to_batches")
    return is_old_pandas or any(hasattr(given, name) for name in names)


def _peek(given: Iterable[Any]) -> tuple[Any, Iterable[Any]]:
    """Look at the first item, None if there is none; give an iterable of all."""
    if isinstance(given, Sequence):
        return (given[0] if len(given) else None), given
    rest = iter(given)
    first = list(next(([item] for item in rest), []))
    return (first[0] if first else None), chain(first, rest)


def _paths_or_texts(items: Sequence[Any]) -> Given:
    """Tell a list of paths from one of texts."""
    known = list(map(_is_path, items))
    if all(known):
        return Given(tuple(map(os.fspath, items)))
    if any(known) or all(map(_looks_like_path, items)):
        missing = items[known.index(False)]
        raise InputError(
            f"{_shown(missing)}: no such file or folder; in a list of files each must be there"
        )
    return Given((), items)


def _the_path(path: str | os.PathLike[str]) -> str:
    if not _is_path(path) and path != "-":
        raise InputError(
            f"{_shown(path)}: no such file or folder, and no glob that matches; give one, or a "
            "text in a list: [text]"
        )
    return os.fspath(path)


def _is_path(item: object) -> bool:
    """Whether an item is a path, or a string that names a file or matches some."""
    if not isinstance(item, str):
        return isinstance(item, os.PathLike)
    if len(item) > _LONGEST_PATH or "\n" in item:
        return False
    if os.path.lexists(item):
        return True
    # Questions have magic in them, too, and looking through a folder for each takes long.
    return glob.has_magic(item) and not _has_space(item) and bool(glob.glob(item, recursive=True))


def _looks_like_path(item: object) -> bool:
    """Whether a string looks like a path, if perhaps a misspelled one."""
    return isinstance(item, str) and bool(by_suffix(item)) and not _has_space(item)


def _has_space(value: str) -> bool:
    return any(map(str.isspace, value))


def _shown(value: object) -> str:
    shown = str(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _with_texts(items: Iterable[Any], options: ReadOptions) -> Iterator[Any]:
    """Make records of texts, their numbers from 1 as ids where an id may be made up."""
    for number, item in enumerate(items, 1):
        if isinstance(item, str):
            yield {"text": item} if options.needs_id else Article(str(number), item)
        else:
            yield item


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
    except (UnicodeEncodeError, InputError):
        if not hasattr(table, "iloc") or not table.columns.is_unique:
            raise
        # pandas holds lone surrogates and columns of several types, Arrow cannot.
        yield from from_records(table.to_dict("records"), options)
        return
    for batch in found:
        yield from columns.batches(batch, collector, file="", first=first)
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
