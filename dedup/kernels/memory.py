"""Arrays made and copied inside kernels.

Loops, as slices and `np.full` take numba long to compile: `grown[:n] = values` alone 1.2 s, most
of it for the text of an error that cannot come.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels.compiling import part


@part
def fill(array, value):
    """Set all elements of an array with one axis."""
    for i in range(len(array)):
        array[i] = value


@part
def longer(values):
    """Copy an array into the beginning of one twice as long."""
    grown = np.empty(2 * len(values), values.dtype)
    for i in range(len(values)):
        grown[i] = values[i]
    return grown


@part
def beginning(values, n):
    """Copy the first n values, so that the memory of the others can go."""
    kept = np.empty(n, values.dtype)
    for i in range(n):
        kept[i] = values[i]
    return kept
