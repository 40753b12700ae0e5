"""`dedup furniture`."""

from __future__ import annotations

from typing import Any

import click

from dedup.commands import options
from dedup.errors import InputError


@click.command()
@options.inputs_argument
@click.option(
    "--least",
    type=click.IntRange(min=2),
    default=10,
    show_default=True,
    help="Fewest pages that hold it.",
)
@options.input_format_option
@options.workers_option
@options.field_options
def furniture(
    inputs: tuple[str, ...],
    least: int,
    input_format: Any,
    workers: int | None,
    fields: dict[str, str],
) -> None:
    """List what many pages have in common, and what it was taken for, as JSON Lines.

    Each line is a group of sentences and lines that the same pages hold: the `verdict`
    (`furniture`, learned here and left out; else `listed`, which is left out anywhere; or `report`,
    which counts), how many `pages` and `outlets` have it, its `blocks` and `words`, how clearly the
    pages `said` that it is furniture (0 to 1), the first 300 characters of the `text`, and the
    first three `ids`.

    \b
    Example:
      dedup furniture dump.jsonl.gz | head
    """
    import orjson

    from dedup import api, readers
    from dedup.settings import Settings
    from dedup.tracing import common_blocks

    settings = Settings(fields=fields)
    batches = readers.read(inputs, options.read_options(settings, input_format))
    workers = workers or api.available_cores()
    listing = common_blocks.find(batches, settings, least=least, workers=workers)
    for record in listing.skipped:
        click.echo(f"dedup: {readers.describe(record)}", err=True)
    if listing.skipped and not listing.articles:
        raise InputError(readers.none_read(len(listing.skipped)))
    for group in listing.groups:
        click.echo(orjson.dumps(group._asdict()))
