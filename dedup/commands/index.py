"""`dedup index`: add, query, remove, expire, info."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dedup.commands import options
from dedup.errors import InputError, StoreError
from dedup.settings import Settings

if TYPE_CHECKING:
    from datetime import timedelta

    from dedup.index.ingest import Index, Verdict
    from dedup.readers import ReadOptions
    from dedup.records import Batch


@click.group()
def index() -> None:
    """Keep an index of articles, and say of each new one what it is to them.

    STORE is a file (SQLite), which any number of processes may use at once, or a postgresql:// URL
    for workers on several machines. INPUT is as for `dedup cluster`.

    \b
    Example:
      dedup index add articles.db today.jsonl > verdicts.jsonl
    """


@index.command("add")
@click.argument("store")
@options.inputs_argument
@click.option(
    "--window",
    metavar="14d",
    type=options.window,
    help="Of a new index: articles published further apart are not compared, and older ones are "
    "dropped. [default: keep all]",
)
@click.option(
    "--batch",
    type=click.IntRange(min=1),
    help="Articles to a commit. [default: 64; 1 if INPUT is -]",
)
@options.input_format_option
@options.strict_option
@options.setting_options
def index_add(
    store: str,
    inputs: tuple[str, ...],
    window: timedelta | None,
    batch: int | None,
    input_format: Any,
    strict: bool,
    given: dict[str, Any],
) -> None:
    """Add articles; write a verdict for each, as JSON Lines, when it is committed.

    A verdict has the article's `id`, `is_new`, its `relation` to the article it matches best
    (`of`), the `cluster` and `story` it belongs to, `jaccard`, `containment` and `evidence`. Adding
    an article again changes nothing; with a version of its text it is an update; with an unrelated
    text it is another article, kept under the id with #2 or a higher number. From - JSON Lines are
    expected, so that each line can be answered when it comes; name others with --input-format.

    \b
    Examples:
      dedup index add articles.db today.jsonl > verdicts.jsonl
      tail -f feed.jsonl | dedup index add articles.db - --window 14d | my-job
    """
    read_options = options.read_options(
        Settings.from_dict(given),
        _stream_format(inputs, input_format),
        batch_rows=batch or (1 if "-" in inputs else 64),
        needs_id=True,
    )
    with open_index(store, window, given) as opened:
        _write_verdicts(inputs, read_options, opened.add_batch, strict=strict)


@index.command("query")
@click.argument("store")
@options.inputs_argument
@options.input_format_option
@options.field_options
def index_query(
    store: str, inputs: tuple[str, ...], input_format: Any, fields: dict[str, str]
) -> None:
    """Say what adding would answer for each article, and add nothing.

    \b
    Example:
      dedup index query articles.db today.jsonl
    """
    read_options = options.read_options(
        Settings(fields=fields), _stream_format(inputs, input_format), batch_rows=1, needs_id=True
    )
    with open_index(store, None, None, must_exist=True) as opened:
        _write_verdicts(inputs, read_options, opened.query_batch, strict=False)


@index.command("remove")
@click.argument("store")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
def index_remove(store: str, ids: tuple[str, ...]) -> None:
    """Take articles out; what was answered for others stays.

    \b
    Example:
      dedup index remove articles.db nyt-20240730-17
    """
    import orjson

    with open_index(store, None, None, must_exist=True) as opened:
        for name in ids:
            click.echo(orjson.dumps({"id": name, "removed": opened.remove(name)}))


@index.command("expire")
@click.argument("store")
def index_expire(store: str) -> None:
    """Drop articles older than the newest by more than the index's window.

    Adding does this too, now and then. Articles go by slices of a quarter of the window.

    \b
    Example:
      dedup index expire articles.db
    """
    import orjson

    with open_index(store, None, None, must_exist=True) as opened:
        click.echo(orjson.dumps({"expired": opened.expire()}))


@index.command("info")
@click.argument("store")
def index_info(store: str) -> None:
    """Show what an index holds: articles, size, window, settings, versions, as JSON.

    \b
    Example:
      dedup index info articles.db
    """
    import orjson

    with open_index(store, None, None, must_exist=True) as opened:
        click.echo(orjson.dumps(opened.info(), option=orjson.OPT_INDENT_2))


def open_index(
    store: str,
    window: timedelta | None,
    settings: Mapping[str, Any] | None,
    *,
    must_exist: bool = False,
) -> Index:
    """Open an index.

    Raises:
        StoreError: It cannot be opened, or is not there and must be.
    """
    from dedup.index import stores
    from dedup.index.ingest import Index

    if must_exist and stores.is_file(store) and not Path(store).is_file():
        raise StoreError(f"{store}: no such index; make one with: dedup index add {store} INPUT")
    return Index.open(store, window, settings)


def _write_verdicts(
    inputs: tuple[str, ...],
    read_options: ReadOptions,
    answer: Callable[[Batch], Iterable[Verdict]],
    *,
    strict: bool,
) -> None:
    """Write each article's verdict, as soon as there is one.

    Raises:
        InputError: Every record was skipped, or `strict` and one is bad.
    """
    import orjson

    from dedup import readers

    n_answered, n_skipped = 0, 0
    for batch in readers.read(inputs, read_options):
        for record in batch.skipped:
            if strict:
                raise InputError(readers.describe(record))
            click.echo(f"dedup: {readers.describe(record)}", err=True)
        for verdict in answer(batch):
            click.echo(orjson.dumps(verdict.as_dict()))
            n_answered += 1
        n_skipped += len(batch.skipped)
    if n_skipped and not n_answered:
        raise InputError(readers.none_read(n_skipped))


def _stream_format(inputs: tuple[str, ...], input_format: Any) -> Any:
    """Take standard input for JSON Lines: to tell its format, more than a line would be needed."""
    return "jsonl" if "-" in inputs and input_format == "auto" else input_format
