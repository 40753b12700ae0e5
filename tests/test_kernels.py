"""Each kernel does what its slow twin does."""

from __future__ import annotations

import itertools
import random
import sys
import unicodedata
from collections import Counter
from typing import Any

import naive
import numba
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedup import kernels
from dedup.kernels import scanning, sets
from dedup.settings import Settings
from dedup.stages.shingles import ShingleSets, shingle
from dedup.text.tokenizer import utf8_buffers

ANY_TEXT = st.text() | st.text(alphabet="aé日ก ß.İ\u0301\u00adﬁ가\n", max_size=60)


def shingled(texts: list[str], size: int = 5) -> ShingleSets:
    return shingle(pa.array(texts, pa.large_string()), Settings(shingle_size=size))


def compiled(part: Any) -> Any:
    """A part of kernels as a function that Python can call."""
    return numba.njit(error_model="numpy")(part.function)


scan_text = compiled(scanning.scan_text)
ascii_tables = compiled(scanning.ascii_tables)
sort_distinct = compiled(sets.sort_distinct)

GUARD = 40  # places behind the room a kernel may use


def scan(data: bytes, start: int = 0, end: int | None = None) -> tuple[list, list, list]:
    """Tokens, blocks and quotations of some bytes; nothing is written beyond the room for them."""
    end = len(data) if end is None else end
    n = end - start
    tokens = np.full(2 * n + 2 + GUARD, 7, dtype=np.uint64)
    blocks = np.full((n + 1 + GUARD, 4), 7, dtype=np.int32)
    quotes = np.full((n // 2 + 1 + GUARD, 2), 7, dtype=np.int32)
    array = np.frombuffer(data, dtype=np.uint8)
    entries, expansions = kernels.load_unicode()
    row = np.empty(3, dtype=np.int64)
    tables = (entries, expansions, *ascii_tables(entries), row)
    sizes = scan_text(array, start, end, *tables, tokens, blocks, quotes)
    found = []
    for out, size in zip((tokens, blocks, quotes), sizes, strict=True):
        assert 0 <= size <= len(out) - GUARD
        assert (out[-GUARD:] == 7).all()
        found.append(out[:size].tolist())
    return found[0], found[1], found[2]


def token_hashes(text: str) -> list[int]:
    return scan(text.encode())[0]


@given(ANY_TEXT)
@example("ﷺ ㍿㋀")
@example("İSTANBUL ΣΊΣΥΦΟΣ straße STRASSE")
@settings(deadline=None, max_examples=300)
def test_tokens_are_those_of_the_naive_twin(text: str) -> None:
    assert token_hashes(text) == [naive.token_hash(token) for token in naive.tokens(text)]


# Bytes that mean something to the kernel: marks, newlines, the beginnings of code points.
BYTES = st.lists(
    st.sampled_from(
        [
            b"a",
            b"7",
            b" ",
            b".",
            b"\n",
            b'"',
            b"'",
            b"(",
            b"\xc2",
            b"\xc2\x85",
            b"\xc2\xa0",
            b"\xe2",
        ]
        + [b"\xe2\x80", b"\xf0", b"\xff", b"\x80", b"\x9d"]
        + [c.encode() for c in "é“”„‘’«»「」。\u2028日㌖"]
    ),
    max_size=40,
).map(b"".join)


@given(st.binary(max_size=80) | BYTES)
@example("㌖㌖㌖㌖".encode())  # two tokens per byte, the most there is
@example(b'""' * 30)  # a quotation for every two bytes, the most there is
@example("«»".encode() * 30)
@example(b"a\n" * 30)
@settings(deadline=None, max_examples=400)
def test_bytes_that_are_no_utf8_do_no_harm(data: bytes) -> None:
    tokens, blocks, quotes = scan(data)
    ends = [block[0] for block in blocks]
    assert ends == sorted(set(ends))
    assert ends[-1:] == ([len(tokens)] if tokens else [])
    points = [point for _, start, end, _ in blocks for point in (start, end)]
    assert points == sorted(points)
    assert all(0 <= point <= len(data) for point in points)
    bounds = [place for quote in quotes for place in quote]
    assert bounds == sorted(bounds)
    assert all(0 <= place <= len(tokens) for place in bounds)


@given(BYTES, BYTES, BYTES)
@settings(deadline=None, max_examples=300)
def test_what_stands_around_a_text_makes_no_difference(
    before: bytes, data: bytes, after: bytes
) -> None:
    end = len(before) + len(data)
    assert scan(before + data + after, len(before), end) == scan(data)


@pytest.mark.skipif(
    unicodedata.unidata_version != "14.0.0", reason="the stored table is of Unicode 14"
)
def test_the_stored_table_is_what_its_command_makes() -> None:
    from tools import build_unicode

    for made, stored in zip(build_unicode.build(), kernels.load_unicode(), strict=True):
        np.testing.assert_array_equal(made, stored)


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
        assert sets.n_tokens[i] == len(naive.token_values(text))


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
    n = sort_distinct(array, len(array), np.empty_like(array), np.empty(65537, dtype=np.int64))
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


@given(st.integers(0, 3), st.integers(30, 200), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=200)
def test_intersections_of_sets_of_very_different_sizes_are_counted_exactly(
    n_small: int, n_large: int, source: Any
) -> None:
    """From 33 times the size on, values are looked up instead of merged."""
    edges = [0, 2**31 - 1, 2**31, 2**32 - 1]
    large = set(source.sample(range(2**32), n_large)) | set(source.sample(edges, 2))
    some = source.choice([sorted(large), edges, range(2**32)])
    sets = [frozenset(large), frozenset(source.sample(some, n_small)), frozenset()]
    pairs = np.array([(i, j) for i in range(3) for j in range(3)])
    shared = np.empty(len(pairs), dtype=np.int64)
    kernels.intersection_sizes(*csr(sets), pairs, shared)
    assert shared.tolist() == [len(sets[i] & sets[j]) for i, j in pairs]


@pytest.mark.parametrize("n_large", [63, 64, 65, 66, 5000])
def test_all_of_a_small_set_are_found_at_both_ends_of_a_large_one(n_large: int) -> None:
    values = [*range(n_large - 1), 2**32 - 1]
    small = [frozenset({0, 2**32 - 1}), frozenset({n_large, 2**32 - 1}), frozenset({n_large})]
    sets = [frozenset(values), *small]
    pairs = np.array([(0, 1), (1, 0), (0, 2), (2, 0), (0, 3), (3, 0)])
    shared = np.empty(len(pairs), dtype=np.int64)
    kernels.intersection_sizes(*csr(sets), pairs, shared)
    assert shared.tolist() == [2, 2, 1, 1, 0, 0]


@given(st.integers(1, 12), st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11))))
@settings(deadline=None)
def test_connect_finds_the_smallest_connected_node(n: int, pairs: list[tuple[int, int]]) -> None:
    inside = [(a % n, b % n) for a, b in pairs]
    found = kernels.connect(n, np.array(inside, dtype=np.int64).reshape(-1, 2))
    assert found.tolist() == naive.components(n, inside)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40), st.integers(1, 6))
