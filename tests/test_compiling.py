"""Compiled kernels are kept, found again, and never outlive the sources they are made of."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import dedup
from dedup import kernels
from dedup.commands.cli import cli
from dedup.kernels import compiled, compiling

PACKAGE = Path(dedup.__file__).parent

HASH_IDS = """
import numpy as np
from dedup import kernels
out = np.zeros((1, 2), dtype=np.uint64)
kernels.hash_strings(np.frombuffer(b"abc", dtype=np.uint8), np.array([0, 3]), out)
print(*out[0])
"""
NO_HOME = {"HOME": "/dev/null", "XDG_CACHE_HOME": ""}  # nobody can make a folder in there


def copied(folder: Path) -> Path:
    """A copy of the package, without what is compiled."""
    shutil.copytree(PACKAGE, folder / "dedup", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return copied(tmp_path / "tree")


@pytest.fixture(scope="module")
def warmed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A copy that has compiled one kernel, and what that one said."""
    tree = copied(tmp_path_factory.mktemp("warmed") / "tree")
    return tree, run(tree, "-c", HASH_IDS, **NO_HOME).stdout


def run(tree: Path, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    return subprocess.run(
        [sys.executable, *command],
        env=known | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"} | env,
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )


def change_mixing(tree: Path) -> None:
    """Change a function that kernels of other files call."""
    for path in (tree / "dedup" / "kernels").glob("*.py"):
        path.write_text(path.read_text().replace("0xC4CEB9FE1A85EC53", "0xC4CEB9FE1A85EC55"))


def test_a_kernel_that_calls_an_edited_one_is_compiled_anew(tree: Path, tmp_path: Path) -> None:
    cache, empty = str(tmp_path / "cache"), str(tmp_path / "empty")
    before = run(tree, "-c", HASH_IDS, NUMBA_CACHE_DIR=cache).stdout
    change_mixing(tree)
    after = run(tree, "-c", HASH_IDS, NUMBA_CACHE_DIR=cache).stdout
    assert after == run(tree, "-c", HASH_IDS, NUMBA_CACHE_DIR=empty).stdout
    assert after != before


def test_where_nothing_can_be_written_a_run_warns_in_one_line(tree: Path) -> None:
    (tree / "dedup" / "kernels" / "__pycache__").touch()  # a file, where a folder is needed
    (tree / "a.txt").write_text("The harbour ferry sank on Monday.")
    (tree / "b.txt").write_text("The harbour ferry sank on Monday, police said.")
    done = run(tree, "-m", "dedup", "align", "b.txt", "--source", "a.txt", **NO_HOME)
    assert done.returncode == 0, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert re.match("dedup: compiled code cannot be kept, .* run `dedup warm`", done.stderr)


def kept(tree: Path) -> list[Path]:
    return list((tree / "dedup" / "kernels" / "__pycache__").glob("ids.hash_strings-*.nbc"))


def test_what_was_kept_is_found_by_those_who_may_not_write(warmed: tuple[Path, str]) -> None:
    tree, said = warmed
    (file,) = kept(tree)
    assert file.stat().st_mode & 0o444 == 0o444  # whoever kept it, all may read it
    written = file.stat().st_mtime_ns
    forbid = "import tempfile; tempfile.mkstemp = None\n"
    assert run(tree, "-c", forbid + HASH_IDS, **NO_HOME).stdout == said != ""
    assert written == file.stat().st_mtime_ns


def test_a_run_that_finds_its_kernels_imports_nothing_for_compiling(
    warmed: tuple[Path, str],
) -> None:
    tree, said = warmed
    done = run(tree, "-c", HASH_IDS + "import sys; print('scipy.linalg' in sys.modules)")
    assert done.stdout == f"{said}False\n", done.stderr


def test_a_damaged_file_is_compiled_anew(tree: Path, warmed: tuple[Path, str]) -> None:
    shutil.copytree(warmed[0], tree, dirs_exist_ok=True)
    (file,) = kept(tree)
    file.write_bytes(file.read_bytes()[:200])
    assert run(tree, "-c", HASH_IDS, **NO_HOME).stdout == warmed[1]


def test_warm_compiles_every_kernel_once() -> None:
    CliRunner().invoke(cli, ["warm"], catch_exceptions=False)
    names = {kernel.name for kernel in compiling.KERNELS}
    assert all(compiled.place(name) for name in names)
    exported = {getattr(kernels, name) for name in kernels.__all__ if name.islower()}
    assert {kernel.name for kernel in exported if isinstance(kernel, compiling.Kernel)} == names
    again = CliRunner().invoke(cli, ["warm"], catch_exceptions=False)
    assert again.output.startswith("0 kernels compiled in ")


def test_warm_fails_in_one_line_where_nothing_can_be_kept(tree: Path) -> None:
    done = run(tree, "-m", "dedup", "warm", NUMBA_CACHE_DIR="/dev/null")
    assert done.returncode == 1
    assert re.fullmatch("dedup: compiled code cannot be kept, .*\n", done.stderr)


def test_an_array_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="No matching definition"):
        kernels.hash_tokens(np.zeros(3, dtype=np.float64))
