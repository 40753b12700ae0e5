"""Library calls: every form in which a caller may have articles."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import newswriter
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pytest

import dedup
from dedup import Article, api, readers, settings

TEXTS = [newswriter.text(120, 1), newswriter.text(120, 2), newswriter.text(120, 1)]
ROWS = [{"id": str(n), "text": text} for n, text in enumerate(TEXTS, 1)]
COLUMNS = {"id": ["1", "2", "3"], "text": TEXTS}


class OnlyAStream:
    """What DuckDB's relations and Hugging Face's datasets have in common."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return pa.table(COLUMNS).__arrow_c_stream__(requested_schema)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    for name, rows in (("a", ROWS[:2]), ("b", ROWS[2:])):
        (tmp_path / "in" / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


def check(result: dedup.Result) -> None:
    assert result.articles.column("id").to_pylist() == ["1", "2", "3"]
    assert result.articles.column("cluster").to_pylist() == ["1", "2", "1"]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(lambda: ["in/a.jsonl", "in/b.jsonl"], id="files by name"),
        pytest.param(lambda: [Path("in/a.jsonl"), "in/b.jsonl"], id="files by path and name"),
        pytest.param(lambda: Path("in"), id="a folder"),
        pytest.param(lambda: "in", id="a folder by name"),
        pytest.param(lambda: "in/*.jsonl", id="a glob"),
        pytest.param(lambda: ("in/[ab].jsonl",), id="a glob in a tuple"),
        pytest.param(lambda: sorted(Path("in").glob("*")), id="what pathlib found"),
        pytest.param(lambda: (f"in/{name}.jsonl" for name in "ab"), id="names one by one"),
        pytest.param(lambda: ["in"], id="a folder in a list"),
        pytest.param(lambda: readers.read(["in"]), id="batches"),
        pytest.param(lambda: list(readers.read(["in"])), id="batches in a list"),
        pytest.param(lambda: next(iter(readers.from_records(ROWS))), id="one batch"),
        pytest.param(lambda: TEXTS, id="texts"),
        pytest.param(lambda: iter(TEXTS), id="texts one by one"),
        pytest.param(lambda: pd.Series(TEXTS), id="a pandas column"),
        pytest.param(lambda: pl.Series(TEXTS), id="a polars column"),
        pytest.param(lambda: ROWS, id="dicts"),
        pytest.param(lambda: [Article(**row) for row in ROWS], id="articles"),
        pytest.param(lambda: [ROWS[0], Article(**ROWS[1]), TEXTS[2]], id="some of each"),
        pytest.param(lambda: pa.table(COLUMNS), id="an Arrow table"),
        pytest.param(lambda: pa.record_batch(COLUMNS), id="an Arrow batch"),
        pytest.param(lambda: pa.table(COLUMNS).to_reader(), id="an Arrow reader"),
        pytest.param(lambda: pyarrow.dataset.dataset(pa.table(COLUMNS)), id="an Arrow dataset"),
        pytest.param(lambda: pd.DataFrame(COLUMNS), id="a pandas frame"),
        pytest.param(lambda: pd.DataFrame({**COLUMNS, "dtype": 1}), id="a column named dtype"),
        pytest.param(lambda: pl.DataFrame(COLUMNS), id="a polars frame"),
        pytest.param(OnlyAStream, id="anything with an Arrow stream"),
    ],
)
def test_articles_are_taken_in_any_form(folder: Path, given: Callable[[], Any]) -> None:
    check(dedup.cluster(given()))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("in/c.jsonl", r"^in/c.jsonl: no such file or folder, and no glob that matches"),
        (TEXTS[0], r"^\S+ .*\.\.\.: no such file .* a text in a list: \[text\]$"),
        ("in/c*.jsonl", "no glob that matches"),
        (Path("in/c.jsonl"), "no such file or folder"),
        (["in/a.jsonl", "in/c.jsonl"], "^in/c.jsonl: no such file or folder; in a list of files"),
        (["c.jsonl", "d.jsonl"], "^c.jsonl: no such file or folder; in a list of files"),
        ([TEXTS[0], "in/a.jsonl"], "in a list of files each must be there"),
        ({"id": "a", "text": "T"}, "articles is a dict; give files"),
        (Article("a", "T"), "articles is a Article; give files"),
        (b"in/a.jsonl", "articles is a bytes; give files"),
        (7, "articles is a int; give files"),
        ([""], r"no article could be read: all 1 records were skipped; the first: record 1: empty"),
        ([{"body_": "T"}], "no article could be read.*no `text` field"),
        ([7], "record 1: not an object with fields but a number"),
        (pd.DataFrame({"words": ["T"]}), "no article could be read"),
    ],
)
def test_what_cannot_be_read_is_an_error_and_no_empty_result(
    folder: Path, given: Any, says: str
) -> None:
    for call in (dedup.cluster, dedup.trace):
        with pytest.raises(dedup.InputError, match=says):
            call(given)


