"""A run gives the same bytes in memory, in files, and when it goes on after it was stopped."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import newswriter
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import InputError, Settings, WorkError, readers
from dedup.engines import local
from dedup.engines.workspace import Workspace
from dedup.results.result import Result
from dedup.tracing import trace as tracing

NEWSROOM = Path(__file__).parents[1] / "fixtures" / "newsroom.jsonl"
KILLS = int(os.environ.get("DEDUP_KILLS", "3"))
STAGES = ("read", "furniture", "sketch", "candidates")


def digests(directory: Path) -> dict[str, str]:
    """The tables of a result as written; `run.json` holds times."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.iterdir())
        if path.name != "run.json"
    }


def cluster(space: Workspace | None = None, workers: int = 1, **options: object) -> Result:
    chosen = Settings(**options)  # type: ignore[arg-type]  # values of all types
    return local.cluster(readers.read([str(NEWSROOM)]), chosen, workers=workers, space=space)


def same(found: Result, expected: Result) -> bool:
    return all(table.equals(expected.to_arrow()[name]) for name, table in found.to_arrow().items())


@pytest.fixture(scope="module")
def in_memory() -> Result:
    return cluster()


CHUNKS = st.lists(st.lists(st.integers(0, 2**32 - 1), max_size=9), max_size=6)


@given(CHUNKS, CHUNKS, st.integers(0, 200))
@settings(deadline=None, max_examples=60)
def test_a_column_holds_what_was_appended_wherever_it_is(
    before: list[list[int]], after: list[list[int]], limit: int
) -> None:
    every = [value for chunk in (*before, *after) for value in chunk]
    with Workspace(max_memory=limit) as space:
        column = space.column("numbers", np.uint32)
        pairs = space.column("pairs", np.int64, 2)
        for chunk in before:
            column.extend(np.array(chunk, dtype=np.uint32))
        seen = column.values().tolist()
        for chunk in after:
            column.extend(np.array(chunk, dtype=np.uint32))
            pairs.extend(np.array([[value, 1] for value in chunk], np.int64).reshape(-1, 2))
        assert seen == every[: len(seen)] == [value for chunk in before for value in chunk]
        assert column.values().tolist() == every
        assert (len(column), column.nbytes) == (len(every), 4 * len(every))
        assert pairs.values()[:, 0].tolist() == [value for chunk in after for value in chunk]
        space.trim()
        assert column.values().tolist() == every


def test_what_a_column_gave_out_stays_good_when_it_grows() -> None:
    with Workspace() as space:
        column = space.column("numbers", np.uint64)
        column.extend(np.arange(1_000, dtype=np.uint64))
        given = column.values()
        column.extend(np.arange(30_000, dtype=np.uint64))
        others = [
            np.full(1_000, 7, dtype=np.uint64) for _ in range(200)
        ]  # take memory that is free
        assert given.tolist() == list(range(1_000))
        assert len(others) + len(column) == 200 + 31_000


def test_what_a_finished_stage_left_is_there_again_and_nothing_else(tmp_path: Path) -> None:
    schema = pa.schema({"id": pa.large_string()})

    def batch(*ids: str) -> pa.RecordBatch:
        return pa.RecordBatch.from_arrays([pa.array(ids, pa.large_string())], schema=schema)

    with Workspace(tmp_path / "w") as space:
        column, records = space.column("a", np.int64), space.records("ids", schema)
        column.extend(np.arange(5))
        records.extend(batch("x", "y"))
        space.finish("one", {"size": 5}, {"n": 2})
        column.extend(np.arange(3))  # of a stage that is cut off
        space.column("b", np.int64).extend(np.arange(7))
    with Workspace(tmp_path / "w") as space:
        assert space.facts_of("one", {"size": 5}) == {"n": 2}
        assert space.facts_of("two", {}) is None
        assert space.column("a", np.int64).values().tolist() == [0, 1, 2, 3, 4]
        assert space.records("ids", schema).table().column("id").to_pylist() == ["x", "y"]
        assert len(space.column("b", np.int64)) == 0
        with pytest.raises(WorkError, match="size is 5 there, 6 here"):
            space.facts_of("one", {"size": 6})


def test_a_result_is_the_same_in_files_and_with_any_workers(
    in_memory: Result, tmp_path: Path
) -> None:
    for workers in (1, 2, 5):
        with Workspace(max_memory=1, beside=tmp_path) as space:
            assert same(cluster(space, workers), in_memory)
            assert space.is_on_disk
        assert not list(tmp_path.iterdir())


class StoppedError(Exception):
    pass


