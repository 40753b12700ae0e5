"""`dedup evaluate` as a real process, and the reading of result directories that it stands on."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dedup import InputError, OutputError, evaluation
from dedup.report import scores
from dedup.results import read
from dedup.results.result import Result
from dedup.settings import FORMATS

ROOT = Path(__file__).parents[1]
GOLD = ROOT / "fixtures/gold"
DATA = ROOT.parent / "shared/data"
HOSTILE = "\x1b[31mred [bold]markup[/bold] \u202egnirts\nnew line"
SHEET = ["id_a", "id_b", "relation", "label", "jaccard", "containment", "containment_a",
         "containment_b", "shared", "title_a", "title_b", "outlet_a", "outlet_b"]  # fmt: skip


def dedup(*arguments: object, cwd: Path | None = None) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "dedup", *map(str, arguments)],
        capture_output=True, cwd=cwd, check=False)  # fmt: skip
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def made_result(margins: list[float | None] | None = None) -> Result:
    """Four articles; `=c` and `@d` have ids and titles that a spreadsheet would run."""
    ids = ["a", "b", "=c", "@d"]
    pairs = pa.table(
        {
            "id_a": ["a", "a", "=c"],
            "id_b": ["b", "=c", "@d"],
            "relation": ["duplicate", "quote", "version"],
            "jaccard": [0.9, 0.3, 0.26],
            "containment": [0.95, 0.5, 0.7],
            "containment_a": [0.95, 0.5, 0.7],
            "containment_b": [0.92, 0.4, 0.6],
            "shared": [90, 30, 26],
        }
    )
    if margins is not None:
        pairs = pairs.append_column("margin", pa.array(margins, pa.float64()))
    articles = pa.table(
        {
            "id": ids,
            "cluster": ["a", "a", "=c", "@d"],
            "story": ["a", "a", "=c", "=c"],
            "representative": [True, False, True, True],
            "cluster_size": [2, 2, 1, 1],
            "story_size": [2, 2, 2, 2],
            "title": [HOSTILE, 'Quotes ", commas; 한국', "=cmd()", "+1\n2"],
            "outlet": ["o1", "", "-o3", "@o4"],
            "published": pa.array(["2024-01-02", None, None, "2024-01"], pa.large_string()),
            "extra": pa.array(['{"section":[1]}', None, None, None], pa.large_string()),
        }
    )
    skipped = pa.table({"file": ["f"], "line": [3], "id": [""], "reason": ["empty text"]})
    furniture = pa.table({"id": ["a"], "start": [0], "end": [5], "kind": ["listed"]})
    return Result(articles, pairs, furniture, skipped, {"settings": {"threshold": 0.25}})


@pytest.fixture(params=FORMATS)
def directory(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    made_result().write(tmp_path / "result", format=request.param)
    return tmp_path / "result"


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("newsroom") / "result"
    code, _, err = dedup("cluster", ROOT / "fixtures/newsroom.jsonl", "-o", place, "-q")
    assert code == 0, err
    return place


def gold_sizes(path: Path) -> list[int]:
    table = pq.read_table(path)
    if "aggregator" in table.column_names:
        table = table.filter(pc.invert(table["aggregator"]))
    return [row["counts"] for row in pc.value_counts(table["cluster"]).to_pylist()]


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("margins", [None, [0.1, None, 0.0]])
def test_a_result_is_read_as_it_was_written(
    tmp_path: Path, suffix: str, margins: list[float | None] | None
) -> None:
    made_result(margins).write(tmp_path / "out", format=suffix)
    read = Result.read(tmp_path / "out")
    made = made_result(margins)
    for name, table in made.to_arrow().items():
        assert read.to_arrow()[name].to_pylist() == table.to_pylist()
    assert read.run == made.run


@pytest.mark.parametrize("suffix", FORMATS)
def test_tables_without_rows_keep_their_columns(tmp_path: Path, suffix: str) -> None:
    made = made_result()
    none = (table.slice(0, 0) for table in (made.pairs, made.furniture, made.skipped))
    empty = Result(made.articles, *none, made.run)
    empty.write(tmp_path / "out", format=suffix)
    (tmp_path / "out" / f"skipped.{suffix}").unlink()
    read = Result.read(str(tmp_path / "out"))
    assert read.pairs.column_names == made.pairs.column_names
    assert read.pairs.schema.field("jaccard").type == pa.float64()
    assert read.skipped.column_names == ["file", "line", "id", "reason"]
    assert (read.pairs.num_rows, read.skipped.num_rows) == (0, 0)


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("articles.jsonl", None, "no articles.jsonl, .parquet or .csv in it; give a folder that"),
        ("pairs.jsonl", None, "no pairs.jsonl, .parquet or .csv in it"),
        ("run.json", None, "run.json: cannot read: No such file"),
        ("run.json", "{", "run.json: not JSON"),
        ("run.json", "[]", "run.json: not a JSON object"),
        ("articles.jsonl", '{"id": "a"}\n{"id', "articles.jsonl:2: not JSON"),
        ("articles.jsonl", "[1]\n", "articles.jsonl:1: not a JSON object"),
        ("articles.jsonl", '{"id": "a", "text": ""}', "found columns id, text; needed cluster, st"),
        ("pairs.jsonl", '{"jaccard": "high"}', "a value is not of its column's type"),
    ],
)
def test_a_folder_that_is_no_result_is_refused_in_one_line(
    tmp_path: Path, file: str, content: str | None, says: str
) -> None:
    made_result().write(tmp_path / "out")
    (tmp_path / "out" / file).unlink()
    if content is not None:
        write(tmp_path / "out" / file, content)
    with pytest.raises(InputError) as caught:
        Result.read(tmp_path / "out")
    assert says in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "out"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("t.txt", b"id", "a table ends in .jsonl, .csv, .tsv, .parquet"),
        ("t.csv", b"", "t.csv:1: needed a header of different names"),
        ("t.csv", b"id,id\n", "t.csv:1: needed a header of different names"),
        ("t.csv", b"id,cluster\na,1\nb\n", "t.csv:3: found 1 cells; the header needs 2"),
        ("t.csv", b'id,cluster\na,"1\n', "t.csv:2: not CSV: a quote opens here"),
        ("t.csv", b"id,cluster\n\xe9,1\n", "not UTF-8"),
        ("t.parquet", b"PAR0", "not a table that can be read"),
    ],
)
def test_files_that_are_no_tables_are_refused(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=says):
        read.read_table(tmp_path / name)


def test_a_spreadsheets_csv_is_read_whatever_it_made_of_it(tmp_path: Path) -> None:
    expected = [{"id": "a", "cluster": "1,5\nx"}, {"id": "b", "cluster": "2"}]
    for delimiter in ",;\t":
        text = f'\ufeffid{delimiter}cluster\r\na{delimiter}"1,5\nx"\r\n\r\nb{delimiter}2\r\n'
        path = tmp_path / "t.csv"
        path.write_bytes(text.encode())
        assert read.read_table(path).to_pylist() == expected


def test_long_cells_are_read_and_the_limit_of_others_is_never_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv, "field_size_limit", None)
    path = write(tmp_path / "t.csv", f'id,extra\na,{"x" * 300_000}\nb,"{"y" * 300_000}"\n')
    assert [len(cell) for cell in read.read_table(path)["extra"].to_pylist()] == [300_000] * 2


@given(
    st.lists(st.lists(st.text('a,;\t"\n\u2028 ', max_size=6), min_size=2, max_size=2), max_size=5),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
)
def test_csv_is_read_as_pythons_own_module_reads_it(
    tmp_path_factory: pytest.TempPathFactory,
    written: list[list[str]],
    delimiter: str,
    line_end: str,
) -> None:
    path = tmp_path_factory.getbasetemp() / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end)
        writer.writerows([["left", "right"], *written])
    with path.open(encoding="utf-8", newline="") as file:
        expected = list(csv.reader(file, delimiter=delimiter, strict=True))[1:]
    assume(all(len(row) == 2 for row in expected))  # older writers leave line ends unquoted
    assume(all("".join(row).strip() for row in written))  # a line of white space is no row
    assert [list(row.values()) for row in read.read_table(path).to_pylist()] == expected


def test_scores_are_the_same_from_every_format_of_result_and_gold(
    directory: Path, tmp_path: Path
) -> None:
    rows = [("a", "x"), ("b", "x"), ("=c", "x"), ("@d", "y"), ("gone", "y")]
    table = pa.table({"id": [row[0] for row in rows], "cluster": [row[1] for row in rows]})
    pq.write_table(table, tmp_path / "gold.parquet")
    write(tmp_path / "gold.csv", "id,cluster\n" + "".join(f"{a},{b}\n" for a, b in rows))
    write(tmp_path / "gold.tsv", "id\tcluster\n" + "".join(f"{a}\t{b}\n" for a, b in rows))
    lines = [json.dumps({"id": a, "cluster": b}) for a, b in rows]
    write(tmp_path / "gold.jsonl", "\n".join(lines))
    golds = [f"gold.{suffix}" for suffix in ("parquet", "csv", "tsv", "jsonl")]
    options = [part for gold in golds for part in ("--gold", gold)]
    code, out, err = dedup("evaluate", directory, *options, "--json", cwd=tmp_path)
    assert (code, err) == (0, "")
    reports = json.loads(out)["gold"]
    assert [report.pop("name") for report in reports] == golds
    assert all(report == reports[0] for report in reports)
    assert (reports[0]["scored"], reports[0]["only_gold"], reports[0]["only_found"]) == (4, 1, 0)
    level = reports[0]["levels"]["cluster"]
    assert level["pairs"] == {
        "precision": 1.0, "recall": 1 / 3, "f1": 0.5, "found": 1, "gold": 3, "shared": 1
    }  # fmt: skip
    assert level["b_cubed"]["recall"] == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)
    assert level["worst"][0]["id_a"] == "=c"


def test_json_has_every_figure_of_pairs(directory: Path, tmp_path: Path) -> None:
    write(tmp_path / "g.csv", "id_a,id_b,label\nb,a,duplicate\n=c,@d,quote\na,zz,quote\na,@d,\n")
    _, out, _ = dedup("evaluate", directory, "--gold", "g.csv", "--json", cwd=tmp_path)
    (report,) = json.loads(out)["gold"]
    (mistake,) = report.pop("worst")
    assert report == {
        "kind": "pairs", "name": "g.csv", "scored": 2, "only_gold": 1, "unlabelled": 1,
        "confusion": {"duplicate": {"duplicate": 1}, "quote": {"version": 1}},
        "relation_right": {"right": 1, "of": 2, "share": 0.5},
        "placed_right": {"right": 1, "of": 2, "share": 0.5},
        "placed": {"duplicate": {"right": 1, "of": 1, "share": 1.0},
                   "quote": {"right": 0, "of": 1, "share": 0.0}},
    }  # fmt: skip
    assert mistake == {
        "kind": "false merge", "id_a": "=c", "id_b": "@d", "title_a": "=cmd()", "title_b": "+1\n2",
        "gold": "quote", "found": "version", "placed": "one story", "jaccard": 0.26,
        "containment": 0.7, "b_cubed": None,
    }  # fmt: skip


def test_a_sheet_is_labelled_by_a_person_and_scored(directory: Path, tmp_path: Path) -> None:
    code, out, _ = dedup("evaluate", directory, "--label-sheet", 9, "--sheet-output", "s.csv",
                         cwd=tmp_path)  # fmt: skip
    assert (code, out) == (0, "3 pairs to label are in s.csv\n")
    with (tmp_path / "s.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == SHEET
    assert [(row["id_a"], row["id_b"]) for row in rows] == [
        ("'=c", "'@d"),
        ("a", "'=c"),
        ("a", "b"),
    ]
    assert (rows[0]["title_a"], rows[0]["title_b"]) == ("'=cmd()", "'+1 2")
    assert (rows[0]["outlet_a"], rows[0]["outlet_b"]) == ("'-o3", "'@o4")
    assert rows[1]["title_a"] == "[31mred [bold]markup[/bold] gnirts new line"
    assert all(row["label"] == "" for row in rows)

    rows[0]["label"], rows[2]["label"] = "Version", "1"
    with (tmp_path / "filled.csv").open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, SHEET, delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    code, out, err = dedup(
        "evaluate", directory, "--gold", "filled.csv", "--json",
        "--label-sheet", 9, "--sheet-output", "next.csv", cwd=tmp_path)  # fmt: skip
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["gold"][0]["unlabelled"] == 1
    assert found["gold"][0]["confusion"] == {"version": {"version": 1}, "copy": {"duplicate": 1}}
    assert found["gold"][0]["placed_right"]["share"] == 1.0
    assert found["label_sheet"] == {"file": "next.csv", "pairs": 1}
    with (tmp_path / "next.csv").open(newline="") as file:
        assert [(row["id_a"], row["id_b"]) for row in csv.DictReader(file)] == [("a", "'=c")]


def test_a_sheet_never_replaces_a_file_that_may_hold_labels(
    directory: Path, tmp_path: Path
) -> None:
    write(tmp_path / "s.csv", "labels of a week")
    arguments = ("evaluate", directory, "--label-sheet", 1, "--sheet-output")
    for place, says in (("s.csv", "s.csv exists and may hold"), ("no/s.csv", "no folder no")):
        code, out, err = dedup(*arguments, place, cwd=tmp_path)
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert says in err
    assert (tmp_path / "s.csv").read_text() == "labels of a week"


def test_nothing_is_left_of_a_sheet_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(scores.os, "replace", fail)
    with pytest.raises(OutputError, match="cannot write: No space left"):
        scores.write_sheet(pa.table({"id_a": ["a"]}), tmp_path / "s.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["result"], 2, "Give --gold to score, --label-sheet to pick pairs, or both"),
        (["result", "--label-sheet", "3"], 2, "--sheet-output go together"),
        (["result", "--gold", "g.csv", "--sheet-output", "s.csv"], 2, "go together"),
        (["result", "--gold", "g.csv", "--worst", "-1"], 2, "--worst"),
        (["gone", "--gold", "g.csv"], 1, "gone does not exist; give a folder that"),
        (["g.csv", "--gold", "g.csv"], 1, "g.csv is a file; give a folder that"),
        (["result", "--gold", "gone.csv"], 1, "gone.csv: cannot read: No such file"),
        (["result", "--gold", "g.csv"], 1, "g.csv: found id, title; needed id with cluster or"),
        (["result", "--gold", "other.csv"], 1, "its ids, such as 'z', are not those of the result"),
        (["result", "--gold", "twice.csv"], 1, "twice.csv: row 2 repeats a of row 1"),
    ],
)
def test_errors_are_one_line(tmp_path: Path, arguments: list[str], code: int, says: str) -> None:
    made_result().write(tmp_path / "result")
    write(tmp_path / "g.csv", "id,title\na,t\n")
    write(tmp_path / "other.csv", "id,story\nz,s\n")
    write(tmp_path / "twice.csv", "id,story\na,s\na,s\n")
    found, out, err = dedup("evaluate", *arguments, cwd=tmp_path)
    assert (found, out) == (code, "")
    assert says in err
    assert "Traceback" not in err
    if code == 1:
        assert err.startswith("dedup: ")
        assert err.count("\n") == 1


def test_the_terminal_shows_scores_counts_and_hostile_titles_as_plain_text(
    directory: Path, tmp_path: Path
) -> None:
    write(tmp_path / "g[b].csv", "id,story\na,x\nb,y\n=c,y\ngone,y\n")
    write(tmp_path / "p.csv", "id_a,id_b,label\na,b,quote\na,=c,boilerplate\n")
    code, out, _ = dedup("evaluate", directory, "--gold", "g[b].csv", "--gold", "p.csv",
                         cwd=tmp_path)  # fmt: skip
    assert code == 0
    for expected in ("g[b].csv", "3 articles scored", "1 gold article that the result lacks",
                     "1 article of the result without gold", "B-cubed, recall", "Rand",
                     "false merge (precision 0.500): found duplicate, one cluster",
                     "[31mred [bold]markup[/bold] gnirts new line", "2 pairs scored",
                     "relation right 0.000 (0 of 2)", "placed right 0.500 (1 of 2)",
                     "gold furniture, found quote, apart; J 0.300, containment 0.500"):  # fmt: skip
        assert expected in " ".join(out.split())
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_worst_0_shows_no_mistakes(directory: Path, tmp_path: Path) -> None:
    write(tmp_path / "p.csv", "id_a,id_b,label\na,b,quote\n")
    for count, is_shown in ((0, False), (1, True)):
        _, out, _ = dedup("evaluate", directory, "--gold", "p.csv", "--worst", count, cwd=tmp_path)
        assert ("Worst" in out) == is_shown


def test_the_gold_of_the_newsroom(newsroom: Path) -> None:
    code, out, err = dedup("evaluate", newsroom, "--gold", GOLD / "articles.jsonl",
                           "--gold", GOLD / "pairs.jsonl", "--json")  # fmt: skip
    assert (code, err) == (0, "")
    articles, pairs = json.loads(out)["gold"]
    assert (articles["scored"], articles["only_gold"], articles["only_found"]) == (189, 0, 0)
    assert (articles["levels"]["cluster"]["largest_gold"],
            articles["levels"]["story"]["largest_gold"]) == (5, 16)  # fmt: skip
    gold = {name: sum(counts.values()) for name, counts in pairs["confusion"].items()}
    assert gold == {"duplicate": 65, "version": 300, "rewrite": 66, "quote": 103, "furniture": 246}
    assert sum(share["right"] for share in pairs["placed"].values()) == (
        pairs["placed_right"]["right"])  # fmt: skip


def test_a_result_agrees_with_itself(newsroom: Path) -> None:
    code, out, _ = dedup("evaluate", newsroom, "--gold", newsroom / "articles.jsonl",
                         "--gold", newsroom / "pairs.jsonl", "--json")  # fmt: skip
    assert code == 0
    articles, pairs = json.loads(out)["gold"]
    for score in articles["levels"].values():
        assert score["pairs"]["f1"] == score["b_cubed"]["f1"] == score["adjusted_rand"] == 1.0
        assert score["worst"] == []
    assert pairs["relation_right"]["share"] == 1.0


@pytest.mark.parametrize(
    ("name", "labels", "scored"),
    [
        ("syndication_day", "articles", 328),
        ("scissors_and_paste", "articles", 206),
        ("minhash_sample", "pairs", 10),
        ("story_chains", "pairs", 4950),
        ("allsides", "labelled_pairs", 64),
    ],
)
def test_labels_of_real_data_are_understood(
    tmp_path: Path, name: str, labels: str, scored: int
) -> None:
    """Every article its own cluster and no matches: this tests the reading of the labels."""
    if not (DATA / name).is_dir():
        pytest.skip(f"{DATA / name} is not there; it is third-party data, see benchmarks/README.md")
    ids = pq.read_table(DATA / name / "articles.parquet", columns=["id"])["id"]
    n = len(ids)
    articles = pa.table({"id": ids, "cluster": ids, "story": ids, "representative": [True] * n,
                         "cluster_size": [1] * n, "story_size": [1] * n})  # fmt: skip
    made = made_result()
    pairs = made.pairs.slice(0, 0)
    Result(articles, pairs, made.furniture, made.skipped, made.run).write(tmp_path / "out")
    gold = DATA / name / f"{labels}.parquet"
    code, out, err = dedup("evaluate", tmp_path / "out", "--gold", gold, "--json")
    assert (code, err) == (0, "")
    (report,) = json.loads(out)["gold"]
    assert (report["scored"], report["only_gold"]) == (scored, 0)
    if report["kind"] == "articles":
        assert report["aggregators"] == report["only_found"] + n - scored
        score = report["levels"]["cluster"]
        assert (score["pairs"]["precision"], score["pairs"]["recall"]) == (1.0, 0.0)
        torn = sum(size > 1 for size in gold_sizes(gold))
        assert len(score["worst"]) == min(torn, 10)
    elif name == "allsides":
        assert report["relation_right"] == {"right": 10, "of": 64, "share": 10 / 64}  # furniture
        assert report["placed_right"]["right"] == 32  # quotes too


def test_hostile_ids_reach_the_terminal_as_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    mistake = evaluation.Mistake(
        "miss", HOSTILE, "b", "", "", "version", HOSTILE, "apart", None, None
    )
    share = evaluation.Share(0, 1)
    counts, placed = {"version": {HOSTILE: 1}}, {"version": share}
    report = evaluation.PairReport(HOSTILE, 1, 0, 0, counts, share, share, placed, (mistake,))
    scores.print_scores([report])
    out = capsys.readouterr().out
    assert "[31mred [bold]markup[/bold] gnirts new line  (no title)" in out
    assert "\x1b" not in out
    assert "\u202e" not in out
