"""How well found clusters or pairs agree with gold labels.

Clusterings are compared through their contingency table (how many articles fall in found cluster i
and gold cluster j), so a corpus of millions of articles costs one sort, and no pair is ever listed.

- Pairwise precision and recall: the table's cells against its margins, as in Hubert & Arabie,
  "Comparing partitions", Journal of Classification 2 (1985), section 2. A few large clusters hold
  most pairs and so decide the score.
- B-cubed: Bagga & Baldwin, "Entity-based cross-document coreferencing using the vector space
  model" (COLING-ACL 1998), averaged over articles, so every article weighs the same; satisfies the
  formal constraints of Amigó et al., "A comparison of extrinsic clustering evaluation metrics based
  on formal constraints", Information Retrieval 12 (2009).
- Adjusted Rand index: Hubert & Arabie (1985), equation 5.

Where nothing was claimed, no claim was wrong: precision is 1 without found pairs, recall is 1
without gold pairs.

Gold labels come as a table of one of two shapes, told apart by its columns (`gold_of`): a cluster
or story for each article, or a relation for each of some pairs. `score` compares them with a
`Result`, and names the worst mistakes; `label_sheet` picks the pairs that a person should label.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any, TypeAlias

    import numpy.typing as npt

    from dedup.results.result import Result

    Labels: TypeAlias = Sequence[Any] | npt.NDArray[Any]
    """One label for each article, of any type that sorts; equal labels are one cluster."""
    Counts: TypeAlias = npt.NDArray[np.int64]
    Rows: TypeAlias = npt.NDArray[np.int64]

LEVELS = ("cluster", "story")
RELATIONS = ("duplicate", "version", "rewrite", "quote", "furniture", "unrelated")
COPY, NO_COPY = "copy", "no copy"
FORMULA_STARTS = ("=", "+", "-", "@")
"""What makes a spreadsheet take a cell for a formula; a label sheet has an apostrophe before it."""

_LABELS = {name: name for name in RELATIONS} | {
    "boilerplate": "furniture",
    **dict.fromkeys(("1", "1.0", "true"), COPY),
    **dict.fromkeys(("0", "0.0", "false"), NO_COPY),
}
_PLACES = {"duplicate": "one cluster", "version": "one story", COPY: "one story"}
"""Where a pair of each label belongs; pairs of all other labels belong apart."""


@dataclass(frozen=True, slots=True)
class PairScore:
    """Agreement over pairs: two articles are together, or they are not.

    Attributes:
        precision: Share of the found pairs that are gold pairs.
        recall: Share of the gold pairs that were found.
        found: Number of found pairs.
        gold: Number of gold pairs.
        shared: Number of pairs that are both.
    """

    precision: float
    recall: float
    found: int
    gold: int
    shared: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _harmonic_mean(self.precision, self.recall)


@dataclass(frozen=True, slots=True)
class BCubedScore:
    """Agreement averaged over articles.

    Attributes:
        precision: Mean share of an article's found cluster that is also in its gold cluster.
        recall: Mean share of an article's gold cluster that is also in its found cluster.
    """

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _harmonic_mean(self.precision, self.recall)


class _Contingency(NamedTuple):
    """Sizes of the non-empty cells, and for each cell the sizes of its found and gold cluster."""

    cells: Counts
    cell_found: Counts
    cell_gold: Counts
    found: Counts
    gold: Counts


def pairwise(found: Labels, gold: Labels) -> PairScore:
    """Score the pairs that share a found cluster against those that share a gold cluster.

    Raises:
        InputError: There is not one found and one gold label for each article.
    """
    table = _contingency(found, gold)
    return _pair_score(_pairs(table.found), _pairs(table.gold), _pairs(table.cells))


def pair_sets(found: Iterable[tuple[Any, Any]], gold: Iterable[tuple[Any, Any]]) -> PairScore:
    """Score listed pairs against listed gold pairs; order in a pair and repeats do not count."""
    found_pairs = {frozenset(pair) for pair in found}
    gold_pairs = {frozenset(pair) for pair in gold}
    return _pair_score(len(found_pairs), len(gold_pairs), len(found_pairs & gold_pairs))


def b_cubed(found: Labels, gold: Labels) -> BCubedScore:
    """Score each article's found cluster against its gold cluster, and average.

    Raises:
        InputError: There is not one found and one gold label for each article, or no article.
    """
    table = _contingency(found, gold)
    n_articles = int(table.cells.sum())
    if n_articles == 0:
        raise InputError("no labels to score; B-cubed averages over articles, give one or more")
    squares = table.cells.astype(float) ** 2
    return BCubedScore(
        precision=float((squares / table.cell_found).sum()) / n_articles,
        recall=float((squares / table.cell_gold).sum()) / n_articles,
    )


def adjusted_rand(found: Labels, gold: Labels) -> float:
    """Rand index corrected for chance: 1 for equal partitions, 0 expected of random ones.

    Raises:
        InputError: There is not one found and one gold label for each article.
    """
    table = _contingency(found, gold)
    n_articles = int(table.cells.sum())
    n_pairs = n_articles * (n_articles - 1) // 2
    found_pairs, gold_pairs = _pairs(table.found), _pairs(table.gold)
    if found_pairs == gold_pairs and found_pairs in (0, n_pairs):
        return 1.0  # both all singletons or both one cluster: equal, though chance alone says 0/0
    expected = found_pairs * gold_pairs / n_pairs
    largest = (found_pairs + gold_pairs) / 2
    return (_pairs(table.cells) - expected) / (largest - expected)


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


@dataclass(frozen=True, slots=True)
class LevelScore:
    """Agreement of the found clusters (or stories) with the gold ones.

    Attributes:
        pairs: Over pairs of articles.
        b_cubed: Over articles.
        adjusted_rand: Of the two partitions, at most 1.
        largest_found: Articles in the largest found group, of those that are scored.
        largest_gold: Articles in the largest gold group, of those that are scored.
        worst: One article for each found group with a false merge (that of lowest B-cubed
            precision) and for each gold group that is torn (lowest recall), lowest first; of
            equals, that of the largest group.
    """

    pairs: PairScore
    b_cubed: BCubedScore
    adjusted_rand: float
    largest_found: int
    largest_gold: int
    worst: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class ArticleReport:
    """Scores against gold of articles, over those that the gold and the result both know.

    Attributes:
        name: Of the gold.
        scored: Number of articles.
        only_gold: Number of gold articles that the result does not have.
        only_found: Number of articles of the result that the gold does not name.
        aggregators: Number of articles of the result that the gold names as aggregators.
        levels: Scores for `cluster`, `story` or both.
    """

    name: str
    scored: int
    only_gold: int
    only_found: int
    aggregators: int
    levels: Mapping[str, LevelScore]


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a number of pairs are right."""

    right: int
    of: int

    @property
    def share(self) -> float:
        """Right ones among all, in [0, 1]; 1 of none."""
        return self.right / self.of if self.of else 1.0


