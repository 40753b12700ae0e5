"""Postings of the SQLite store: kernels and their twins, merging into blocks."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from pathlib import Path

import newswriter
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_cases import (
    article,
)

from dedup import kernels
from dedup.index.ingest import Index
from dedup.index.stores import postings

POSTINGS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 30)), max_size=60)


HIGHEST = 0xFFFFFFFF


def packed(postings: list[tuple[int, int]]) -> np.ndarray:
    values = [((HIGHEST - key if key > 3 else key) << 32) | number for key, number in postings]
    return np.array(sorted(values), dtype=np.uint64)


@given(POSTINGS, st.integers(1, 5))
@settings(deadline=None, max_examples=200)
def test_keep_newest_equals_its_twin(postings: list[tuple[int, int]], most: int) -> None:
    values = packed(postings)
    by_key = defaultdict(set)
    for value in values.tolist():
        by_key[value >> 32].add(value)
    expected = [v for key in sorted(by_key) for v in sorted(by_key[key])[-most:]]
    assert values[: kernels.keep_newest(values, most)].tolist() == expected


@given(POSTINGS, st.permutations(range(7)), st.data())
@settings(deadline=None, max_examples=200)
def test_collect_postings_equals_its_twin(
    postings: list[tuple[int, int]], order: list[int], data: st.DataObject
) -> None:
    values = np.unique(packed(postings))
    keys = [HIGHEST - key if key > 3 else key for key in order]
    after = data.draw(st.lists(st.integers(-1, 30), min_size=7, max_size=7))
    known = data.draw(st.lists(st.integers(0, 4), min_size=7, max_size=7))
    removed = data.draw(st.lists(st.integers(0, 30), unique=True).map(sorted))
    found = np.full((7, 4), 77, dtype=np.int64)
    counts = np.array(known, dtype=np.int64)
    asked = np.array(keys, dtype=np.uint32)
    gone = np.array(removed, dtype=np.int64)
    kernels.collect_postings(values, asked, np.array(after), gone, found, counts)
    for i, key in enumerate(keys):
        numbers = [value & HIGHEST for value in values.tolist() if value >> 32 == key]
        held = [n for n in numbers if n > after[i] and n not in removed]
        newest = sorted(held, reverse=True)[: 4 - known[i]]
        assert found[i, : counts[i]].tolist() == [77] * known[i] + newest


@given(POSTINGS, st.permutations(range(7)), st.data())
@settings(deadline=None, max_examples=200)
def test_packed_postings_are_those_packed(
    postings: list[tuple[int, int]], order: list[int], data: st.DataObject
) -> None:
    values = np.unique(packed([(key, 70_000 * number) for key, number in postings]))
    firsts = values[:1] >> np.uint64(48) << np.uint64(16)
    ends = np.flatnonzero(np.diff(values >> np.uint64(48))) + 1
    bounds = np.array([0, *ends, len(values)] if len(values) else [0])
    firsts = (values[bounds[:-1]] >> np.uint64(48) << np.uint64(16)).astype(np.int64)
    out = np.empty(3 * len(values), dtype=np.uint16)
    kernels.pack_postings(values, bounds, out)
    again = np.empty_like(values)
    kernels.unpack_postings(out, firsts, bounds, again)
    assert again.tolist() == values.tolist()
    keys = np.array([HIGHEST - key if key > 3 else key for key in order], dtype=np.uint32)
    wanted = keys.astype(np.int64) >> 16 << 16
    place = np.minimum(np.searchsorted(firsts, wanted), max(0, len(firsts) - 1))
    there = firsts[place] == wanted if len(firsts) else np.zeros(7, dtype=bool)
    sizes = np.where(there, np.diff(bounds)[place], 0) if len(firsts) else np.zeros(7, np.int64)
    gone = np.array(data.draw(st.lists(st.integers(0, 30), unique=True).map(sorted))) * 70_000
    gone = gone.astype(np.int64)
    found, expected = np.zeros((2, 7, 4), dtype=np.int64)
    counts, expected_counts = np.zeros((2, 7), dtype=np.int64)
    starts = 3 * bounds[place]
    kernels.collect_packed(out, keys, starts, sizes, gone, found, counts)
    after = np.full(7, -1)
    kernels.collect_postings(values, keys, after, gone, expected, expected_counts)
    assert found.tolist() == expected.tolist()
    assert counts.tolist() == expected_counts.tolist()


@given(POSTINGS, POSTINGS)
@settings(deadline=None, max_examples=100)
def test_merged_postings_are_sorted(a: list[tuple[int, int]], b: list[tuple[int, int]]) -> None:
    merged = np.empty(len(a) + len(b), dtype=np.uint64)
    kernels.merge_sorted(packed(a), packed(b), merged)
    assert merged.tolist() == packed([*a, *b]).tolist()


def test_merging_makes_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = [
        article(f"m{i}", newswriter.edited(newswriter.text(300, 3_000 + i % 90), 0.03, i))
        for i in range(400)
    ]
    asked = [article(f"q{i}", newswriter.text(300, 3_000 + i)) for i in range(100)]
    path = tmp_path / "merged.db"
    with Index.open(tmp_path / "plain.db") as plain, Index.open(path) as merged:
        plainly = [plain.add(a) for a in stream]
        answers = [plain.query(a) for a in asked]
        monkeypatch.setattr(postings, "_FEWEST", 64)
        monkeypatch.setattr(postings, "_MOST", 64)
        with Index.open(path) as watching:
            verdicts = []
            for i, a in enumerate(stream):
                verdicts.append(merged.add(a))
                if i % 20 == 0:
                    assert watching.query(a) == verdicts[-1]
            assert verdicts == plainly
            assert [watching.query(a) for a in asked] == answers
        with Index.open(path) as second:
            assert [second.query(a) for a in asked] == answers
        assert [merged.query(a) for a in asked] == answers
    db = sqlite3.connect(path)
    assert db.execute("SELECT count(*) FROM partitions_0").fetchone()[0] == 64
    assert db.execute("SELECT count(*) FROM recent_0").fetchone()[0] < 300
    db.close()


def test_a_partition_without_postings_is_merged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings, "_FEWEST", 64)
    monkeypatch.setattr(postings, "_MOST", 64)
    with Index() as index:
        for i in range(200):
            index.add(article(str(i), "Results will follow."))
        assert index.info()["articles"] == 200


def test_another_writers_articles_cost_no_look_at_all_recent_postings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    forget = postings.Postings._forget_merged
    monkeypatch.setattr(postings.Postings, "_forget_merged", lambda s: (looks.append(s), forget(s)))
    with Index.open(tmp_path / "index.db") as one, Index.open(tmp_path / "index.db") as other:
        for i in range(20):
            one.add(article(f"one-{i}", newswriter.text(60, 4_000 + i)))
            assert other.add(article(f"other-{i}", newswriter.text(60, 4_000 + i))).of == f"one-{i}"
    assert looks == []
