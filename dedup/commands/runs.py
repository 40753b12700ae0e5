"""What the commands that write a result directory share: options, a place to work in, the end."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dedup.commands import options
from dedup.errors import InputError
from dedup.settings import FORMATS, Settings

if TYPE_CHECKING:
    from dedup.engines.workspace import Workspace
    from dedup.readers import ReadOptions
    from dedup.report.progress import Progress
    from dedup.results.result import Result

    AnyResult = TypeVar("AnyResult", bound=Result)

_LARGE = 100_000_000
"""Bytes of text from which on a run says what it is going to need and what it took."""


@dataclasses.dataclass(frozen=True, slots=True)
class RunOptions:
    """What was given for a run that writes a result directory, but for its settings."""

    inputs: tuple[str, ...]
    output: Path
    force: bool
    output_format: str
    input_format: str
    workers: int | None
    strict: bool
    quiet: bool
    work: Path | None
    max_memory: int | None

    def check(self) -> None:
        """Refuse places that cannot be written to, before any work is done."""
        from dedup.results import write

        write.check_directory(self.output, force=self.force)
        output = self.output.absolute()
        if self.work is not None and self.work.absolute() in (output, *output.parents):
            raise InputError(
                f"{self.output}: the result cannot be in the folder to work in; give two"
            )

    def read_options(self, settings: Settings) -> ReadOptions:
        """Say how the input is to be read."""
        return options.read_options(settings, self.input_format)

    def threads(self) -> int:
        """Give the number of threads to use."""
        from dedup import api

        return self.workers or api.available_cores()


def run_options(command: options.Command) -> options.Command:
    """Add the options of a run; the command gets them as `run`, and settings as `given`."""

    @functools.wraps(command)
    def call(**values: Any) -> None:
        names = [field.name for field in dataclasses.fields(RunOptions)]
        run = RunOptions(**{name: values.pop(name) for name in names})
        command(run=run, **values)

    return options.apply(
        [
            options.inputs_argument,
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
            options.input_format_option,
            options.workers_option,
            options.strict_option,
            click.option("-q", "--quiet", is_flag=True, help="No progress and no summary."),
            *_work_options(),
            options.setting_options,
        ],
        call,
    )


def _work_options() -> list[Callable[[options.Command], options.Command]]:
    return [
        click.option(
            "--max-memory",
            metavar="SIZE",
            type=options.size,
            help="Memory to keep to, such as 1GB; more is kept in files. [default: a quarter of "
            "all]",
        ),
        click.option(
            "--work",
            metavar="DIR",
            type=click.Path(path_type=Path, file_okay=False),
            help="Keep what is worked on in DIR: a run that was stopped goes on from there, and "
            "another threshold needs only the last stages.",
        ),
    ]


@dataclasses.dataclass(frozen=True, slots=True)
class Begun:
    """A run that has begun.

    Attributes:
        options: What was given for it.
        space: Where it keeps what it works on.
        progress: Shows how far it is.
        tells: Whether it is large enough to say what it is going to need and what it took.
    """

    options: RunOptions
    space: Workspace
    progress: Progress
    tells: bool

    def tell(self, line: str) -> None:
        """Print what the run needs or took, if it is large."""
        if self.tells:
            click.echo(f"dedup: {line}", err=True)

    def write(self, result: AnyResult, more: Mapping[str, Any]) -> AnyResult:
        """Write a result, with more to be known of the run in `run.json`; say what it took."""
        from dedup.report import plan

        self.progress("write", 0)
        run = {**more, **result.run, "peak_memory": plan.peak_memory()}
        if self.space.most_own:
            run["own_memory"] = self.space.most_own
        result = dataclasses.replace(result, run=run)
        output, force = self.options.output, self.options.force
        result.write(
            output, format=self.options.output_format, force=force, between=self.space.trim
        )
        self.tell(plan.actual(run))
        return result


@contextlib.contextmanager
def begin(run: RunOptions, command: str, wires: tuple[str, ...] = ()) -> Iterator[Begun]:
    """Give a run a place to work in, and say what it is going to need.

    Args:
        run: What was given for it.
        command: A run in a work folder goes on only with the same command.
        wires: Files of wire stories, which it reads too.
    """
    from dedup.engines.workspace import Workspace
    from dedup.readers.inputs import fingerprint
    from dedup.report import plan
    from dedup.report.progress import Progress

    limit = run.max_memory or plan.machine_memory() // 4
    any_suffix = run.input_format != "auto"
    source = {"command": command, "input format": run.input_format}
    if run.work:
        source["input"] = fingerprint(run.inputs, any_suffix=any_suffix)
        source["wires"] = fingerprint(wires, any_suffix=any_suffix) if wires else ""
    beside = run.output.absolute().parent
    with (
        Workspace(run.work, max_memory=limit, beside=beside, source=source) as space,
        Progress(quiet=run.quiet) as progress,
    ):
        needs = plan.estimate(run.inputs, run.input_format)
        is_large = bool(run.work or run.max_memory or needs.text_bytes > _LARGE)
        begun = Begun(run, space, progress, is_large and not run.quiet)
        begun.tell(plan.plan(needs, limit, run.work, space.done()))
        yield begun


def check_any_read(result: Result, run: RunOptions) -> None:
    """Make a run an error whose every record was skipped.

    Raises:
        InputError: There are skipped records in the result, and no articles.
    """
    from dedup.readers import none_read
    from dedup.records import Skipped

    n_skipped = result.skipped.num_rows
    if result.articles.num_rows or not n_skipped:
        return
    first = Skipped(**result.skipped.slice(0, 1).to_pylist()[0])
    listed = f"{run.output / 'skipped'}.{run.output_format}"
    raise InputError(none_read(n_skipped, first, listed))