@dataclass(frozen=True, slots=True)
class PairReport:
    """Scores against gold of pairs, over those whose articles the result has.

    Attributes:
        name: Of the gold.
        scored: Number of pairs.
        only_gold: Number of gold pairs with an article that the result does not have.
        unlabelled: See `PairGold`.
        confusion: Number of pairs by gold label, then by found relation; a pair that is not in
            `pairs` is found "unrelated".
        relation_right: Pairs whose relation is the gold's, of those with a relation for a gold
            label. A `furniture` pair that is not in `pairs` is right: its furniture was removed.
        placed_right: Pairs that stand where they belong: `duplicate` in one cluster, `version`
            and `COPY` in one story, all others apart.
        placed: `placed_right` by gold label.
        worst: Pairs whose relation or place is wrong, highest containment first.
    """

    name: str
    scored: int
    only_gold: int
    unlabelled: int
    confusion: Mapping[str, Mapping[str, int]]
    relation_right: Share
    placed_right: Share
    placed: Mapping[str, Share]
    worst: tuple[Mistake, ...]


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


def score(
    result: Result, gold: ArticleGold | PairGold, *, worst: int = 10
) -> ArticleReport | PairReport:
    """Compare a result with gold labels of either shape.

    Args:
        result: Of `cluster`, or read from a directory.
        gold: What a person says of its articles.
        worst: Most mistakes to name, for each level of `ArticleGold`.

    Raises:
        InputError: The gold has no article, or no pair, of the result.
    """
    if isinstance(gold, ArticleGold):
        return score_articles(result, gold, worst=worst)
    return score_pairs(result, gold, worst=worst)


