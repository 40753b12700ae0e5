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


def test_the_comparison_shows_scores_where_there_are_clusters_and_dashes_where_not(load):
    speed = load("speed")
    scored = {
        "method": "dedup",
        "settings": "defaults",
        "cpu_seconds": 2.0,
        **speed._scores("cluster", [1, 1, 2], ["a", "a", "a"]),
    }
    table = speed.comparison_table([scored, {"method": "peer", "settings": "stopped after 9 s"}])
    assert "1.000 / 0.333 / 0.500" in table
    assert "| peer | stopped after 9 s | – |" in table
    assert len({line.count("|") for line in table.splitlines()}) == 1
