"""What a result says of the articles and pairs that a gold table names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.evaluation.gold import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import numpy.typing as npt

    from dedup.results.result import Result

    Rows = npt.NDArray[np.int64]

FORMULA_STARTS = ("=", "+", "-", "@")
"""Spreadsheets take a cell that begins so for a formula; a label sheet has an apostrophe before."""


class PairLookup:
    """What the result says of pairs of articles, by their rows in `articles`."""

    def __init__(self, result: Result, rows: Rows, *, both_ends: bool) -> None:
        """Keep the matches with both ends, or else with one end or both, in some rows."""
        self._result = result
        self._groups = {level: group_codes(result.articles.column(level)) for level in LEVELS}
        wanted = result.articles.column("id").take(pa.array(rows, pa.int64()))
        columns = [result.pairs.column(name) for name in ("id_a", "id_b")]
        is_in = [pc.is_in(column, value_set=wanted.cast(column.type)) for column in columns]
        is_wanted = pc.and_(*is_in) if both_ends else pc.or_(*is_in)
        matches = result.pairs.filter(is_wanted)
        rows_a, rows_b = (rows_of(result, matches[name].to_pylist()) for name in ("id_a", "id_b"))
        keys = zip(rows_a.tolist(), rows_b.tolist(), strict=True)
        self._matches: dict[frozenset[int], Mapping[str, Any]] = dict(
            zip(map(frozenset, keys), matches.to_pylist(), strict=True)
        )

    def match(self, a: int, b: int) -> Mapping[str, Any]:
        """Give the row of `pairs`, empty if there is none."""
        return self._matches.get(frozenset((a, b)), {})

    def relation(self, a: int, b: int) -> str:
        """Give the relation, "unrelated" if the pair is not in `pairs`."""
        return str(self.match(a, b).get("relation", "unrelated"))

    def containment(self, a: int, b: int) -> float:
        """Give the containment, -1 if the pair is not in `pairs`, so that any match is above."""
        return float(self.match(a, b).get("containment", -1.0))

    def place(self, a: int, b: int) -> str:
        """Give "one cluster", "one story" or "apart"."""
        for level, groups in self._groups.items():
            if groups[a] == groups[b]:
                return f"one {level}"
        return "apart"

    def said(self, column: str, *articles: int) -> list[str]:
        """Give what the input said of some articles, "" for nothing."""
        return values_of(self._result, column, np.array(articles))


def rows_of(result: Result, ids: Sequence[str]) -> Rows:
    """Give the row of each id in `articles`, -1 if it is not there.

    An id that begins with an apostrophe is also looked for without it, where a label sheet would
    have put one.
    """
    known = result.articles.column("id").cast(pa.large_string())

    def find(names: Sequence[str]) -> Rows:
        places = pc.index_in(pa.array(names, pa.large_string()), value_set=known)
        return np.asarray(places.fill_null(-1), dtype=np.int64)

    rows = find(ids)
    bare = {
        place: ids[place][1:]
        for place in np.flatnonzero(rows < 0).tolist()
        if ids[place][:1] == "'" and ids[place][1:].startswith(FORMULA_STARTS)
    }
    rows[list(bare)] = find(list(bare.values()))
    return rows


def values_of(result: Result, column: str, rows: Rows) -> list[str]:
    """Give what the input said of articles, "" for nothing."""
    if column not in result.articles.column_names:
        return [""] * len(rows)
    values = result.articles.column(column).take(pa.array(rows)).to_pylist()
    return [value or "" for value in values]


def group_codes(labels: pa.Array | pa.ChunkedArray) -> Rows:
    """Number the distinct labels 0, 1, ... and give for each article the number of its own."""
    texts = labels.cast(pa.large_string())
    return np.asarray(pc.index_in(texts, value_set=pc.unique(texts)), dtype=np.int64)
