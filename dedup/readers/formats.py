"""The formats that inputs may have: a row of `FORMATS` and a module each.

A module of a format has two functions (`Reader`): one tells the format by its first bytes, one
reads articles from a stream. It is loaded when an input has its format, so that this table can be
read at no cost, and a format may need a library that others do without.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    from dedup.readers.batches import Collector
    from dedup.readers.streams import Stream
    from dedup.records import Batch

COMPRESSED = (".gz", ".zst", ".zstd")
"""Suffixes that any format may have behind its own."""


class Reader(Protocol):
    """What a module of a format offers; a library that it needs is loaded in `read`."""

    def tells(self, text: bytes, named: str) -> bool:
        """Whether a stream has the format.

        Args:
            text: Its first bytes, without byte order mark and space.
            named: The format that the stream's name says, this or one akin; "" if none.
        """

    def read(self, stream: Stream, collector: Collector) -> Iterator[Batch]:
        """Read a stream's articles; what the collector still holds goes into the next batch.

        Raises:
            StreamError: The stream breaks off, or is of another format.
        """


class Format(NamedTuple):
    """A format of inputs.

    Attributes:
        name: As options name it.
        title: As people call it.
        suffixes: Of files that have it.
        module: Where its `Reader` is, in this package.
        akin: Formats whose suffixes its files often have instead.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    module: str
    akin: tuple[str, ...] = ()

    def may_be(self, named: str) -> bool:
        """Whether a stream whose name says one format, "" if none, may have this one."""
        return named in ("", self.name, *self.akin)

    def reader(self) -> Reader:
        """Load the module that reads it."""
        return cast("Reader", import_module(f"dedup.readers.{self.module}"))


# In the order in which their first bytes are looked at.
FORMATS = (
    Format("jsonl", "JSON Lines", (".jsonl", ".ndjson", ".jl"), "jsonl", akin=("json",)),
    Format("json", "JSON", (".json",), "json_values", akin=("jsonl",)),
    Format("csv", "CSV", (".csv",), "delimited"),
    Format("tsv", "TSV", (".tsv", ".tab"), "delimited"),
    Format("parquet", "Parquet", (".parquet", ".pq"), "parquet"),
    Format("text", "text files", (".txt", ".text"), "plain"),
)
NAMES = tuple(kind.name for kind in FORMATS)
SUFFIXES = {suffix: kind.name for kind in FORMATS for suffix in kind.suffixes}


def by_name(name: str) -> Format:
    """Give the format of a name in `NAMES`."""
    return FORMATS[NAMES.index(name)]


def by_suffix(path: str) -> str:
    """Name the format that a path's suffix stands for, "" if it stands for none."""
    stem, suffix = os.path.splitext(path.lower())
    if suffix in COMPRESSED:
        suffix = os.path.splitext(stem)[1]
    return SUFFIXES.get(suffix, "")