@pytest.mark.parametrize("last", ["read", "furniture", "sketch", "candidates", "verify", "tables"])
def test_a_run_that_was_stopped_goes_on(last: str, in_memory: Result, tmp_path: Path) -> None:
    def stop(stage: str, done: int) -> None:
        if stage == last:
            raise StoppedError

    source = {"input": "the newsroom"}
    with pytest.raises(StoppedError), Workspace(tmp_path / "w", source=source) as space:
        local.cluster(readers.read([str(NEWSROOM)]), Settings(), space=space, progress=stop)
    begun: list[str] = []
    with Workspace(tmp_path / "w", source=source) as space:
        found = local.cluster(
            readers.read([str(NEWSROOM)]),
            Settings(),
            space=space,
            progress=lambda stage, done: begun.append(stage),
        )
    assert same(found, in_memory)
    order = [*STAGES[:3], "headings", "group", "candidates", "fingerprints", "verify"]
    done = {"read": 0, "furniture": 1, "sketch": 2, "candidates": 3}.get(last, 4)
    assert not set(STAGES[:done]) & set(begun)
    assert set(STAGES[done:]) <= set(begun) <= {*order, "relations", "cluster", "tables"}
    assert {name: found.run["counts"][name] for name in in_memory.run["counts"]} == (
        in_memory.run["counts"]
    )
    assert found.run["warnings"] == in_memory.run["warnings"]


@pytest.mark.parametrize(
    "options",
    [
        {"threshold": 0.6},
        {"containment": 0.5, "story_containment": 0.7},
        {"representative": "longest"},
    ],
)
def test_deciding_again_uses_all_that_was_done_before(
    options: dict[str, object], tmp_path: Path
) -> None:
    with Workspace(tmp_path / "w") as space:
        cluster(space)
    begun: list[str] = []
    with Workspace(tmp_path / "w") as space:
        found = local.cluster(
            iter(()),  # not looked at
            Settings(**options),  # type: ignore[arg-type]  # values of all types
            space=space,
            progress=lambda stage, done: begun.append(stage),
        )
    assert not {*STAGES, "fingerprints"} & set(begun)
    assert same(found, cluster(**options))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"shingle_size": 4}, "shingle_size is 5 there, 4 here"),
        ({"keep_furniture": True}, "keep_furniture is False there, True here"),
        ({"min_tokens": 30}, "min_tokens is 20 there, 30 here"),
    ],
)
def test_another_setting_is_refused_by_name(
    options: dict[str, object], says: str, tmp_path: Path
) -> None:
    with Workspace(tmp_path / "w") as space:
        cluster(space)
    with pytest.raises(WorkError, match=says), Workspace(tmp_path / "w") as space:
        cluster(space, **options)


def test_a_trace_does_not_go_on_from_a_clustering(tmp_path: Path) -> None:
    with Workspace(tmp_path / "w") as space:
        cluster(space)
    with (
        Workspace(tmp_path / "w") as space,
        pytest.raises(WorkError, match="command is 'cluster' there, 'trace' here"),
    ):
        tracing.trace(readers.read([str(NEWSROOM)]), Settings(), space=space)


@pytest.mark.parametrize("options", [{"threshold": 0.15}, {"recall": 0.9}, {"max_bucket": 9}])
def test_candidates_are_looked_for_again_where_they_would_differ(
    options: dict[str, object], tmp_path: Path
) -> None:
    for chosen in (options, {}):
        with Workspace(tmp_path / "w") as space:
            assert same(cluster(space, **chosen), cluster(**chosen))


def test_candidates_of_a_run_that_was_stopped_are_not_taken_for_those_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few: dict[str, object] = {"recall": 0.05}
    many: dict[str, object] = {"recall": 0.98, "threshold": 0.05}
    with Workspace(tmp_path / "w") as space:
        cluster(space, **few)

    def stop(*_: object) -> None:
        raise StoppedError

    with monkeypatch.context() as patched, Workspace(tmp_path / "w") as space:
        patched.setattr(space, "finish", stop)  # the candidates are written, the manifest is not
        with pytest.raises(StoppedError):
            cluster(space, **many)
    with Workspace(tmp_path / "w") as space:
        assert same(cluster(space, **few), cluster(**few))


def test_strict_is_heeded_when_a_run_goes_on(tmp_path: Path) -> None:
    with Workspace(tmp_path / "w") as space:
        cluster(space)
    with (
        Workspace(tmp_path / "w") as space,
        pytest.raises(InputError, match="jsonl:21: empty text"),
    ):
        local.cluster(readers.read([str(NEWSROOM)]), Settings(), space=space, strict=True)