@settings(deadline=None)
def test_crowded_keys_and_numbers_of_buckets(keys: list[int], limit: int) -> None:
    items = np.sort(np.array([key << 32 | i for i, key in enumerate(keys)], dtype=np.uint64))
    sizes = Counter(keys)
    expected = sorted(key for key, size in sizes.items() if size > limit)
    assert kernels.crowded_keys(items, limit).tolist() == expected
    numbers = np.full(len(keys), 99, dtype=np.uint32)
    assert kernels.number_buckets(items, limit, numbers) == max(sizes.values())
    for i, key in enumerate(keys):
        partners = {j for j, other in enumerate(keys) if other == key}
        is_open = 1 < len(partners) <= limit
        assert {j for j in range(len(keys)) if numbers[j] == numbers[i] != 0} == (
            partners if is_open else set()
        )


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


VALUES = st.lists(st.integers(0, 2**32 - 1), max_size=60)


@given(st.lists(VALUES | st.lists(st.integers(0, 15), max_size=200), max_size=4), st.data())
@settings(deadline=None, max_examples=150)
def test_shingles_and_prints_of_marked_tokens_are_those_of_the_naive_twin(
    texts: list[list[int]], data: st.DataObject
) -> None:
    size, window = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 20))
    min_tokens = data.draw(st.sampled_from([0, 5, 30]))
    made = shingle_rows(texts, size, window, min_tokens)
    for text, (n, text_hash, shingles, prints) in zip(texts, made, strict=True):
        left = [value for value in text if not value & naive.FURNITURE]
        assert n == len(left)
        assert text_hash == naive.row_hash(left if len(left) >= min_tokens else text)
        assert shingles == sorted(set(naive.window_hashes(left, size)))
        page = [value for value in text if value & naive.FURNITURE]
        of_text, of_page = (
            naive.prints(naive.window_hashes(t, size), window) for t in (left, page)
        )
        assert prints == [p & ~1 for p in of_text] + [p | 1 for p in of_page]


