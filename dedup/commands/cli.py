"""The command line: parse, call one library function, write.

Modules with heavy imports are loaded inside the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from dedup.commands.warm import warm
from dedup.errors import DedupError, DedupWarning, InputError, StoreError
from dedup.settings import FIELDS, FORMATS, REPRESENTATIVES, Settings
from dedup.version import __version__

if TYPE_CHECKING:
    from datetime import timedelta

    from dedup.engines.workspace import Workspace
    from dedup.index.ingest import Index, Verdict
    from dedup.readers import ReadOptions
    from dedup.records import Batch
    from dedup.report.progress import Progress
    from dedup.results.result import Result

_INPUT_FORMATS = ("auto", "jsonl", "json", "csv", "tsv", "parquet", "text")


class _Window(click.ParamType):  # type: ignore[type-arg]
    """A length of time such as 14d, 36h or 90m."""

    name = "14d"

    def convert(self, value: Any, param: Any, ctx: Any) -> timedelta:
        """Turn 14d into a timedelta."""
        from datetime import timedelta

        unit = {"d": "days", "h": "hours", "m": "minutes"}.get(str(value)[-1:])
        if unit is None or not str(value)[:-1].isdecimal() or int(str(value)[:-1]) == 0:
            self.fail(f"{value!r} is no length of time; give for example 14d, 36h or 90m")
        return timedelta(**{unit: int(str(value)[:-1])})


class _Size(click.ParamType):  # type: ignore[type-arg]
    """A number of bytes such as 1GB, 800MB or 2GiB."""

    name = "size"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        """Turn 1GB into bytes."""
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", str(value).strip().lower())
        if match is None:
            self.fail(f"{value!r} is no size; give for example 1GB, 800MB or 2GiB")
        number, unit, binary = match.groups()
        n_bytes = int(float(number) * (1024 if binary else 1000) ** " kmgt".index(unit or " "))
        if n_bytes < _LEAST_MEMORY:
            self.fail(f"{value} is too little; dedup itself needs 270 MB: give 300MB or more")
        return n_bytes


_LEAST_MEMORY = 300_000_000


def main() -> None:
    """Run the command line; our own errors are one line and exit 1, an interrupt exits 130."""
    gc.set_threshold(200_000, 50, 50)  # rows on their way to a file are no garbage
    warnings.showwarning = _show_warning
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("\ndedup: interrupted; no half-written result is left", err=True)
        sys.exit(130)
    except DedupError as error:
        shown = "".join(c if c.isprintable() else " " for c in str(error))  # may quote the input
        click.echo(f"dedup: {' '.join(shown.split())}", err=True)
        sys.exit(1)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: Any = None,
    line: str | None = None,
) -> None:
    """Show our own warnings in one line, those of others as Python does."""
    if issubclass(category, DedupWarning):
        click.echo(f"dedup: {message}", err=True)
    else:
        click.echo(
            warnings.formatwarning(message, category, filename, lineno, line), file, err=True
        )


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "--version", prog_name="dedup")
def cli() -> None:
    """Find copied news articles: which are the same report, with the evidence.

    \b
    Example:
      dedup cluster dump.jsonl.gz -o result
    """


cli.add_command(warm)


def _field_options(command: Callable[..., None]) -> Callable[..., None]:
    for name in reversed(FIELDS):
        command = click.option(
            f"--{name}-field",
            metavar="FIELD",
            help=f"Input field to take for `{name}`, where the usual names do not fit.",
        )(command)
    return command


def _input_options(command: Callable[..., None]) -> Callable[..., None]:
    command = click.option(
        "--workers", type=click.IntRange(min=1), help="Threads. [default: all cores]"
    )(command)
    return _input_format(command)


def _input_format(command: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--input-format",
        type=click.Choice(_INPUT_FORMATS),
        default="auto",
        show_default=True,
        help="Of the input, where its name does not tell.",
    )(command)


_NUMBERS = (
    ("threshold", float, "Lowest Jaccard similarity in a cluster, 0 to 1."),
    ("containment", float, "Share of the shorter text that makes a match, 0 to 1."),
    ("story_containment", float, "Share of the shorter text that makes one story, 0 to 1."),
    ("recall", float, "Share of the pairs at the threshold to find."),
    ("shingle_size", int, "Words in a shingle."),
    ("num_perm", int, "MinHash values per article."),
    ("min_tokens", int, "Shorter texts match identical texts only."),
    ("max_record_bytes", int, "Skip and name longer records."),
)


def _setting_options(command: Callable[..., None]) -> Callable[..., None]:
    standard = Settings()
    command = click.option(
        "--representative",
        type=click.Choice(REPRESENTATIVES),
        help="Which article stands for its cluster: the one published first, the longest, or "
        f"the one whose text matches most others. [default: {standard.representative}]",
    )(command)
    command = click.option(
        "--keep-furniture/--no-keep-furniture",
        default=None,
        help="Compare whole page texts, menus and notices too.",
    )(command)
    for name, kind, says in reversed(_NUMBERS):
        default = f" [default: {getattr(standard, name)}]"
        flag = "--" + name.replace("_", "-")
        command = click.option(flag, type=kind, help=says + default)(command)
    return click.option(
        "--settings",
        "settings_file",
        metavar="FILE",
        type=click.Path(dir_okay=False),
        help="Settings from a TOML file, or from the run.json of an earlier run; options given "
        "here win.",
    )(command)


def _work_options(command: Callable[..., None]) -> Callable[..., None]:
    command = click.option(
        "--work",
        metavar="DIR",
        type=click.Path(path_type=Path, file_okay=False),
        help="Keep what is worked on in DIR: a run that was stopped goes on from there, and "
        "another threshold needs only the last stages.",
    )(command)
    return click.option(
        "--max-memory",
        metavar="SIZE",
        type=_Size(),
        help="Memory to keep to, such as 1GB; more is kept in files. [default: a quarter of all]",
    )(command)


@contextlib.contextmanager
def _workspace(
    command: str,
    inputs: tuple[str, ...],
    wires: tuple[str, ...],
    input_format: str,
    output: Path,
    work: Path | None,
    max_memory: int | None,
    *,
    quiet: bool,
) -> Iterator[tuple[Workspace, _Tell]]:
    """Give a run a place to work in, and a way to tell what it takes; tell the plan."""
    from dedup.engines.workspace import Workspace
    from dedup.readers.inputs import fingerprint
    from dedup.report import plan

    if work is not None and work.absolute() in (output.absolute(), *output.absolute().parents):
        raise InputError(f"{output}: the result cannot be in the folder to work in; give two")
    limit = max_memory or plan.machine_memory() // 4
    any_suffix = input_format != "auto"
    source = {"command": command, "input format": input_format}
    if work:
        source["input"] = fingerprint(inputs, any_suffix=any_suffix)
        source["wires"] = fingerprint(wires, any_suffix=any_suffix) if wires else ""
    beside = output.absolute().parent
    with Workspace(work, max_memory=limit, beside=beside, source=source) as space:
        found = plan.estimate(inputs, input_format)
        is_told = not quiet and bool(work or max_memory or found.text_bytes > _LARGE)

        def tell(line: str) -> None:
            if is_told:
                click.echo(f"dedup: {line}", err=True)

        tell(plan.plan(found, limit, work, space.done()))
        yield space, tell


_Tell: TypeAlias = Callable[[str], None]
_LARGE = 100_000_000
"""Bytes of text from which on a plan is worth a line."""


def _result_options(command: Callable[..., None]) -> Callable[..., None]:
    options: tuple[Callable[[Callable[..., None]], Callable[..., None]], ...] = (
        click.argument("inputs", metavar="INPUT...", nargs=-1, required=True),
        click.option(
            "-o",
            "--output",
            metavar="DIR",
            required=True,
            type=click.Path(path_type=Path),
            help="Where the tables go; appears complete or not at all.",
        ),
        click.option("--force", is_flag=True, help="Replace an earlier result in DIR."),
        click.option(
            "--format",
            "output_format",
            type=click.Choice(FORMATS),
            default="jsonl",
            show_default=True,
            help="Of the tables.",
        ),
        _input_options,
        click.option(
            "--strict", is_flag=True, help="Stop at the first bad record instead of skipping it."
        ),
        click.option("-q", "--quiet", is_flag=True, help="No progress and no summary."),
        _work_options,
        _setting_options,
        _field_options,
    )
    for option in reversed(options):
        command = option(command)
    return command


@cli.command()
@_result_options
@click.option(
    "--against",
    metavar="STORE",
    help="Compare with the articles of an index too, see `dedup index`; nothing is added to it.",
)
def cluster(
    inputs: tuple[str, ...],
    output: Path,
    force: bool,
    output_format: str,
    input_format: Any,
    strict: bool,
    workers: int | None,
    quiet: bool,
    work: Path | None,
    max_memory: int | None,
    against: str | None,
    **options: Any,
) -> None:
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
    from dedup import api, readers
    from dedup.engines import local
    from dedup.report.progress import Progress
    from dedup.results import result as results

    given = _given(options)
    settings = Settings.from_dict(given)
    results.check_directory(output, force=force)
    if work is not None and against is not None:
        raise InputError("--work and --against do not go together: an index changes; drop one")
    with (
        _workspace("cluster", inputs, (), input_format, output, work, max_memory, quiet=quiet) as (
            space,
            tell,
        ),
        Progress(quiet=quiet) as progress,
        contextlib.ExitStack() as opened,
    ):
        known: Iterable[Batch] = ()
        read_options = _read_options(settings, input_format)
        if against is not None:
            index = opened.enter_context(_open_index(against, None, given, must_exist=True))
            settings, known = index.settings, index.batches()
        result = local.cluster(
            readers.read(inputs, read_options),
            settings,
            known,
            workers=workers or api.available_cores(),
            strict=strict,
            progress=progress,
            space=space,
        )
        result = dataclasses.replace(result, run={"inputs": list(inputs), **result.run})
        _write(result, output, output_format, progress, space, tell, force=force)
    if not quiet:
        from dedup.report.terminal import print_summary

        print_summary(result, str(output))
    elif not len(result.articles):
        _warn(result.run["warnings"])


@cli.command()
@_result_options
@click.option(
    "--wire",
    "wires",
    metavar="FILE",
    multiple=True,
    help="Known wire stories to compare with; may be given several times.",
)
@click.option("--no-text", is_flag=True, help="Write and show none of the articles' own text.")
def trace(
    inputs: tuple[str, ...],
    output: Path,
    force: bool,
    output_format: str,
    input_format: Any,
    strict: bool,
    workers: int | None,
    quiet: bool,
    work: Path | None,
    max_memory: int | None,
    wires: tuple[str, ...],
    no_text: bool,
    **options: Any,
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
    from dedup import api, readers
    from dedup.report.progress import Progress
    from dedup.results import result as results
    from dedup.tracing import trace as tracing

    settings = _settings(options)
    results.check_directory(output, force=force)
    read_options = _read_options(settings, input_format)
    with (
        _workspace("trace", inputs, wires, input_format, output, work, max_memory, quiet=quiet) as (
            space,
            tell,
        ),
        Progress(quiet=quiet) as progress,
    ):
        result = tracing.trace(
            readers.read(inputs, read_options),
            settings,
            readers.read(wires, read_options) if wires else (),
            workers=workers or api.available_cores(),
            strict=strict,
            keep_text=not no_text,
            progress=progress,
            space=space,
        )
        run = {"inputs": list(inputs), "wires": list(wires), **result.run}
        result = dataclasses.replace(result, run=run)
        _write(result, output, output_format, progress, space, tell, force=force)
    if not quiet:
        from dedup.report.traced import print_trace

        print_trace(result, str(output), titles=not no_text)
    elif not len(result.articles):
        _warn(result.run["warnings"])


@cli.command()
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@_input_format
@_field_options
def credits(inputs: tuple[str, ...], input_format: Any, **options: Any) -> None:  # noqa: A001, the field's word
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

    settings = _settings({"settings_file": None, **options})
    for batch in readers.read(inputs, _read_options(settings, input_format)):
        for record in batch.skipped:
            click.echo(f"dedup: {readers.describe(record)}", err=True)
        for row in batch.articles.to_pylist():
            known = {name: row[name] for name in ("text", "title", "authors", "outlet", "url")}
            for credit in credit_lines.credits(**known):
                click.echo(orjson.dumps({"id": row["id"], **credit._asdict()}))


@cli.command()
@click.argument("source", metavar="INPUT")
@click.argument("id_a", metavar="A")
@click.argument("id_b", metavar="B")
@_input_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with all spans.")
@_setting_options
@_field_options
def explain(
    source: str,
    id_a: str,
    id_b: str,
    input_format: Any,
    workers: int | None,
    as_json: bool,
    **options: Any,
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

    settings = _settings(options)
    with Progress() as progress:
        found = explanations.explain(
            readers.read([source], _read_options(settings, input_format)),
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


@cli.command()
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
@_input_format
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with all spans.")
@_field_options
def align(
    local: str,
    sources: tuple[str, ...],
    dumps: tuple[str, ...],
    input_format: Any,
    as_json: bool,
    **options: Any,
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

    settings = _settings({"settings_file": None, **options})
    read_options = _read_options(settings, input_format)
    texts = readers.texts_of([local, *sources], dumps, read_options)
    found = alignment.align(
        alignment.prepare(texts[local], local),
        [alignment.prepare(texts[source], source) for source in sources],
    )
    if as_json:
        click.echo(aligned.as_json(found))
    else:
        aligned.print_alignment(found, texts[local], texts)


@cli.group()
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
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option(
    "--window",
    type=_Window(),
    help="Of a new index: articles published further apart are not compared, and older ones are "
    "dropped. [default: keep all]",
)
@click.option(
    "--batch",
    type=click.IntRange(min=1),
    help="Articles to a commit. [default: 256; 1 if INPUT is -]",
)
@_input_format
@click.option("--strict", is_flag=True, help="Stop at the first bad record instead of skipping it.")
@_setting_options
@_field_options
def index_add(
    store: str,
    inputs: tuple[str, ...],
    window: timedelta | None,
    batch: int | None,
    input_format: Any,
    strict: bool,
    **options: Any,
) -> None:
    """Add articles; write a verdict for each, as JSON Lines, when it is committed.

    A verdict has the article's `id`, `is_new`, its `relation` to the article it matches best
    (`of`), the `cluster` and `story` it belongs to, `jaccard`, `containment` and `evidence`. Adding
    an article again changes nothing; with another text it is an update. From - JSON Lines are
    expected, so that each line can be answered when it comes; name others with --input-format.

    \b
    Examples:
      dedup index add articles.db today.jsonl > verdicts.jsonl
      tail -f feed.jsonl | dedup index add articles.db - --window 14d | my-job
    """
    given = _given(options)
    read_options = dataclasses.replace(
        _read_options(Settings.from_dict(given), _stream_format(inputs, input_format)),
        batch_rows=batch or (1 if "-" in inputs else 256),
        needs_id=True,
    )
    with _open_index(store, window, given) as opened:
        _write_verdicts(inputs, read_options, opened.add_batch, strict=strict)


@index.command("query")
@click.argument("store")
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@_input_format
@_field_options
def index_query(store: str, inputs: tuple[str, ...], input_format: Any, **options: Any) -> None:
    """Say what adding would answer for each article, and add nothing.

    \b
    Example:
      dedup index query articles.db today.jsonl
    """
    settings = _settings({"settings_file": None, **options})
    input_format = _stream_format(inputs, input_format)
    read_options = dataclasses.replace(
        _read_options(settings, input_format), batch_rows=1, needs_id=True
    )
    with _open_index(store, None, None, must_exist=True) as opened:
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

    with _open_index(store, None, None, must_exist=True) as opened:
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

    with _open_index(store, None, None, must_exist=True) as opened:
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

    with _open_index(store, None, None, must_exist=True) as opened:
        click.echo(orjson.dumps(opened.info(), option=orjson.OPT_INDENT_2))


def _open_index(
    store: str,
    window: timedelta | None,
    settings: Mapping[str, Any] | None,
    *,
    must_exist: bool = False,
) -> Index:
    from dedup.index.ingest import Index

    if must_exist and "://" not in store and not Path(store).is_file():
        raise StoreError(f"{store}: no such index; make one with: dedup index add {store} INPUT")
    return Index.open(store, window, settings)


def _write_verdicts(
    inputs: tuple[str, ...],
    options: ReadOptions,
    answer: Callable[[Batch], Iterable[Verdict]],
    *,
    strict: bool,
) -> None:
    """Write each article's verdict, as soon as there is one."""
    import orjson

    from dedup import readers

    for batch in readers.read(inputs, options):
        for record in batch.skipped:
            if strict:
                raise InputError(readers.describe(record))
            click.echo(f"dedup: {readers.describe(record)}", err=True)
        ids = batch.articles.column("id").to_pylist()
        for name, verdict in zip(ids, answer(batch), strict=True):
            click.echo(orjson.dumps({"id": name, **verdict.as_dict()}))


