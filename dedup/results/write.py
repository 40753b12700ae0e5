"""Writes a result: a directory that is there whole or not at all.

It is written beside its final place under a hidden name, and renamed when every file is complete.
"""

from __future__ import annotations

import csv
import errno
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from dedup.errors import OutputError
from dedup.results import contract
from dedup.settings import FORMATS

_ROWS_AT_ONCE = 16_384
_ROWS_IN_GROUP = 1 << 17
_OUR_FILES = {
    "run.json",
    *(f"{table.name}.{suffix}" for table in contract.TRACED for suffix in FORMATS),
}


def check_directory(directory: Path, *, force: bool) -> None:
    """Refuse a place that results must not be written to, before any work is done.

    Raises:
        OutputError: It exists (without `force`), or is not an earlier result, or has no parent.
    """
    if not directory.exists() and not directory.is_symlink():
        if not directory.absolute().parent.is_dir():
            raise OutputError(f"{directory}: there is no folder {directory.parent}; make it first")
        return
    if not force:
        raise OutputError(f"{directory} exists; give another -o, or --force to replace it")
    if not directory.is_dir() or directory.is_symlink():
        raise OutputError(f"{directory} is not a folder; give another -o")
    others = sorted({path.name for path in directory.iterdir()} - _OUR_FILES)
    if others:
        raise OutputError(
            f"{directory} holds {others[0]}, which is no part of an earlier result, so --force "
            "will not replace it; give another -o"
        )


def write_directory(
    tables: Mapping[str, pa.Table],
    run: Mapping[str, Any],
    directory: Path,
    format: str,  # noqa: A002, the word of the command line
    *,
    force: bool,
    between: Callable[[], None],
) -> None:
    """Write tables and `run.json`; see `Result.write`."""
    if format not in FORMATS:
        raise OutputError(f"format is {format!r}; choose one of {', '.join(FORMATS)}")
    check_directory(directory, force=force)
    place = directory.absolute()
    partial = hidden_beside(place)
    try:
        partial.mkdir()
        for name, table in tables.items():
            _WRITERS[format](_Parts(table, between), partial / f"{name}.{format}")
        (partial / "run.json").write_bytes(orjson.dumps(run, option=orjson.OPT_INDENT_2) + b"\n")
        _put_in_place(partial, place)
    except OSError as error:
        raise OutputError(f"{directory}: cannot write: {_why(error)}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _why(error: OSError) -> str:
    """Say why writing failed, in the system's words where it has some, and what to do."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return f"{reason}; {'make room, or ' if is_full else ''}give another -o"


def hidden_beside(place: Path, purpose: str = "") -> Path:
    """Name a hidden file or folder beside a place, on the same disk, that is not there yet."""
    return place.with_name(f".{place.name}.{purpose}{secrets.token_hex(8)}")


def _put_in_place(partial: Path, place: Path) -> None:
    """Rename a complete directory to its place; an old one there is moved away first."""
    if not place.exists():
        partial.rename(place)
        return
    old = hidden_beside(place, "old.")
    place.rename(old)
    try:
        partial.rename(place)
    except BaseException:  # Ctrl-C too
        if not place.exists():
            old.rename(place)
        raise
    finally:
        if place.exists():
            shutil.rmtree(old, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Parts:
    """A table to write a batch at a time, so that memory can be let go of `between` them."""

    table: pa.Table
    between: Callable[[], None]

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self.table.to_batches(max_chunksize=_ROWS_AT_ONCE):
            yield batch
            self.between()


def _write_jsonl(parts: _Parts, path: Path) -> None:
    names = parts.table.column_names
    as_they_are = [i for i, name in enumerate(names) if name in contract.JSON_COLUMNS]
    with path.open("wb") as file:
        for batch in parts:
            columns = [column.to_pylist() for column in batch.columns]
            for i in as_they_are:
                columns[i] = [orjson.Fragment(value or "{}") for value in columns[i]]
            records = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
            # One call for all records is twice as fast. It can be cut into lines where `},{` stands
            # between records only, and in no value.
            written = orjson.dumps(records)
            if written.count(b"},{") == len(records) - 1:
                file.write(written[1:-1].replace(b"},{", b"}\n{") + b"\n")
            else:
                file.writelines(orjson.dumps(r, option=orjson.OPT_APPEND_NEWLINE) for r in records)


def _write_csv(parts: _Parts, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(parts.table.column_names)
        for batch in parts:
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                writer.writerow([_as_csv(value) for value in row])


def _as_csv(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def _write_parquet(parts: _Parts, path: Path) -> None:
    import pyarrow.parquet as pq

    table = parts.table
    with pq.ParquetWriter(path, table.schema, compression="zstd") as writer:
        for start in range(0, len(table), _ROWS_IN_GROUP):
            writer.write_table(table.slice(start, _ROWS_IN_GROUP))
            parts.between()


_WRITERS: dict[str, Callable[[_Parts, Path], None]] = {
    "jsonl": _write_jsonl,
    "parquet": _write_parquet,
    "csv": _write_csv,
}