@given(st.lists(st.integers(0, 2**32 - 1) | st.integers(4, 40), max_size=150), st.data())
@settings(deadline=None)
def test_a_narrower_window_keeps_all_that_a_wider_one_keeps(
    text: list[int], data: st.DataObject
) -> None:
    wide = data.draw(st.integers(1, 20))
    narrow = data.draw(st.integers(1, wide))
    (*_, few), (*_, more) = (shingle_rows([text], 3, window, 0)[0] for window in (wide, narrow))
    assert not Counter(few) - Counter(more)


@pytest.mark.parametrize("text", [[4] * 40, [4, 8] * 30, [4, 8, 8, 12] * 20])
def test_of_equal_hashes_the_last_becomes_a_print(text: list[int]) -> None:
    *_, prints = shingle_rows([text], 1, 4, 0)[0]
    assert prints == [p & ~1 for p in naive.prints(naive.window_hashes(text, 1), 4)]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5))), st.integers(2, 4), st.integers(1, 5)
)
@settings(deadline=None)
def test_prints_of_one_text_are_dropped_and_those_of_many_are_counted(
    places: list[tuple[int, int]], most: int, most_pages: int
) -> None:
    postings = np.sort(np.array([value << 32 | place for value, place in places], np.uint64))
    sizes = np.zeros(6, dtype=np.int64)
    n, crowded = kernels.drop_lone(postings, most, most_pages, sizes)
    holders = Counter(value for value, _ in set(places))
    gone = {v for v, n in holders.items() if n < 2 or (v % 2 == 1 and n > most_pages)}
    kept = sorted((value, place) for value, place in set(places) if value not in gone)
    assert postings[:n].tolist() == [value << 32 | place for value, place in kept]
    assert crowded == sum(count > most for count in holders.values())
    own = {(value, place) for value, place in places if value % 2 == 0}
    assert sizes.tolist() == [sum(p == place for _, p in own) for place in range(6)]
    listed, starts, group, group_starts = kernels.by_place(postings[:n], 6)
    of_print = [list(found) for _, found in itertools.groupby(range(n), lambda k: kept[k][0])]
    assert group.tolist() == [i for i, found in enumerate(of_print) for _ in found]
    ends = [found[-1] + 1 for found in of_print]
    assert group_starts.tolist() == [0, *ends] if ends else not group_starts.any()
    for place in range(6):
        expected = [k for k, (_, other) in enumerate(kept) if other == place]
        assert listed[starts[place] : starts[place + 1]].tolist() == expected


def shingle_rows(
    texts: list[list[int]], size: int, window: int, min_tokens: int
) -> list[tuple[int, int, list[int], list[int]]]:
    """Of each text: its number of tokens, its hash, its shingles and its prints."""
    values, offsets = rows_of(texts)
    sets, prints = np.empty((2, len(values)), dtype=np.uint32)
    set_offsets, print_offsets = np.empty((2, len(offsets)), dtype=np.int64)
    n_tokens, (hashes, pages) = np.empty(len(texts), np.int64), np.empty((2, len(texts)), np.uint64)
    arrays = (sets, set_offsets, prints, print_offsets, n_tokens, hashes, pages)
    kernels.shingle_tokens(values, offsets, size, window, min_tokens, *arrays)
    assert pages.tolist() == [naive.marked_hash(text) for text in texts]
    return [
        (
            int(n_tokens[i]),
            int(hashes[i]),
            sets[set_offsets[i] : set_offsets[i + 1]].tolist(),
            prints[print_offsets[i] : print_offsets[i + 1]].tolist(),
        )
        for i in range(len(texts))
    ]


