"""`dedup explain`."""

from __future__ import annotations

from typing import Any

import click

from dedup.commands import options
from dedup.settings import Settings


@click.command()
@click.argument("source", metavar="INPUT")
@click.argument("id_a", metavar="A")
@click.argument("id_b", metavar="B")
@options.input_format_option
@options.workers_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with all spans.")
@options.setting_options
def explain(
    source: str,
    id_a: str,
    id_b: str,
    input_format: Any,
    workers: int | None,
    as_json: bool,
    given: dict[str, Any],
) -> None:
    """Explain why two articles are together, or are not.

    A and B are ids of articles of INPUT, which is read as a whole: what counts as page furniture
    depends on all of it. Shows how the two are related and by which rule, the passages they share,
    and what was left out as furniture.

    \b
    Examples:
      dedup explain dump.jsonl.gz article-17 article-391
      dedup explain dump.jsonl.gz article-17 article-391 --json
    """
    from dedup import api, readers
    from dedup.report import explanation as report
    from dedup.report.progress import Progress
    from dedup.tracing import explain as explanations

    settings = Settings.from_dict(given)
    with Progress() as progress:
        found = explanations.explain(
            readers.read([source], options.read_options(settings, input_format)),
            id_a,
            id_b,
            settings,
            workers=workers or api.available_cores(),
            progress=progress,
        )
    if as_json:
        click.echo(report.as_json(found))
    else:
        report.print_explanation(found)
