"""Reads a result back, and tables of labels, in any of the formats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from dedup.errors import InputError
from dedup.readers import delimited
from dedup.readers.batches import BadRecord
from dedup.results import contract
from dedup.results.result import Result, Trace
from dedup.settings import FORMATS

_ROWS_AT_ONCE = 16_384
_LONGEST_CSV_ROW = 1 << 30


def read_directory(directory: Path) -> Result:
    """Read tables and `run.json`; see `Result.read`."""
    if not directory.is_dir():
        what = "is a file" if directory.exists() else "does not exist"
        raise InputError(f"{directory} {what}; give a folder that `dedup cluster -o` made")
    is_trace = any(path.is_file() for path in _paths(directory, contract.SENTENCES))
    kind, tables = (Trace, contract.TRACED) if is_trace else (Result, contract.CLUSTERED)
    found = {table.name: _read_part(directory, table) for table in tables}
    return kind(**found, run=_read_run(directory / "run.json"))


def _paths(directory: Path, table: contract.Table) -> list[Path]:
    return [directory / f"{table.name}.{suffix}" for suffix in FORMATS]


def _read_part(directory: Path, contracted: contract.Table) -> pa.Table:
    """Read one table of a result, with at least the columns that the contract needs."""
    path = next((path for path in _paths(directory, contracted) if path.is_file()), None)
    if path is None and contracted.is_needed:
        raise InputError(
            f"{directory}: no {contracted.name}.jsonl, .parquet or .csv in it; give a folder that "
            "`dedup cluster -o` made"
        )
    types = {c.name: c.kind for c in contracted.columns if not c.is_text}
    needed = [c.name for c in contracted.columns if c.is_needed]
    table = read_table(path, types) if path else pa.table({})
    if not table.num_rows and not table.num_columns:  # JSON Lines without a line
        return pa.table({name: _array([], types.get(name)) for name in needed})
    missing = [name for name in needed if name not in table.column_names]
    if missing:
        raise InputError(
            f"{path}: found columns {', '.join(table.column_names)}; needed "
            f"{', '.join(missing)} too; run `dedup cluster` again"
        )
    return _with_nulls(table, contracted)


def _with_nulls(table: pa.Table, contracted: contract.Table) -> pa.Table:
    """Put back the nulls, which CSV writes as empty cells and JSON Lines, of objects, as {}."""
    import pyarrow.compute as pc

    for column in contracted.columns:
        if column.name in table.column_names and column.nulls and column.is_text:
            values = table.column(column.name).cast(pa.large_string())
            is_empty = pc.is_in(values, value_set=pa.array(["", "{}"], pa.large_string()))
            nulled = pc.if_else(is_empty, pa.scalar(None, pa.large_string()), values)
            table = table.set_column(table.column_names.index(column.name), column.name, nulled)
    return table


def _read_run(path: Path) -> dict[str, Any]:
    try:
        run = orjson.loads(path.read_bytes())
    except OSError as error:
        raise InputError(
            f"{path}: cannot read: {error.strerror}; give a folder that `dedup cluster -o` made"
        ) from error
    except ValueError as error:
        raise InputError(f"{path}: not JSON: {error}; run `dedup cluster` again") from error
    if not isinstance(run, dict):
        raise InputError(f"{path}: not a JSON object; run `dedup cluster` again")
    return run


def read_table(path: Path, types: Mapping[str, pa.DataType] | None = None) -> pa.Table:
    """Read one table from a .jsonl, .csv, .tsv or .parquet file.

    Args:
        path: Its suffix says the format. A CSV may be separated by commas, semicolons or tabs.
        types: Of columns that are not text. All others come from JSON Lines and CSV as text, what
            is no string in JSON as its JSON. Parquet keeps its own types.

    Returns:
        The rows in file order; no columns at all for JSON Lines without a line.

    Raises:
        InputError: The file cannot be read, has another format, or is damaged.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            f"{path}: a table ends in {', '.join(_READERS)}; convert it, or rename it if it is one"
        )
    try:
        return reader(path, types or {})
    except OSError as error:
        raise InputError(f"{path}: cannot read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8: {error.reason}; save it as UTF-8") from error
    except pa.ArrowException as error:
        raise InputError(f"{path}: not a table that can be read: {error}") from error


def _read_parquet(path: Path, types: Mapping[str, pa.DataType]) -> pa.Table:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        return file.read()


def _read_jsonl(path: Path, types: Mapping[str, pa.DataType]) -> pa.Table:
    with path.open("rb") as file:
        return _table(_json_records(file, path), types, path)


def _json_records(lines: Iterable[bytes], path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = orjson.loads(line)
        except ValueError as error:
            raise InputError(f"{path}:{number}: not JSON: {error}") from error
        if not isinstance(record, dict):
            raise InputError(f"{path}:{number}: not a JSON object; needed one on each line")
        yield record


def _read_csv(path: Path, types: Mapping[str, pa.DataType]) -> pa.Table:
    with path.open("rb") as file:
        rows = delimited.rows(iter(partial(file.read, 1 << 20), b""), _LONGEST_CSV_ROW)
        _, header = next(rows, (1, []))
        if isinstance(header, BadRecord):
            raise InputError(f"{path}:1: not CSV: {header.reason}")
        if not header or len(set(header)) < len(header):
            raise InputError(f"{path}:1: needed a header of different names; found {header}")
        table = _table(_csv_records(rows, header, path), types, path)
    return table if table.num_columns else _table_of([], header, types)


def _csv_records(
    rows: Iterator[tuple[int, list[str] | BadRecord]], header: list[str], path: Path
) -> Iterator[dict[str, Any]]:
    for line, row in rows:
        if isinstance(row, BadRecord):
            raise InputError(f"{path}:{line}: not CSV: {row.reason}")
        if len(row) != len(header):
            raise InputError(
                f"{path}:{line}: found {len(row)} cells; the header needs {len(header)}"
            )
        yield dict(zip(header, row, strict=True))


def _table(
    records: Iterator[dict[str, Any]], types: Mapping[str, pa.DataType], path: Path
) -> pa.Table:
    """Collect records a batch at a time; a column that a batch lacks is null there."""
    tables = []
    while batch := list(islice(records, _ROWS_AT_ONCE)):
        names = list(dict.fromkeys(name for record in batch for name in record))
        try:
            tables.append(_table_of(batch, names, types))
        except (ValueError, TypeError, pa.ArrowException) as error:
            raise InputError(f"{path}: a value is not of its column's type: {error}") from error
    return pa.concat_tables(tables, promote_options="default") if tables else pa.table({})


def _table_of(
    records: list[dict[str, Any]], names: list[str], types: Mapping[str, pa.DataType]
) -> pa.Table:
    columns = {
        name: _array([record.get(name) for record in records], types.get(name)) for name in names
    }
    return pa.table(columns)


def _array(values: list[Any], kind: pa.DataType | None) -> pa.Array:
    if kind is None:
        return pa.array([_as_text(value) for value in values], pa.large_string())
    return pa.array([_as_value(value) for value in values], kind)


def _as_text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()


def _as_value(value: object) -> object:
    """Read a number or truth value, which CSV holds as text."""
    if not isinstance(value, str):
        return value
    return orjson.loads(value) if value else None


_READERS: dict[str, Callable[[Path, Mapping[str, pa.DataType]], pa.Table]] = {
    ".jsonl": _read_jsonl,
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".parquet": _read_parquet,
}
