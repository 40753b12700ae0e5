"""The pairs that a person should label next: those nearest to the border of a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dedup.errors import InputError
from dedup.evaluation.gold import PairGold
from dedup.evaluation.lookup import rows_of, values_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from dedup.evaluation.gold import ArticleGold
    from dedup.results.result import Result


def label_sheet(
    result: Result, n_pairs: int, labelled: Iterable[ArticleGold | PairGold] = ()
) -> pa.Table:
    """Pick the matches nearest to the border of a decision, for a person to label.

    Args:
        result: Its `pairs` are looked at. Their distance to a border is the column `margin`
            where there is one (null is far), else that of `jaccard` to the threshold of the run.
        n_pairs: Most pairs to give.
        labelled: Gold whose listed pairs are left out; gold of articles lists none.

    Returns:
        Nearest pairs first; of equals, in the order of `pairs`. Columns `id_a, id_b, relation`
        (as found), `label` (empty), `jaccard, containment, containment_a, containment_b, shared,
        title_a, title_b, outlet_a, outlet_b`.

    Raises:
        InputError: There is neither a margin nor a threshold.
    """
    listed = [gold.pairs for gold in labelled if isinstance(gold, PairGold)]
    done = {frozenset(pair) for pairs in listed for pair in _as_in(result, pairs)}
    chosen: list[int] = []
    ids_a, ids_b = (result.pairs.column(name) for name in ("id_a", "id_b"))
    for row in np.argsort(_margins(result), kind="stable").tolist():
        if len(chosen) == n_pairs:
            break
        if not done or frozenset((ids_a[row].as_py(), ids_b[row].as_py())) not in done:
            chosen.append(row)
    pairs = result.pairs.take(pa.array(chosen, pa.int64()))
    columns = {name: pairs.column(name) for name in ("id_a", "id_b", "relation")}
    columns["label"] = pa.array([""] * len(chosen), pa.string())
    for name in ("jaccard", "containment", "containment_a", "containment_b", "shared"):
        columns[name] = pairs.column(name)
    for name in ("title", "outlet"):
        for end in ("a", "b"):
            rows = rows_of(result, pairs.column(f"id_{end}").to_pylist())
            columns[f"{name}_{end}"] = pa.array(values_of(result, name, rows), pa.large_string())
    return pa.table(columns)


def _margins(result: Result) -> npt.NDArray[np.float64]:
    """Give the distance of each match to the border of its decision, infinite if unknown."""
    if "margin" in result.pairs.column_names:
        margins = np.abs(result.pairs.column("margin").cast(pa.float64()).to_numpy())
        return np.where(np.isnan(margins), np.inf, margins)
    threshold = result.run.get("settings", {}).get("threshold")
    if not isinstance(threshold, int | float):
        raise InputError(
            "pairs have no column margin and run.json no settings.threshold; a label sheet needs "
            "one of them, so run `dedup cluster` again"
        )
    jaccard: npt.NDArray[np.float64] = result.pairs.column("jaccard").to_numpy()
    return np.abs(jaccard - threshold)


def _as_in(result: Result, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Give the pairs as the result names them, without those it does not have."""
    ends = rows_of(result, [name for pair in pairs for name in pair]).reshape(-1, 2)
    ids = result.articles.column("id")
    for a, b in ends[(ends >= 0).all(axis=1)].tolist():
        yield ids[a].as_py(), ids[b].as_py()
