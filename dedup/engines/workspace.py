"""Where a run keeps what it works on: in memory, or in files that a later run goes on from.

Everything that grows with the input is a `Column` (an array) or `Records` (a table). Both begin in
memory; when all together pass the workspace's limit they move to files, which are appended to and
mapped into memory to be read. Pages of the maps are let go of between tasks; the system takes back
those that stay when it needs them. What is computed does not depend on it.

A workspace with a folder of its own keeps its files, and a manifest that names the stages that are
done, what they depend on and how long their arrays are. A run that was killed goes on after the
last of them. The manifest is replaced whole; files of a stage that is not in it are begun anew.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import shutil
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import orjson
import pyarrow as pa

from dedup import kernels
from dedup.engines.columns import Column, Records
from dedup.errors import WorkError
from dedup.records import WORK_MARK
from dedup.version import __version__

try:
    import fcntl
except ImportError:  # not on this system: two runs in one folder are not told apart
    fcntl = None  # type: ignore[assignment]  # a module elsewhere

if TYPE_CHECKING:
    import numpy.typing as npt

FORMAT = 2
"""Of the folder: goes up when its files or their meaning change."""

_MANIFEST, _LOCK = WORK_MARK, "lock"
_PART = f"{_MANIFEST}.part"
_MAPPED = 0.5
"""Share of the limit that may be held before maps are let go of; the rest is for what is not."""

_WORTH = 0.1
"""Share of the limit that mapped pages must fill again before they are let go of again."""

_SPILL = 0.15
"""Share of the limit that columns and records may fill before they move to files."""


class Workspace:
    """Holds the arrays and tables of one run.

    Args:
        folder: Where to keep them, to go on from later; None keeps them in memory, or in a
            temporary folder once they pass the limit.
        max_memory: Bytes the process should hold; None is no limit.
        beside: Where a temporary folder goes, by default where the system has them.
        source: What is read; a run goes on only from files of the same.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        max_memory: int | None = None,
        beside: Path | None = None,
        source: Mapping[str, Any] | None = None,
    ) -> None:
        self.max_memory = max_memory
        self.source = source or {}
        self._folder = folder
        self._beside = beside
        self._keeps = folder is not None
        self.most_own = 0
        self._mapped_at_least = 0  # the program's own files, which stay
        self._parts: dict[str, Column | Records] = {}
        self._held = 0
        self._guard = threading.RLock()
        self._lock: BinaryIO | None = None
        self._manifest: dict[str, Any] = {"format": FORMAT, "stages": {}}
        if folder is not None:
            self._open(folder)

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *error: object) -> None:
        for part in self._parts.values():
            part.close()
        if self._lock is not None:
            self._lock.close()
        if self._folder is not None and not self._keeps:
            shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def is_on_disk(self) -> bool:
        """Whether arrays are in files."""
        return self._folder is not None

    def size_on_disk(self) -> int:
        """Count the bytes of the files."""
        if self._folder is None:
            return 0
        return sum(path.stat().st_size for path in self._folder.iterdir())

    # Stages that are done.

    def done(self) -> list[str]:
        """Name the stages that are done."""
        return list(self._manifest["stages"])

    def facts_of(
        self, stage: str, depends_on: Mapping[str, Any], *, may_differ: bool = False
    ) -> dict[str, Any] | None:
        """Give what a stage left to be known, None if it is to be done.

        Args:
            stage: Its name.
            depends_on: What it depends on beside the stages before it.
            may_differ: Do it again if it was done with something else, instead of refusing.

        Raises:
            WorkError: It was done with something else.
        """
        done = self._manifest["stages"].get(stage)
        if done is None:
            return None
        for name, value in depends_on.items():
            there = done["depends_on"].get(name)
            if there != value and may_differ:
                self._begin_again_from(stage)
                return None
            if there != value:
                raise WorkError(
                    f"{self._folder}: {name} is {_shown(there)} there, {_shown(value)} here; go on "
                    "with the same, or give another folder"
                )
        facts: dict[str, Any] = done["facts"]
        return facts

    def _begin_again_from(self, stage: str) -> None:
        """Forget a stage and those after it, on disk before anything of them is written anew."""
        stages = self._manifest["stages"]
        for name in list(stages)[list(stages).index(stage) :]:
            del stages[name]
        self._write_manifest()

    def finish(self, stage: str, depends_on: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        """Note that a stage is done, with what it depends on and what is to be known of it."""
        if not self._keeps:
            return
        for part in self._parts.values():
            part.flush()
        known = self._lengths()
        self._manifest["stages"][stage] = {
            "depends_on": dict(depends_on),
            "facts": dict(facts),
            "lengths": {name: len(part) for name, part in self._parts.items() if name not in known},
        }
        self._write_manifest()

    def _lengths(self) -> dict[str, int]:
        """Give the lengths of what finished stages left."""
        done = self._manifest["stages"].values()
        return {name: length for stage in done for name, length in stage["lengths"].items()}

    def _open(self, folder: Path) -> None:
        path = folder / _MANIFEST
        if folder.is_dir() and not path.exists() and not _is_begun(folder):
            raise WorkError(
                f"{folder}: holds other files; give a new folder, or one of an earlier --work"
            )
        try:
            folder.mkdir(exist_ok=True)
            self._lock = (folder / _LOCK).open("ab")
            if fcntl is not None:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WorkError(f"{folder}: another run is at work there; wait for it") from error
        except OSError as error:
            raise WorkError(
                f"{folder}: cannot be used to work in: {error.strerror}; give a folder that can "
                "be made there and written to"
            ) from error
        if not path.exists():
            self._write_manifest()
            return
        try:
            manifest = orjson.loads(path.read_bytes())
            versions = {name: manifest[name] for name in ("format", "version", "kernel_version")}
            for stage in manifest["stages"].values():
                dict(stage["depends_on"]), dict(stage["facts"]), dict(stage["lengths"])
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise WorkError(f"{path}: not the manifest of a run; give a new folder") from error
        for name, here in self._versions().items():
            if versions[name] != here:
                raise WorkError(
                    f"{folder}: {name} is {versions[name]} there, {here} here; go on with that "
                    "version, or give another folder"
                )
        self._manifest = manifest

    def _versions(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": __version__,
            "kernel_version": kernels.KERNEL_VERSION,
        }

    def _write_manifest(self) -> None:
        path = self.path(_MANIFEST)
        part = path.with_name(_PART)
        try:
            with part.open("wb") as file:
                file.write(orjson.dumps({**self._manifest, **self._versions()}))
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            raise self.failed(error) from error

    # Arrays and tables.

    def column(self, name: str, dtype: npt.DTypeLike, width: int | None = None) -> Column:
        """Give an array by its name: as a finished stage left it, or empty.

        Args:
            name: Of the file, too.
            dtype: Of the values.
            width: Values in a row, for an array of two dimensions.
        """
        column = Column(self, name, np.dtype(dtype), width)
        self._add(name, column)
        return column

    def offsets(self, name: str) -> Column:
        """Give the offsets of a ragged array: as a finished stage left them, or a zero."""
        offsets = self.column(name, np.int64)
        if len(offsets) == 0:
            offsets.extend(np.zeros(1, dtype=np.int64))
        return offsets

    def records(self, name: str, schema: pa.Schema) -> Records:
        """Give a table by its name: as a finished stage left it, or empty."""
        records = Records(self, name, schema)
        self._add(name, records)
        return records

    def _add(self, name: str, part: Column | Records) -> None:
        self._parts[name] = part
        length = self._lengths().get(name)
        if self._folder is None:
            return
        if length is None:
            part.spill()
        else:
            part.reopen(length)

    def path(self, name: str) -> Path:
        """Name the file of an array or a table."""
        return Path(self._folder or "") / name

    def hold(self, more: int) -> None:
        """Note that more bytes are in memory; move all to files if they are too many."""
        self._held += more
        if self.max_memory is None or self._folder is not None:
            return
        if self._held > _SPILL * self.max_memory:
            try:
                self._folder = Path(tempfile.mkdtemp(prefix=".dedup-", dir=self._beside))
            except OSError as error:
                raise WorkError(
                    f"{self._beside or tempfile.gettempdir()}: cannot be used to work in: "
                    f"{error.strerror}; give a folder with --work, or raise --max-memory"
                ) from error
            for part in self._parts.values():
                part.spill()

    def trim(self) -> None:
        """Let go of mapped pages if the process holds too much; they are read again when needed."""
        if self._folder is None or self.max_memory is None:
            return
        own, mapped = _resident()
        self.most_own = max(self.most_own, own)
        if own + mapped <= _MAPPED * self.max_memory:
            return
        pa.default_memory_pool().release_unused()
        if mapped - self._mapped_at_least > _WORTH * self.max_memory:
            with self._guard:
                for part in list(self._parts.values()):  # others may come meanwhile
                    part.trim()
            self._mapped_at_least = _resident()[1]

    def give_back(self) -> None:
        """Let go of mapped pages as `trim` does, and of freed memory that the C library keeps."""
        self.trim()
        if self.max_memory is not None:
            with contextlib.suppress(OSError, TypeError, AttributeError):  # not the GNU C library
                ctypes.CDLL(None).malloc_trim(0)

    def failed(self, error: OSError) -> WorkError:
        """Say why writing failed, and what to do."""
        kept = (
            "; what is finished is kept: make room and run the same command again"
            if self._keeps
            else "; make room, or give a folder elsewhere with --work"
        )
        return WorkError(f"{self._folder}: {error.strerror or error}{kept}")


def _is_begun(folder: Path) -> bool:
    """Say whether a run was cut off before it wrote its manifest."""
    return set(os.listdir(folder)) <= {_LOCK, _PART}


def _resident() -> tuple[int, int]:
    """Count the bytes that the process holds itself, and those of mapped files; 0 if unknown."""
    try:
        with open("/proc/self/statm", "rb") as file:
            every, mapped = (int(n) * mmap.PAGESIZE for n in file.read().split()[1:3])
    except OSError:
        return 0, 0
    return every - mapped, mapped


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) < 80 else shown[:77] + "..."
