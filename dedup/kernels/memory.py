"""Arrays made and copied inside kernels.

Loops, as slices and `np.full` take numba long to compile: `grown[:n] = values` alone 1.2 s, most
of it for the text of an error that cannot come.
"""

from __future__ import annotations

from dedup.kernels.compiling import part


@part
def fill(array, value):
    """Set all elements of an array with one axis."""
    for i in range(len(array)):
        array[i] = value


@part
def copy(values, n, target):
    """Copy the first n values to the beginning of another array, and give that."""
    for i in range(n):
        target[i] = values[i]
    return target
