"""Arrays and tables that grow at their end, in memory or in files.

Both begin in memory. A workspace moves them to files, which are appended to and mapped into memory
to be read; pages of the maps can be let go of at any time and come back when they are looked at.
"""

from __future__ import annotations

import contextlib
import mmap
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from dedup.errors import WorkError

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.engines.workspace import Workspace

    Array = npt.NDArray[Any]


class _Stored:
    """What an array or a table of a workspace does with its file."""

    def __init__(self, space: Workspace, name: str) -> None:
        self._space = space
        self._name = name
        self._used = 0
        self._file: Any = None
        self._map: mmap.mmap | None = None
        self._is_file = False

    def __len__(self) -> int:
        return self._used

    def trim(self) -> None:
        """Let go of the mapped pages."""
        if self._map is not None and hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)

    def close(self) -> None:
        """Close the file; what was given out stays good.

        What no finished stage has flushed is of no use to a later run: that it cannot be written
        to a full disk is no error, and must not hide the one that ended the run.
        """
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None


class Column(_Stored):
    """An array that grows at its end."""

    def __init__(
        self, space: Workspace, name: str, dtype: np.dtype[Any], width: int | None
    ) -> None:
        super().__init__(space, name)
        self._dtype = dtype
        self._row = () if width is None else (width,)
        self._values: Array = np.empty((0, *self._row), dtype=dtype)
        self._is_given_out = False

    @property
    def nbytes(self) -> int:
        """Bytes of its values."""
        return self._used * self._dtype.itemsize * int(np.prod(self._row, dtype=np.int64))

    def extend(self, more: Array) -> None:
        """Append values."""
        used = self._used + len(more)
        if self._is_file:
            self._append(more)
        else:
            if used > len(self._values):
                self._grow(max(used, len(self._values) * 5 // 4))
            self._values[self._used : used] = more
        self._used = used
        if not self._is_file:
            self._space.hold(len(more) * self._dtype.itemsize * int(np.prod(self._row)))

    def _grow(self, rows: int) -> None:
        """Make room, without moving the values where the allocator can."""
        if self._is_given_out:  # a view may be in use: it keeps the old memory
            grown = np.empty((rows, *self._row), dtype=self._dtype)
            grown[: self._used] = self._values[: self._used]
            self._values, self._is_given_out = grown, False
        else:
            self._values.resize((rows, *self._row), refcheck=False)

    def values(self) -> Array:
        """Give what was appended so far; what is appended later is not in it."""
        if not self._is_file:
            self._is_given_out = True
            return self._values[: self._used]
        if self._used == 0:
            return np.empty((0, *self._row), dtype=self._dtype)
        self.flush()
        if self._map is None or len(self._map) != self.nbytes:
            with self._space.path(self._name).open("r+b") as file:
                self._map = mmap.mmap(file.fileno(), self.nbytes)
        return np.frombuffer(self._map, dtype=self._dtype).reshape(-1, *self._row)

    def spill(self) -> None:
        """Move the values to the file."""
        self._is_file = True
        try:
            self._file = self._space.path(self._name).open("wb")
        except OSError as error:
            raise self._space.failed(error) from error
        self._append(self._values[: self._used])
        self._values = self._values[:0].copy()

    def reopen(self, length: int) -> None:
        """Take the first values of the file; later ones, of a stage that was cut off, go."""
        self._is_file = True
        self._used = length
        path = self._space.path(self._name)
        try:
            size = path.stat().st_size
            if size >= self.nbytes:
                os.truncate(path, self.nbytes)
                self._file = path.open("ab")
                return
        except OSError as error:
            raise WorkError(f"{path}: {error.strerror}; give a new folder") from error
        raise WorkError(f"{path}: {size} bytes, {self.nbytes} needed; give a new folder")

    def flush(self) -> None:
        """Hand all values to the system, where they survive the process."""
        if self._file is not None:
            try:
                self._file.flush()
            except OSError as error:
                raise self._space.failed(error) from error

    def _append(self, more: Array) -> None:
        values: Any = np.ascontiguousarray(more, dtype=self._dtype)
        if len(values) == 0:
            return
        try:
            self._file.write(memoryview(values).cast("B"))
        except OSError as error:
            raise self._space.failed(error) from error


class Records(_Stored):
    """A table that grows at its end."""

    def __init__(self, space: Workspace, name: str, schema: pa.Schema) -> None:
        super().__init__(space, name)
        self._schema = schema
        self._batches: list[pa.RecordBatch] = []
        self._writer: Any = None
        self.nbytes = 0

    def extend(self, batch: pa.RecordBatch) -> None:
        """Append rows."""
        self._used += batch.num_rows
        self.nbytes += batch.nbytes
        if self._is_file:
            self._append(batch)
        else:
            self._batches.append(batch)
            self._space.hold(batch.nbytes)

    def table(self) -> pa.Table:
        """Give all rows; nothing may be appended any more."""
        if not self._is_file:
            return pa.Table.from_batches(self._batches, self._schema)
        self.flush()
        if self._map is None:
            with self._space.path(self._name).open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return pa.ipc.open_stream(pa.BufferReader(pa.py_buffer(self._map))).read_all()

    def spill(self) -> None:
        """Move the rows to the file."""
        self._is_file = True
        try:
            self._file = self._space.path(self._name).open("wb")
            self._writer = pa.ipc.new_stream(self._file, self._schema)
        except OSError as error:
            raise self._space.failed(error) from error
        for batch in self._batches:
            self._append(batch)
        self._batches = []

    def reopen(self, length: int) -> None:
        """Take the rows of the file."""
        self._is_file = True
        self._used = length
        try:
            found = self.table()
        except (OSError, ValueError, pa.ArrowException) as error:
            path = self._space.path(self._name)
            raise WorkError(f"{path}: not readable any more; give a new folder") from error
        if found.num_rows != length:
            path = self._space.path(self._name)
            raise WorkError(f"{path}: {found.num_rows} rows, {length} needed; give a new folder")
        self.nbytes = found.nbytes

    def flush(self) -> None:
        """End the file."""
        if self._file is not None:
            try:
                self._writer.close()
                self._file.close()
            except OSError as error:
                raise self._space.failed(error) from error
            self._file = None

    def _append(self, batch: pa.RecordBatch) -> None:
        try:
            self._writer.write_batch(batch)
        except OSError as error:
            raise self._space.failed(error) from error
