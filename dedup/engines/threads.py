"""Threads that share the work of a run; what they compute does not depend on how many there are."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

_Item = TypeVar("_Item")
_Outcome = TypeVar("_Outcome")

_IN_FLIGHT = 2
"""Tasks per thread: enough that none waits, few enough to hold their results."""


class Threads(ThreadPoolExecutor):
    """An executor that calls something after each task.

    Args:
        workers: How many threads.
        between: Called after each task, in its thread; long tasks may call it too.
    """

    def __init__(self, workers: int, between: Callable[[], None]) -> None:
        super().__init__(workers)
        self._in_flight = _IN_FLIGHT * workers
        self._between = between

    def submit(self, function: Callable[..., Any], /, *args: Any, **more: Any) -> Future[Any]:
        """Have a function called."""

        def call() -> Any:
            try:
                return function(*args, **more)
            finally:
                self._between()

        return super().submit(call)

    def in_order(
        self, function: Callable[[_Item], _Outcome], items: Iterable[_Item]
    ) -> Iterator[_Outcome]:
        """Give the outcomes in the order of the items, taking few items ahead of them."""
        waiting: deque[Future[_Outcome]] = deque()
        for item in items:
            waiting.append(self.submit(function, item))
            if len(waiting) > self._in_flight:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