def score_articles(result: Result, gold: ArticleGold, *, worst: int = 10) -> ArticleReport:
    """Compare a result with gold groups; see `score`."""
    rows = _rows_of(result, gold.ids)
    known = rows >= 0
    scored = int(known.sum())
    if not scored:
        raise _no_common_article(result, gold.name, gold.ids)
    aggregators = int((_rows_of(result, gold.aggregators) >= 0).sum())
    levels = {
        level: _score_level(result, level, rows[known], np.asarray(labels, object)[known], worst)
        for level, labels in gold.labels.items()
    }
    return ArticleReport(
        name=gold.name,
        scored=scored,
        only_gold=len(gold.ids) - scored,
        only_found=result.articles.num_rows - scored - aggregators,
        aggregators=aggregators,
        levels=levels,
    )


def score_pairs(result: Result, gold: PairGold, *, worst: int = 10) -> PairReport:
    """Compare a result with gold relations of pairs; see `score`."""
    ids = [name for pair in gold.pairs for name in pair]
    ends = _rows_of(result, ids).reshape(-1, 2)
    known = (ends >= 0).all(axis=1)
    if not known.any():
        raise _no_common_article(result, gold.name, ids)
    ends = ends[known]
    labels = [gold.labels[place] for place in np.flatnonzero(known).tolist()]
    pairs = _Pairs(result, np.unique(ends), pc.and_)
    confusion = {label: Counter[str]() for label in _in_order(labels)}
    placed: Counter[str] = Counter()
    judged = relation_right = 0
    wrong: list[tuple[str, int, int, str]] = []
    for (a, b), label in zip(ends.tolist(), labels, strict=True):
        relation = pairs.relation(a, b)
        confusion[label][relation] += 1
        kind = _misplacement(label, pairs.place(a, b))
        placed[label] += not kind
        if label in RELATIONS:
            is_removed = label == "furniture" and not pairs.match(a, b)
            is_right = relation == label or is_removed
            judged, relation_right = judged + 1, relation_right + is_right
            kind = kind or ("" if is_right else "wrong relation")
        if kind:
            wrong.append((kind, a, b, label))
    wrong.sort(key=lambda mistake: -pairs.containment(*mistake[1:3]))
    return PairReport(
        name=gold.name,
        scored=len(labels),
        only_gold=len(gold.pairs) - len(labels),
        unlabelled=gold.unlabelled,
        confusion={label: dict(counts) for label, counts in confusion.items()},
        relation_right=Share(relation_right, judged),
        placed_right=Share(placed.total(), len(labels)),
        placed={label: Share(placed[label], confusion[label].total()) for label in confusion},
        worst=tuple(pairs.mistake(*mistake) for mistake in wrong[:worst]),
    )


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
            rows = _rows_of(result, pairs.column(f"id_{end}").to_pylist())
            columns[f"{name}_{end}"] = pa.array(_said(result, name, rows), pa.large_string())
    return pa.table(columns)


