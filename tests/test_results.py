"""Result directories are whole or not there, and hold the contract's tables."""

from __future__ import annotations

import csv
import json
import os
import stat
from pathlib import Path

import newswriter
import pyarrow.parquet as pq
import pytest

import dedup
from dedup import OutputError, settings
from dedup.report import scores
from dedup.results import write
from dedup.results.result import Result

ARTICLES = ["id", "cluster", "story", "representative", "cluster_size", "story_size",
            "relation"]  # fmt: skip
PAIRS = ["id_a", "id_b", "relation", "jaccard", "containment", "containment_a", "containment_b",
         "shared", "margin"]  # fmt: skip
FURNITURE = ["id", "start", "end", "kind"]
SKIPPED = ["file", "line", "id", "reason"]


@pytest.fixture(scope="module")
def result() -> Result:
    text = newswriter.text(100, 1)
    return dedup.cluster(
        [
            {"id": "a", "text": text, "title": 'Quotes ", commas', "section": ["x", 1]},
            {"id": "b", "text": text.upper(), "outlet": "=cmd()"},
            {"id": "c", "text": ""},
            {"id": "d", "text": f"Share on Facebook\n{newswriter.text(100, 2)}"},
        ]
    )


def test_json_lines_hold_the_tables(result: Result, tmp_path: Path) -> None:
    result.write(tmp_path / "out")
    read = {
        path.stem: [json.loads(line) for line in path.read_text().splitlines()]
        for path in (tmp_path / "out").glob("*.jsonl")
    }
    assert sorted(read) == ["articles", "furniture", "pairs", "skipped"]
    assert list(read["articles"][0])[:7] == ARTICLES
    assert list(read["pairs"][0]) == PAIRS
    assert list(read["skipped"][0]) == SKIPPED
    assert list(read["furniture"][0]) == FURNITURE
    assert read["furniture"] == [{"id": "d", "start": 0, "end": 17, "kind": "listed"}]
    assert [row["relation"] for row in read["articles"]] == [None, "duplicate", None]
    assert read["articles"][0]["extra"] == {"section": ["x", 1]}
    assert read["articles"][1]["extra"] == {}
    assert (read["articles"][1]["cluster"], read["articles"][1]["representative"]) == ("a", False)
    assert read["pairs"][0]["jaccard"] == 1.0


def test_parquet_and_csv_say_the_same_as_json_lines(result: Result, tmp_path: Path) -> None:
    for name in settings.FORMATS:
        result.write(tmp_path / name, format=name)
    pairs = [json.loads(line) for line in (tmp_path / "jsonl/pairs.jsonl").read_text().splitlines()]
    assert pq.read_table(tmp_path / "parquet/pairs.parquet").to_pylist() == pairs
    with (tmp_path / "csv/articles.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["title"] for row in rows] == ['Quotes ", commas', "", ""]
    assert [row["representative"] for row in rows] == ["true", "false", "true"]
    assert [row["relation"] for row in rows] == ["", "duplicate", ""]
    furniture = pq.read_table(tmp_path / "parquet/furniture.parquet").to_pylist()
    assert furniture == [{"id": "d", "start": 0, "end": 17, "kind": "listed"}]


def test_run_json_says_how_the_result_came_about(result: Result, tmp_path: Path) -> None:
    result.write(tmp_path / "out")
    run = json.loads((tmp_path / "out/run.json").read_text())
    assert run["version"] == dedup.__version__
    assert dedup.Settings.from_dict(run["settings"]) == dedup.Settings()
    assert run["counts"]["articles"] == 3
    assert run["counts"]["skipped"] == 1
    assert set(run) == {"version", "kernel_version", "settings", "counts", "seconds",
                        "cpu_seconds", "bytes", "warnings"}  # fmt: skip
    assert all(value > 0 for value in run["bytes"].values())


def test_an_existing_directory_is_kept(result: Result, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(OutputError, match="exists; give another -o, or --force"):
        result.write(tmp_path / "out")


def test_force_replaces_an_earlier_result_only(result: Result, tmp_path: Path) -> None:
    result.write(tmp_path / "out", format="csv")
    result.write(tmp_path / "out", force=True)
    assert not (tmp_path / "out" / "pairs.csv").exists()
    (tmp_path / "out" / "notes.md").touch()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "wedding.jpg").touch()
    for place, found in (("out", "notes.md"), ("photos", "wedding.jpg")):
        with pytest.raises(OutputError, match=f"holds {found}, which is no part"):
            result.write(tmp_path / place, force=True)
        assert (tmp_path / place / found).exists()
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="not a folder"):
        result.write(tmp_path / "file", force=True)


def test_nothing_is_left_when_writing_fails(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result.write(tmp_path / "out")
    before = (tmp_path / "out" / "run.json").read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(write._WRITERS, "csv", fail)
    for place, force in (("out", True), ("new", False)):
        with pytest.raises(OutputError, match="cannot write: No space left"):
            result.write(tmp_path / place, format="csv", force=force)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out" / "run.json").read_bytes() == before


@pytest.mark.parametrize("error", [OSError(13, "Permission denied"), KeyboardInterrupt()])
def test_an_earlier_result_survives_a_failure_at_the_last_step(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    result.write(tmp_path / "out")
    rename = Path.rename

    def fail_once(self: Path, target: Path) -> Path:
        if self.name.startswith(".out.") and not self.name.startswith(".out.old."):
            raise error
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_once)
    with pytest.raises((OutputError, KeyboardInterrupt)):
        result.write(tmp_path / "out", format="csv", force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out" / "pairs.jsonl").is_file()


def test_a_place_without_parent_and_a_wrong_format_are_refused(
    result: Result, tmp_path: Path
) -> None:
    with pytest.raises(OutputError, match="there is no folder"):
        result.write(tmp_path / "not" / "there")
    with pytest.raises(OutputError, match="format is 'xml'; choose one of jsonl"):
        result.write(tmp_path / "out", format="xml")


@pytest.mark.parametrize("title", ["a},{b", '"},{"', "},{},{", "plain"])
@pytest.mark.parametrize("extra", [{}, {"x": [{"y": 1}, {"z": 2}]}, {"x": "},{"}])
def test_a_line_is_one_record_whatever_its_values_hold(
    title: str, extra: dict[str, object], tmp_path: Path
) -> None:
    articles = [{"id": str(i), "text": "a b c", "title": title, **extra} for i in range(3)]
    dedup.cluster(articles).write(tmp_path / "out")
    lines = (tmp_path / "out" / "articles.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    assert [(row["id"], row["title"], row["extra"]) for row in rows] == [
        (str(i), title, extra) for i in range(3)
    ]


@pytest.mark.skipif(os.name != "posix", reason="this system has no umask")
def test_a_result_has_the_permissions_of_the_umask_which_is_never_changed(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = os.umask(0o027)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(os, "umask", None)
            result.write(tmp_path / "out")
            scores.write_sheet(result.pairs, tmp_path / "sheet.csv")
    finally:
        os.umask(earlier)
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in (tmp_path / "out", tmp_path / "out/pairs.jsonl", tmp_path / "sheet.csv")
    }
    assert modes == {"out": 0o750, "pairs.jsonl": 0o640, "sheet.csv": 0o640}
