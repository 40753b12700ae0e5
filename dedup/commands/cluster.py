"""`dedup cluster`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from dedup.commands import runs
from dedup.errors import InputError
from dedup.settings import Settings

if TYPE_CHECKING:
    from dedup.records import Batch


@click.command()
@runs.run_options
@click.option(
    "--against",
    metavar="STORE",
    help="Compare with the articles of an index too, see `dedup index`; nothing is added to it.",
)
def cluster(run: runs.RunOptions, given: dict[str, Any], against: str | None) -> None:
    """Cluster near-duplicate articles of a dump, and tie clusters to stories.

    INPUT is a file, a folder, a glob or - (standard input): JSON Lines, JSON, CSV, TSV, Parquet, or
    text files, each also as .gz or .zst. DIR gets the tables `articles`, `pairs`, `furniture` and
    `skipped`, and `run.json`.

    \b
    Examples:
      dedup cluster dump.jsonl.gz -o result
      dedup cluster 'crawl/*.parquet' -o result --format parquet --threshold 0.5
      zcat dump.jsonl.gz | dedup cluster - -o result --text-field maintext
      dedup cluster today.jsonl -o result --against articles.db
      dedup cluster 'crawl/*.parquet' -o result --work scratch --max-memory 2GB
    """
    from dedup import readers
    from dedup.commands.index import open_index
    from dedup.engines import local

    settings = Settings.from_dict(given)
    read_options = run.read_options(settings)
    known: Iterable[Batch] = ()
    run.check()
    if run.work is not None and against is not None:
        raise InputError("--work and --against do not go together: an index changes; drop one")
    with runs.begin(run, "cluster") as begun, contextlib.ExitStack() as opened:
        if against is not None:
            index = opened.enter_context(open_index(against, None, given, must_exist=True))
            settings, known = index.settings, index.batches()
        result = local.cluster(
            readers.read(run.inputs, read_options),
            settings,
            known,
            workers=run.threads(),
            strict=run.strict,
            progress=begun.progress,
            space=begun.space,
        )
        result = begun.write(result, {"inputs": list(run.inputs)})
    if not run.quiet:
        from dedup.report.terminal import print_summary

        print_summary(result, str(run.output))
    runs.check_any_read(result, run)
