"""What a run gives back: tables, and the record of how they came about.

A directory of results is written beside its final place under a hidden name and renamed when every
file is complete, so it is there whole or not at all. It is read back in any of its formats.
"""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa

from dedup.errors import InputError, OutputError
from dedup.readers import delimited
from dedup.readers.batches import BadRecord
from dedup.settings import FORMATS

if TYPE_CHECKING:
    import pandas as pd

_ROWS_AT_ONCE = 16_384
_LONGEST_CSV_ROW = 1 << 30
_ROWS_IN_GROUP = 1 << 17
_TABLES = ("articles", "pairs", "furniture", "skipped")
_COLUMNS = {
    "articles": ("id", "cluster", "story", "representative", "cluster_size", "story_size"),
    "pairs": (
        *("id_a", "id_b", "relation", "jaccard"),
        *("containment", "containment_a", "containment_b", "shared"),
    ),
    "furniture": ("id", "start", "end", "kind"),
    "skipped": ("file", "line", "id", "reason"),
    "sentences": ("id", "sentence", "start", "end", "label", "source_id", "similarity"),
    "outlets": ("outlet", "agency", "day", "articles", "copied_share"),
}
_OPTIONAL = ("furniture", "skipped")
_TYPES: dict[str, pa.DataType] = {
    "representative": pa.bool_(),
    **dict.fromkeys(("cluster_size", "story_size", "shared", "start", "end", "line"), pa.int64()),
    **dict.fromkeys(("jaccard", "containment", "containment_a", "containment_b"), pa.float64()),
    "margin": pa.float64(),
    "credited": pa.bool_(),
    **dict.fromkeys(("sentence", "source_start", "source_end", "articles"), pa.int64()),
    **dict.fromkeys(("wholly_derived", "partially_derived", "uncredited"), pa.int64()),
    **dict.fromkeys(("copied_share", "rewritten_share", "added_share"), pa.float64()),
    **dict.fromkeys(("confidence", "similarity"), pa.float64()),
}
_UNKNOWN_IS_NULL = ("published", "extra", "relation", "verdict", "origin_id", "source_id", "note")
_TRACED = ("sentences", "outlets")
_OURS = {
    "run.json",
    *(f"{table}.{suffix}" for table in (*_TABLES, *_TRACED) for suffix in FORMATS),
}


@dataclass(frozen=True, slots=True)
class Result:
    """Clusters of a collection of articles.

    Attributes:
        articles: One row per article, in input order: `id, cluster, story, representative,
            cluster_size, story_size, relation` (to the representative of its cluster; null
            for the representative itself), then what the input said of it: `title, outlet,
            published, url, authors, language, extra` (a JSON object of its other fields).
        pairs: One row per match: `id_a, id_b` (in input order), `relation, jaccard, containment,
            containment_a` (share of a found in b), `containment_b, shared` (shingles), `margin`
            (how far the relation's nearest border was). Shingles are those outside furniture,
            but for pairs whose relation is `furniture`.
        furniture: One row per stretch of page furniture: `id, start, end` (code points of its
            text), `kind`: "learned" or "listed".
        skipped: One row per record left out: `file, line, id, reason`.
        run: Version, settings, counts, seconds and bytes per stage, warnings; plain values.
    """

    articles: pa.Table
    pairs: pa.Table
    furniture: pa.Table
    skipped: pa.Table
    run: dict[str, Any]

    def to_arrow(self) -> dict[str, pa.Table]:
        """Give the tables by name."""
        return {name: getattr(self, name) for name in _TABLES}

    def to_pandas(self) -> dict[str, pd.DataFrame]:
        """Give the tables by name, as pandas data frames (pandas must be installed)."""
        return {name: table.to_pandas() for name, table in self.to_arrow().items()}

    def write(
        self,
        directory: str | Path,
        *,
        format: str = "jsonl",  # noqa: A002
        force: bool = False,
        between: Callable[[], None] = lambda: None,
    ) -> None:
        """Write the tables and `run.json` to a directory that appears complete or not at all.

        Args:
            directory: Must not exist yet, unless `force`.
            format: "jsonl", "parquet" or "csv".
            force: Replace what is there once the new result is complete. Only a directory that
                holds an earlier result and nothing else is replaced.
            between: Called after each few thousand rows, to let go of memory.

        Raises:
            OutputError: The directory exists, is no earlier result, or cannot be written.
        """
        tables = {name: _Parts(table, between) for name, table in self.to_arrow().items()}
        write_directory(tables, self.run, Path(directory), format=format, force=force)

    @classmethod
    def read(cls, directory: str | Path) -> Result:
        """Read a directory that `write` or `dedup cluster` made, in whichever format it is.

        Columns that the contract does not name come back as text from JSON Lines and CSV. A
        missing table `skipped` is taken for an empty one. One of `dedup trace` gives a `Trace`.

        Raises:
            InputError: It is no such directory, or a file in it is damaged.
        """
        return read_directory(Path(directory))


