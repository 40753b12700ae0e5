"""The benchmarks' own parts: a benchmark that is wrong misleads everybody."""

from __future__ import annotations

import importlib
import itertools
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


@pytest.fixture(scope="module")
def load():
    """Import a benchmark module by name, as its script would."""
    sys.path.insert(0, str(BENCHMARKS))
    yield importlib.import_module
    sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def corpus(load):
    return load("corpus")


@pytest.fixture(scope="module")
def exact(load):
    return load("exact")


@pytest.fixture(scope="module")
def rows(corpus):
    return list(corpus.rows(articles_wanted=600, kilobytes=2, seed=3))


def test_a_short_corpus_is_the_start_of_a_long_one(corpus, rows):
    assert list(corpus.rows(articles_wanted=50, kilobytes=2, seed=3)) == rows[:50]


def test_another_seed_writes_other_articles(corpus, rows):
    assert next(corpus.rows(articles_wanted=1, kilobytes=2, seed=4))["text"] != rows[0]["text"]


def test_the_same_seed_writes_the_same_bytes(corpus, tmp_path):
    for name in ("a.parquet", "b.parquet"):
        corpus.write(tmp_path / name, articles_wanted=40, kilobytes=1, seed=5)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    gold = [(tmp_path / f"{name}.gold.parquet").read_bytes() for name in "ab"]
    assert gold[0] == gold[1]


def test_parquet_and_json_lines_hold_the_same_articles(corpus, tmp_path):
    for name in ("a.parquet", "a.jsonl"):
        corpus.write(tmp_path / name, articles_wanted=40, kilobytes=1, seed=5)
    lines = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == pq.read_table(tmp_path / "a.parquet").to_pylist()


def test_articles_come_in_order_of_publication_and_are_about_as_long_as_asked(rows):
    assert [row["published"] for row in rows] == sorted(row["published"] for row in rows)
    assert 1_500 < sum(len(row["text"]) for row in rows) / len(rows) < 3_000


def test_about_half_of_the_articles_are_alone_and_every_kind_of_copy_is_there(corpus, rows):
    stories = Counter(row["story"] for row in rows)
    alone = sum(stories[row["story"]] == 1 for row in rows) / len(rows)
    assert 0.4 < alone < 0.7
    assert {*corpus.KINDS, "wire", "quotes"} == {row["kind"] for row in rows}


def test_a_gold_cluster_lies_in_one_story(rows):
    story = {row["cluster"]: row["story"] for row in rows}
    assert all(story[row["cluster"]] == row["story"] for row in rows)


def test_articles_of_one_cluster_overlap_and_those_of_different_stories_hardly(exact, rows):
    sets = exact.shingle_sets(row["text"] for row in rows)
    together, apart = [], []
    for a, b in itertools.combinations(range(len(rows)), 2):
        if rows[a]["cluster"] == rows[b]["cluster"]:
            together.append(exact.jaccard(sets[a], sets[b]))
        elif rows[a]["story"] != rows[b]["story"]:
            apart.append(exact.jaccard(sets[a], sets[b]))
    # the lowest of a cluster are short reports in long furniture
    assert sorted(together)[len(together) // 20] > 0.25
    assert sum(apart) / len(apart) < 0.01


@given(
    st.lists(st.frozensets(st.integers(0, 12), max_size=8), max_size=14),
    st.sampled_from([0.2, 0.5, 0.8, 1.0]),
)
def test_exact_pairs_equal_comparing_every_pair(exact, sets, threshold):
    every = itertools.combinations(range(len(sets)), 2)
    expected = {(a, b) for a, b in every if exact.jaccard(sets[a], sets[b]) >= threshold}
    assert exact.similar_pairs(sets, threshold) == expected


def test_peers_matches_become_connected_components(load):
    common = load("peers.common")
    assert common.best_bands(0.7, 64) == (8, 8)
    assert common.clusters(6, [(4, 3), (1, 3), (0, 5)]) == [0, 1, 2, 1, 1, 0]
    assert common.shingles("One two, three four FIVE six") == {
        "one two three four five",
        "two three four five six",
    }


@pytest.mark.parametrize(
    ("command", "timeout", "exit_code", "timed_out"),
    [
        pytest.param("sum(range(2_000_000))", 60, 0, 0.0, id="a command that ends"),
        pytest.param("raise SystemExit(3)", 60, 3, 0.0, id="a command that fails"),
        pytest.param("while True: pass", 1, -9, 1.0, id="a command that takes too long"),
    ],
)
def test_measuring_a_command(tmp_path, command, timeout, exit_code, timed_out):
    output = tmp_path / "cost.json"
    measure = [sys.executable, BENCHMARKS / "measure.py", output, "--timeout", str(timeout)]
    done = subprocess.run([*measure, "--", sys.executable, "-c", command], check=False)
    cost = json.loads(output.read_text())
    assert (cost["exit_code"], cost["timed_out"]) == (exit_code, timed_out)
    assert done.returncode == (exit_code != 0)
    assert 0 < cost["cpu_seconds"] <= cost["wall_seconds"] + 0.1
    assert 1 < cost["peak_megabytes"] < 100


def test_clusters_are_scored_by_pairs_by_articles_and_by_their_largest(load):
    level = load("labelled").Level("cluster", labels=["a", "a", "a", "b", None])
    assert level.score([1, 1, 2, 2, 1]) == {
        "pair_precision": 0.5,
        "pair_recall": pytest.approx(1 / 3),
        "pair_f1": pytest.approx(0.4),
        "b_cubed_precision": pytest.approx((1 + 1 + 0.5 + 0.5) / 4),
        "b_cubed_recall": pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4),
        "b_cubed_f1": pytest.approx(2 * 0.75 * (2 / 3) / (0.75 + 2 / 3)),
        "adjusted_rand": pytest.approx(0.0),
        "largest_cluster": 3,
    }
    assert level.score([]) == {}


