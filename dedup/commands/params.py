"""`dedup params`."""

from __future__ import annotations

import click

from dedup.settings import Settings


@click.command()
@click.option(
    "--threshold",
    type=float,
    default=Settings().threshold,
    show_default=True,
    help="Jaccard similarity of the pairs to find, 0 to 1.",
)
@click.option(
    "--recall",
    type=float,
    default=Settings().recall,
    show_default=True,
    help="Share of the pairs at the threshold to find.",
)
@click.option(
    "--num-perm",
    type=int,
    default=Settings().num_perm,
    show_default=True,
    help="MinHash values per article.",
)
def params(threshold: float, recall: float, num_perm: int) -> None:
    """Choose bands and rows for a threshold, and draw their curve.

    \b
    Example:
      dedup params --threshold .5 --recall .95
    """
    from dedup.report.curve import describe

    settings = Settings(threshold=threshold, recall=recall, num_perm=num_perm)
    for line in describe(settings):
        click.echo(line)
