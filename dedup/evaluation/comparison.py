"""A result compared with gold labels: how well they agree, and the worst mistakes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from dedup.errors import InputError
from dedup.evaluation.gold import COPY, NO_COPY, RELATIONS, ArticleGold, PairGold
from dedup.evaluation.lookup import PairLookup, group_codes, rows_of
from dedup.evaluation.mistakes import Groups, Mistake, misplacement, mistake_of, worst_articles
from dedup.evaluation.scores import BCubedScore, PairScore, adjusted_rand, b_cubed, pairwise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from dedup.results.result import Result

    Rows = npt.NDArray[np.int64]


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
    rows = rows_of(result, gold.ids)
    known = rows >= 0
    scored = int(known.sum())
    if not scored:
        raise _no_common_article(result, gold.name, gold.ids)
    aggregators = int((rows_of(result, gold.aggregators) >= 0).sum())
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
    ends = rows_of(result, ids).reshape(-1, 2)
    known = (ends >= 0).all(axis=1)
    if not known.any():
        raise _no_common_article(result, gold.name, ids)
    ends = ends[known]
    labels = [gold.labels[place] for place in np.flatnonzero(known).tolist()]
    pairs = PairLookup(result, np.unique(ends), both_ends=True)
    judged = [
        _judge(pairs, (a, b), label) for (a, b), label in zip(ends.tolist(), labels, strict=True)
    ]
    by_label = {
        label: [pair for pair in judged if pair.label == label] for label in _in_order(labels)
    }
    with_relation = [pair for pair in judged if pair.label in RELATIONS]
    wrong = [pair for pair in judged if pair.mistake]
    wrong.sort(key=lambda pair: -pairs.containment(*pair.rows))
    return PairReport(
        name=gold.name,
        scored=len(labels),
        only_gold=len(gold.pairs) - len(labels),
        unlabelled=gold.unlabelled,
        confusion={
            label: dict(Counter(pair.relation for pair in of_label))
            for label, of_label in by_label.items()
        },
        relation_right=_share(pair.relation_right for pair in with_relation),
        placed_right=_share(pair.placed_right for pair in judged),
        placed={
            label: _share(pair.placed_right for pair in of_label)
            for label, of_label in by_label.items()
        },
        worst=tuple(
            mistake_of(pairs, pair.mistake, pair.rows, pair.label) for pair in wrong[:worst]
        ),
    )


class _Judged(NamedTuple):
    """A labelled pair beside what the result says of it.

    Attributes:
        rows: Of the two articles in the result.
        label: The gold.
        relation: What was found.
        relation_right: Whether that is the gold's; False for labels that name no relation.
        placed_right: Whether the two stand where they belong.
        mistake: Of which kind, "" if none.
    """

    rows: tuple[int, int]
    label: str
    relation: str
    relation_right: bool
    placed_right: bool
    mistake: str


def _judge(pairs: PairLookup, rows: tuple[int, int], label: str) -> _Judged:
    """Compare one pair with its label."""
    relation = pairs.relation(*rows)
    is_removed = label in ("furniture", "template") and not pairs.match(*rows)
    is_right = relation == label or is_removed
    wrong_place = misplacement(label, pairs.place(*rows))
    wrong_relation = "wrong relation" if label in RELATIONS and not is_right else ""
    return _Judged(rows, label, relation, is_right, not wrong_place, wrong_place or wrong_relation)


def _share(are_right: Iterable[bool]) -> Share:
    """Count the right ones."""
    each = list(are_right)
    return Share(sum(each), len(each))


def _score_level(
    result: Result, level: str, rows: Rows, labels: npt.NDArray[np.object_], worst: int
) -> LevelScore:
    """Score the articles in some rows; `labels` are their gold."""
    found = group_codes(result.articles.column(level).take(pa.array(rows)))
    gold = group_codes(pa.array(labels, pa.large_string()))
    groups = Groups(level, rows, found, gold)
    return LevelScore(
        pairs=pairwise(found, gold),
        b_cubed=b_cubed(found, gold),
        adjusted_rand=adjusted_rand(found, gold),
        largest_found=int(np.bincount(found).max()),
        largest_gold=int(np.bincount(gold).max()),
        worst=worst_articles(result, groups, worst),
    )


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
