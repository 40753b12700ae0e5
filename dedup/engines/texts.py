"""Identical texts are one, so that later stages see each text once.

Their order is taken from the texts themselves: that makes the result independent of the order of
the input.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.engines import matching

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.engines.articles import Articles
    from dedup.engines.context import Context
    from dedup.stages.headings import Headings
    from dedup.stages.shingles import ShingleSets

    Rows = npt.NDArray[np.int64]


class DistinctTexts(NamedTuple):
    """Distinct texts, and the articles that have each.

    Attributes:
        first: A row of each, the one whose page (furniture and quotation marks, in which they may
            differ) hashes lowest.
        members: Rows by text, in input order; those of text i are
            `members[starts[i] : starts[i + 1]]`.
        starts: See `members`.
        long: The texts fit to compare.
        outlets: The outlet of all articles of each, -1 if unknown, -2 if they are of several.
    """

    first: Rows
    members: Rows
    starts: Rows
    long: Rows
    outlets: Rows

    def of_articles(self, of_texts: Rows) -> Rows:
        """Give each article, in input order, the value of its text."""
        values = np.empty(len(self.members), dtype=np.int64)
        values[self.members] = np.repeat(of_texts, np.diff(self.starts))
        return values

    def members_by_id(self, ids: pa.ChunkedArray) -> Rows:
        """Give `members` in the order of their ids, which does not depend on the input's."""
        table = pa.table({"text": self.of_members(), "id": ids.take(pa.array(self.members))})
        order = pc.sort_indices(table, sort_keys=[("text", "ascending"), ("id", "ascending")])
        rows: Rows = self.members[order.to_numpy()]
        return rows

    def of_members(self) -> Rows:
        """Give the text of each of `members`."""
        return np.repeat(np.arange(len(self.first)), np.diff(self.starts))


def group(
    articles: Articles, sets: ShingleSets, headings: Headings, context: Context
) -> DistinctTexts:
    """Group identical texts; those too short to compare can still be grouped.

    Texts with the same 64-bit hash of their folded tokens, as many tokens and as many distinct
    shingles are taken for identical. A text without any token is like no other. Texts that may
    stand in place of articles are kept apart by their titles.
    """
    min_tokens = context.settings.min_tokens
    with context.stage("group"):
        n_tokens, n_shingles = sets.n_tokens, sets.sizes()
        page_sizes = np.diff(articles.tokens().offsets)
        titles = np.where(headings.untold > 0, headings.keys, 0)
        rows = np.lexsort((titles, n_shingles, n_tokens, sets.text_hashes))
        is_first = np.ones(len(rows), dtype=np.bool_)
        is_first[1:] = page_sizes[rows[1:]] == 0
        for key in (titles, n_shingles, n_tokens, sets.text_hashes):
            is_first[1:] |= key[rows[1:]] != key[rows[:-1]]
        starts = np.append(np.flatnonzero(is_first), len(rows))
        by_page = np.lexsort((sets.page_hashes[rows], np.cumsum(is_first)))
        first = rows[by_page[starts[:-1]]]
        long = np.flatnonzero(matching.are_comparable(sets, context.settings)[first])
    _note(len(first), int((n_tokens < min_tokens).sum()), context)
    return DistinctTexts(
        first, rows, starts, long, _common_outlet(articles.outlets(), rows, starts)
    )


def _note(distinct: int, short: int, context: Context) -> None:
    context.account.counts |= {"distinct_texts": distinct, "too_short": short}
    if short:
        context.account.warnings.append(
            f"{short} of the articles have under {context.settings.min_tokens} words (min_tokens) "
            "outside page furniture: too short to judge, they match only texts nearly the same"
        )


def _common_outlet(outlets: Rows, members: Rows, starts: Rows) -> Rows:
    """Give each text the outlet of all its articles, -1 if unknown, -2 if they are of several."""
    if len(starts) < 2:
        return np.empty(0, dtype=np.int64)
    of_members = outlets[members]
    lowest = np.minimum.reduceat(of_members, starts[:-1])
    highest = np.maximum.reduceat(of_members, starts[:-1])
    return np.where(lowest == highest, lowest, -2)
