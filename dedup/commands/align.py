"""`dedup align`."""

from __future__ import annotations

from typing import Any

import click

from dedup.commands import options
from dedup.settings import Settings


@click.command()
@click.argument("local", metavar="LOCAL")
@click.option(
    "--source",
    "sources",
    metavar="WIRE",
    multiple=True,
    required=True,
    help="What it may be from; may be given several times.",
)
@click.option(
    "--in",
    "dumps",
    metavar="DUMP",
    multiple=True,
    help="LOCAL and WIRE are ids of articles in DUMP; may be given several times.",
)
@options.input_format_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with all spans.")
@options.field_options
def align(
    local: str,
    sources: tuple[str, ...],
    dumps: tuple[str, ...],
    input_format: Any,
    as_json: bool,
    fields: dict[str, str],
) -> None:
    """Say which sentences of an article were copied, reworded or added.

    LOCAL and WIRE are text files, or ids of articles in DUMP. Each sentence stands beside the one
    it is from; in copied ones the words put in and cut are marked.

    \b
    Examples:
      dedup align local.txt --source wire.txt
      dedup align gulf-1 --source ap-1 --source reuters-3 --in local.jsonl --in wire.jsonl
    """
    from dedup import readers
    from dedup.report import aligned
    from dedup.tracing import alignment

    read_options = options.read_options(Settings(fields=fields), input_format)
    texts = readers.texts_of([local, *sources], dumps, read_options)
    found = alignment.align(
        alignment.prepare(texts[local], local),
        [alignment.prepare(texts[source], source) for source in sources],
    )
    if as_json:
        click.echo(aligned.as_json(found))
    else:
        aligned.print_alignment(found, texts[local], texts)