@pytest.mark.parametrize(
    ("closed", "precision"),
    [
        pytest.param(False, 0.5, id="pairs that are not listed do not count"),
        pytest.param(True, 0.25, id="pairs that are not listed are no copies"),
    ],
)
def test_pairs_are_scored_by_the_listed_ones(load, closed, precision):
    pairs = [(0, 1, True), (2, 3, True), (1, 4, False)]
    level = load("labelled").Level("story", pairs=pairs, closed=closed)
    scores = level.score([7, 7, 8, 9, 7, 8])
    assert (scores["pair_precision"], scores["pair_recall"]) == (precision, 0.5)
    assert scores["largest_cluster"] == 3
    assert "adjusted_rand" not in scores


ECHO = """
from peers import common
def find(corpus, mode, threshold):
    texts = common.read_texts(corpus)
    if threshold > 0.8:
        raise SystemExit("no texts so alike")
    return common.clusters(len(texts), matcher(texts, mode)(threshold))
def matcher(texts, mode):
    pairs = [(a, b) for b in range(len(texts)) for a in range(b) if texts[a][:40] == texts[b][:40]]
    return lambda threshold: pairs if threshold < 0.6 else pairs[:1]
common.main(find, matcher)
"""


@pytest.fixture
def bench(load, tmp_path, monkeypatch):
    """A bench with a peer of our own, and how often anything was run."""
    compare = load("compare")
    (tmp_path / "peers" / "echo").mkdir(parents=True)
    (tmp_path / "peers" / "echo" / "run.py").write_text(ECHO)
    (tmp_path / "peers" / "echo" / "requirements.txt").write_text("echo==1.0\n")
    (tmp_path / "peers" / "common.py").symlink_to(BENCHMARKS / "peers" / "common.py")
    for name in ("measure.py", "corpus.py"):
        (tmp_path / name).symlink_to(BENCHMARKS / name)
    monkeypatch.setattr(compare, "HERE", tmp_path)
    compare.sources.cache_clear()
    compare.version.cache_clear()
    options = compare.read_options(["--work", str(tmp_path / "work"), "--quick"])
    bench = compare.Bench(options)
    bench.ran = []
    run = bench._run
    monkeypatch.setattr(bench, "_run", lambda *args: bench.ran.append(args) or run(*args))
    yield bench
    compare.sources.cache_clear()
    compare.version.cache_clear()


def echo(load, recommended=0.7, **more):
    return load("compare").Method("echo", recommended, "here", (0.7, 0.5), **more)


def test_a_peer_has_a_row_at_its_recommended_and_at_its_best_threshold(load, bench):
    rows = list(bench.rows(echo(load), [bench.generated(60, 1)]))
    assert [(row["level"], row["setting"], row["threshold"]) for row in rows] == [
        ("cluster", "recommended", 0.7),
        ("cluster", "best", 0.5),
        ("story", "recommended", 0.7),
        ("story", "best", 0.5),
    ]
    assert all(row["version"] == "1.0" and not row["failure"] for row in rows)
    assert rows[1]["pair_f1"] > rows[0]["pair_f1"]
    assert rows[0]["articles_per_cpu_second"] == 60 / rows[0]["cpu_seconds"]


def test_a_finished_row_is_not_run_again_until_its_sources_change(load, bench, tmp_path):
    compare, series = load("compare"), [bench.generated(60, 1)]
    rows = list(bench.rows(echo(load), series))
    n_runs = len(bench.ran)
    assert n_runs == 4  # a sweep, one to warm up, recommended and best
    assert list(bench.rows(echo(load), series)) == rows
    assert len(bench.ran) == n_runs
    (tmp_path / "peers" / "echo" / "run.py").write_text(ECHO + "# changed\n")
    compare.sources.cache_clear()
    bench.options.finished = True
    assert list(bench.rows(echo(load), series)) == []
    bench.options.finished = False
    assert len(list(bench.rows(echo(load), series))) == 4
    assert len(bench.ran) > n_runs


