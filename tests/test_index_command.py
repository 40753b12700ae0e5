"""`dedup index` and `dedup cluster --against`, as a user calls them; the worker of the docs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import dedup
from dedup.commands.cli import cli

ROOT = Path(__file__).parents[1]
NEWSROOM = ROOT / "fixtures" / "newsroom.jsonl"


def call(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], input=stdin)


def lines(result: Result) -> list[dict[str, object]]:
    assert result.exception is None, result.exception
    return [json.loads(line) for line in result.stdout.splitlines()]


def articles(n: int) -> list[dict[str, str]]:
    found = {}
    for line in NEWSROOM.read_bytes().splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and record.get("id") and (record.get("text") or "").strip():
            found.setdefault(record["id"], {"id": record["id"], "text": record["text"]})
    return list(found.values())[:n]


def test_add_writes_a_verdict_a_line_and_names_what_it_left_out(tmp_path: Path) -> None:
    added = call("index", "add", tmp_path / "a.db", NEWSROOM)
    verdicts = lines(added)
    repeated = [name for name, n in Counter(v["id"] for v in verdicts).items() if n > 1]
    assert len(verdicts) == 189 + len(repeated)
    assert repeated  # an id with two texts is an update, not left out as in a batch
    assert {"is_new", "relation", "of", "cluster", "story", "jaccard"} <= set(verdicts[0])
    assert "newsroom.jsonl:21: empty text" in added.stderr
    again = lines(call("index", "add", tmp_path / "a.db", NEWSROOM))
    assert [v for v in again if v["id"] not in repeated] == [
        v for v in verdicts if v["id"] not in repeated
    ]
    info = json.loads(call("index", "info", tmp_path / "a.db").stdout)
    assert info["articles"] == 189


def test_query_adds_nothing_and_remove_takes_out(tmp_path: Path) -> None:
    store, record = tmp_path / "a.db", articles(1)[0]
    line = json.dumps(record)
    lines(call("index", "add", store, "-", stdin=line))
    copy = json.dumps({**record, "id": "copy"})
    for _ in range(2):
        (verdict,) = lines(call("index", "query", store, "-", stdin=copy))
        assert (verdict["relation"], verdict["of"]) == ("duplicate", record["id"])
    removed = lines(call("index", "remove", store, record["id"], "unknown"))
    assert [entry["removed"] for entry in removed] == [True, False]
    (verdict,) = lines(call("index", "query", store, "-", stdin=copy))
    assert verdict["is_new"]


def test_a_pipe_is_answered_line_by_line(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "dedup", "index", "add", str(tmp_path / "a.db"), "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as job:
        assert job.stdin is not None
        assert job.stdout is not None
        for record in articles(3):
            job.stdin.write(json.dumps(record) + "\n")
            job.stdin.flush()
            assert json.loads(job.stdout.readline())["id"] == record["id"]
        job.stdin.close()
        assert job.wait(60) == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["index", "info", "none.db"], "no such index", id="info of nothing"),
        pytest.param(["index", "query", "none.db", NEWSROOM], "no such index", id="query"),
        pytest.param(
            ["index", "add", "a.db", NEWSROOM, "--threshold", "0.5"],
            "threshold is 0.25 there, 0.5 here",
            id="other settings",
        ),
        pytest.param(
            ["index", "add", "a.db", NEWSROOM, "--window", "14d"],
            "window is none there, 14 days, 0:00:00 here",
            id="another window",
        ),
        pytest.param(["index", "info", "text.db"], "not a dedup index", id="a text file"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(
    arguments: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    call("index", "add", "a.db", "-", stdin=json.dumps(articles(1)[0]))
    Path("text.db").write_text("no index")
    refused = call(*arguments)
    assert refused.exit_code == 1
    assert says in str(refused.exception)


def test_a_window_is_a_number_and_a_unit(tmp_path: Path) -> None:
    refused = call("index", "add", tmp_path / "a.db", NEWSROOM, "--window", "soon")
    assert refused.exit_code == 2
    assert "14d" in refused.stderr


def test_a_dump_clustered_against_an_index_is_clustered_as_with_its_articles(
    tmp_path: Path,
) -> None:
    records = articles(189)
    old, new, whole = (tmp_path / name for name in ("old.jsonl", "new.jsonl", "whole.jsonl"))
    parts = ((old, records[:100]), (new, records[90:]), (whole, records))
    for path, part in parts:
        path.write_text("".join(json.dumps(record) + "\n" for record in part))
    store = tmp_path / "a.db"
    lines(call("index", "add", store, old))
    assert call("cluster", new, "-o", tmp_path / "against", "--against", store).exit_code == 0
    assert call("cluster", whole, "-o", tmp_path / "together").exit_code == 0

    def read(name: str, table: str) -> list[dict[str, object]]:
        path = tmp_path / name / f"{table}.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()]

    ids = {record["id"] for record in records[90:]}
    together = {row["id"]: row for row in read("together", "articles") if row["id"] in ids}
    against = {row["id"]: row for row in read("against", "articles")}
    assert list(against) == [record["id"] for record in records[90:]]
    for name, row in against.items():
        assert row["cluster_size"] == together[name]["cluster_size"]
        assert row["story_size"] == together[name]["story_size"]
    earlier = {record["id"] for record in records[:90]}
    assert {row["cluster"] for row in against.values()} & earlier
    pairs = {frozenset((row["id_a"], row["id_b"])) for row in read("against", "pairs")}
    wanted = {frozenset((row["id_a"], row["id_b"])) for row in read("together", "pairs")}
    assert pairs == {pair for pair in wanted if pair & ids}
    assert json.loads(call("index", "info", store).stdout)["articles"] == 100


def test_the_worker_of_the_docs_calls_each_text_new_once_in_four_processes(
    tmp_path: Path,
) -> None:
    page = (ROOT / "docs" / "ingest.md").read_text()
    (worker,) = re.findall(r'```python\n("""One ingestion worker.*?)```', page, re.DOTALL)
    (tmp_path / "worker.py").write_text(worker)
    texts = [record["text"] for record in articles(400) if len(record["text"]) > 600][:40]
    feed = [{"id": f"{i}-{copy}", "text": text} for i, text in enumerate(texts) for copy in "abcd"]
    (tmp_path / "feed.jsonl").write_text("".join(json.dumps(record) + "\n" for record in feed))
    jobs = [
        subprocess.Popen(
            [sys.executable, "worker.py", "articles.db", "feed.jsonl", str(n), "4"],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
        )
        for n in range(4)
    ]
    verdicts = [json.loads(line) for job in jobs for line in job.communicate()[0].splitlines()]
    assert [job.returncode for job in jobs] == [0] * 4
    assert len(verdicts) == len(feed)
    of_text = Counter(
        verdict["id"].split("-")[0] for verdict in verdicts if verdict["relation"] != "duplicate"
    )
    assert max(of_text.values()) == 1


def test_only_settings_that_were_given_must_fit(tmp_path: Path) -> None:
    dump, store = tmp_path / "in.jsonl", tmp_path / "a.db"
    dump.write_text(json.dumps({"id": "a", "text": "The ferry left at noon. " * 20}))
    (tmp_path / "s.toml").write_text("threshold = 0.5")
    assert lines(call("index", "add", store, dump, "--threshold", "0.6"))
    assert lines(call("index", "add", store, dump, "--max-record-bytes", "100000"))
    against = call("cluster", dump, "-o", tmp_path / "o", "--against", store, "-q")
    assert against.exception is None
    for given in (("--threshold", "0.5"), ("--settings", tmp_path / "s.toml")):
        refused = call("index", "add", store, dump, *given)
        assert "threshold is 0.6 there, 0.5 here" in str(refused.exception)


def test_a_record_without_an_id_is_left_out_and_named(tmp_path: Path) -> None:
    store, text = tmp_path / "a.db", "The ferry left at noon. " * 20
    records = [{"text": text}, {"id": "b", "text": text}, {"id": "", "text": text}]
    feed = "".join(json.dumps(record) + "\n" for record in records)
    added = call("index", "add", store, "-", stdin=feed)
    assert [verdict["id"] for verdict in lines(added)] == ["b"]
    assert "-:1: no `id` field" in added.stderr
    assert "-:3: no `id` field" in added.stderr
    table = pa.table({"text": [text, text], "id": ["c", None]})
    pq.write_table(table, tmp_path / "in.parquet")
    added = call("index", "add", store, tmp_path / "in.parquet")
    assert [verdict["id"] for verdict in lines(added)] == ["c"]
    assert "in.parquet:2: no `id` field" in added.stderr
    with dedup.Index() as index, pytest.raises(dedup.InputError, match="no `id` field"):
        index.add({"text": text})


@pytest.mark.parametrize("command", ["add", "query"])
def test_a_run_of_which_every_record_was_skipped_fails(tmp_path: Path, command: str) -> None:
    store, empty = tmp_path / "index.db", tmp_path / "empty.jsonl"
    call("index", "add", store, "-", stdin=json.dumps(articles(1)[0]))
    empty.write_text('{"id": "a", "text": ""}\n{"id": "b", "text": "  "}\n')
    done = call("index", command, store, empty)
    assert done.exit_code == 1
    assert "all 2 records were skipped" in str(done.exception)
