"""Library calls: articles in any usual form in, a result out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dedup import readers
from dedup.engines import local
from dedup.errors import InputError, SettingsError
from dedup.settings import Settings

if TYPE_CHECKING:
    from dedup.records import Article, Batch
    from dedup.results.result import Result, Trace


def cluster(
    articles: Iterable[Article | Mapping[str, Any]] | Any,
    settings: Settings | None = None,
    *,
    workers: int | None = None,
    strict: bool = False,
) -> Result:
    """Cluster near-duplicate articles.

    Args:
        articles: An iterable of `Article` or dict (with any of the usual field names), or an
            Arrow, pandas or polars table. An iterable is consumed as a stream.
        settings: Defaults to `Settings()`.
        workers: Threads, by default one per available core; the result is the same with any number.
        strict: Raise at the first record that would be skipped.

    Returns:
        The clusters, the matches behind them, and what was skipped.

    Raises:
        InputError: `articles` is none of these, or `strict` and a record is bad.
        SettingsError: The settings fit no choice of bands, or `workers` is below 1.
    """
    settings, workers = _checked(settings, workers)
    return local.cluster(batches_of(articles, settings), settings, workers=workers, strict=strict)


def trace(
    articles: Iterable[Article | Mapping[str, Any]] | Any,
    wire: Iterable[Article | Mapping[str, Any]] | Any = None,
    settings: Settings | None = None,
    *,
    workers: int | None = None,
    strict: bool = False,
    keep_text: bool = True,
) -> Trace:
    """Say whose copy each article is, credited or not, and which sentences are from where.

    Args:
        articles: As for `cluster`.
        wire: Known wire stories, in the same forms; without them they are inferred.
        settings: Defaults to `Settings()`.
        workers: Threads, by default one per available core; the result is the same with any number.
        strict: Raise at the first record that would be skipped.
        keep_text: Put the sentences themselves into the table `sentences`.

    Returns:
        The clusters, and the tables `sentences` and `outlets`.

    Raises:
        InputError: `articles` or `wire` is none of these, or `strict` and a record is bad.
        SettingsError: As for `cluster`.
    """
    from dedup.tracing import trace as tracing

    settings, workers = _checked(settings, workers)
    return tracing.trace(
        batches_of(articles, settings),
        settings,
        batches_of(wire, settings) if wire is not None else (),
        workers=workers,
        strict=strict,
        keep_text=keep_text,
    )


def _checked(settings: Settings | None, workers: int | None) -> tuple[Settings, int]:
    """Give settings and threads, with their defaults."""
    if settings is not None and not isinstance(settings, Settings):
        raise SettingsError(
            f"settings is a {type(settings).__name__}; give dedup.Settings(threshold=…)"
        )
    if workers is not None and workers < 1:
        raise SettingsError(f"workers is {workers}; it must be 1 or more")
    return settings or Settings(), workers or available_cores()


def batches_of(articles: Any, settings: Settings, *, needs_id: bool = False) -> Iterator[Batch]:
    """Turn what a caller has into article batches; see `ReadOptions.needs_id`."""
    options = readers.ReadOptions(
        fields=settings.fields, max_record_bytes=settings.max_record_bytes, needs_id=needs_id
    )
    if isinstance(articles, str | bytes | Mapping):
        raise InputError(
            f"articles is a {type(articles).__name__}; give an iterable of Article or dict, or a "
            "table (files are read with `dedup cluster` or dedup.readers.read)"
        )
    if hasattr(articles, "__arrow_c_stream__") or hasattr(articles, "to_batches"):
        return readers.from_table(articles, options)
    if hasattr(articles, "columns") and hasattr(articles, "iloc"):  # pandas before 2.2
        return readers.from_table(articles, options)
    if not isinstance(articles, Iterable):
        raise InputError(
            f"articles is a {type(articles).__name__}; give an iterable of Article or dict, or a "
            "table"
        )
    return readers.from_records(articles, options)


def available_cores() -> int:
    """Count the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
