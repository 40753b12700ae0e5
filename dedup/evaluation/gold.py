"""Gold labels: what people say of articles, or of pairs of them, read from a table.

The table has one of two shapes, told apart by its columns: a cluster or story for each article, or
a relation for each of some pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from dedup.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LEVELS = ("cluster", "story")
RELATIONS = ("duplicate", "version", "rewrite", "quote", "template", "furniture", "unrelated")
COPY, NO_COPY = "copy", "no copy"
_LABELS = {name: name for name in RELATIONS} | {
    "boilerplate": "furniture",
    **dict.fromkeys(("1", "1.0", "true"), COPY),
    **dict.fromkeys(("0", "0.0", "false"), NO_COPY),
}


@dataclass(frozen=True, slots=True)
class ArticleGold:
    """Gold groups of articles.

    Attributes:
        name: Of the file, for messages.
        ids: Of the articles, no repeats.
        labels: For `cluster`, `story` or both: one label for each id.
        aggregators: Ids left out because the column `aggregator` is true: pages that hold many
            reports belong to no single cluster.
    """

    name: str
    ids: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]]
    aggregators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PairGold:
    """Gold labels of some pairs; nothing is said of all others.

    Attributes:
        name: Of the file, for messages.
        pairs: Ids of each pair, no pair twice in either order.
        labels: For each pair one of `RELATIONS`, `COPY` or `NO_COPY`.
        unlabelled: Number of rows left out because their label is empty.
    """

    name: str
    pairs: tuple[tuple[str, str], ...]
    labels: tuple[str, ...]
    unlabelled: int = 0


def gold_of(table: pa.Table, name: str = "gold") -> ArticleGold | PairGold:
    """Read gold labels from a table, whose columns say of which shape it is.

    Args:
        table: Of articles: `id` with `cluster`, `story` or both, and perhaps `aggregator`. Of
            pairs: `id_a, id_b` with `label` or `relation`; `label` counts where both are there
            (in a filled `label_sheet`, `relation` is what was found). Labels are those of
            `RELATIONS`, `boilerplate` for `furniture`, and 1 or 0 for a copy or none.
        name: Of the file, for messages.

    Raises:
        InputError: The columns fit neither shape, or an id or a label is empty, unknown or
            repeated. Only a pair's label may be empty; its row is left out.
    """
    columns = set(table.column_names)
    label = next((column for column in ("label", "relation") if column in columns), "")
    if {"id_a", "id_b"} <= columns and label:
        return _pair_gold(table, label, name)
    if "id" in columns and columns & set(LEVELS):
        return _article_gold(table, name)
    raise InputError(
        f"{name}: found {', '.join(table.column_names) or 'no columns'}; needed id with cluster or "
        "story, or id_a and id_b with label or relation; rename the columns"
    )


def _article_gold(table: pa.Table, name: str) -> ArticleGold:
    rows = list(range(table.num_rows))
    aggregators: list[int] = []
    if "aggregator" in table.column_names:
        flags = _texts(table, "aggregator", name)
        aggregators = [row for row in rows if flags[row].lower() in ("true", "1", "1.0")]
        rows = sorted(set(rows) - set(aggregators))
    levels = [level for level in LEVELS if level in table.column_names]
    ids, *labels = (_filled(table, column, name, rows) for column in ("id", *levels))
    _refuse_repeated(ids, name, rows)
    return ArticleGold(
        name=name,
        ids=ids,
        labels=dict(zip(levels, labels, strict=True)),
        aggregators=_filled(table, "id", name, aggregators),
    )


def _pair_gold(table: pa.Table, column: str, name: str) -> PairGold:
    labels = [label.strip().lower() for label in _texts(table, column, name)]
    kept = [row for row, label in enumerate(labels) if label]
    wanted = f"{', '.join(RELATIONS)}, 1 or 0"
    if not kept:
        raise InputError(f"{name}: no row has a {column}; needed {wanted} in some of them")
    for row in kept:
        if labels[row] not in _LABELS:
            raise InputError(
                f"{name}: row {row + 1}: {column} is {labels[row]!r}; needed {wanted}; correct it"
            )
    ends = (_filled(table, end, name, kept) for end in ("id_a", "id_b"))
    pairs = tuple(zip(*ends, strict=True))
    for row, (a, b) in zip(kept, pairs, strict=True):
        if a == b:
            raise InputError(
                f"{name}: row {row + 1}: id_a and id_b are both {a}; needed two articles; "
                "correct the row or take it out"
            )
    _refuse_repeated([" and ".join(sorted(pair)) for pair in pairs], name, kept)
    return PairGold(
        name=name,
        pairs=pairs,
        labels=tuple(_LABELS[labels[row]] for row in kept),
        unlabelled=len(labels) - len(kept),
    )


def _texts(table: pa.Table, column: str, name: str) -> list[str]:
    """Give a column as text, "" for nothing."""
    values = table.column(column)
    try:
        if pa.types.is_floating(values.type):  # pandas makes NaN of what is missing
            values = pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
        texts = values.cast(pa.large_string()).to_pylist()
    except pa.ArrowException as error:
        raise InputError(
            f"{name}: {column} holds {values.type}; needed text or numbers; convert it"
        ) from error
    return [text if text and text.strip() else "" for text in texts]


def _filled(table: pa.Table, column: str, name: str, rows: Sequence[int]) -> tuple[str, ...]:
    """Give some rows of a column as text, and refuse an empty one."""
    texts = _texts(table, column, name)
    for row in rows:
        if not texts[row]:
            raise InputError(
                f"{name}: row {row + 1}: {column} is empty; fill it, or take the row out"
            )
    return tuple(texts[row] for row in rows)


def _refuse_repeated(values: Sequence[str], name: str, rows: Sequence[int]) -> None:
    seen: dict[str, int] = {}
    for row, value in zip(rows, values, strict=True):
        if value in seen:
            raise InputError(
                f"{name}: row {row + 1} repeats {value} of row {seen[value] + 1}; needed one row "
                "for each; take one out"
            )
        seen[value] = row
