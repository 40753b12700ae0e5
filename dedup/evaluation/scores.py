"""Agreement of a found clustering, or of found pairs, with the gold one.

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
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, TypeAlias

    import numpy.typing as npt

    Labels: TypeAlias = Sequence[Any] | npt.NDArray[Any]
    """One label for each article, of any type that sorts; equal labels are one cluster."""
    Counts: TypeAlias = npt.NDArray[np.int64]


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


def _contingency(found: Labels, gold: Labels) -> _Contingency:
    """Count how many articles fall in each found cluster and gold cluster at once."""
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