def rows_of(texts: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Texts as token values end to end, and offsets."""
    values = np.array([v for text in texts for v in text], dtype=np.uint32)
    return values, np.cumsum([0] + [len(text) for text in texts])


BLOCKS = st.lists(
    st.lists(st.tuples(st.integers(0, 30) | st.integers(0, 2**64 - 1), st.booleans()), max_size=6),
    max_size=5,
)


@given(BLOCKS, st.sets(st.integers(0, 31)), st.data())
@settings(deadline=None)
def test_blocks_are_found_by_their_keys(
    pages: list[list[tuple[int, bool]]], wanted: set[int], data: st.DataObject
) -> None:
    keys = [*wanted, *(2**64 - 1 - value for value in wanted)]
    of_text = data.draw(
        st.lists(st.sampled_from([0, 1, 2**63]), min_size=len(pages), max_size=len(pages))
    )
    hashes = np.array([h for page in pages for h, _ in page], dtype=np.uint64)
    asked = np.array([ask for page in pages for _, ask in page], dtype=np.bool_)
    offsets = np.cumsum([0] + [len(page) for page in pages])
    numbers, ordered = np.array(of_text, np.uint64), np.array(keys, np.uint64)
    found = kernels.find_blocks(hashes, offsets, numbers, ordered, asked)
    every = [(h ^ of_text[i], i, ask) for i, page in enumerate(pages) for h, ask in page]
    assert list(zip(*(array.tolist() for array in found), strict=True)) == [
        (b, keys.index(key), i) for b, (key, i, ask) in enumerate(every) if ask and key in keys
    ]
    out = np.empty(len(hashes), dtype=np.bool_)
    kernels.is_among(hashes, ordered, out)
    assert out.tolist() == [h in keys for h in hashes.tolist()]
    parts = [kernels.take_keys(hashes, offsets, numbers, 62, part).tolist() for part in range(4)]
    assert parts == [[key for key, *_ in every if key >> 62 == part] for part in range(4)]


def test_keys_that_want_the_same_slot_are_all_found() -> None:
    wanted = np.arange(1000, dtype=np.uint64) << np.uint64(32)
    found = np.empty(2000, dtype=np.bool_)
    kernels.is_among(np.arange(2000, dtype=np.uint64) << np.uint64(32), wanted, found)
    assert found.tolist() == [*([True] * 1000), *([False] * 1000)]


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=8), max_size=4),
    st.integers(1, 9),
)
@settings(deadline=None)
def test_common_blocks_at_an_edge_or_in_bulk_are_marked(
    pages: list[list[tuple[int, bool]]], bulk: int
) -> None:
    offsets = np.cumsum([0] + [len(page) for page in pages])
    ends = np.array(
        [end for page in pages for end in itertools.accumulate(n for n, _ in page)], dtype=np.int32
    )
    is_common = np.array([common for page in pages for _, common in page], dtype=np.bool_)
    out = np.empty(len(ends), dtype=np.bool_)
    kernels.is_at_edge(offsets, ends, is_common, bulk, out)
    expected = []
    for page in pages:
        own = [not common for _, common in page]
        for at, (_, common) in enumerate(page):
            sides = sum(own[:at]), sum(own[at:])
            row = [at]
            while row[0] > 0 and page[row[0] - 1][1]:
                row.insert(0, row[0] - 1)
            while row[-1] + 1 < len(page) and page[row[-1] + 1][1]:
                row.append(row[-1] + 1)
            many = sum(page[k][0] for k in row) >= bulk
            expected.append(common and (min(sides) <= 1 or many))
    assert out.tolist() == expected


@given(st.lists(st.lists(st.integers(1, 4), max_size=5), max_size=4), st.data())
@settings(deadline=None)
def test_marking_a_block_changes_one_bit_of_its_tokens(
    sizes: list[list[int]], data: st.DataObject
) -> None:  # `sizes` are tokens of each block of each text
    n_blocks = sum(map(len, sizes))
    found = data.draw(st.lists(st.booleans(), min_size=n_blocks, max_size=n_blocks))
    n = sum(map(sum, sizes))
    before = data.draw(st.lists(st.integers(0, 2**32 - 1), min_size=n, max_size=n))
    values = np.array(before, dtype=np.uint32)
    n_marked = kernels.mark_furniture(
        values,
        np.cumsum([0, *map(sum, sizes)]),
        np.cumsum([0, *map(len, sizes)]),
        np.array([end for text in sizes for end in np.cumsum(text)], dtype=np.int32),
        np.array(found, dtype=np.bool_),
    )
    marks = [f for f, size in zip(found, itertools.chain(*sizes), strict=True) for _ in range(size)]
    assert values.tolist() == [v | naive.FURNITURE * m for v, m in zip(before, marks, strict=True)]
    assert n_marked == sum(marks)


@given(st.lists(VALUES, min_size=1, max_size=4), st.data())
@settings(deadline=None)
def test_furniture_is_taken_without_its_mark(texts: list[list[int]], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.sampled_from(range(len(texts))), max_size=6))
    out = np.empty(sum(len(texts[row]) for row in rows), dtype=np.uint32)
    out_offsets = np.empty(len(rows) + 1, dtype=np.int64)
    kernels.take_furniture(*rows_of(texts), np.array(rows, np.int64), out, out_offsets)
    for i, row in enumerate(rows):
        taken = [v - naive.FURNITURE for v in texts[row] if v & naive.FURNITURE]
        assert out[out_offsets[i] : out_offsets[i + 1]].tolist() == taken


def words_of(headings: list[naive.Heading]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Headings as words, weights and offsets, end to end."""
    words = np.array([word for heading in headings for word, _ in heading], dtype=np.uint32)
    weights = np.array([weight for heading in headings for _, weight in heading], dtype=np.float64)
    return words, weights, np.cumsum([0] + [len(heading) for heading in headings])


def measured(
    texts: list[list[int]],
    pairs: list[tuple[int, int]],
    size: int,
    headings: list[naive.Heading] | None = None,
    common: set[int] | frozenset[int] = frozenset(),
    speech: set[int] | frozenset[int] = frozenset(),
) -> tuple[list, list, list]:
    """Measures of all pairs, what their titles say, and the runs of the last."""
    values, offsets = rows_of(texts)
    measures = np.full((len(pairs), kernels.PASSAGE_MEASURES), -1, dtype=np.int64)
    titles = np.full((2 * len(pairs), 3), -1.0)
    runs = np.full((len(values) + 1, 5), -1, dtype=np.int32)
    n = kernels.measure_passages(
        values,
        offsets,
        np.array(pairs, dtype=np.int64).reshape(-1, 2),
        size,
        kernels.FURNITURE,
        *words_of(headings or [[] for _ in texts]),
        np.array(sorted(common), dtype=np.uint64),
        np.array(sorted(speech), dtype=np.uint64),
        measures,
        titles,
        runs,
    )
    return measures.tolist(), titles.tolist(), runs[:n].tolist()


FEW_WORDS = st.lists(st.integers(0, 15), max_size=14)  # four words, with any marks
SENTENCES = st.lists(
    st.tuples(st.integers(0, 9), st.integers(1, 12), st.sampled_from([0, 0, 0, 1, 2])), max_size=8
).map(lambda parts: [7 * s + k << 2 | mark for s, n, mark in parts for k in range(n)])
LONG_GAPS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([6, 9, 30, 59, 60, 61, 70])), max_size=5
).map(lambda parts: [100 * s + k << 2 for s, n in parts for k in range(n)])
HEADING = st.dictionaries(
    st.integers(0, 80), st.sampled_from([0.125, 0.25, 0.5, 1.0]), max_size=6
).map(lambda words: list(words.items()))
WORD_SET = st.frozensets(st.integers(0, 80), max_size=40)


