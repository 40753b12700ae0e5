"""How a checkout is built: its rooms, its long files and functions, and the walk of a text.

    python benchmarks/structure.py
    python benchmarks/structure.py . ../dedup-0.1

Prints one Markdown table with a column for each checkout (the one this script stands in, unless
others are named), and below it whatever is over a limit in the first. Compare with an older version
through `git worktree add ../dedup-0.1 0be5e77`.

The walk of a text is what `dedup cluster` and `dedup trace` enter of the package while they run on
the newsroom of `fixtures/`: distinct functions ("names") and modules, seen by a profiler in all
threads. Work inside compiled kernels is not seen; their callers are. Needs dedup's dependencies for
the walk, and the standard library only for the rest.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import tempfile
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
MOST_LINES = 400
"""Lines of a file of the package."""

MOST_IN_FUNCTION, MOST_IN_KERNEL = 50, 100
"""Lines of a function, its docstring not counted; kernels may be longer."""

SOURCES = ("dedup", "benchmarks", "fixtures", "tests", "tools")
FIXTURE, WIRE = "fixtures/newsroom.jsonl", "fixtures/wire.jsonl"
COMMANDS = {"cluster": (FIXTURE,), "trace": (FIXTURE, "--wire", WIRE)}

_IGNORE = re.compile(r"#\s*type: ignore(?:\[[\w, -]+\])?(?P<reason>.*)")
_NOQA = re.compile(r"#\s*noqa(?:: ?[A-Z]+\d+(?:,? ?[A-Z]+\d+)*)?(?P<reason>.*)")
_WORDS = re.compile(r"[^\W\d_]{2,}")

_WALK = """
import json, os, runpy, sys, threading
package, output, arguments = sys.argv[1], sys.argv[2], sys.argv[3:]
inside = package + os.sep
codes = set()
def enter(frame, event, argument):
    code = frame.f_code
    if event != "call" or code in codes or not code.co_filename.startswith(inside):
        return
    while frame := frame.f_back:
        if frame.f_code.co_name == "<module>" and frame.f_globals["__name__"] != "__main__":
            return  # while a module is imported
    codes.add(code)
threading.setprofile(enter)
sys.argv = ["dedup", *arguments]
sys.setprofile(enter)
try:
    runpy.run_module("dedup", run_name="__main__", alter_sys=True)
except SystemExit as stopped:
    if stopped.code:
        raise
finally:
    sys.setprofile(None)
entered = {
    (os.path.relpath(code.co_filename, package), code.co_qualname)
    for code in codes
    if not code.co_qualname.endswith(">")
}
with open(output, "w", encoding="utf-8") as file:
    json.dump(sorted(entered), file)
"""
"""Runs a command and notes the package's functions that it enters, but for what runs while modules
are imported; modules' own lines, lambdas and comprehensions ("<...>") are no names."""


class Place(NamedTuple):
    """Something over a limit, and by what measure."""

    path: str
    line: int
    name: str
    size: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.name} ({self.size})"


class Walk(NamedTuple):
    """What a command enters: functions as (file, qualified name)."""

    names: tuple[tuple[str, str], ...]

    def modules(self) -> set[str]:
        """Give the files that the functions stand in."""
        return {path for path, _ in self.names}


def python_files(checkout: Path, *folders: str) -> list[Path]:
    """List the Python files in some folders of a checkout."""
    return sorted(path for folder in folders for path in (checkout / folder).rglob("*.py"))


def rooms(checkout: Path) -> list[str]:
    """List what stands at the top of the package: its modules and rooms, `data` left out."""
    entries = (checkout / "dedup").iterdir()
    return sorted(
        path.name
        for path in entries
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.name != "data"
    )


def long_files(checkout: Path, *folders: str) -> list[Place]:
    """List the files of more than `MOST_LINES` lines, longest first."""
    found = []
    for path in python_files(checkout, *folders):
        n_lines = len(path.read_text(encoding="utf-8").splitlines())
        if n_lines > MOST_LINES:
            found.append(Place(str(path.relative_to(checkout)), 1, "file", n_lines))
    return sorted(found, key=lambda place: -place.size)


