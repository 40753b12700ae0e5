"""`dedup credits`."""

from __future__ import annotations

from typing import Any

import click

from dedup.commands import options
from dedup.settings import Settings


@click.command()
@options.inputs_argument
@options.input_format_option
@options.field_options
def credits(  # noqa: A001, the field's word
    inputs: tuple[str, ...], input_format: Any, fields: dict[str, str]
) -> None:
    """List the news agencies that articles credit, as JSON Lines.

    Each line has the article's `id`, the `agency`, the `kind` of credit (dateline, byline, tail,
    contribution, copyright, republish; or self_reference, which is none), and its span in code
    points of the text: `start` and `end` are null for the author field.

    \b
    Example:
      dedup credits dump.jsonl.gz > credits.jsonl
    """
    import orjson

    from dedup import readers
    from dedup.tracing import credit_lines

    for batch in readers.read(inputs, options.read_options(Settings(fields=fields), input_format)):
        for record in batch.skipped:
            click.echo(f"dedup: {readers.describe(record)}", err=True)
        for row in batch.articles.to_pylist():
            known = {name: row[name] for name in ("text", "title", "authors", "outlet", "url")}
            for credit in credit_lines.credits(**known):
                click.echo(orjson.dumps({"id": row["id"], **credit._asdict()}))
