"""A full disk ends a command with one line, and nothing is lost that was finished."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parents[1] / "fixtures"
NEWSROOM = FIXTURES / "newsroom.jsonl"


def dedup(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dedup", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


class Disk:
    """A small disk in memory."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def mount(self, size: str) -> bool:
        return self._mount("tmpfs", "-t", "tmpfs", "-o", f"size={size}")

    def grow(self, size: str) -> None:
        assert self._mount("-o", f"remount,size={size}")

    def _mount(self, *arguments: str) -> bool:
        try:
            done = subprocess.run(["mount", *arguments, self.place], capture_output=True)
        except OSError:
            return False
        return done.returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    (tmp_path / "disk").mkdir()
    found = Disk(tmp_path / "disk")
    if not found.mount("64k"):
        pytest.skip("a small disk needs `mount -t tmpfs`, as root on Linux")
    yield found
    subprocess.run(["umount", "--lazy", found.place], check=True)


def digests(directory: Path) -> dict[str, str]:
    return {
        path.name: hashlib.md5(path.read_bytes()).hexdigest()
        for path in directory.iterdir()
        if path.name != "run.json"
    }


@pytest.mark.parametrize(
    ("command", "size"),
    [("cluster", "16k"), ("cluster", "200k"), ("cluster", "500k"), ("trace", "500k")],
)
def test_a_run_goes_on_when_there_is_room_in_its_work_folder(
    disk: Disk, tmp_path: Path, command: str, size: str
) -> None:
    disk.grow(size)
    arguments = (command, NEWSROOM, "-o", tmp_path / "out", "-q", "--work", disk.place / "work")
    done = dedup(*arguments)
    assert done.returncode == 1
    assert done.stderr == (
        f"dedup: {disk.place / 'work'}: No space left on device; what is finished is kept: make "
        "room and run the same command again\n"
    )
    assert not (tmp_path / "out").exists()
    disk.grow("64m")
    done = dedup(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert dedup(command, NEWSROOM, "-o", tmp_path / "expected", "-q").returncode == 0
    assert digests(tmp_path / "out") == digests(tmp_path / "expected")


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_nothing_is_left_of_a_result_that_does_not_fit(disk: Disk, form: str) -> None:
    disk.grow("16k")
    done = dedup("cluster", NEWSROOM, "-o", disk.place / "out", "-q", "--format", form)
    assert done.returncode == 1
    assert done.stderr == (
        f"dedup: {disk.place / 'out'}: cannot write: No space left on device; make room, or give "
        "another -o\n"
    )
    assert list(disk.place.iterdir()) == []


def test_standard_output_may_be_a_file_on_a_full_disk(disk: Disk) -> None:
    disk.grow("4k")
    with (disk.place / "credits.jsonl").open("wb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "dedup", "credits", NEWSROOM],
            stdout=file,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "standard output: cannot write: No space left" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