def test_keeping_furniture_can_go_on_too(tmp_path: Path) -> None:
    for _ in range(3):
        with Workspace(tmp_path / "w") as space:
            assert same(cluster(space, keep_furniture=True), cluster(keep_furniture=True))
        assert (tmp_path / "w" / "furniture").stat().st_size == len(
            np.memmap(tmp_path / "w" / "block_hashes", np.uint64)
        )


def test_a_trace_is_the_same_in_files(tmp_path: Path) -> None:
    wire = str(NEWSROOM.with_name("wire.jsonl"))

    def trace(space: Workspace | None = None) -> Result:
        return tracing.trace(
            readers.read([str(NEWSROOM)]), Settings(), readers.read([wire]), space=space
        )

    with Workspace(max_memory=1, beside=tmp_path) as space:
        found = trace(space)
    assert same(found, trace())


# The command, as a user calls it.


def dedup(*arguments: object, **more: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dedup", *map(str, arguments)]
    return subprocess.run(  # type: ignore[call-overload, no-any-return]  # options of all types
        command, capture_output=True, text=True, check=False, **more
    )


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some thousand articles, each a few times, with furniture."""
    path = tmp_path_factory.mktemp("dump") / "dump.jsonl"
    generator = random.Random(7)
    with path.open("w") as file:
        for n in range(6_000):
            text = newswriter.text(200, n // 3)
            words = text.split()
            del words[generator.randrange(len(words)) :][: generator.randrange(40)]
            lines = ["Sign up for our newsletter today", " ".join(words), "All rights reserved."]
            record = {"id": f"a{n}", "text": "\n".join(lines), "outlet": f"Outlet {n % 7}"}
            file.write(json.dumps(record) + "\n")
    return path


@pytest.fixture(scope="module")
def expected(dump: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    out = tmp_path_factory.mktemp("expected") / "out"
    done = dedup("cluster", dump, "-o", out, "-q")
    assert done.returncode == 0, done.stderr
    return digests(out)


def test_a_run_killed_at_any_moment_goes_on_to_the_same_bytes(
    dump: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    work, out = tmp_path / "work", tmp_path / "out"
    command = [sys.executable, "-m", "dedup", "cluster", dump, "-o", out, "-q", "--work", work]
    begun = time.monotonic()
    assert dedup("cluster", dump, "-o", tmp_path / "first", "-q").returncode == 0
    took = time.monotonic() - begun
    killed = 0
    for _ in range(KILLS):
        process = subprocess.Popen([str(part) for part in command])
        time.sleep(random.uniform(0.3, 1) * took)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        if out.exists():  # it was quicker than the signal
            assert digests(out) == expected
            subprocess.run(["rm", "-r", out, work], check=True)
    done = dedup(*command[3:])
    assert done.returncode == 0, done.stderr
    assert digests(out) == expected
    assert killed, "no run was killed: it ends too soon for this test"


def test_little_memory_gives_the_same_bytes_and_a_plan(
    dump: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    done = dedup("cluster", dump, "-o", tmp_path / "out", "--max-memory", "300MB")
    assert done.returncode == 0, done.stderr
    assert digests(tmp_path / "out") == expected
    assert "dedup: plan: about 6,0" in done.stderr
    assert "memory to keep to 300 MB" in done.stderr
    assert "dedup: took: 6,000 articles" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def peak_of_a_trace(n: int, folder: Path) -> int:
    """Bytes that a trace of n articles held at most, with the program and what it maps."""
    dump, out = folder / f"{n}.jsonl", folder / str(n)
    with dump.open("w") as file:
        for i in range(n):
            text = f"{newswriter.report(14, i // 4)}\n{newswriter.report(4, 100_000 + i)}"
            file.write(json.dumps({"id": f"a{i}", "text": text, "outlet": f"Outlet {i % 40}"}))
            file.write("\n")
    more = ("-q", "--max-memory", "300MB", "--workers", 2)
    done = dedup("trace", dump, "-o", out, *more)
    assert done.returncode == 0, done.stderr
    assert (out / "sentences.jsonl").stat().st_size > 1_000 * n
    peak: int = json.loads((out / "run.json").read_text())["peak_memory"]
    return peak


def test_a_trace_lets_articles_go(tmp_path: Path) -> None:
    few, many = (peak_of_a_trace(n, tmp_path) for n in (600, 3_000))
    assert (many - few) / 2_400 < 35_000  # each has 2 kB of text; all at once they took 65 kB each


def test_another_threshold_takes_the_last_stages_only(dump: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    assert dedup("cluster", dump, "-o", tmp_path / "a", "--work", work, "-q").returncode == 0
    again = dedup("cluster", dump, "-o", tmp_path / "b", "--work", work, "--threshold", ".7")
    assert again.returncode == 0, again.stderr
    assert "done before: read, furniture, sketch, candidates" in again.stderr
    assert "in files" in again.stderr
    assert dedup("cluster", dump, "-o", tmp_path / "c", "--threshold", ".7", "-q").returncode == 0
    assert digests(tmp_path / "b") == digests(tmp_path / "c")


def run_in(work: Path, dump: Path, *more: object) -> str:
    """The one line that a refused run says."""
    out = dump.parent / "out"
    done = dedup("cluster", dump, "-o", out, "-q", "--work", work, *more)
    assert done.returncode == 1, done.stderr
    assert done.stderr.count("\n") == 1
    assert not out.exists()
    return done.stderr


def test_a_folder_that_does_not_fit_is_refused_in_one_line(tmp_path: Path) -> None:
    article = {"id": "a", "text": "The ferry left at noon. " * 20}
    dump, work = tmp_path / "in.jsonl", tmp_path / "work"
    dump.write_text(json.dumps(article))
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.tex").touch()
    assert "holds other files" in run_in(other, dump)
    assert [path.name for path in other.iterdir()] == ["thesis.tex"]
    assert "cannot be used to work in" in run_in(tmp_path / "no" / "work", dump)
    assert dedup("cluster", dump, "-o", tmp_path / "o", "--work", work, "-q").returncode == 0
    assert "num_perm is 128 there, 64 here" in run_in(work, dump, "--num-perm", 64)
    with Workspace(work):
        assert "another run is at work there" in run_in(work, dump)
    manifest = work / ".dedup-work.json"
    written = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**written, "kernel_version": 0}))
    assert "kernel_version is 0 there" in run_in(work, dump)
    manifest.write_text(json.dumps(written)[:-9])
    assert "not the manifest of a run" in run_in(work, dump)
    manifest.write_text(json.dumps({**written, "stages": {"read": {"facts": 5}}}))
    assert "not the manifest of a run" in run_in(work, dump)
    manifest.write_text(json.dumps(written))
    tokens = (work / "tokens").read_bytes()
    os.truncate(work / "tokens", 8)
    assert "tokens: 8 bytes, " in run_in(work, dump)
    (work / "tokens").write_bytes(tokens)
    dump.write_text(json.dumps(article) + "\n" + json.dumps({**article, "id": "b"}))
    assert "input is '1 file, " in run_in(work, dump)


def test_what_cannot_go_together_is_refused(tmp_path: Path) -> None:
    same = dedup("cluster", NEWSROOM, "-o", tmp_path / "o", "--work", tmp_path / "o")
    assert (same.returncode, "cannot be in the folder to work in" in same.stderr) == (1, True)
    done = dedup("cluster", "-", "-o", tmp_path / "o", "--work", tmp_path / "w", input="{}")
    assert (done.returncode, "cannot be read twice" in done.stderr) == (1, True)
    done = dedup("cluster", NEWSROOM, "-o", tmp_path / "o", "--work", "w", "--against", "a.db")
    assert (done.returncode, "do not go together" in done.stderr) == (1, True)
    for size in ("10MB", "much", "1XB"):
        done = dedup("cluster", NEWSROOM, "-o", tmp_path / "o", "--max-memory", size)
        assert done.returncode == 2
        assert size in done.stderr


def test_a_full_disk_is_one_line_and_the_run_goes_on_when_there_is_room(
    dump: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    resource = pytest.importorskip("resource")
    work, out = tmp_path / "work", tmp_path / "out"

    def limit() -> None:  # no file may grow beyond this, as on a disk that is full
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))

    done = dedup("cluster", dump, "-o", out, "-q", "--work", work, preexec_fn=limit)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "make room and run the same command again" in done.stderr
    assert not out.exists()
    done = dedup("cluster", dump, "-o", out, "-q", "--work", work)
    assert done.returncode == 0, done.stderr
    assert digests(out) == expected


def test_a_work_folder_among_the_input_is_left_out(tmp_path: Path) -> None:
    crawl = tmp_path / "crawl"
    crawl.mkdir()
    article = {"id": "a", "text": "The ferry left at noon. " * 20}
    (crawl / "in.jsonl").write_text(json.dumps(article))
    for _ in range(2):
        done = dedup("cluster", crawl, "-o", tmp_path / "o", "--work", crawl / "work", "--force")
        assert done.returncode == 0, done.stderr
        assert "1  article" in done.stdout


def test_damaged_candidates_are_refused(tmp_path: Path) -> None:
    with Workspace(tmp_path / "w") as space:
        cluster(space)
    kept = tmp_path / "w" / "candidates"
    kept.write_bytes(b"\xff" * kept.stat().st_size)
    with pytest.raises(WorkError, match="out of range"), Workspace(tmp_path / "w") as space:
        cluster(space)