class _Pairs:
    """What the result says of pairs of articles, by their rows in `articles`."""

    def __init__(self, result: Result, rows: Rows, ends: Callable[[Any, Any], Any]) -> None:
        """Keep the matches with both ends (`pc.and_`), or one end (`pc.or_`), in some rows."""
        self._result = result
        self._groups = {level: _group_codes(result.articles.column(level)) for level in LEVELS}
        wanted = result.articles.column("id").take(pa.array(rows, pa.int64()))
        columns = [result.pairs.column(name) for name in ("id_a", "id_b")]
        is_in = [pc.is_in(column, value_set=wanted.cast(column.type)) for column in columns]
        matches = result.pairs.filter(ends(*is_in))
        rows_a, rows_b = (_rows_of(result, matches[name].to_pylist()) for name in ("id_a", "id_b"))
        keys = zip(rows_a.tolist(), rows_b.tolist(), strict=True)
        self._matches: dict[frozenset[int], Mapping[str, Any]] = dict(
            zip(map(frozenset, keys), matches.to_pylist(), strict=True)
        )

    def match(self, a: int, b: int) -> Mapping[str, Any]:
        """Give the row of `pairs`, empty if there is none."""
        return self._matches.get(frozenset((a, b)), {})

    def relation(self, a: int, b: int) -> str:
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

    def mistake(
        self, kind: str, a: int, b: int, gold: str, b_cubed: float | None = None
    ) -> Mistake:
        ends = np.array([a, b])
        id_a, id_b = _said(self._result, "id", ends)
        title_a, title_b = _said(self._result, "title", ends)
        return Mistake(
            kind=kind,
            id_a=id_a,
            id_b=id_b,
            title_a=title_a,
            title_b=title_b,
            gold=gold,
            found=self.relation(a, b),
            placed=self.place(a, b),
            jaccard=self.match(a, b).get("jaccard"),
            containment=self.match(a, b).get("containment"),
            b_cubed=b_cubed,
        )


def _score_level(
    result: Result, level: str, rows: Rows, labels: npt.NDArray[np.object_], worst: int
) -> LevelScore:
    """Score the articles in some rows; `labels` are their gold."""
    found = _group_codes(result.articles.column(level).take(pa.array(rows)))
    gold = _group_codes(pa.array(labels, pa.large_string()))
    return LevelScore(
        pairs=pairwise(found, gold),
        b_cubed=b_cubed(found, gold),
        adjusted_rand=adjusted_rand(found, gold),
        largest_found=int(np.bincount(found).max()),
        largest_gold=int(np.bincount(gold).max()),
        worst=_worst_articles(result, level, rows, found, gold, worst),
    )


class _Flaw(NamedTuple):
    """An article with a low score; flaws sort by how much they matter."""

    b_cubed: float
    minus_size: int
    kind: str
    article: int


def _worst_articles(
    result: Result, level: str, rows: Rows, found: Rows, gold: Rows, n: int
) -> tuple[Mistake, ...]:
    """Name the articles of lowest B-cubed precision and recall, one for each group."""
    flaws = sorted(
        [*_flaws("false merge", found, gold), *_flaws("miss", gold, found)],
    )[:n]
    pairs = _Pairs(result, rows[[flaw.article for flaw in flaws]], pc.or_)
    mistakes = []
    for flaw in flaws:
        group, other = (found, gold) if flaw.kind == "false merge" else (gold, found)
        a = int(rows[flaw.article])
        is_mate = (group == group[flaw.article]) & (other != other[flaw.article])
        mates = rows[is_mate].tolist()
        b = mates[int(np.argmax([pairs.containment(a, mate) for mate in mates]))]
        wanted = "apart" if flaw.kind == "false merge" else f"one {level}"
        mistakes.append(pairs.mistake(flaw.kind, a, b, wanted, flaw.b_cubed))
    return tuple(mistakes)