def test_a_peer_that_fails_has_a_row_that_says_why(load, bench):
    rows = list(bench.rows(echo(load, recommended=0.9), [bench.generated(60, 1)]))
    failed, best = rows[:2]
    assert failed["failure"] == "failed: no texts so alike"
    assert failed["articles_per_cpu_second"] is None
    assert "pair_f1" not in failed
    assert (best["threshold"], best["failure"]) == (0.5, "")
    text = load("page").table(rows)
    assert len({line.count("|") for line in text.splitlines()}) == 1


def test_a_peer_that_cannot_be_installed_has_a_row_that_says_so(load, bench, tmp_path):
    bench.options.quick = False
    (tmp_path / "peers" / "echo" / "requirements.txt").write_text("echo==1.0 or nearby\n")
    rows = list(bench.rows(echo(load), [bench.generated(60, 1)]))
    assert rows
    assert all(row["failure"].startswith("not installed: ERROR") for row in rows)


def test_what_would_take_too_long_is_not_run(load, bench):
    series = [bench.generated(60, 1), bench.generated(120, 1)]
    rows = list(bench.rows(echo(load, most_articles=100), series))
    assert {row["failure"] for row in rows} == {"not run: quadratic, 7,140 pairs"}
    bench.options.timeout = 1e-3
    (row, *_) = bench.rows(echo(load), series[:1])
    assert row["failure"] == "stopped after 0.001 s"
    (row, *_) = bench.rows(echo(load), series)
    assert row["failure"] == "not run: stopped after 0.001 s (60 articles)"


def test_the_table_of_all_rows_has_one_column_for_each_figure(load, bench, tmp_path, monkeypatch):
    compare, page = load("compare"), load("page")
    monkeypatch.setattr(compare, "METHODS", (echo(load),))
    rows = list(bench.rows(echo(load), [bench.generated(60, 1)]))
    assert set(rows[0]) <= set(page.COLUMNS)
    bench.options.output = tmp_path / "docs"
    bench.install = lambda peer: "none here"
    compare.write(rows, bench, bench.options)
    header, first, *_ = (tmp_path / "docs" / "benchmarks" / "results.csv").read_text().splitlines()
    assert header == ",".join(page.COLUMNS)
    assert first.startswith("60 of 1 kB,cluster,1.0,60,")


def test_the_page_names_every_peer_that_is_ahead_and_the_growth(load):
    page = load("page")

    def row(method, articles, cpu_seconds, f1):
        return {
            "corpus": f"{articles} of 1 kB",
            "level": "story",
            "kilobytes": 1.0,
            "articles": articles,
            "method": method,
            "setting": "best",
            "threshold": 0.5,
            "cpu_seconds": cpu_seconds,
            "peak_megabytes": 100.0,
            "articles_per_cpu_second": articles / cpu_seconds,
            "pair_precision": f1,
            "pair_f1": f1,
            "b_cubed_f1": f1,
        }

    rows = [row("dedup", 100, 1, 0.9), row("peer", 100, 2, 0.95), row("slow", 100, 4, 0.5)]
    rows += [row("dedup", 1000, 10, 0.9), row("peer", 1000, 200, 0.8)]
    said = "- 100 of 1 kB, story, best: peer, pair F1 0.950 to 0.900, B-cubed F1 0.950 to 0.900"
    assert page.ahead(rows) == said
    assert "peer at 0.5: 50, F1 0.950 | 2.00 | peer at 0.5: 50, F1 0.950 | 2.00 |" in page.lead(
        rows
    )
    growth = page.growth(rows)
    assert "| dedup | 1 kB | 100 / 1,000 | 1.00 |" in growth
    assert "| peer | 1 kB | 100 / 1,000 | 2.00 |" in growth


def test_memory_is_that_of_all_processes_of_a_method(tmp_path):
    hold = "import time; held = bytearray(60 << 20); time.sleep(1.5)"
    start = f"subprocess.Popen([sys.executable, '-c', {hold!r}])"
    command = f"import subprocess, sys; [p.wait() for p in [{start} for _ in 'ab']]"
    output = tmp_path / "cost.json"
    measure = [sys.executable, BENCHMARKS / "measure.py", output, "--"]
    subprocess.run([*measure, sys.executable, "-c", command], check=True)
    assert 120 < json.loads(output.read_text())["peak_megabytes"] < 400


def test_a_method_that_takes_too_much_memory_is_stopped(tmp_path):
    command = "held = bytearray(300 << 20)\nwhile True: pass"
    output = tmp_path / "cost.json"
    measure = [sys.executable, BENCHMARKS / "measure.py", output, "--memory", "200", "--"]
    subprocess.run([*measure, sys.executable, "-c", command], check=False)
    cost = json.loads(output.read_text())
    assert (cost["out_of_memory"], cost["timed_out"], cost["exit_code"]) == (1.0, 0.0, -9)
