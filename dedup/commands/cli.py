"""The command `dedup`: its subcommands, each in a module of its own, and its exit codes.

A command parses, calls one library function and writes. It imports heavy modules when it runs, so
that `--help` answers at once.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import warnings
from importlib import import_module
from typing import Any, NoReturn

import click

from dedup.errors import DedupError, DedupWarning
from dedup.version import __version__

COMMANDS = (
    "align",
    "cluster",
    "credits",
    "evaluate",
    "explain",
    "furniture",
    "index",
    "params",
    "trace",
    "warm",
)
"""Names of the commands; `dedup.commands.<name>` holds the command `<name>`."""


class _LazyGroup(click.Group):
    """Loads the module of a command when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"dedup.commands.{cmd_name}"), cmd_name)
        return command


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "--version", prog_name="dedup")
def cli() -> None:
    """Find copied news articles: which are the same report, with the evidence.

    \b
    Example:
      dedup cluster dump.jsonl.gz -o result
    """


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
        shown = warnings.formatwarning(message, category, filename, lineno, line)
        click.echo(shown, file, err=True)


def main() -> None:
    """Run the command line.

    Exits with 0 when done, 1 after one line that says what is wrong (or without a word, if nobody
    reads standard output any more), 2 after a usage error and 130 after an interrupt.
    """
    warnings.showwarning = _show_warning
    gc.set_threshold(200_000, 50, 50)  # most objects are rows that live on: look for cycles seldom
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("\ndedup: interrupted; no half-written result is left", err=True)
        sys.exit(130)
    except DedupError as error:
        _fail(str(error))
    except OSError as error:
        # Errors of files are turned into ours, or carry the file's name. One without a name comes
        # from writing to standard output. Click itself ends quietly when nobody reads it (EPIPE).
        if error.filename is not None:
            raise
        _drop_output()
        _fail(
            f"standard output: cannot write: {error.strerror or error}; make room, or send it "
            "elsewhere"
        )


def _fail(says: str) -> NoReturn:
    """Print an error on one line and exit with 1."""
    shown = "".join(c if c.isprintable() else " " for c in says)  # may quote the input
    with contextlib.suppress(OSError):  # nowhere to print it
        click.echo(f"dedup: {' '.join(shown.split())}", err=True)
    sys.exit(1)


def _drop_output() -> None:
    """Have what is still in the buffer of standard output go nowhere when Python exits."""
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
