"""Library calls: articles in any usual form in, a result out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from dedup import readers
from dedup.engines import local
from dedup.engines.workspace import Workspace
from dedup.errors import InputError, SettingsError
from dedup.readers import given, inputs
from dedup.records import Skipped
from dedup.settings import Settings, size_in_bytes
from dedup.stages import lsh

if TYPE_CHECKING:
    from dedup.readers.given import Given
    from dedup.records import Batch
    from dedup.results.result import Result, Trace
    from dedup.tracing.explain import Explanation

    AnyResult = TypeVar("AnyResult", bound=Result)


def cluster(
    articles: Any,
    settings: Settings | None = None,
    *,
    workers: int | None = None,
    strict: bool = False,
    max_memory: int | str | None = None,
    work: str | os.PathLike[str] | None = None,
) -> Result:
    """Cluster near-duplicate articles.

    Args:
        articles: A file, folder or glob, or several; or an iterable of `Article`, dict (with any of
            the usual field names) or text; or batches of `dedup.readers`; or an Arrow, pandas,
            polars or DuckDB table. Texts get the ids "1", "2", … An iterable is consumed as a
            stream.
        settings: Defaults to `Settings()`.
        workers: Threads, by default one per available core; the result is the same with any number.
        strict: Raise at the first record that would be skipped.
        max_memory: Bytes to keep to while working, or "1GB"; more is kept in files. By default all
            is kept in memory.
        work: A folder to keep what is worked on, so that a run that was stopped goes on from
            there; the articles must be in files.

    Returns:
        The clusters, the matches behind them, and what was skipped.

    Raises:
        InputError: `articles` is none of these, no record of it can be read, or `strict` and a
            record is bad.
        SettingsError: The settings fit no choice of bands, `workers` is below 1, or `max_memory` is
            no size or too little.
        WorkError: `work` cannot be used, is full, or was begun with something else.
    """
    settings, workers = _checked(settings, workers)
    source = given.understand(articles)
    with _workspace("cluster", source, None, max_memory, work) as space:
        batches = _read(source, settings)
        result = local.cluster(batches, settings, workers=workers, strict=strict, space=space)
    return _not_all_skipped(result)


def trace(
    articles: Any,
    wire: Any = None,
    settings: Settings | None = None,
    *,
    workers: int | None = None,
    strict: bool = False,
    keep_text: bool = True,
    max_memory: int | str | None = None,
    work: str | os.PathLike[str] | None = None,
) -> Trace:
    """Say whose copy each article is, credited or not, and which sentences are from where.

    Args:
        articles: As for `cluster`.
        wire: Known wire stories, in the same forms; without them they are inferred.
        settings: Defaults to `Settings()`.
        workers: Threads, by default one per available core; the result is the same with any number.
        strict: Raise at the first record that would be skipped.
        keep_text: Put the sentences themselves into the table `sentences`.
        max_memory: As for `cluster`.
        work: As for `cluster`.

    Returns:
        The clusters, and the tables `sentences` and `outlets`.

    Raises:
        InputError: As for `cluster`, of `articles` or `wire`.
        SettingsError: As for `cluster`.
        WorkError: As for `cluster`.
    """
    from dedup.tracing import trace as tracing

    settings, workers = _checked(settings, workers)
    source = given.understand(articles)
    wires = None if wire is None else given.understand(wire)
    with _workspace("trace", source, wires, max_memory, work) as space:
        traced = tracing.trace(
            _read(source, settings),
            settings,
            () if wires is None else _read(wires, settings),
            workers=workers,
            strict=strict,
            keep_text=keep_text,
            space=space,
        )
    return _not_all_skipped(traced)


def explain(
    articles: Any,
    id_a: str,
    id_b: str,
    settings: Settings | None = None,
    *,
    workers: int | None = None,
) -> Explanation:
    """Explain why two articles of a collection are together, or are not.

    Args:
        articles: The collection, as for `cluster`; what counts as page furniture depends on all.
        id_a: One article of it.
        id_b: Another.
        settings: Defaults to `Settings()`.
        workers: Threads, by default one per available core.

    Returns:
        Their relation, the rule it follows from, the passages they share, and their furniture.

    Raises:
        InputError: An id is not in the collection, both are the same, or as for `cluster`.
        SettingsError: As for `cluster`.
    """
    from dedup.tracing import explain as explanations

    settings, workers = _checked(settings, workers)
    batches = batches_of(articles, settings)
    return explanations.explain(batches, str(id_a), str(id_b), settings, workers=workers)


def _checked(settings: Settings | None, workers: int | None) -> tuple[Settings, int]:
    """Give settings and threads, with their defaults."""
    if settings is not None and not isinstance(settings, Settings):
        raise SettingsError(
            f"settings is a {type(settings).__name__}; give dedup.Settings(threshold=…)"
        )
    if workers is not None and workers < 1:
        raise SettingsError(f"workers is {workers}; it must be 1 or more")
    settings = settings or Settings()
    lsh.bands_of(settings)  # an impossible choice is refused before the first record is looked at
    return settings, workers or available_cores()


def batches_of(articles: Any, settings: Settings, *, needs_id: bool = False) -> Iterator[Batch]:
    """Turn what a caller has into article batches; see `ReadOptions.needs_id`."""
    return _read(given.understand(articles), settings, needs_id=needs_id)


def _read(source: Given, settings: Settings, *, needs_id: bool = False) -> Iterator[Batch]:
    options = readers.ReadOptions(
        fields=settings.fields, max_record_bytes=settings.max_record_bytes, needs_id=needs_id
    )
    if source.paths:
        return readers.read(source.paths, options)
    return given.batches_of(source.other, options)


@contextmanager
def _workspace(
    command: str,
    articles: Given,
    wires: Given | None,
    max_memory: int | str | None,
    work: str | os.PathLike[str] | None,
) -> Iterator[Workspace]:
    """Give a run a place to work in; a folder is that of a run on the command line, too."""
    source = {"command": command, "input format": "auto"}
    if work is not None:
        source["input"] = _fingerprint(articles)
        source["wires"] = "" if wires is None else _fingerprint(wires)
    folder = None if work is None else Path(work)
    limit = None if max_memory is None else size_in_bytes(max_memory)
    with Workspace(folder, max_memory=limit, source=source) as space:
        yield space


def _fingerprint(source: Given) -> str:
    if not source.paths:
        raise InputError("with `work` give files: a later run must find the same articles")
    return inputs.fingerprint(source.paths)


def _not_all_skipped(result: AnyResult) -> AnyResult:
    """Give a result on, unless there were records and none could be read."""
    if len(result.skipped) and not len(result.articles):
        first = Skipped(*(column[0].as_py() for column in result.skipped.columns))
        raise InputError(readers.none_read(len(result.skipped), first))
    return result


def available_cores() -> int:
    """Count the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
