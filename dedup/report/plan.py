"""What a run is going to need, before it begins, and what it took."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from dedup.readers import inputs
from dedup.readers.formats import COMPRESSED, by_suffix

_UNPACKED = 3.2
"""Bytes of text in a byte of a compressed file."""

_TEXT_SHARE = 0.85
"""Share of a record that is its text."""

_PER_BYTE, _PER_ARTICLE = 1.4, 900
"""Bytes of arrays for each byte of text, and for each article (`benchmarks/profile`)."""

_SAMPLE = 1 << 20
_ARTICLE = 3_000
"""Bytes taken for an article where a file does not show how many articles it holds."""


class Estimate(NamedTuple):
    """Articles and bytes of their texts, roughly; -1 where it cannot be told."""

    articles: int
    text_bytes: int

    @property
    def array_bytes(self) -> int:
        """Bytes that a run keeps of them."""
        return int(_PER_BYTE * self.text_bytes + _PER_ARTICLE * self.articles)


def estimate(names: Sequence[str], input_format: str) -> Estimate:
    """Estimate what files hold, from their sizes and a look at each kind."""
    sources = [s for s in inputs.find(names, any_suffix=input_format != "auto") if not s.problem]
    articles, size = 0, 0
    for source in sources:
        if source.path == "-" or not os.path.isfile(source.path):
            return Estimate(-1, -1)
        n, n_bytes = _look(source.path, input_format)
        articles, size = articles + n, size + n_bytes
    return Estimate(articles, size)


def plan(found: Estimate, max_memory: int, work: Path | None, done: Sequence[str]) -> str:
    """Write the plan as one line."""
    if found.articles < 0:
        amount, arrays = "an unknown number of articles", ""
    else:
        amount = f"about {found.articles:,} articles, {size(found.text_bytes)} of text"
        arrays = f", arrays about {size(found.array_bytes)}"
    if work is not None:
        where = f" in files in {work}"
    elif found.articles < 0:
        where = ", in temporary files if arrays pass a seventh of it"
    elif found.array_bytes > max_memory / 7:
        where = " in temporary files"
    else:
        where = " in memory"
    rest = f"; done before: {', '.join(done)}" if done else ""
    return (
        f"plan: {amount}; memory to keep to {size(max_memory)}{arrays}{where}; stages: read, "
        f"furniture, sketch, candidates (kept with --work), verify, cluster, write{rest}"
    )


def actual(run: dict[str, Any]) -> str:
    """Write what a run took as one line."""
    counts = run["counts"]
    earlier = run.get("of_earlier_runs", {})
    seconds, cpu_seconds = (
        sum(run[kind].values()) - earlier.get(kind, 0.0) for kind in ("seconds", "cpu_seconds")
    )
    disk = run["bytes"].get("on_disk", 0)
    on_disk = f", {size(disk)} in files" if disk else ""
    own, peak = run.get("own_memory", 0), size(run["peak_memory"])
    memory = f"{size(own)} of memory ({peak} with mapped files)" if own else f"{peak} of memory"
    return (
        f"took: {counts['articles']:,} articles, {seconds:.1f} s, {cpu_seconds:.1f} s of CPU, "
        f"{memory}{on_disk}"
    )


def peak_memory() -> int:
    """Give the most bytes that this process has held so far, 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def machine_memory() -> int:
    """Give the bytes of memory that this process may use."""
    found = [8 << 30]
    with contextlib.suppress(OSError, ValueError, AttributeError):
        found = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    with contextlib.suppress(OSError, ValueError):
        found.append(int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return min(found)


def size(n_bytes: float) -> str:
    """Write a number of bytes to be read by people."""
    for unit in ("bytes", "kB", "MB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} GB"


def _look(path: str, input_format: str) -> tuple[int, int]:
    n_bytes = os.path.getsize(path)
    kind = by_suffix(path) if input_format == "auto" else input_format
    if kind == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        with contextlib.suppress(OSError, pa.ArrowException):
            meta = pq.read_metadata(path)
            groups = (meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
            return meta.num_rows, int(_TEXT_SHARE * sum(groups))
    if path.lower().endswith(COMPRESSED):
        n_bytes = int(_UNPACKED * n_bytes)
        return n_bytes // _ARTICLE, int(_TEXT_SHARE * n_bytes)
    if kind == "text":
        return 1, n_bytes
    with contextlib.suppress(OSError), open(path, "rb") as file:
        head = file.read(_SAMPLE)
        if kind in ("jsonl", "tsv", "csv") and head:
            return max(1, n_bytes * head.count(b"\n") // len(head)), int(_TEXT_SHARE * n_bytes)
    return n_bytes // _ARTICLE + 1, int(_TEXT_SHARE * n_bytes)
