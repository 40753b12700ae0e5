"""Which files the given inputs mean.

A folder stands for the files below it with a known suffix, in sorted order; what it holds
besides is counted and reported, not read. Hidden files are passed over in silence.
"""

from __future__ import annotations

import glob
import hashlib
import os
import stat
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dedup.errors import InputError
from dedup.readers.formats import SUFFIXES, by_suffix
from dedup.records import WORK_MARK


class Source(NamedTuple):
    """A file to read, or the reason why one is left out.

    Attributes:
        path: What to open; "-" is stdin.
        problem: Why it is left out, "" if it is not.
    """

    path: str
    problem: str = ""

    @property
    def name(self) -> str:
        """The path as given, with forward slashes."""
        return self.path.replace(os.sep, "/")


def find(inputs: Sequence[str], *, any_suffix: bool = False) -> list[Source]:
    """List the files that inputs mean, in the order given.

    Args:
        inputs: Files, folders, globs, and "-" for stdin.
        any_suffix: Take every file of a folder, since the format was named.

    Raises:
        InputError: An input does not exist or matches nothing, or no file can be read.
    """
    sources = [source for name in inputs for source in _find_one(name, any_suffix=any_suffix)]
    if not any(not source.problem for source in sources):
        first = sources[0] if sources else Source("", "no input given; name a file, a folder or -")
        raise InputError(f"{first.name}: {first.problem}" if first.path else first.problem)
    return sources


def _find_one(name: str, *, any_suffix: bool) -> Iterator[Source]:
    if name == "-":
        yield Source(name, "stdin is closed" if sys.stdin is None else "")
    elif os.path.isdir(name):
        yield from _walk(name, any_suffix=any_suffix)
    elif os.path.lexists(name):
        yield _named(name)
    elif glob.has_magic(name) and (matches := sorted(glob.glob(name, recursive=True))):
        for match in matches:
            if not os.path.isdir(match):
                yield _named(match)
            elif "**" not in name:
                yield from _walk(match, any_suffix=any_suffix)
    else:
        kind = "nothing matches" if glob.has_magic(name) else "no such file or folder"
        raise InputError(f"{name}: {kind}; give a file, a folder, a quoted glob, or - for stdin")


def _named(path: str) -> Source:
    """A file that was named: anything that opens will do, a pipe too."""
    try:
        os.stat(path)
    except OSError as error:
        return Source(path, f"cannot be read: {error.strerror}")
    readable = os.access(path, os.R_OK)
    return Source(path, "" if readable else "cannot be read: Permission denied")


def _walk(folder: str, *, any_suffix: bool) -> Iterator[Source]:
    """List a folder's files in sorted order, then what was left out."""
    left_out: Counter[str] = Counter()
    errors: list[OSError] = []
    is_empty = True
    results: list[str] = []
    for path in _files(folder.rstrip(os.sep) or os.sep, errors, results):
        is_empty = False
        if any_suffix or by_suffix(path):
            yield _regular(path)
        elif not os.path.basename(path).startswith("_"):  # Spark's _SUCCESS and its like
            left_out[os.path.splitext(path)[1] or "no suffix"] += 1
    for result in results:
        yield Source(result, "left out: a folder that dedup wrote")
    for error in errors:
        yield Source(str(error.filename), f"cannot be read: {error.strerror}")
    if left_out:
        counts = ", ".join(f"{count} {suffix}" for suffix, count in sorted(left_out.items()))
        known = " ".join(SUFFIXES)
        yield Source(folder, f"files with other suffixes left out ({counts}); read are {known}")
    elif is_empty and not errors and not results:
        yield Source(folder, "the folder holds no files")


def _files(folder: str, errors: list[OSError], results: list[str]) -> Iterator[str]:
    for root, folders, names in os.walk(folder, onerror=errors.append):
        is_result = "run.json" in names and any(name.startswith("articles.") for name in names)
        if is_result or WORK_MARK in names:
            results.append(root)
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield os.path.join(root, name)


def _regular(path: str) -> Source:
    """A file found in a folder: a pipe or device there would block or never end."""
    source = _named(path)
    if not source.problem and not stat.S_ISREG(os.stat(path).st_mode):
        return Source(path, "not a regular file (a pipe, socket or device)")
    return source


def fingerprint(inputs: Sequence[str], *, any_suffix: bool = False) -> str:
    """Say which files are meant, and in which state: their names, sizes and times of change.

    Raises:
        InputError: One of them cannot be read twice.
    """
    sources = [source for source in find(inputs, any_suffix=any_suffix) if not source.problem]
    digest, total = hashlib.sha256(), 0
    for source in sources:
        if source.path == "-" or not os.path.isfile(source.path):
            raise InputError(f"{source.name}: cannot be read twice; with --work give files")
        state = os.stat(source.path)
        total += state.st_size
        digest.update(f"{source.name}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    n = len(sources)
    return f"{n} file{'s' * (n != 1)}, {total} bytes, {digest.hexdigest()[:12]}"
