"""The package as a whole: what it exports, what it loads, who imports whom."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import dedup

ROOT = Path(__file__).parents[1]


def test_all_is_what_can_be_imported() -> None:
    assert dedup.__all__ == sorted(dedup.__all__)
    assert dir(dedup) == dedup.__all__
    assert all(getattr(dedup, name) is not None for name in dedup.__all__)
    with pytest.raises(AttributeError, match="no attribute 'cluter'"):
        dedup.cluter  # noqa: B018 - the misspelling is the test


@pytest.mark.parametrize(
    "statement",
    [
        "import dedup",
        "from dedup.commands import cli; [cli.cli.get_command(None, n) for n in cli.COMMANDS]",
    ],
    ids=["the library", "every command"],
)
def test_importing_loads_nothing_heavy(statement: str) -> None:
    code = f"{statement}; import sys; print(*sorted(m for m in sys.modules if '.' not in m))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"numba", "sklearn", "datasketch", "numpy", "pyarrow", "pandas", "rich", "scipy"}
    assert not heavy & set(loaded)


def test_a_command_is_loaded_when_it_is_called_and_no_other() -> None:
    code = (
        "import contextlib, sys; from dedup.commands.cli import cli\n"
        "with contextlib.suppress(SystemExit): cli(['params', '--help'])\n"
        "print(*(m for m in sys.modules if m.startswith('dedup.commands.')))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert shown[-1].split() == ["dedup.commands.cli", "dedup.commands.params"]


def test_clustering_loads_no_library_it_does_not_need() -> None:
    code = (
        "import dedup, sys; dedup.cluster([{'id': 'a', 'text': 'b'}]);"
        "print(*sorted(m for m in sys.modules if '.' not in m))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    # pandas is left out: pyarrow imports it when it is installed
    assert not {"sklearn", "datasketch", "polars", "rich", "click"} & set(loaded)


def test_stages_do_not_import_each_other() -> None:
    from importlinter.cli import lint_imports

    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=None) == 0


def test_the_code_beside_the_tests_is_tested_in_commands_too(tmp_path: Path) -> None:
    """A source distribution is unpacked, not installed; a worktree has an install elsewhere."""
    found = subprocess.check_output(
        [sys.executable, "-c", "import dedup; print(dedup.__file__)"], text=True, cwd=tmp_path
    )
    assert Path(found.strip()) == ROOT / "dedup" / "__init__.py" == Path(dedup.__file__)


def test_the_fields_of_an_article_are_stated_once() -> None:
    from dedup.records import ARTICLE_FIELDS, READ_FIELDS, article_schema

    known = json.loads((ROOT / "dedup" / "data" / "fields.json").read_text())
    assert tuple(known["columns"]) == READ_FIELDS
    assert article_schema().names == [*ARTICLE_FIELDS, "file", "line"]
    nullable = [field.name for field in article_schema() if field.nullable]
    assert nullable == ["published", "extra"]


def test_readme_documents_every_command() -> None:
    from click import Context

    from dedup.commands.cli import cli

    readme = (ROOT / "README.md").read_text()
    for name in cli.list_commands(Context(cli)):
        command = cli.get_command(Context(cli), name)
        assert command is not None
        assert f"dedup {name}" in readme
        assert "Example" in (command.help or "")
        assert f"dedup {name}" in (command.help or "")


def test_version_is_in_the_changelog() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert "## Unreleased" in changelog or f"## {dedup.__version__}" in changelog
