"""Options that several commands share, and the settings and reading options they make.

`setting_options` and `field_options` hand a command what was given of them as one argument.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from dedup.errors import SettingsError
from dedup.readers.options import FORMAT_CHOICES
from dedup.records import READ_FIELDS
from dedup.settings import REPRESENTATIVES, Settings, size_in_bytes

if TYPE_CHECKING:
    from datetime import timedelta

    from dedup.readers import ReadOptions

Command: TypeAlias = Callable[..., None]


def window(value: str) -> timedelta:
    """Read a length of time such as 14d, 36h or 90m."""
    from datetime import timedelta

    unit = {"d": "days", "h": "hours", "m": "minutes"}.get(value[-1:])
    if unit is None or not value[:-1].isdecimal() or int(value[:-1]) == 0:
        raise click.BadParameter(
            f"{value!r} is no length of time; give for example 14d, 36h or 90m"
        )
    return timedelta(**{unit: int(value[:-1])})


def size(value: str) -> int:
    """Read a number of bytes such as 1GB, 800MB or 2GiB."""
    try:
        return size_in_bytes(value)
    except SettingsError as error:
        raise click.BadParameter(str(error)) from error


inputs_argument = click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)

input_format_option = click.option(
    "--input-format",
    type=click.Choice(FORMAT_CHOICES),
    default="auto",
    show_default=True,
    help="Of the input, where its name does not tell.",
)

workers_option = click.option(
    "--workers", type=click.IntRange(min=1), help="Threads. [default: all cores]"
)

strict_option = click.option(
    "--strict", is_flag=True, help="Stop at the first bad record instead of skipping it."
)

_NUMBERS = (
    ("threshold", float, "Lowest Jaccard similarity to a cluster's centre, over 0, at most 1."),
    ("containment", float, "Share of the shorter text that makes a match, 0 to 1."),
    ("story_containment", float, "Share of the shorter text that makes one story, 0 to 1."),
    ("recall", float, "Share of the pairs at the threshold to find."),
    ("shingle_size", int, "Words in a shingle."),
    ("num_perm", int, "MinHash values per article."),
    ("min_tokens", int, "Texts of fewer words match only what is nearly the same."),
    ("max_record_bytes", int, "Skip and name longer records."),
)


def setting_options(command: Command) -> Command:
    """Add an option for each setting; the command gets those given as the dict `given`."""

    @functools.wraps(command)
    def call(*, settings_file: str | None, **options: Any) -> None:
        given = Settings.from_file(settings_file).as_dict() if settings_file else {}
        fields = {**given.get("fields", {}), **options.pop("fields")}
        for name in _SETTING_NAMES:
            value = options.pop(name)
            if value is not None:
                given[name] = value
        if fields:
            given["fields"] = fields
        command(given=given, **options)

    options: list[Callable[[Command], Command]] = [
        click.option(
            "--settings",
            "settings_file",
            metavar="FILE",
            type=click.Path(dir_okay=False),
            help="Settings from a TOML file, or from the run.json of an earlier run; options "
            "given here win.",
        ),
        *(_number_option(*number) for number in _NUMBERS),
        click.option(
            "--keep-furniture/--no-keep-furniture",
            default=None,
            help="Compare whole page texts, menus and notices too.",
        ),
        click.option(
            "--representative",
            type=click.Choice(REPRESENTATIVES),
            help="Which article stands for its cluster: the one published first, the longest, or "
            f"the one whose text matches most others. [default: {Settings().representative}]",
        ),
        field_options,
    ]
    return apply(options, call)


_SETTING_NAMES = (*(name for name, _, _ in _NUMBERS), "keep_furniture", "representative")


def _number_option(name: str, kind: type, says: str) -> Callable[[Command], Command]:
    flag = "--" + name.replace("_", "-")
    return click.option(flag, type=kind, help=f"{says} [default: {getattr(Settings(), name)}]")


def field_options(command: Command) -> Command:
    """Add an option for each field of an article; the command gets those given as `fields`."""

    @functools.wraps(command)
    def call(**options: Any) -> None:
        named = {name: options.pop(f"{name}_field") for name in READ_FIELDS}
        command(fields={name: field for name, field in named.items() if field}, **options)

    options = [
        click.option(
            f"--{name}-field",
            metavar="FIELD",
            help=f"Input field to take for `{name}`, where the usual names do not fit.",
        )
        for name in READ_FIELDS
    ]
    return apply(options, call)


def apply(options: Sequence[Callable[[Command], Command]], command: Command) -> Command:
    """Put options on a command, to be listed in this order."""
    for option in reversed(options):
        command = option(command)
    return command


def read_options(settings: Settings, input_format: Any, **others: Any) -> ReadOptions:
    """Say how the input is to be read; `others` are further values of `ReadOptions`."""
    from dedup.readers import ReadOptions

    return ReadOptions(
        format=input_format,
        fields=settings.fields,
        max_record_bytes=settings.max_record_bytes,
        **others,
    )