def _stream_format(inputs: tuple[str, ...], input_format: Any) -> Any:
    return "jsonl" if "-" in inputs and input_format == "auto" else input_format


@cli.command()
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


@cli.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--gold",
    "gold_files",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Labels of a person: .jsonl, .csv, .tsv or .parquet; may be given several times.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
@click.option(
    "--worst",
    metavar="N",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="Most mistakes to show for each level or list of pairs.",
)
@click.option(
    "--label-sheet",
    "n_pairs",
    metavar="N",
    type=click.IntRange(min=1),
    help="Write the N pairs nearest to the border of a decision, to be labelled.",
)
@click.option(
    "--sheet-output",
    metavar="FILE.csv",
    type=click.Path(path_type=Path),
    help="Where the label sheet goes; must not exist yet.",
)
def evaluate(
    directory: Path,
    gold_files: tuple[Path, ...],
    as_json: bool,
    worst: int,
    n_pairs: int | None,
    sheet_output: Path | None,
) -> None:
    """Score a result against labels, or pick pairs to label.

    DIR is an output of `dedup cluster`. A FILE of --gold has for each article `id` with `cluster`,
    `story` or both, or for each of some pairs `id_a` and `id_b` with `label` or `relation`:
    duplicate, version, rewrite, quote, furniture, unrelated, or 1 and 0 for a copy and none. A
    sheet that a person has filled is such a FILE.

    \b
    Examples:
      dedup evaluate result --gold labels.csv
      dedup evaluate result --gold articles.parquet --gold pairs.jsonl --json
      dedup evaluate result --label-sheet 50 --sheet-output sheet.csv
    """
    if not gold_files and n_pairs is None:
        raise click.UsageError("Give --gold to score, --label-sheet to pick pairs, or both.")
    if (n_pairs is None) != (sheet_output is None):
        raise click.UsageError("--label-sheet and --sheet-output go together; give both.")
    from dedup.evaluation import evaluate as evaluation
    from dedup.report import scores
    from dedup.results import result as results

    if sheet_output:
        scores.check_sheet(sheet_output)
    result = results.Result.read(directory)
    golds = [evaluation.gold_of(results.read_table(path), str(path)) for path in gold_files]
    reports = [evaluation.score(result, gold, worst=worst) for gold in golds]
    n_written = 0
    if n_pairs and sheet_output:
        sheet = evaluation.label_sheet(result, n_pairs, golds)
        scores.write_sheet(sheet, sheet_output)
        n_written = sheet.num_rows
    if as_json:
        click.echo(scores.as_json(directory, reports, sheet_output, n_written))
        return
    scores.print_scores(reports)
    if sheet_output:
        click.echo(f"{n_written} pairs to label are in {sheet_output}")


