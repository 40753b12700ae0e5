"""The command line, as real processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import naive
import newswriter
import pytest

FIXTURES = Path(__file__).parents[1] / "fixtures"
NEWSROOM = str(FIXTURES / "newsroom.jsonl")


def dedup(*arguments: str, stdin: bytes = b"", cwd: Path | None = None) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "dedup", *arguments],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_newsroom_is_clustered_and_summed_up(tmp_path: Path) -> None:
    code, out, err = dedup("cluster", NEWSROOM, "-o", str(tmp_path / "out"))
    assert code == 0
    assert all(line.startswith("dedup: ") for line in err.splitlines())  # progress, if slow
    for expected in ("189  articles", "Largest clusters", "Skipped", "not UTF-8 at byte",
                     "too short to judge", "Tables are in"):  # fmt: skip
        assert expected in out
    articles = rows(tmp_path / "out/articles.jsonl")
    skipped = rows(tmp_path / "out/skipped.jsonl")
    assert (len(articles), len(skipped)) == (189, 6)
    assert all(str(row["file"]).endswith("newsroom.jsonl") and row["line"] for row in skipped)


def test_clusters_of_the_newsroom_never_mix_stories(tmp_path: Path) -> None:
    dedup("cluster", NEWSROOM, "-o", str(tmp_path / "out"), "-q")
    story = {row["id"]: row["story"] for row in rows(FIXTURES / "gold/articles.jsonl")}
    stories: dict[object, set[object]] = {}
    for row in rows(tmp_path / "out/articles.jsonl"):
        stories.setdefault(row["cluster"], set()).add(story[row["id"]])
    assert all(len(found) == 1 for found in stories.values())


@pytest.mark.parametrize("workers", ["1", "2", "5"])
def test_workers_give_the_same_bytes(tmp_path: Path, workers: str) -> None:
    for place, count in (("one", "1"), ("more", workers)):
        dedup("cluster", NEWSROOM, "-o", str(tmp_path / place), "--workers", count)
    for name in ("articles", "furniture", "pairs", "skipped"):
        file = f"{name}.jsonl"
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "more" / file).read_bytes()


def test_standard_input_and_field_names(tmp_path: Path) -> None:
    line = json.dumps({"key": "k1", "doc": {"prose": newswriter.text(50, 1)}}).encode()
    code, _, _ = dedup(
        "cluster", "-", "-o", "out", "--text-field", "doc.prose", "--id-field", "key",
        stdin=line, cwd=tmp_path)  # fmt: skip
    assert code == 0
    assert rows(tmp_path / "out/articles.jsonl")[0]["id"] == "k1"


def test_a_run_is_repeated_from_its_run_json(tmp_path: Path) -> None:
    dedup("cluster", NEWSROOM, "-o", "a", "--threshold", "0.6", "-q", cwd=tmp_path)
    code, _, _ = dedup("cluster", NEWSROOM, "-o", "b", "--settings", "a/run.json", cwd=tmp_path)
    assert code == 0
    assert (tmp_path / "a/pairs.jsonl").read_bytes() == (tmp_path / "b/pairs.jsonl").read_bytes()


def test_furniture_can_be_kept(tmp_path: Path) -> None:
    dedup("cluster", NEWSROOM, "-o", "without", "-q", cwd=tmp_path)
    code, _, err = dedup("cluster", NEWSROOM, "-o", "with", "-q", "--keep-furniture", cwd=tmp_path)
    assert (code, err) == (0, "")
    assert rows(tmp_path / "without/furniture.jsonl")
    assert not rows(tmp_path / "with/furniture.jsonl")
    code, _, _ = dedup("cluster", NEWSROOM, "-o", "b", "--settings", "with/run.json", cwd=tmp_path)
    assert code == 0
    assert (tmp_path / "b/pairs.jsonl").read_bytes() == (tmp_path / "with/pairs.jsonl").read_bytes()


def test_spans_of_furniture_lie_in_the_texts_as_they_came_in(tmp_path: Path) -> None:
    dedup("cluster", NEWSROOM, "-o", str(tmp_path / "out"), "-q")
    texts = {}
    for line in Path(NEWSROOM).read_bytes().splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        texts.setdefault(record["id"], record["text"])
    for row in rows(tmp_path / "out/furniture.jsonl"):
        piece = texts[row["id"]][row["start"] : row["end"]]
        assert piece == piece.lstrip(naive.CONTROLS)
        assert any(map(str.isalnum, piece))
        assert row["kind"] in ("learned", "listed")


def test_stories_of_the_newsroom_never_mix_reports(tmp_path: Path) -> None:
    dedup("cluster", NEWSROOM, "-o", str(tmp_path / "out"), "-q")
    story = {row["id"]: row["story"] for row in rows(FIXTURES / "gold/articles.jsonl")}
    found: dict[object, set[object]] = {}
    for row in rows(tmp_path / "out/articles.jsonl"):
        found.setdefault(row["story"], set()).add(story[row["id"]])
    mixed = {name: inside for name, inside in found.items() if len(inside) > 1}
    assert mixed == {}


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["cluster", "gone.jsonl", "-o", "out"], 1, "gone.jsonl"),
        (["cluster", NEWSROOM, "-o", "there"], 1, "there exists; give another -o, or --force"),
        (["cluster", NEWSROOM, "-o", "no/where"], 1, "there is no folder no; make it first"),
        (["cluster", NEWSROOM, "-o", "out", "--strict"], 1, "newsroom.jsonl:"),
        (["cluster", NEWSROOM, "-o", "out", "--threshold", "2"], 1, "threshold is 2.0; it must"),
        (["cluster", NEWSROOM, "-o", "out", "--settings", "x.toml"], 1, "x.toml: cannot read"),
        (["cluster", NEWSROOM, "-o", "out", "--num-perm", "4"], 1, "set num_perm to"),
        (["params", "--threshold", "0.1", "--recall", "0.99", "--num-perm", "8"], 1, "num_perm to"),
        (["cluster", NEWSROOM], 2, "Missing option '-o'"),
        (["cluster", "-o", "out"], 2, "Missing argument 'INPUT...'"),
        (["clutser"], 2, "No such command 'clutser'"),
    ],
)
def test_errors_are_one_line_and_leave_nothing(
    tmp_path: Path, arguments: list[str], code: int, says: str
) -> None:
    (tmp_path / "there").mkdir()
    found, out, err = dedup(*arguments, cwd=tmp_path)
    assert (found, out) == (code, "")
    assert says in err
    assert "Traceback" not in err
    if code == 1:
        assert err.startswith("dedup: ")
        assert err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there"]


def test_no_keep_furniture_overrides_a_settings_file(tmp_path: Path) -> None:
    (tmp_path / "keep.toml").write_text("keep_furniture = true\n")
    for place, more in (("kept", []), ("left-out", ["--no-keep-furniture"])):
        code, _, err = dedup(
            "cluster", NEWSROOM, "-o", place, "-q", "--settings", "keep.toml", *more, cwd=tmp_path
        )
        assert (code, err) == (0, "")
    assert not rows(tmp_path / "kept/furniture.jsonl")
    assert rows(tmp_path / "left-out/furniture.jsonl")


def test_errors_write_no_control_characters_to_the_terminal(tmp_path: Path) -> None:
    lines = [json.dumps({"id": name, "text": newswriter.text(60, 1)}) for name in "ab"]
    (tmp_path / "two.jsonl").write_text("\n".join(lines))
    (tmp_path / "gold.csv").write_text("id,cluster\n\x1b]0;title\x07\u202ea\u2028b\u009bm,1\n")
    dedup("cluster", "two.jsonl", "-o", "out", "-q", cwd=tmp_path)
    for arguments in (
        ["explain", "two.jsonl", "a\x1b[31m\u202e\r\n\x07", "b"],
        ["explain", "two.jsonl", "\u2028\u009b\u2067\u00a0", "b"],
        ["cluster", "\x1b[2Jgone\n.jsonl", "-o", "out2"],
        ["evaluate", "out", "--gold", "gold.csv"],
    ):
        code, out, err = dedup(*arguments, cwd=tmp_path)
        assert (code, out) == (1, "")
        assert err.startswith("dedup: ")
        assert err.endswith("\n")
        # A slow machine shows progress first; newlines end its lines and ours, nothing else.
        *progress, error = err[:-1].split("\n")
        assert all(re.fullmatch(r"dedup: [a-z]+ \(\d+ s\)", line) for line in progress)
        assert error.isprintable()


def test_params_shows_the_choice_and_the_curve() -> None:
    code, out, _ = dedup("params", "--threshold", ".5", "--recall", ".95")
    assert code == 0
    for expected in ("23 bands of 3 rows", "0.9536", "<- threshold", "datasketch", "│", "█"):
        assert expected in out


def test_interrupting_ends_cleanly(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "dedup", "cluster", "-", "-o", "out"],
        stdin=reader,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    )
    os.close(reader)
    os.write(writer, json.dumps({"id": "a", "text": newswriter.text(60, 1)}).encode() + b"\n")
    time.sleep(2)  # it now waits for more input
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    os.close(writer)
    assert process.returncode == 130
    assert b"interrupted; no half-written result is left" in err
    assert b"Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_hostile_titles_reach_the_terminal_as_plain_text(tmp_path: Path) -> None:
    text = newswriter.text(60, 1)
    title = "\x1b[31mred [bold]markup[/bold] \u202egnirts\nnew line"
    lines = [json.dumps({"id": str(i), "text": text, "title": title}) for i in range(2)]
    _, out, _ = dedup("cluster", "-", "-o", "out", stdin="\n".join(lines).encode(), cwd=tmp_path)
    assert "[31mred [bold]markup[/bold" in out  # the rest is cut by the column's width
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_a_long_run_says_how_far_it_is(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "dedup", "cluster", "-", "-o", "out"],
        stdin=reader, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=tmp_path)  # fmt: skip
    os.close(reader)
    time.sleep(4)  # a busy machine takes some of it to start
    os.write(writer, json.dumps({"id": "a", "text": newswriter.text(60, 1)}).encode() + b"\n")
    os.close(writer)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert err.startswith(b"dedup: reading")
    assert b"\x1b" not in err


FERRY = [
    FIXTURES / "formats/txt" / f"{name}.txt" for name in ("channel8-ferry-3", "savannah-ferry-1")
]
TO_STDOUT = [
    pytest.param(["--help"], id="help"),
    pytest.param(["params"], id="params"),
    pytest.param(["credits", NEWSROOM], id="credits"),
    pytest.param(["furniture", NEWSROOM], id="furniture"),
    pytest.param(["index", "add", "articles.db", NEWSROOM], id="index add"),
    pytest.param(["align", str(FERRY[0]), "--source", str(FERRY[1])], id="align"),
    pytest.param(["align", str(FERRY[0]), "--source", str(FERRY[1]), "--json"], id="align json"),
    pytest.param(
        ["explain", NEWSROOM, "courier-bridge-1", "courier-trial-2", "--json"], id="explain json"
    ),
    pytest.param(["cluster", NEWSROOM, "-o", "out"], id="summary of cluster"),
]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", TO_STDOUT)
def test_a_full_standard_output_is_one_line(tmp_path: Path, arguments: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "dedup", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            check=False,
        )
    *others, last = done.stderr.decode().splitlines()
    assert done.returncode == 1
    assert last == (
        "dedup: standard output: cannot write: No space left on device; make room, or send it "
        "elsewhere"
    )
    assert all(line.startswith("dedup: ") for line in others)  # skipped records, progress


@pytest.mark.parametrize("arguments", TO_STDOUT)
def test_a_reader_that_goes_away_ends_the_command_quietly(
    tmp_path: Path, arguments: list[str]
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "dedup", *arguments],
        stdout=writer,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        check=False,
    )
    os.close(writer)
    assert done.returncode == 1
    assert all(line.startswith("dedup: ") for line in done.stderr.decode().splitlines())
    assert "Broken pipe" not in done.stderr.decode()


@pytest.mark.parametrize("command", ["cluster", "trace"])
@pytest.mark.parametrize("quiet", [["-q"], []])
def test_a_run_whose_every_record_was_skipped_fails_after_writing_them(
    tmp_path: Path, command: str, quiet: list[str]
) -> None:
    (tmp_path / "wrong.jsonl").write_text('{"id": "a", "prose": "No text."}\n{"id": "b"}\n')
    code, _, err = dedup(command, "wrong.jsonl", "-o", "out", *quiet, cwd=tmp_path)
    assert code == 1
    assert err.splitlines()[-1].startswith(
        "dedup: no article could be read: all 2 records were skipped, see out/skipped.jsonl; "
        "the first: wrong.jsonl:1: no `text` field"
    )
    assert [row["line"] for row in rows(tmp_path / "out/skipped.jsonl")] == [1, 2]
    assert rows(tmp_path / "out/articles.jsonl") == []


def test_a_run_without_any_record_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    code, _, err = dedup("cluster", "empty.jsonl", "-o", "out", "-q", cwd=tmp_path)
    assert (code, err) == (0, "")