@given(
    st.lists(FEW_WORDS | SENTENCES | LONG_GAPS, min_size=2, max_size=4),
    st.integers(1, 6),
    st.lists(HEADING, min_size=4, max_size=4),
    WORD_SET,
    WORD_SET,
)
@example([[4, 8, 4, 8, 12], [4, 8, 4, 8, 0, 4, 8]], 2, [[]] * 4, frozenset(), frozenset())
@settings(deadline=None, max_examples=400)
def test_passages_are_those_of_the_naive_twin(
    texts: list[list[int]],
    size: int,
    headings: list[naive.Heading],
    common: frozenset[int],
    speech: frozenset[int],
) -> None:
    headings = headings[: len(texts)]
    pairs = [(a, b) for a in range(len(texts)) for b in range(len(texts))]
    measures, titles, runs = measured(texts, pairs, size, headings, common, speech)
    expected = [
        naive.measure((texts[a], texts[b]), size, (headings[a], headings[b]), common, speech)
        for a, b in pairs
    ]
    assert measures == [row for row, _, _ in expected]
    assert titles == [row for _, rows, _ in expected for row in rows]
    assert runs == expected[-1][2]


@given(
    st.lists(FEW_WORDS | SENTENCES, min_size=2, max_size=5),
    st.integers(1, 4),
    st.lists(HEADING, min_size=5, max_size=5),
    st.data(),
)
@settings(deadline=None, max_examples=200)
def test_passages_of_a_pair_do_not_depend_on_the_pairs_before(
    texts: list[list[int]], size: int, headings: list[naive.Heading], data: st.DataObject
) -> None:
    """The index of a text serves successive pairs; it must never serve another text's."""
    headings = headings[: len(texts)]
    places = st.integers(0, len(texts) - 1)
    pairs = data.draw(st.lists(st.tuples(places, places), min_size=1, max_size=20))
    together, titles, runs = measured(texts, pairs, size, headings)
    alone = [measured(texts, [pair], size, headings) for pair in pairs]
    assert together == [row for (row,), *_ in alone]
    assert titles == [row for _, rows, _ in alone for row in rows]
    assert runs == alone[-1][2]
    order = data.draw(st.permutations(range(len(pairs))))
    shuffled, *_ = measured(texts, [pairs[i] for i in order], size, headings)
    assert shuffled == [together[i] for i in order]