def _warn(warnings: list[str]) -> None:
    for warning in warnings:
        click.echo(f"dedup: {warning}", err=True)


def _write(
    result: Result,
    output: Path,
    output_format: str,
    progress: Progress,
    space: Workspace,
    tell: _Tell,
    *,
    force: bool,
) -> None:
    """Write a result; tell what it took, where the plan was told."""
    from dedup.report import plan

    progress("write", 0)
    result.run["peak_memory"] = plan.peak_memory()
    if space.most_own:
        result.run["own_memory"] = space.most_own
    result.write(output, format=output_format, force=force, between=space.trim)
    tell(plan.actual(result.run))


def _read_options(settings: Settings, input_format: Any) -> ReadOptions:
    from dedup.readers import ReadOptions

    return ReadOptions(
        format=input_format, fields=settings.fields, max_record_bytes=settings.max_record_bytes
    )


def _settings(options: dict[str, Any]) -> Settings:
    """Combine defaults, a settings file and the options that were given, the last one winning."""
    return Settings.from_dict(_given(options))


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """Give the settings of a file and of options, those not given left out."""
    path = options.pop("settings_file")
    values = Settings.from_file(path).as_dict() if path else {}
    fields = {name: field for name in FIELDS if (field := options.pop(f"{name}_field")) is not None}
    values |= {name: value for name, value in options.items() if value is not None}
    if fields:
        values["fields"] = {**values.get("fields", {}), **fields}
    return values
