"""Which articles hang together: the members of each story, and the partners of each article."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.engines.outcome import Outcome

    Rows = npt.NDArray[np.int64]


class Stories:
    """The rows of each story, with those of wire stories.

    Attributes:
        of_row: A number for the story of each row.
    """

    def __init__(self, of_row: Rows) -> None:
        self.of_row: Rows = np.unique(of_row, return_inverse=True)[1].reshape(-1)
        self._rows = np.argsort(self.of_row, kind="stable")
        self._starts = np.append(0, np.cumsum(np.bincount(self.of_row)))

    def __len__(self) -> int:
        return len(self._starts) - 1

    def members(self, story: int) -> Rows:
        """Give the rows of a story, in input order."""
        return self._rows[self._starts[story] : self._starts[story + 1]]


class Partner(NamedTuple):
    """An article that another one matches.

    Attributes:
        row: Of the partner.
        relation: Of the match.
        containment: Of the smaller in the larger.
        share: How much of the other one is found in the partner.
    """

    row: int
    relation: str
    containment: float
    share: float


class Partners:
    """The matches of each article, in both directions."""

    def __init__(self, outcome: Outcome) -> None:
        pairs, overlaps = outcome.pair_rows, outcome.matches.overlaps
        in_b, in_a = pairs.shares(overlaps.containment_a(), overlaps.containment_b())
        containment = pairs.of_matches(overlaps.containment())
        self._relations, kinds = np.unique(
            pairs.relations(outcome.matches.relations), return_inverse=True
        )
        others = np.concatenate((pairs.b, pairs.a))
        rows = np.concatenate((pairs.a, pairs.b))
        order = np.lexsort((others, rows))
        self._others = others[order]
        self._kinds = np.tile(kinds.astype(np.int8).reshape(-1), 2)[order]
        self._containments = np.tile(containment, 2)[order]
        self._shares = np.concatenate((in_b, in_a))[order]
        counts = np.bincount(rows, minlength=len(outcome.articles))
        self._starts = np.append(0, np.cumsum(counts))

    def __call__(self, row: int) -> Iterator[Partner]:
        """Give the partners of an article, in input order."""
        part = slice(self._starts[row], self._starts[row + 1])
        for other, kind, containment, share in zip(
            self._others[part].tolist(),
            self._kinds[part].tolist(),
            self._containments[part].tolist(),
            self._shares[part].tolist(),
            strict=True,
        ):
            yield Partner(other, str(self._relations[kind]), containment, share)

    def have_any(self) -> npt.NDArray[np.bool_]:
        """Say which articles have a partner."""
        found: npt.NDArray[np.bool_] = np.diff(self._starts) > 0
        return found
