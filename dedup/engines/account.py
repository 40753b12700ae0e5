"""The account of a run: how long each stage took, what it held, what to tell the user."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dedup import kernels
from dedup.version import __version__

if TYPE_CHECKING:
    from dedup.settings import Settings

Progress = Callable[[str, int], None]
"""Told a stage's name and how much of it is done, in articles or pairs."""

_KEPT = ("seconds", "cpu_seconds", "bytes", "counts", "warnings")
"""What a work folder keeps with each finished stage."""


@dataclass
class Account:
    """What `run.json` is made of.

    Attributes:
        progress: Told how far the run is.
        seconds: Of each stage, by the clock; with those of the runs that this one goes on from.
        cpu_seconds: Of each stage, of the whole process.
        bytes: Held, by kind.
        counts: Of articles, pairs and the like.
        warnings: For the user, one sentence each.
        earlier: The seconds of the runs that this one goes on from.
    """

    progress: Progress = lambda stage, done: None
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    earlier: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        self.progress(name, 0)
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - wall
        self.cpu_seconds[name] = self.cpu_seconds.get(name, 0.0) + time.process_time() - cpu

    def facts(self) -> dict[str, Any]:
        """Give what a work folder keeps with a finished stage."""
        return {name: getattr(self, name) for name in _KEPT}

    def go_on_from(self, facts: Mapping[str, Any]) -> None:
        """Take over what an earlier run noted up to a stage."""
        for name in _KEPT:
            setattr(self, name, facts[name])
        self.earlier = {
            "seconds": sum(self.seconds.values()),
            "cpu_seconds": sum(self.cpu_seconds.values()),
        }

    def as_dict(self, settings: Settings) -> dict[str, Any]:
        """Give the content of `run.json`."""
        return {
            "version": __version__,
            "kernel_version": kernels.KERNEL_VERSION,
            "settings": settings.as_dict(),
            "counts": self.counts,
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
            "cpu_seconds": {name: round(value, 3) for name, value in self.cpu_seconds.items()},
            "bytes": self.bytes,
            **({"of_earlier_runs": self.earlier} if self.earlier else {}),
            "warnings": self.warnings,
        }