def test_passages_of_many_short_texts_in_one_giant_are_found() -> None:
    source = random.Random(3)
    giant = [source.randrange(1, 2**29) << 2 for _ in range(60_000)]
    starts = [source.randrange(len(giant) - 40) for _ in range(300)]
    short = [[4, 8, *giant[start : start + 40], 12] for start in starts]
    pairs = [(0, i + 1) if i % 2 else (i + 1, 0) for i in range(300)]
    pairs[150:150] = [(1, 2)]  # another index in between
    measures, *_ = measured([giant, *short], pairs, 5)
    del measures[150]
    for i, row in enumerate(measures):
        sizes = [60_000, 43] if i % 2 else [43, 60_000]
        assert row[:7] == [*sizes, 40, 40, 40, 0, 1]


@pytest.mark.parametrize(
    ("of_a", "of_b", "quoted"),
    [
        pytest.param([10], [0], 10, id="one text marks a whole passage"),
        pytest.param([3], [4], 4, id="the larger count of the two"),
        pytest.param([7, 1], [2, 6], 13, id="of each passage by itself"),
        pytest.param([1], [0], 1, id="a word of a passage is not the passage"),
        pytest.param([0], [0], 0, id="none"),
    ],
)
def test_words_inside_quotation_marks_are_counted(
    of_a: list[int], of_b: list[int], quoted: int
) -> None:
    def text_with(marks: list[int], between: int) -> list[int]:
        words = []
        for i, n in enumerate(marks):
            words += [100 * i + k << 2 | (k < n) for k in range(10)] + [between + i << 2 | 1]
        return words

    for a, b in ((of_a, of_b), (of_b, of_a)):
        (row,), *_ = measured([text_with(a, 5000), text_with(b, 6000)], [(0, 1)], 5)
        assert row[4:7] == [10 * len(a), quoted, len(a)]


@given(FEW_WORDS, FEW_WORDS, st.integers(1, 4))
@settings(deadline=None)
def test_passages_have_the_same_words_in_both_texts(a: list[int], b: list[int], size: int) -> None:
    (row,), _, runs = measured([a, b], [(0, 1)], size)
    covered: list[list[int]] = [[], []]
    for run in runs:
        words = []
        for side, text in enumerate((a, b)):
            places = range(run[side], run[2 + side])
            kept = [place for place in places if not text[place] & naive.FURNITURE]
            covered[side] += kept
            words.append([text[place] >> 2 for place in kept])
        assert words[0] == words[1]
        assert len(words[0]) == run[4] >= size
    shorter = 0 if row[0] < row[1] else 1
    assert len(set(covered[shorter])) == len(covered[shorter]) == row[4]
    assert [len(set(side)) for side in covered] == row[2:4]


def test_of_two_equal_places_the_one_that_goes_on_is_taken() -> None:
    long = [*range(20), 400, *range(40, 60), *range(20), *range(80, 100), 401]
    short = [*range(40, 60), 500, *range(20)]
    text = [[word << 2 for word in words] for words in (long, short)]
    assert measured(text, [(0, 1)], 5)[2] == [[21, 0, 41, 20, 20], [41, 21, 61, 41, 20]]
    short = [*range(40, 60), *range(20)]  # the longest passage goes on as it is
    text = [[word << 2 for word in words] for words in (long, short)]
    assert measured(text, [(0, 1)], 5)[2] == [[21, 0, 61, 40, 40]]
    text[1].insert(20, 3 << 2 | naive.FURNITURE)  # nothing in between counts
    assert measured(text, [(0, 1)], 5)[2] == [[21, 0, 61, 41, 40]]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param([4] * 200_000, [4] * 200_000, id="one word"),
        pytest.param([4, 4, 4, 4, 8] * 40_000, [4, 4, 4, 4, 12] * 40_000, id="no passage"),
        pytest.param([4] * 200_000, ([4] * 9 + [8]) * 20_000, id="many passages"),
    ],
)
def test_texts_that_repeat_themselves_take_no_time(a: list[int], b: list[int]) -> None:
    measures, *_ = measured([a, b], [(0, 1)], 5)
    assert measures[0][:2] == [len(a), len(b)]