def _flaws(kind: str, group: Rows, other: Rows) -> Iterator[_Flaw]:
    """Give for each impure group its article with fewest fellows of its own."""
    keys = group * (int(other.max()) + 1) + other
    _, first, cells = np.unique(keys, return_index=True, return_counts=True)
    sizes = np.bincount(group)
    order = np.lexsort((first, cells, group[first]))
    _, smallest = np.unique(group[first][order], return_index=True)
    for cell in order[smallest].tolist():
        size = int(sizes[group[first[cell]]])
        if cells[cell] < size:
            yield _Flaw(float(cells[cell] / size), -size, kind, int(first[cell]))


def _misplacement(label: str, place: str) -> str:
    """Give what is wrong with the place of a pair, "" if nothing is."""
    wanted = _PLACES.get(label, "apart")
    if wanted == "apart":
        return "" if place == "apart" else "false merge"
    return "" if place in (wanted, "one cluster") else "miss"


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


def _rows_of(result: Result, ids: Sequence[str]) -> Rows:
    """Give the row of each id in `articles`, -1 if it is not there.

    An apostrophe that a label sheet puts before what looks like a formula is looked through.
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


def _as_in(result: Result, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Give the pairs as the result names them, without those it does not have."""
    ends = _rows_of(result, [name for pair in pairs for name in pair]).reshape(-1, 2)
    ids = result.articles.column("id")
    for a, b in ends[(ends >= 0).all(axis=1)].tolist():
        yield ids[a].as_py(), ids[b].as_py()


def _said(result: Result, column: str, rows: Rows) -> list[str]:
    """Give what the input said of articles, "" for nothing."""
    if column not in result.articles.column_names:
        return [""] * len(rows)
    values = result.articles.column(column).take(pa.array(rows)).to_pylist()
    return [value or "" for value in values]


def _group_codes(labels: pa.Array | pa.ChunkedArray) -> Rows:
    """Number the distinct labels 0, 1, ... and give for each article the number of its own."""
    texts = labels.cast(pa.large_string())
    return np.asarray(pc.index_in(texts, value_set=pc.unique(texts)), dtype=np.int64)


def _in_order(labels: Iterable[str]) -> list[str]:
    """Give the distinct labels in the order of `RELATIONS`, copies last."""
    present = set(labels)
    return [label for label in (*RELATIONS, COPY, NO_COPY) if label in present]


def _no_common_article(result: Result, name: str, ids: Sequence[str]) -> InputError:
    ours = result.articles.column("id")
    example = f", such as {ours[0].as_py()!r}" if len(ours) else ""
    found = f"its ids, such as {ids[0]!r}, are not" if ids else "it holds no ids, none of"
    return InputError(
        f"{name}: {found} those of the result{example}; needed labels of the same articles; "
        "give their own labels"
    )


def _contingency(found: Labels, gold: Labels) -> _Contingency:
    if len(found) != len(gold):
        raise InputError(
            f"{len(found)} found labels but {len(gold)} gold labels; give one of each for every "
            "article, in the same order"
        )
    found_codes, found_sizes = _codes(found)
    gold_codes, gold_sizes = _codes(gold)
    keys = found_codes * max(len(gold_sizes), 1) + gold_codes
    cell_keys, cells = np.unique(keys, return_counts=True)
    cell_found, cell_gold = np.divmod(cell_keys, max(len(gold_sizes), 1))
    return _Contingency(
        cells, found_sizes[cell_found], gold_sizes[cell_gold], found_sizes, gold_sizes
    )


def _codes(labels: Labels) -> tuple[Counts, Counts]:
    """Number the labels 0, 1, ... and count each."""
    _, codes, sizes = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
    return codes.astype(np.int64), sizes.astype(np.int64)


def _pairs(sizes: Counts) -> int:
    """Count the pairs inside groups of these sizes."""
    return int((sizes * (sizes - 1) // 2).sum())


def _pair_score(found: int, gold: int, shared: int) -> PairScore:
    return PairScore(
        precision=shared / found if found else 1.0,
        recall=shared / gold if gold else 1.0,
        found=found,
        gold=gold,
        shared=shared,
    )


def _harmonic_mean(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0