def test_texts_that_hold_patterns_and_names_are_texts(folder: Path) -> None:
    texts = ["Who won? [AP]", "* * *", "in a.jsonl", "x" * 9000, "\0"]
    assert dedup.cluster(texts).articles.column("id").to_pylist() == ["1", "2", "3", "4", "5"]


def test_no_articles_at_all_are_an_empty_result() -> None:
    for nothing in ([], iter([]), pa.table({"text": pa.array([], pa.string())})):
        assert len(dedup.cluster(nothing).articles) == 0


def test_files_are_traced_and_explained(folder: Path) -> None:
    wire = folder / "wire.txt"
    wire.write_text(TEXTS[0])
    traced = dedup.trace("in", wire)
    assert traced.articles.column("origin_id").to_pylist() == [str(wire), None, str(wire)]
    found = dedup.explain("in/*.jsonl", "1", "3")
    assert (found.relation, found.same_cluster) == ("duplicate", True)
    with pytest.raises(dedup.InputError, match="no article has the id 4"):
        dedup.explain(Path("in"), "1", "4")


@pytest.mark.parametrize("call", [dedup.cluster, dedup.trace])
def test_a_run_in_a_folder_goes_on_from_it(folder: Path, call: Callable[..., Any]) -> None:
    first = call("in", work=folder / "work", workers=2, max_memory="1GB")
    again = call(Path("in"), work="work")
    check(first)
    assert again.articles.equals(first.articles)
    assert "of_earlier_runs" in again.run
    (folder / "in" / "a.jsonl").write_text(json.dumps(ROWS[0]))
    with pytest.raises(dedup.WorkError, match="input is"):
        call("in", work="work")
    with pytest.raises(dedup.InputError, match="with `work` give files"):
        call(ROWS, work="other")


def test_the_command_line_goes_on_from_a_library_call(folder: Path) -> None:
    dedup.cluster("in", work="work")
    command = [sys.executable, "-m", "dedup", "cluster", "in", "-o", "out", "--work", "work"]
    subprocess.run(command, check=True, capture_output=True)
    run = json.loads((folder / "out" / "run.json").read_text())
    assert "of_earlier_runs" in run


def test_a_result_outlives_the_files_it_was_worked_out_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [newswriter.text(400, n) for n in range(30)]
    monkeypatch.setattr(settings, "LEAST_MEMORY", 1)
    expected = dedup.cluster(texts)
    result = dedup.cluster(texts, max_memory=100_000)
    assert "on_disk" in result.run["bytes"]
    assert result.articles.equals(expected.articles)


@pytest.mark.parametrize(
    ("size", "found"),
    [
        ("1GB", 10**9),
        ("2 GiB", 2 << 30),
        ("800mb", 800_000_000),
        (10**9, 10**9),
        ("1.5g", 15 * 10**8),
    ],
)
def test_sizes_are_read(size: int | str, found: int) -> None:
    assert api.size_in_bytes(size) == found


@pytest.mark.parametrize("size", ["much", "-1GB", 100, "250MB", "", True])
def test_wrong_sizes_are_refused(size: Any) -> None:
    with pytest.raises(dedup.SettingsError, match=r"is no size|too little"):
        dedup.cluster([], max_memory=size)