@dataclass(frozen=True, slots=True)
class Trace(Result):
    """Clusters, and whose copy each article is.

    Attributes:
        articles: As in `Result`, and of each article: `event` (stories that reword each other, by
            their first article), `verdict` ("wholly_derived", "partially_derived",
            "non_derived"; null where nothing says whose copy it is, or a credited source is not at
            hand), `agency` (whose copy it is, or whom it credits), `credited` (whether it says so),
            `origin_id` (the article or wire story it is from; "virtual:" and the story where no
            copy holds all; null if unknown),
            `evidence` and `confidence` (0 to 1) for that, and by words `copied_share,
            rewritten_share, added_share`.
        sentences: One row per sentence of each article with a source: `id, sentence, start, end,
            label, source_id, source_start, source_end, similarity`, `note` (where a quotation of
            an independent report stands too), and `text` unless left out.
        outlets: One row per outlet, agency and day: `articles, wholly_derived, partially_derived,
            uncredited`, and `copied_share` (mean by words).
    """

    sentences: pa.Table
    outlets: pa.Table

    def to_arrow(self) -> dict[str, pa.Table]:
        """Give the tables by name."""
        return {name: getattr(self, name) for name in (*_TABLES, *_TRACED)}


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
    others = sorted({path.name for path in directory.iterdir()} - _OURS)
    if others:
        raise OutputError(
            f"{directory} holds {others[0]}, which is no part of an earlier result, so --force "
            "will not replace it; give another -o"
        )


@dataclass(frozen=True, slots=True)
class _Parts:
    """A table that is written part by part; after each, something is called."""

    table: pa.Table
    between: Callable[[], None]

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self.table.to_batches(max_chunksize=_ROWS_AT_ONCE):
            yield batch
            self.between()


def write_directory(
    tables: dict[str, _Parts],
    run: dict[str, Any],
    directory: Path,
    *,
    format: str,  # noqa: A002
    force: bool,
) -> None:
    """Write tables and `run.json`; see `Result.write`."""
    if format not in FORMATS:
        raise OutputError(f"format is {format!r}; choose one of {', '.join(FORMATS)}")
    check_directory(directory, force=force)
    place = directory.absolute()
    partial: Path | None = None
    try:
        partial = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
        for name, table in tables.items():
            _WRITERS[format](table, partial / f"{name}.{format}")
        (partial / "run.json").write_bytes(orjson.dumps(run, option=orjson.OPT_INDENT_2) + b"\n")
        partial.chmod(0o777 & ~_umask())
        _put_in_place(partial, place)
    except OSError as error:
        raise OutputError(f"{directory}: cannot write: {error.strerror or error}") from error
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)


def _put_in_place(partial: Path, place: Path) -> None:
    """Rename a complete directory to its place; an old one there is moved away first."""
    if not place.exists():
        partial.rename(place)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{place.name}.old.", dir=place.parent))
    place.rename(old / "result")
    try:
        partial.rename(place)
    except BaseException:  # Ctrl-C too: the old result is put back before it is thrown away
        if not place.exists():
            (old / "result").rename(place)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def read_directory(directory: Path) -> Result:
    """Read tables and `run.json`; see `Result.read`."""
    if not directory.is_dir():
        found = "is a file" if directory.exists() else "does not exist"
        raise InputError(f"{directory} {found}; give a folder that `dedup cluster -o` made")
    tables = {name: _read_part(directory, name) for name in _TABLES}
    run = _read_run(directory / "run.json")
    if not any((directory / f"sentences.{suffix}").is_file() for suffix in FORMATS):
        return Result(**tables, run=run)
    return Trace(**tables, run=run, **{name: _read_part(directory, name) for name in _TRACED})


def _read_part(directory: Path, name: str) -> pa.Table:
    """Read one table of a result, with at least the columns of the contract."""
    paths = [directory / f"{name}.{suffix}" for suffix in FORMATS]
    path = next((path for path in paths if path.is_file()), None)
    if path is None and name not in _OPTIONAL:
        raise InputError(
            f"{directory}: no {name}.jsonl, .parquet or .csv in it; give a folder that "
            "`dedup cluster -o` made"
        )
    table = read_table(path, _TYPES) if path else pa.table({})
    if not table.num_rows and not table.num_columns:  # JSON Lines without a line
        return pa.table({column: _array([], _TYPES.get(column)) for column in _COLUMNS[name]})
    missing = [column for column in _COLUMNS[name] if column not in table.column_names]
    if missing:
        raise InputError(
            f"{path}: found columns {', '.join(table.column_names)}; needed "
            f"{', '.join(missing)} too; run `dedup cluster` again"
        )
    return _with_nulls(table)


def _with_nulls(table: pa.Table) -> pa.Table:
    """Make null what JSON Lines and CSV write of an unknown time and of no other fields."""
    import pyarrow.compute as pc

    for place, name in enumerate(table.column_names):
        if name in _UNKNOWN_IS_NULL:
            values = table.column(name).cast(pa.large_string())
            is_empty = pc.is_in(values, value_set=pa.array(["", "{}"], pa.large_string()))
            nulled = pc.if_else(is_empty, pa.scalar(None, pa.large_string()), values)
            table = table.set_column(place, name, nulled)
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
        if isinstance(header, BadRecord) or not header or len(set(header)) < len(header):
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


def _write_jsonl(parts: _Parts, path: Path) -> None:
    names = parts.table.column_names
    raw = names.index("extra") if "extra" in names else -1
    with path.open("wb") as file:
        for batch in parts:
            columns = [column.to_pylist() for column in batch.columns]
            if raw >= 0:
                columns[raw] = [orjson.Fragment(value or "{}") for value in columns[raw]]
            records = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
            # One call for all is twice as fast, if no value has in it what stands between two.
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

_READERS: dict[str, Callable[[Path, Mapping[str, pa.DataType]], pa.Table]] = {
    ".jsonl": _read_jsonl,
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".parquet": _read_parquet,
}
