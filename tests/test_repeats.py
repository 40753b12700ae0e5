"""Records whose id came before: the same text again, or another."""

from __future__ import annotations

from typing import Any

import newswriter
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dedup
from dedup import api, readers
from dedup.readers.repeats import RepeatedIds
from dedup.tracing.explain import explain

Row = tuple[str, str]


def ids_given(rows: list[Row], batch_rows: int = 4096) -> tuple[list[Row], list[str], list[str]]:
    """Give what is kept, the ids of what is skipped, and the warnings."""
    options = readers.ReadOptions(batch_rows=batch_rows)
    records = [{"id": name, "text": text} for name, text in rows]
    repeats, kept, skipped = RepeatedIds(), [], []
    for batch in map(repeats, readers.from_records(records, options)):
        names, texts = (batch.articles.column(name).to_pylist() for name in ("id", "text"))
        kept += zip(names, texts, strict=True)
        skipped += [record.id for record in batch.skipped]
    return kept, skipped, repeats.warnings()


def naively(rows: list[Row]) -> list[Row]:
    """Name each record in turn, as its id and the texts before it want."""
    texts: dict[str, str] = {}
    others: set[Row] = set()
    for name, text in rows:
        if texts.setdefault(name, text) == text or (name, text) in others:
            continue
        others.add((name, text))
        number = 2
        while f"{name}#{number}" in texts:
            number += 1
        texts[f"{name}#{number}"] = text
    return list(texts.items())


@pytest.mark.parametrize(
    ("rows", "kept", "skipped"),
    [
        pytest.param(["x A", "x A"], ["x A"], ["x"], id="the same record twice"),
        pytest.param(["x A", "x B"], ["x A", "x#2 B"], [], id="two texts of one id"),
        pytest.param(
            ["x A", "x B", "x C", "x B", "x A"],
            ["x A", "x#2 B", "x#3 C"],
            ["x", "x"],
            id="each text is kept once",
        ),
        pytest.param(
            ["x#2 A", "x B", "x C"], ["x#2 A", "x B", "x#3 C"], [], id="a derived id that is taken"
        ),
        pytest.param(
            ["x A", "x B", "x#2 C"], ["x A", "x#2 B", "x#2#2 C"], [], id="an id that looks derived"
        ),
        pytest.param(["x A", "x A "], ["x A", "x#2 A "], [], id="white space is text"),
    ],
)
def test_another_text_under_a_known_id_is_kept_under_a_derived_one(
    rows: list[str], kept: list[str], skipped: list[str]
) -> None:
    split = [(row.partition(" ")[0], row.partition(" ")[2]) for row in rows]
    found, left_out, _ = ids_given(split)
    assert [f"{name} {text}" for name, text in found] == kept
    assert left_out == skipped


ROWS = st.lists(st.tuples(st.sampled_from(["x", "y", "x#2", "x#3"]), st.sampled_from("ABCDE")))


@given(ROWS, st.integers(1, 5))
@settings(deadline=None)
def test_ids_do_not_depend_on_how_records_come_in_batches(rows: list[Row], size: int) -> None:
    kept, skipped, _ = ids_given(rows, size)
    assert kept == naively(rows)
    assert len(kept) + len(skipped) == len(rows)


def test_one_id_for_all_costs_no_square_of_the_records() -> None:
    rows = [("page", f"text {n}") for n in range(3_000)]
    kept, skipped, warnings = ids_given(rows * 2, 500)
    assert [name for name, _ in kept] == ["page", *(f"page#{n}" for n in range(2, 3_001))]
    assert len(skipped) == 3_000
    assert warnings == [
        "2999 records had an id that another text had before; kept as page#2, page#3, page#4 and "
        "2996 more"
    ]


def feeds() -> list[dict[str, Any]]:
    """Two feeds that number from 1; the second one's third item is the first one's first."""
    texts = [newswriter.text(120, n) for n in range(5)]
    return [
        {"id": str(n % 3 + 1), "text": text, "outlet": "A" if n < 3 else "B"}
        for n, text in enumerate([*texts, texts[0]])
    ]


@pytest.mark.parametrize("workers", [1, 3])
def test_a_run_keeps_both_texts_of_an_id_and_says_so(workers: int) -> None:
    result = dedup.cluster(feeds(), workers=workers)
    assert result.articles.column("id").to_pylist() == ["1", "2", "3", "1#2", "2#2", "3#2"]
    assert result.articles.column("cluster").to_pylist() == ["1", "2", "3", "1#2", "2#2", "1"]
    assert len(result.skipped) == 0
    assert result.run["warnings"] == [
        "3 records had an id that another text had before; kept as 1#2, 2#2, 3#2"
    ]


def test_a_trace_knows_both_texts_of_an_id_of_articles_and_of_wires() -> None:
    lead = "LONDON (Reuters) - "
    wires = [
        {"id": "w", "text": lead + newswriter.text(120, n), "outlet": "Reuters"} for n in (0, 4)
    ]
    traced = dedup.trace(feeds(), wires)
    rows = {row["id"]: row for row in traced.articles.to_pylist()}
    assert list(rows) == ["1", "2", "3", "1#2", "2#2", "3#2"]
    assert (rows["1"]["origin_id"], rows["2#2"]["origin_id"]) == ("w", "w#2")
    (warning,) = (text for text in traced.run["warnings"] if "another text" in text)
    assert warning.startswith("4 records had an id")
    assert "\0" not in warning


def test_both_texts_of_an_id_can_be_explained() -> None:
    settings_ = dedup.Settings()
    found = explain(api.batches_of(feeds(), settings_), "1", "3#2", settings_)
    assert (found.relation, found.a.text) == ("duplicate", found.b.text)


def test_an_article_of_an_index_gives_way_to_one_with_its_id() -> None:
    repeats = RepeatedIds()
    new, known = (
        next(readers.from_table(pa.table({"id": ids, "text": texts})))
        for ids, texts in ((["a", "b"], ["A", "B"]), (["b", "a", "c"], ["B", "other", "C"]))
    )
    assert repeats(new).articles.num_rows == 2
    left = repeats.unknown_in(known)
    assert left.articles.column("id").to_pylist() == ["c"]
    assert (left.skipped, repeats.warnings()) == ((), [])
