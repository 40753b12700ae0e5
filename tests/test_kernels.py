"""Each kernel does what its slow twin does."""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter

import naive
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedup import kernels
from dedup.settings import Settings
from dedup.shingles import ShingleSets, shingle

ANY_TEXT = st.text() | st.text(alphabet="aé日ก ß.İ\u0301\u00adﬁ가\n", max_size=60)


def shingled(texts: list[str], size: int = 5) -> ShingleSets:
    return shingle(pa.array(texts, pa.large_string()), Settings(shingle_size=size))


def token_hashes(text: str) -> list[int]:
    data = np.frombuffer(text.encode("utf-8"), dtype=np.uint8)
    out = np.empty(2 * len(data) + 2, dtype=np.uint64)
    n = kernels.hash_tokens(data, 0, len(data), *kernels.load_unicode(), out)
    return out[:n].tolist()


@given(ANY_TEXT)
@example("ﷺ ㍿㋀")
@example("İSTANBUL ΣΊΣΥΦΟΣ straße STRASSE")
@settings(deadline=None, max_examples=300)
def test_tokens_are_those_of_the_naive_twin(text: str) -> None:
    assert token_hashes(text) == [naive.token_hash(token) for token in naive.tokens(text)]


@given(st.binary(max_size=80))
@example("㌖㌖㌖㌖".encode())  # two tokens per byte, the most there is
@settings(deadline=None)
def test_bytes_that_are_no_utf8_do_no_harm(data: bytes) -> None:
    array = np.frombuffer(data, dtype=np.uint8)
    room = 2 * len(data) + 2
    out = np.full(room + 40, 7, dtype=np.uint64)
    assert 0 <= kernels.hash_tokens(array, 0, len(data), *kernels.load_unicode(), out) <= room
    assert out[room:].tolist() == [7] * 40


@pytest.mark.skipif(
    unicodedata.unidata_version != "14.0.0", reason="the stored table is of Unicode 14"
)
def test_the_stored_table_is_what_its_command_makes() -> None:
    from dedup.data import build_unicode

    entries, expansions = build_unicode.build()
    stored_entries, stored_expansions = kernels.load_unicode()
    np.testing.assert_array_equal(entries, stored_entries)
    np.testing.assert_array_equal(expansions, stored_expansions)


def test_every_letter_of_the_table_is_folded_as_by_the_twin() -> None:
    step = 1 if unicodedata.unidata_version == "14.0.0" else 7
    for code in range(0, sys.maxunicode + 1, step):
        c = chr(code)
        if unicodedata.category(c) in ("Cs", "Cn"):
            continue
        assert token_hashes(c) == [naive.token_hash(t) for t in naive.tokens(c)], hex(code)


@given(ANY_TEXT)
@settings(deadline=None)
def test_composed_and_decomposed_forms_give_the_same_tokens(text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert token_hashes(composed) == token_hashes(decomposed)


@given(st.lists(ANY_TEXT, max_size=5), st.integers(1, 6))
@settings(deadline=None)
def test_shingles_are_those_of_the_naive_twin(texts: list[str], size: int) -> None:
    sets = shingled(texts, size)
    for i, text in enumerate(texts):
        found = sets.values[sets.offsets[i] : sets.offsets[i + 1]].tolist()
        assert found == naive.shingles(text, size)
        assert sets.n_tokens[i] == len(naive.tokens(text))


@given(st.lists(st.text(alphabet="ab ", max_size=9), max_size=12))
@settings(deadline=None)
def test_texts_have_equal_hashes_when_their_tokens_are_equal(texts: list[str]) -> None:
    sets = shingled(texts)
    for i, a in enumerate(texts):
        for j, b in enumerate(texts):
            same = naive.tokens(a) == naive.tokens(b)
            assert (sets.text_hashes[i] == sets.text_hashes[j]) == same


def test_words_whose_letters_repeat_at_a_distance_stay_apart() -> None:
    long = ["a" * 128, "b" * 128, "ab" + "c" * 62 + "d", "dbc" + "c" * 61 + "a"]
    assert len({tuple(token_hashes(word)) for word in long}) == 4


@given(st.lists(st.integers(0, 2**32 - 1)) | st.lists(st.integers(0, 500), max_size=3000))
@example([7 << 20] * 700 + list(range(700)))
@settings(deadline=None)
def test_sort_distinct_sorts_and_drops_repeats(values: list[int]) -> None:
    array = np.array(values, dtype=np.uint32)
    n = kernels.sort_distinct(
        array, len(array), np.empty_like(array), np.empty(65537, dtype=np.int64)
    )
    assert array[:n].tolist() == sorted(set(values))


SETS = st.lists(
    st.frozensets(st.integers(0, 2**32 - 1) | st.integers(0, 9), max_size=30), min_size=1
)


def csr(sets: list[frozenset[int]]) -> tuple[np.ndarray, np.ndarray]:
    values = np.array([v for s in sets for v in sorted(s)], dtype=np.uint32)
    return values, np.cumsum([0] + [len(s) for s in sets])


@given(SETS)
@settings(deadline=None)
def test_intersections_are_counted_exactly(sets: list[frozenset[int]]) -> None:
    pairs = np.array([(i, j) for i in range(len(sets)) for j in range(len(sets))])
    shared = np.empty(len(pairs), dtype=np.int64)
    kernels.intersection_sizes(*csr(sets), pairs, shared)
    assert shared.tolist() == [len(sets[i] & sets[j]) for i, j in pairs]


@given(st.integers(1, 12), st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11))))
@settings(deadline=None)
def test_connect_finds_the_smallest_connected_node(n: int, pairs: list[tuple[int, int]]) -> None:
    inside = [(a % n, b % n) for a, b in pairs]
    found = kernels.connect(n, np.array(inside, dtype=np.int64).reshape(-1, 2))
    assert found.tolist() == naive.components(n, inside)


