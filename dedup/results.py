"""What a run gives back: tables, and the record of how they came about.

A directory of results is written beside its final place under a hidden name and renamed when every
file is complete, so it is there whole or not at all.
"""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa

from dedup.errors import OutputError
from dedup.settings import FORMATS

if TYPE_CHECKING:
    import pandas as pd

_ROWS_AT_ONCE = 16_384
_TABLES = ("articles", "pairs", "skipped")
_OURS = {"run.json", *(f"{table}.{suffix}" for table in _TABLES for suffix in FORMATS)}


@dataclass(frozen=True, slots=True)
class Result:
    """Clusters of a collection of articles.

    Attributes:
        articles: One row per article, in input order: `id, cluster, story, representative,
            cluster_size, story_size`, then what the input said of it: `title, outlet, published,
            url, authors, language, extra` (a JSON object of its other fields).
        pairs: One row per match: `id_a, id_b` (in input order), `relation, jaccard, containment,
            containment_a` (share of a found in b), `containment_b, shared` (shingles).
        skipped: One row per record left out: `file, line, id, reason`.
        run: Version, settings, counts, seconds and bytes per stage, warnings; plain values.
    """

    articles: pa.Table
    pairs: pa.Table
    skipped: pa.Table
    run: dict[str, Any]

    def to_arrow(self) -> dict[str, pa.Table]:
        """Give the tables by name."""
        return {name: getattr(self, name) for name in _TABLES}

    def to_pandas(self) -> dict[str, pd.DataFrame]:
        """Give the tables by name, as pandas data frames (pandas must be installed)."""
        return {name: table.to_pandas() for name, table in self.to_arrow().items()}

    def write(self, directory: str | Path, *, format: str = "jsonl", force: bool = False) -> None:  # noqa: A002
        """Write the tables and `run.json` to a directory that appears complete or not at all.

        Args:
            directory: Must not exist yet, unless `force`.
            format: "jsonl", "parquet" or "csv".
            force: Replace what is there once the new result is complete. Only a directory that
                holds an earlier result and nothing else is replaced.

        Raises:
            OutputError: The directory exists, is no earlier result, or cannot be written.
        """
        write_directory(self.to_arrow(), self.run, Path(directory), format=format, force=force)


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


def write_directory(
    tables: dict[str, pa.Table],
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


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    for batch in table.to_batches(max_chunksize=_ROWS_AT_ONCE):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _write_jsonl(table: pa.Table, path: Path) -> None:
    names = table.column_names
    raw = names.index("extra") if "extra" in names else -1
    with path.open("wb") as file:
        for row in _rows(table):
            record = dict(zip(names, row, strict=True))
            if raw >= 0:
                record["extra"] = orjson.Fragment(row[raw] or "{}")
            file.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))


def _write_csv(table: pa.Table, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.column_names)
        for row in _rows(table):
            writer.writerow([_as_csv(value) for value in row])


def _as_csv(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def _write_parquet(table: pa.Table, path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, path, compression="zstd")


_WRITERS: dict[str, Callable[[pa.Table, Path], None]] = {
    "jsonl": _write_jsonl,
    "parquet": _write_parquet,
    "csv": _write_csv,
}
