"""How far a run has come, on stderr, once it takes longer than a second."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.status import Status

_QUIET_SECONDS = 1.0
_SECONDS_BETWEEN_LINES = 2.0

_SAYS = {
    "read": "reading",
    "furniture": "learning page furniture",
    "sketch": "shingling and signing",
    "group": "grouping identical texts",
    "candidates": "looking for candidates",
    "fingerprints": "looking for partial copies",
    "verify": "comparing candidates",
    "families": "looking for text that many share",
    "relations": "judging matches",
    "cluster": "clustering",
    "tables": "making tables",
    "write": "writing",
}


class Progress:
    """A line that is kept up to date on a terminal, a line now and then elsewhere."""

    def __init__(self, *, quiet: bool = False, stream: TextIO | None = None) -> None:
        self._quiet = quiet
        self._stream = stream or sys.stderr
        self._start = time.monotonic()
        self._last_line = -_SECONDS_BETWEEN_LINES
        self._status: Status | None = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def __call__(self, stage: str, done: int) -> None:
        """Take note that a stage has begun, or has come so far."""
        elapsed = time.monotonic() - self._start
        if self._quiet or elapsed < _QUIET_SECONDS:
            return
        count = f", {done:,} articles" if done else ""
        line = f"{_SAYS.get(stage, stage)}{count} ({elapsed:.0f} s)"
        if self._stream.isatty():
            self._show(line)
        elif elapsed - self._last_line >= _SECONDS_BETWEEN_LINES:
            print(f"dedup: {line}", file=self._stream, flush=True)
            self._last_line = elapsed

    def _show(self, line: str) -> None:
        if self._status is None:
            from rich.console import Console

            self._status = Console(file=self._stream).status(line)
            self._status.start()
        self._status.update(line)
