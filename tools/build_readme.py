"""Put what the commands really print into the output blocks of README.md.

    python tools/build_readme.py

A block begins with "$ dedup ..."; its command is run in an empty folder beside `fixtures`.
`tests/test_readme.py` holds the README to it.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_BLOCK = re.compile(r"```\n\$ dedup (.*)\n((?:.*\n)*?)```")


def main() -> None:
    """Run the commands and write the README."""
    readme = ROOT / "README.md"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "fixtures").symlink_to(ROOT / "fixtures")
        readme.write_text(_BLOCK.sub(lambda block: _shown(block[1], folder), readme.read_text()))


def _shown(command: str, folder: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "dedup", *shlex.split(command)],
        capture_output=True,
        cwd=folder,
        check=True,
    )
    lines = [line.rstrip() for line in done.stdout.decode().rstrip().splitlines()]
    return "\n".join([f"```\n$ dedup {command}", *lines, "```"])


if __name__ == "__main__":
    main()
