"""The README shows what the commands really print."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"```\n\$ dedup (.*)\n((?:.*\n)*?)```", (ROOT / "README.md").read_text())


def comparable(text: str) -> list[str]:
    """Drop trailing blanks, and the times, which no two runs share and a slow one wraps."""
    text = re.sub(r"^\d+\.\d s(?: \([^)]*\))?\n", "", text, flags=re.MULTILINE)
    return [line.rstrip() for line in text.rstrip().splitlines()]


@pytest.mark.parametrize(("command", "shown"), BLOCKS, ids=[command for command, _ in BLOCKS])
def test_output_in_the_readme_is_real(command: str, shown: str, tmp_path: Path) -> None:
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    done = subprocess.run(
        [sys.executable, "-m", "dedup", *shlex.split(command)],
        capture_output=True,
        cwd=tmp_path,
        check=True,
    )
    assert comparable(done.stdout.decode()) == comparable(shown)


def test_readme_has_two_setup_commands_and_shows_output() -> None:
    readme = (ROOT / "README.md").read_text()
    assert len(re.findall(r"^python3 -m venv \.venv && ", readme, re.MULTILINE)) == 2
    assert len(BLOCKS) == 5
