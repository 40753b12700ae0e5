"""What kernels take and give: names for their annotations, from which `compiling` has their types.

An array is read only and has one axis, unless it is `Out[...]`, `Rows[...]` or both. `Pairs` and
`Signatures` have two axes; the arrays of a named tuple may be written.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

U8: TypeAlias = npt.NDArray[np.uint8]
U16: TypeAlias = npt.NDArray[np.uint16]
U32: TypeAlias = npt.NDArray[np.uint32]
U64: TypeAlias = npt.NDArray[np.uint64]
I8: TypeAlias = npt.NDArray[np.int8]
I32: TypeAlias = npt.NDArray[np.int32]
I64: TypeAlias = npt.NDArray[np.int64]
F64: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

_Array = TypeVar("_Array")

Out: TypeAlias = Annotated[_Array, "written"]
Rows: TypeAlias = Annotated[_Array, "two axes"]