@given(st.lists(st.lists(st.integers(4, 31), max_size=12), min_size=1, max_size=5), st.data())
@settings(deadline=None)
def test_a_name_is_found_where_its_tokens_stand_in_a_row(
    texts: list[list[int]], data: st.DataObject
) -> None:
    names = data.draw(
        st.lists(st.lists(st.integers(4, 31), min_size=1, max_size=3), min_size=1, max_size=3)
    )
    rows = data.draw(st.lists(st.sampled_from(range(len(texts))), max_size=6))
    longest = data.draw(st.integers(1, 3))
    values, offsets = rows_of(texts)
    keys = np.array(sorted({naive.row_hash(name) for name in names}), dtype=np.uint64)
    found = np.full(len(rows), data.draw(st.booleans()))
    kernels.name_places(values, offsets, np.array(rows, np.int64), keys, longest, found)
    words = {tuple(value >> 2 for value in name) for name in names if len(name) <= longest}
    for row, is_found in zip(rows, found, strict=True):
        text = [value >> 2 for value in texts[row]]
        windows = {
            tuple(text[at : at + n]) for n in range(1, longest + 1) for at in range(len(text))
        }
        assert is_found == bool(words & windows)


@given(VALUES)
@settings(deadline=None)
def test_the_hash_of_a_row_of_tokens_is_that_of_the_naive_twin(values: list[int]) -> None:
    unmarked = [value & ~3 for value in values]
    expected = naive.row_hash(values)
    assert kernels.hash_tokens(np.array(values, dtype=np.uint32)) == expected
    assert kernels.hash_tokens(np.array(unmarked, dtype=np.uint32)) == expected


@given(
    st.lists(
        st.integers(0, 2**64 - 1) | st.integers(0, 3) | st.integers(0, 3).map((2**40).__mul__)
    ),
    st.integers(0, 63),
    st.integers(1, 64),
)
@settings(deadline=None)
def test_values_are_sorted_by_some_bits_and_equals_keep_their_order(
    values: list[int], first: int, n_bits: int
) -> None:
    last = min(64, first + n_bits)
    given_values = np.array(values, dtype=np.uint64)
    found = kernels.sort_bits(given_values, np.empty_like(given_values), first, last)
    digits = -(-(last - first) // 11) * 11  # whole digits are looked at
    mask = (1 << digits) - 1
    assert found.tolist() == sorted(values, key=lambda value: value >> first & mask)
    kept = kernels.drop_repeats(np.sort(found))
    assert kept == len(set(values))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4))))
@settings(deadline=None)
def test_a_place_is_new_once_in_each_text(seen: list[tuple[int, int]]) -> None:
    seen.sort()
    texts, places = np.array(seen, dtype=np.int64).reshape(-1, 2).T
    is_first = np.empty(len(seen), dtype=np.bool_)
    kernels.is_first_in_text(places.copy(), texts.copy(), 5, is_first)
    assert is_first.tolist() == [pair not in seen[:i] for i, pair in enumerate(seen)]


BLOCKS_OF_WORDS = st.tuples(
    st.tuples(st.integers(0, 9), st.sampled_from([1, 4, 5, 8, 16])).map(
        lambda block: [20 * block[0] + k << 2 for k in range(block[1])]
    ),
    st.booleans() | st.just(True),
    st.sampled_from([False, False, True]),
)
PAGES = st.lists(st.lists(BLOCKS_OF_WORDS, max_size=8), min_size=2, max_size=4)
PAGE_HEADING = st.dictionaries(
    st.integers(0, 200), st.sampled_from([0.125, 0.25, 0.5, 1.0]), max_size=kernels.MOST_WORDS
).map(lambda words: list(words.items()))


@given(PAGES, st.lists(PAGE_HEADING, min_size=4, max_size=4))
@settings(deadline=None, max_examples=300)
def test_pages_side_by_side_are_weighed_as_by_the_naive_twin(
    pages: list[list[naive.Block]], headings: list[naive.Heading]
) -> None:
    headings = headings[: len(pages)]
    blocks = [block for page in pages for block in page]
    hashes = np.array([naive.row_hash(values) for values, *_ in blocks], dtype=np.uint64)
    marks = np.array(
        [kernels.SENTENCE * stop | kernels.LISTED * listed for _, stop, listed in blocks], np.uint8
    )
    block_offsets = np.cumsum([0] + [len(page) for page in pages])
    ends = np.array(
        [end for page in pages for end in itertools.accumulate(len(b) for b, *_ in page)], np.int32
    )
    values, offsets = rows_of([[v for b, *_ in page for v in b] for page in pages])
    words, weights, word_offsets = words_of(headings)
    found = np.full(len(blocks), 99, dtype=np.uint32)
    kernels.find_headings(values, offsets, block_offsets, ends, words, word_offsets, found)
    assert found.tolist() == [
        bits
        for page, heading in zip(pages, headings, strict=True)
        for bits in naive.found_in_blocks([b for b, *_ in page], [word for word, _ in heading])
    ]
    pairs = list(itertools.combinations(range(len(pages)), 2))
    out = np.full((2 * len(pairs), kernels.PAGE_MEASURES), 99.0)
    kernels.compare_pages(
        np.array(pairs),
        hashes,
        block_offsets,
        ends,
        marks,
        found,
        words,
        weights,
        word_offsets,
        values,
        offsets,
        out,
    )
    assert out.tolist() == [
        row
        for a, b in pairs
        for row in naive.compare_pages((pages[a], pages[b]), (headings[a], headings[b]))
    ]


