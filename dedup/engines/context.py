"""What a run works with, in one object that travels from stage to stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dedup.engines.account import Account, Progress
from dedup.engines.threads import Threads
from dedup.engines.workspace import Workspace

if TYPE_CHECKING:
    from dedup.settings import Settings


class Context:
    """Settings, threads, the workspace and the account of one run.

    Args:
        settings: What to call a match, and how hard to look.
        workers: Threads; the result is the same with any number.
        progress: Called now and then from the calling thread.
        space: Where to keep what is worked on, in memory by default; the result is the same. Who
            gives it closes it.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        workers: int = 1,
        progress: Progress | None = None,
        space: Workspace | None = None,
    ) -> None:
        self.settings = settings
        self.space = space or Workspace()
        self.threads = Threads(workers, self.space.trim)
        self.account = Account(progress) if progress else Account()

    def __enter__(self) -> Context:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        self.threads.shutdown(wait=True, cancel_futures=kind is not None)

    def settings_named(self, *names: str) -> dict[str, Any]:
        """Give some of the settings as plain values: what a stage depends on."""
        values = self.settings.as_dict()
        return {name: values[name] for name in names}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage; memory that the ones before it needed is given back first."""
        self.space.give_back()
        with self.account.stage(name):
            yield

    def resumes(
        self, stage: str, depends_on: Mapping[str, Any], *, may_differ: bool = False
    ) -> bool:
        """Say whether an earlier run finished a stage, and take over what it noted until then.

        Args:
            stage: Its name.
            depends_on: What it depends on beside the stages before it.
            may_differ: Do it again if it was done with something else, instead of refusing.

        Raises:
            WorkError: It was done with something else.
        """
        facts = self.space.facts_of(stage, depends_on, may_differ=may_differ)
        if facts is None:
            return False
        self.account.go_on_from(facts)
        return True

    def report(self) -> dict[str, Any]:
        """Give the content of `run.json`."""
        if self.space.is_on_disk:
            self.account.bytes["on_disk"] = self.space.size_on_disk()
        return self.account.as_dict(self.settings)

    def finish(self, stage: str, depends_on: Mapping[str, Any]) -> None:
        """Have a stage kept as finished, with all that was noted so far."""
        self.space.finish(stage, depends_on, self.account.facts())
