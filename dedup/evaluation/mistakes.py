"""The mistakes of a result that a person should look at first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.evaluation.gold import COPY
from dedup.evaluation.lookup import PairLookup

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from dedup.results.result import Result

    Rows = npt.NDArray[np.int64]

_PLACES = {"duplicate": "one cluster", "version": "one story", COPY: "one story"}
"""Where a pair of each label belongs; pairs of all other labels belong apart."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Two articles that the result treats otherwise than the gold.

    Attributes:
        kind: "false merge", "miss", or "wrong relation" (of a pair that is placed right).
        id_a: The article with the low score, if the gold is of articles; `title_a` is its title.
        id_b: One wrong neighbour of it, or one it misses; `title_b` likewise.
        gold: The gold relation, or where the two belong: "one cluster", "one story", "apart".
        found: The relation in `pairs`, "unrelated" for a pair that is not listed.
        placed: Where the result has the two: "one cluster", "one story" or "apart".
        jaccard: Of the pair; None if it is not listed. `containment` likewise.
        b_cubed: Precision of `id_a` in a false merge, recall in a miss; None if the gold is of
            pairs.
    """

    kind: str
    id_a: str
    id_b: str
    title_a: str
    title_b: str
    gold: str
    found: str
    placed: str
    jaccard: float | None
    containment: float | None
    b_cubed: float | None = None


class Groups(NamedTuple):
    """The scored articles of one level ("cluster" or "story"), each with both its groups.

    Attributes:
        level: Which one.
        rows: Of the articles in the result.
        found: The number of the found group of each.
        gold: The number of the gold group of each.
    """

    level: str
    rows: Rows
    found: Rows
    gold: Rows


class _Flaw(NamedTuple):
    """An article with a low score; flaws sort by how much they matter."""

    b_cubed: float
    minus_size: int
    kind: str
    article: int


def worst_articles(result: Result, groups: Groups, n: int) -> tuple[Mistake, ...]:
    """Name the articles of lowest B-cubed precision and recall, one for each group."""
    rows, found, gold = groups.rows, groups.found, groups.gold
    flaws = sorted([*_flaws("false merge", found, gold), *_flaws("miss", gold, found)])[:n]
    pairs = PairLookup(result, rows[[flaw.article for flaw in flaws]], both_ends=False)
    mistakes = []
    for flaw in flaws:
        group, other = (found, gold) if flaw.kind == "false merge" else (gold, found)
        a = int(rows[flaw.article])
        is_mate = (group == group[flaw.article]) & (other != other[flaw.article])
        mates = rows[is_mate].tolist()
        b = mates[int(np.argmax([pairs.containment(a, mate) for mate in mates]))]
        wanted = "apart" if flaw.kind == "false merge" else f"one {groups.level}"
        mistakes.append(mistake_of(pairs, flaw.kind, (a, b), wanted, flaw.b_cubed))
    return tuple(mistakes)


def mistake_of(
    pairs: PairLookup, kind: str, rows: tuple[int, int], gold: str, b_cubed: float | None = None
) -> Mistake:
    """Describe a wrong pair with all that the result says of it."""
    id_a, id_b = pairs.said("id", *rows)
    title_a, title_b = pairs.said("title", *rows)
    match = pairs.match(*rows)
    return Mistake(
        kind=kind,
        id_a=id_a,
        id_b=id_b,
        title_a=title_a,
        title_b=title_b,
        gold=gold,
        found=pairs.relation(*rows),
        placed=pairs.place(*rows),
        jaccard=match.get("jaccard"),
        containment=match.get("containment"),
        b_cubed=b_cubed,
    )


def _flaws(kind: str, group: Rows, other: Rows) -> Iterator[_Flaw]:
    """Give, of each group whose articles are of several other groups, the one most out of place.

    That is an article whose own other group has the fewest articles here.

    Args:
        kind: Of the mistake.
        group: The number of each article's group, found (false merges) or gold (misses).
        other: The number of its gold group, or of its found one.
    """
    keys = group * (int(other.max()) + 1) + other
    _, first, cells = np.unique(keys, return_index=True, return_counts=True)
    sizes = np.bincount(group)
    order = np.lexsort((first, cells, group[first]))
    _, smallest = np.unique(group[first][order], return_index=True)
    for cell in order[smallest].tolist():
        size = int(sizes[group[first[cell]]])
        if cells[cell] < size:
            yield _Flaw(float(cells[cell] / size), -size, kind, int(first[cell]))


def misplacement(label: str, place: str) -> str:
    """Give what is wrong with the place of a pair, "" if nothing is."""
    wanted = _PLACES.get(label, "apart")
    if wanted == "apart":
        return "" if place == "apart" else "false merge"
    return "" if place in (wanted, "one cluster") else "miss"
