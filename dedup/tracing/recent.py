"""Values that take long to make, kept while there is room, those used last the longest."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

_Value = TypeVar("_Value")


class Recent(Generic[_Value]):
    """Makes a value when it is asked for, and keeps those that were asked for last.

    Several threads may ask; two that ask for the same at the same time may both make it.

    Args:
        make: Makes the value of a row.
        size: Tells how much room a value takes.
        room: How much all may take; the last one is kept whatever it takes.
    """

    def __init__(
        self, make: Callable[[int], _Value], size: Callable[[_Value], int], room: int
    ) -> None:
        self._make, self._size, self._room = make, size, room
        self._values: OrderedDict[int, _Value] = OrderedDict()
        self._taken = 0
        self._guard = threading.Lock()

    def __call__(self, row: int) -> _Value:
        """Give the value of a row."""
        with self._guard:
            if row in self._values:
                self._values.move_to_end(row)
                return self._values[row]
        value = self._make(row)
        with self._guard:
            if row not in self._values:
                self._values[row] = value
                self._taken += self._size(value)
            while self._taken > self._room and len(self._values) > 1:
                self._taken -= self._size(self._values.popitem(last=False)[1])
        return value
