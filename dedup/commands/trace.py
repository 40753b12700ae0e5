"""`dedup trace`."""

from __future__ import annotations

from typing import Any

import click

from dedup.commands import runs
from dedup.settings import Settings


@click.command()
@runs.run_options
@click.option(
    "--wire",
    "wires",
    metavar="FILE",
    multiple=True,
    help="Known wire stories to compare with; may be given several times.",
)
@click.option("--no-text", is_flag=True, help="Write and show none of the articles' own text.")
def trace(
    run: runs.RunOptions, given: dict[str, Any], wires: tuple[str, ...], no_text: bool
) -> None:
    """Say whose copy each article of a dump is, credited or not.

    INPUT is as for `dedup cluster`, and DIR gets the same tables and two more: `sentences` (which
    of an article's sentences are copied, reworded or added, and from where) and `outlets` (who
    leans on whom, by day). Without --wire the agencies' stories are inferred from the dump. Table
    `articles` gets verdict, agency, credited, origin_id and the evidence: a verdict is empty where
    nothing says whose copy it is or its source is not at hand, an origin_id "virtual:..." is an
    agency's story that no article holds whole.

    \b
    Examples:
      dedup trace dump.jsonl.gz -o result
      dedup trace dump.jsonl.gz -o result --wire ap.jsonl --wire reuters.jsonl --no-text
    """
    from dedup import readers
    from dedup.tracing import trace as tracing

    settings = Settings.from_dict(given)
    read_options = run.read_options(settings)
    run.check()
    with runs.begin(run, "trace", wires) as begun:
        result = tracing.trace(
            readers.read(run.inputs, read_options),
            settings,
            readers.read(wires, read_options) if wires else (),
            workers=run.threads(),
            strict=run.strict,
            keep_text=not no_text,
            progress=begun.progress,
            space=begun.space,
        )
        result = begun.write(result, {"inputs": list(run.inputs), "wires": list(wires)})
    if not run.quiet:
        from dedup.report.traced import print_trace

        print_trace(result, str(run.output), titles=not no_text)
    runs.check_any_read(result, run)
