"""Kernels as compiled functions: one signature each, compiled at the first call, kept in a file.

A kernel's signature is that of its annotations (see `arrays`), so all callers share one piece of
compiled code. What numba offers for keeping code (`cache=True`) would not do. It stamps one source
file, so a kernel that calls an edited kernel of another file keeps the old code; it reads only
where it may write, so an image that was warmed as root is of no use to others; and before it loads
anything it imports all that compiling needs, `scipy.linalg` too (0.15 s).
"""

from __future__ import annotations

import functools
import gc
import inspect
import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import config, from_dtype, njit, types
from numba.core.compiler import CompileResult
from numba.core.registry import cpu_target
from numba.core.runtime import rtsys
from numba.core.serialize import dumps
from numba.core.typing import signature
from numpy import dtype

from dedup.errors import DedupWarning, OutputError
from dedup.kernels import compiled

_Function = TypeVar("_Function", bound=Callable[..., Any])

KERNELS: list[Kernel] = []
"""Every kernel of the modules that are loaded."""

# What LLVM may leave out of line, costs a third of the time of looking up a hash.
_OPTIONS = {"nogil": True, "no_cfunc_wrapper": True, "error_model": "numpy", "forceinline": True}
_ELEMENTS = {
    "U8": "u1",
    "Bytes": "u1",
    "U16": "u2",
    "U32": "u4",
    "TokenValues": "u4",
    "Shingles": "u4",
    "Signatures": "u4",
    "U64": "u8",
    "I8": "i1",
    "I32": "i4",
    "I64": "i8",
    "Offsets": "i8",
    "Pairs": "i8",
    "F64": "f8",
    "Bools": "b1",
}
_NUMBERS = {"int": types.int64, "float": types.float64, "np.uint32": types.uint32}
_TWO_AXES = {"Rows", "Pairs", "Signatures"}


class Kernel:
    """A function on arrays that runs compiled."""

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self.name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        self._function = function
        self._lock = threading.Lock()
        self._run: Callable[..., Any] = self._run_first

    def __call__(self, *args: Any) -> Any:
        """Run the compiled function."""
        return self._run(*args)

    def _run_first(self, *args: Any) -> Any:
        self.prepare()
        return self._run(*args)

    def prepare(self) -> bool:
        """Load what is kept, or else compile it and keep it; say whether it had to be compiled."""
        with self._lock:
            dispatcher = njit(**_OPTIONS)(self._function)
            found = compiled.find(self.name)
            if found is not None:
                rtsys.initialize(cpu_target.target_context)  # memory for compiled code
                dispatcher.add_overload(CompileResult._rebuild(cpu_target.target_context, *found))
            else:
                arguments = self._arguments()
                with _no_collection():
                    dispatcher.compile(signature(None, *arguments))
                compiled.keep(self.name, dumps(dispatcher.overloads[arguments]._reduce()))
            dispatcher.disable_compile()
            self._run = dispatcher
            return found is None

    def _arguments(self) -> tuple[Any, ...]:
        """Give the numba types of the arguments, as their annotations say."""
        annotations = inspect.get_annotations(self._function)
        known = self._function.__globals__
        return tuple(
            _numba_type(annotations[name], known) for name in annotations if name != "return"
        )


class _Part:
    """A function that kernels call; it becomes a part of theirs."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    @functools.cached_property
    def _numba_type_(self) -> Any:
        """Its type, which numba asks for where a kernel has its name."""
        self._dispatcher = njit(no_cpython_wrapper=True, **_OPTIONS)(self.function)
        self._resolve = self._dispatcher.get_call_template
        self._dispatcher.get_call_template = self._without_literals
        return types.Dispatcher(self._dispatcher)

    def _without_literals(self, args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        """Take 0 for any int: numba compiles a part again for every constant it is called with."""
        return self._resolve(tuple(map(types.unliteral, args)), kws)


def kernel(function: _Function) -> _Function:
    """Make a function on arrays a kernel, which Python calls; its annotations say of what types."""
    if config.DISABLE_JIT:
        return function
    KERNELS.append(Kernel(function))
    return cast(_Function, KERNELS[-1])


def part(function: Callable[..., Any]) -> Any:
    """Make a function a part of kernels, which only they call, with arrays of any type."""
    return function if config.DISABLE_JIT else _Part(function)


def prepare_all() -> tuple[int, set[Path]]:
    """Load or compile every kernel, and keep it; give how many were compiled, and the folders.

    Raises:
        OutputError: Nothing can be kept.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", DedupWarning)
        try:
            n_compiled = sum(kernel.prepare() for kernel in KERNELS)
        except DedupWarning as warning:
            raise OutputError(str(warning)) from None
    return n_compiled, {folder for kernel in KERNELS if (folder := compiled.place(kernel.name))}


def _numba_type(annotation: str, known: dict[str, Any]) -> Any:
    """Read an annotation such as `Out[Rows[I32]]` as `arrays` says; `known` has named tuples."""
    words = re.findall(r"[\w.]+", annotation)
    name = words[-1]
    if name in _NUMBERS:
        return _NUMBERS[name]
    if name in _ELEMENTS:
        axes = 2 if _TWO_AXES.intersection(words) else 1
        element = from_dtype(dtype(_ELEMENTS[name]))
        return types.Array(element, axes, "C", readonly="Out" not in words)
    record = known[name]
    near = vars(sys.modules[record.__module__])
    members = inspect.get_annotations(record).values()
    return types.NamedTuple([_numba_type(f"Out[{text}]", near) for text in members], record)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep garbage from being looked for: numba makes millions of objects, of which few are any."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
