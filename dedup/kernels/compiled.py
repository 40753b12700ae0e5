"""Where compiled kernels are kept, one file each, and how to tell that one still fits.

A file is read from any of the folders and written to the first that lets us. All files have one
stamp: a hash of the sources of all kernels, and of the versions of Python and numba.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import pickle
import sys
import tempfile
import warnings
from importlib import resources
from pathlib import Path
from typing import Any

import numba
from numba import config
from numba.core.registry import cpu_target

from dedup.errors import DedupWarning

_PACKAGE = Path(__file__).parent


def folders() -> list[Path]:
    """List the folders: `NUMBA_CACHE_DIR` alone, or beside the sources and in the user's cache."""
    place = hashlib.sha256(str(_PACKAGE).encode()).hexdigest()[:16]
    if config.CACHE_DIR:
        return [Path(config.CACHE_DIR) / f"dedup-{place}"]
    of_user = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    in_home = [Path(of_user) / "dedup" / f"kernels-{place}"] if os.path.isabs(of_user) else []
    return [_PACKAGE / "__pycache__", *in_home]


def place(name: str) -> Path | None:
    """Find the folder that keeps a kernel's code; None if it is not kept, or does not fit."""
    found = _read(name)
    return found[0] if found else None


def find(name: str) -> Any:
    """Give what is kept under a name; None if there is nothing, or nothing that fits."""
    found = _read(name)
    with contextlib.suppress(EOFError, pickle.UnpicklingError):  # a damaged file is no file
        return pickle.loads(found[1]) if found else None  # noqa: S301, as trusted as our sources
    return None


def _read(name: str) -> tuple[Path, bytes] | None:
    for folder in folders():
        with contextlib.suppress(OSError):
            data = (folder / _file_name(name)).read_bytes()
            if data.startswith(_stamp()):
                return folder, data[len(_stamp()) :]
    return None


def keep(name: str, payload: bytes) -> None:
    """Keep a pickle under a name, or warn that no folder can be written."""
    for folder in folders():
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / _file_name(name), _stamp() + payload)
            return
    _warn()


@functools.cache
def _warn() -> None:
    tried = " or ".join(map(str, folders()))
    warnings.warn(
        f"compiled code cannot be kept, so that every run starts with compiling: {tried} cannot be "
        "written; run `dedup warm` once as a user who can, or set NUMBA_CACHE_DIR to a folder",
        DedupWarning,
        stacklevel=1,
    )


def _write(path: Path, data: bytes) -> None:
    """Write a file that is there whole or not at all, whoever writes it at the same time."""
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with open(handle, "wb") as file:
            file.write(data)
        os.chmod(made, 0o644)
        os.replace(made, path)
    except BaseException:
        os.unlink(made)
        raise


def _file_name(name: str) -> str:
    return f"{name}-{_processor()}.{sys.implementation.cache_tag}.nbc"


@functools.cache
def _processor() -> str:
    """Name the processor that code is compiled for: machines of several kinds may share a home."""
    described = repr(cpu_target.target_context.codegen().magic_tuple())
    return hashlib.sha256(described.encode()).hexdigest()[:12]


@functools.cache
def _stamp() -> bytes:
    """Hash all that compiled code depends on, but for the processor."""
    stamp = hashlib.sha256(f"{sys.version} {numba.__version__}".encode())
    for file in sorted(resources.files(__package__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".py"):
            stamp.update(file.name.encode() + file.read_bytes())
    return stamp.digest()