@given(SETS, st.sets(st.integers(0, 9)))
@settings(deadline=None)
def test_marked_values_are_counted_once_per_set(
    sets: list[frozenset[int]], marked: set[int]
) -> None:
    counts = np.zeros(len(marked), dtype=np.int64)
    rows = np.arange(len(sets))
    kernels.count_marked(*csr(sets), rows, np.array(sorted(marked), dtype=np.uint32), counts)
    assert counts.tolist() == [sum(value in s for s in sets) for value in sorted(marked)]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40), st.integers(1, 6))
def test_crowded_keys_and_the_largest_bucket(keys: list[int], limit: int) -> None:
    items = np.sort(np.array([key << 32 | i for i, key in enumerate(keys)], dtype=np.uint64))
    sizes = Counter(keys)
    expected = sorted(key for key, size in sizes.items() if size > limit)
    assert kernels.crowded_keys(items, limit).tolist() == expected
    assert kernels.largest_bucket(items) == max(sizes.values())


@given(SETS, st.sets(st.integers(0, 9)))
@settings(deadline=None)
def test_leave_out_takes_the_marked_values_from_each_set(
    sets: list[frozenset[int]], marked: set[int]
) -> None:
    values, offsets = csr(sets)
    rows = np.arange(len(sets))[::-1].copy()
    out, out_offsets = np.empty(len(values), dtype=np.uint32), np.empty(len(sets) + 1, np.int64)
    marks = np.array(sorted(marked), dtype=np.uint32)
    kernels.leave_out(values, offsets, rows, marks, out, out_offsets)
    for i, row in enumerate(rows):
        left = out[out_offsets[i] : out_offsets[i + 1]].tolist()
        assert left == sorted(sets[row] - marked)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.integers(2, 4), st.data())
@settings(deadline=None)
def test_pairs_of_groups_become_pairs_of_members(
    sizes: list[int], limit: int, data: st.DataObject
) -> None:
    starts = np.cumsum([0, *sizes])
    members = np.array(data.draw(st.permutations(range(int(starts[-1])))))
    groups = [members[starts[g] : starts[g + 1]].tolist() for g in range(len(sizes))]
    every = [(a, b) for a in range(len(sizes)) for b in range(a + 1, len(sizes))]
    chosen = data.draw(st.lists(st.sampled_from(every), unique=True)) if every else []
    pairs = np.array(chosen, dtype=np.int64).reshape(-1, 2)
    first, second, source = kernels.expand_pairs(members, starts, pairs, limit)
    expected = []
    for group in groups:
        heads = group if len(group) <= limit else group[:1]
        expected += [(a, b, -1) for i, a in enumerate(heads) for b in group[i + 1 :]]
    for p, (a, b) in enumerate(chosen):
        few = len(groups[a]) * len(groups[b]) <= limit
        expected += [
            (x, y, p)
            for x in groups[a]
            for y in groups[b]
            if few or x == groups[a][0] or y == groups[b][0]
        ]
    assert sorted(zip(first.tolist(), second.tolist(), source.tolist(), strict=True)) == sorted(
        expected
    )