def long_functions(checkout: Path) -> list[Place]:
    """List the package's functions that are longer than they may be, longest first."""
    found = []
    for path in python_files(checkout, "dedup"):
        name = str(path.relative_to(checkout))
        most = MOST_IN_KERNEL if "kernels" in path.parts else MOST_IN_FUNCTION
        for function in functions_of(path):
            n_lines = lines_of(function)
            if ast.get_docstring(function):
                n_lines -= lines_of(function.body[0])
            if n_lines > most:
                found.append(Place(name, function.lineno, function.name, n_lines))
    return sorted(found, key=lambda place: -place.size)


def lines_of(node: ast.stmt) -> int:
    """Count the lines of a statement."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Give all functions of a file, methods and inner ones too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def without_reason(checkout: Path) -> list[Place]:
    """List the comments that silence a tool and do not say why behind it."""
    found = []
    for path in python_files(checkout, *SOURCES):
        for number, comment in comments_of(path):
            for pattern, other in ((_IGNORE, "noqa"), (_NOQA, "type: ignore")):
                match = pattern.search(comment)
                if match and not _WORDS.search(match["reason"].partition(other)[0]):
                    found.append(Place(str(path.relative_to(checkout)), number, match.group(), 1))
    return found


def comments_of(path: Path) -> Iterator[tuple[int, str]]:
    """Give the comments of a file and their lines."""
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def without_docstring(checkout: Path) -> list[str]:
    """List the modules that do not say what they are for."""
    return [
        str(path.relative_to(checkout))
        for path in python_files(checkout, "dedup", "benchmarks", "fixtures", "tools")
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]


def walk(checkout: Path, command: str) -> Walk:
    """Run a command of a checkout on its fixtures, and say what it enters of the package."""
    with tempfile.TemporaryDirectory() as folder:
        noted = Path(folder) / "entered.json"
        arguments = [command, *COMMANDS[command], "-o", str(Path(folder) / "result")]
        subprocess.run(
            [sys.executable, "-c", _WALK, str(checkout / "dedup"), str(noted), *arguments],
            check=True,
            capture_output=True,
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": str(checkout)},
        )
        entered = json.loads(noted.read_text(encoding="utf-8"))
    return Walk(tuple((path, name) for path, name in entered))


def figures(checkout: Path) -> dict[str, int]:
    """Measure a checkout."""
    functions = long_functions(checkout)
    kernels = [place for place in functions if "kernels" in Path(place.path).parts]
    found = {
        "files and folders at the top of `dedup/`": len(rooms(checkout)),
        f"files over {MOST_LINES} lines": len(long_files(checkout, "dedup")),
        f"functions over {MOST_IN_FUNCTION} lines, outside kernels": len(functions) - len(kernels),
        f"functions over {MOST_IN_KERNEL} lines, in kernels": len(kernels),
        "silenced tools without a reason": len(without_reason(checkout)),
    }
    for command in COMMANDS:
        entered = walk(checkout, command)
        found[f"`dedup {command}`: names on the walk of a text"] = len(entered.names)
        found[f"`dedup {command}`: modules they stand in"] = len(entered.modules())
    return found


def main() -> None:
    """Print the figures of some checkouts side by side."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("checkouts", nargs="*", type=Path, default=[ROOT])
    checkouts = [path.resolve() for path in parser.parse_args().checkouts]
    columns = [figures(checkout) for checkout in checkouts]
    print(f"| | {' | '.join(checkout.name for checkout in checkouts)} |")
    print("|---|" + "---:|" * len(checkouts))
    for name in columns[0]:
        print(f"| {name} | {' | '.join(str(column[name]) for column in columns)} |")
    first = checkouts[0]
    over = [*long_files(first, "dedup"), *long_functions(first), *without_reason(first)]
    print(*(f"\n{place}" for place in over), sep="")


if __name__ == "__main__":
    main()