@given(st.lists(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.booleans()))))
@settings(deadline=None)
def test_pages_are_known_again_by_their_sentences(pages: list[list[tuple[int, bool]]]) -> None:
    hashes = np.array([h for page in pages for h, _ in page], dtype=np.uint64)
    marks = [kernels.SENTENCE * stop | kernels.WHOLE_LINE for page in pages for _, stop in page]
    offsets = np.cumsum([0] + [len(page) for page in pages])
    out = np.full(len(pages), 99, dtype=np.uint64)
    kernels.hash_prose(hashes, np.array(marks, dtype=np.uint8), offsets, out)
    assert out.tolist() == [naive.prose_hash(page) for page in pages]


@given(st.lists(st.frozensets(st.integers(0, 30)), min_size=2, max_size=6), st.data())
@settings(deadline=None, max_examples=200)
def test_what_two_sets_have_in_common_is_looked_for_in_some_others(
    sets: list[frozenset[int]], data: st.DataObject
) -> None:
    values, offsets = csr(sets)
    places = st.integers(0, len(sets) - 1)
    others = data.draw(st.lists(st.lists(places, max_size=4), min_size=3, max_size=3))
    most = data.draw(st.integers(1, 4))
    texts = data.draw(
        st.lists(st.tuples(places, places, st.integers(0, 2), st.integers(0, 2)), max_size=5)
    )
    table = np.array(texts, dtype=np.int64).reshape(-1, 4)
    out = np.full(len(texts), 99.0)
    kernels.share_elsewhere(
        values,
        offsets,
        table[:, :2].copy(),
        table[:, 2:].copy(),
        np.cumsum([0] + [len(rows) for rows in others]),
        np.array([row for rows in others for row in rows], dtype=np.int64),
        most,
        out,
    )
    assert out.tolist() == [
        naive.share_elsewhere(
            set(sets[a]),
            set(sets[b]),
            [set(sets[row]) for node in (m, n) for row in others[node][:most] if row not in (a, b)],
        )
        for a, b, m, n in texts
    ]


IDS = st.lists(
    st.tuples(
        st.text(max_size=3) | st.sampled_from(["\0", "\0\0", "a" * 99]), st.sampled_from("abc")
    ),
    max_size=60,
)


def hashes_of(strings: list[str]) -> Any:
    data, offsets = utf8_buffers(pa.array(strings, pa.large_string()))
    hashes = np.empty((len(strings), 2), dtype=np.uint64)
    kernels.hash_strings(data, offsets, hashes)
    return hashes


@given(IDS)
@settings(deadline=None)
def test_an_id_is_new_once_and_another_text_of_it_is_found(rows: list[tuple[str, str]]) -> None:
    ids, texts = ([row[place] for row in rows] for place in (0, 1))
    table, is_new = np.zeros((256, 2), dtype=np.uint64), np.empty(len(ids), dtype=np.bool_)
    first: dict[str, str] = {}
    hashes, text_hashes = hashes_of(ids), np.ascontiguousarray(hashes_of(texts)[:, 0])
    at, others = 0, []
    while (at := kernels.add_ids(hashes, text_hashes, table, is_new, at)) < len(ids):
        others.append(at)
        is_new[at] = False
        at += 1
    assert is_new.tolist() == [name not in ids[:i] for i, name in enumerate(ids)]
    assert others == [i for i, row in enumerate(rows) if first.setdefault(*row) != row[1]]


def test_strings_that_differ_have_hashes_that_differ() -> None:
    prefixes = ("a", "b0", "", "\0", "ab" * 20, "12345678")
    ids = [f"{prefix}{n}" for prefix in prefixes for n in range(50_000)]
    ids += ["x" * n for n in range(99)] + ["\0" * n for n in range(99)]
    hashes = hashes_of(ids)
    assert hashes[:, 1].all()
    for half in hashes.T:
        assert len(np.unique(half)) == len(set(ids))
    low = hashes & np.uint64(0xFFFFFFFF)  # 10 of 300,000 pairs of a good hash collide in 32 bits
    assert all(len(np.unique(half)) > len(set(ids)) - 50 for half in low.T)
