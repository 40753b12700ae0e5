"""Arrays to the tables of the contract (`results/contract.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from dedup import kernels
from dedup.results import contract
from dedup.text import dates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from dedup.records import Skipped
    from dedup.stages.similarity import Overlaps
    from dedup.text.tokenizer import Blocks

    Floats = npt.NDArray[np.float64]
    Rows = npt.NDArray[np.int64]


_ROWS_AT_ONCE = 1 << 16


class Groups(NamedTuple):
    """Clusters and stories of articles, by row.

    Attributes:
        cluster: A number per article, the same for members of one cluster.
        story: The same for stories; a cluster lies within one story.
        representative: The row of the article that stands for each article's cluster.
        first: The row of the earliest article of each article's cluster.
    """

    cluster: Rows
    story: Rows
    representative: Rows
    first: Rows


def groups(
    said: pa.Table,
    cluster: Rows,
    story: Rows,
    n_tokens: Rows,
    degree: Rows,
    policy: str,
    n_new: int,
) -> Groups:
    """Find who stands for each cluster, and who was first.

    Args:
        said: What the input said of each article (`records.FIELDS_BUT_TEXT`).
        cluster: See `Groups`; `story` likewise.
        story: See `Groups`.
        n_tokens: Length of each article.
        degree: How many texts each article's text matches.
        policy: See `Settings.representative`; the earliest among equals.
        n_new: Articles from this row on were known before, and come first where times are equal.
    """
    times = _times(said.column("published"), _sizes(story) > 1)
    is_new = (np.arange(len(cluster)) < n_new).astype(np.int64)
    preference = {"earliest": np.zeros_like(degree), "longest": -n_tokens, "central": -degree}
    return Groups(
        cluster=cluster,
        story=_first_of_group(story, times, is_new),
        representative=_first_of_group(cluster, preference[policy], times, is_new),
        first=_first_of_group(cluster, times, is_new),
    )


def articles(said: pa.Table, groups: Groups, relations: npt.NDArray[np.object_]) -> pa.Table:
    """Make the `articles` table, in input order.

    Args:
        said: What the input said of each article (`records.FIELDS_BUT_TEXT`).
        groups: Their clusters and stories.
        relations: Of each article to its representative, None for the representative.
    """
    ids = said.column("id").combine_chunks()
    columns = {
        "id": ids,
        "cluster": _take(ids, groups.first),
        "story": _take(ids, groups.story),
        "representative": groups.representative == np.arange(len(groups.cluster)),
        "cluster_size": _sizes(groups.cluster),
        "story_size": _sizes(groups.story),
        "relation": pa.array(relations, pa.string()),
    }
    columns |= {name: said.column(name) for name in said.column_names[1:]}
    return pa.table(columns, schema=contract.ARTICLES.schema())


KINDS = ("", "learned", "listed")
"""How a block was found to be furniture; the first is for blocks that are none."""


FURNITURE = contract.FURNITURE.schema()


def furniture(
    ids: pa.ChunkedArray, blocks: Blocks, kinds: npt.NDArray[np.uint8]
) -> Iterator[pa.RecordBatch]:
    """Make the `furniture` table, in input order.

    Args:
        ids: Of the articles, the first of those that have blocks.
        blocks: Of their texts.
        kinds: Of each block, as places in `KINDS`.

    Returns:
        The rows of some ten thousand texts at a time.
    """
    all_ids = ids.combine_chunks()
    for row in range(0, len(ids), _ROWS_AT_ONCE):
        found = stretches(blocks, kinds, row, min(row + _ROWS_AT_ONCE, len(ids)))
        yield pa.RecordBatch.from_arrays(
            [
                _take(all_ids, found.rows),
                pa.array(found.starts),
                pa.array(found.ends),
                pa.array(np.array(KINDS)[found.kinds], pa.string()),
            ],
            schema=FURNITURE,
        )


class Stretches(NamedTuple):
    """Stretches of page furniture: the text of each, where it is in it, and its kind."""

    rows: Rows
    starts: Rows
    ends: Rows
    kinds: npt.NDArray[np.uint8]


def stretches(
    blocks: Blocks, kinds: npt.NDArray[np.uint8], first_row: int, end_row: int
) -> Stretches:
    """Join successive blocks of one kind of furniture in some of the texts."""
    offsets = blocks.offsets[first_row : end_row + 1]
    texts = np.repeat(np.arange(first_row, end_row), np.diff(offsets))
    part = slice(offsets[0], offsets[-1])
    kind, spans = kinds[part], blocks.spans[part]
    begins = np.ones(len(kind), dtype=np.bool_)
    begins[1:] = (texts[1:] != texts[:-1]) | (kind[1:] != kind[:-1])
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(kind)) - 1
    wanted = kind[first] > 0
    first, last = first[wanted], last[wanted]
    starts, ends = spans[first, 0].astype(np.int64), spans[last, 1].astype(np.int64)
    return Stretches(texts[first], starts, ends, kind[first])


class TextGroups(NamedTuple):
    """The articles that have each text.

    Those of text i are `members[starts[i] : starts[i + 1]]`; in a group of more than `limit`, only
    pairs with the first article are listed. `pages[i]` is the hash of the page that was compared,
    `page_hashes` those of all articles.
    """

    members: Rows
    starts: Rows
    limit: int
    pages: npt.NDArray[np.uint64]
    page_hashes: npt.NDArray[np.uint64]


PAIRS = contract.PAIRS.schema()


class PairRows(NamedTuple):
    """Pairs of articles that match, by row, ordered.

    Attributes:
        a: The earlier article of each in the input.
        b: The other.
        match: The number of the match between their texts, -1 where they have one text.
        is_turned: Whether that match has the text of `b` first.
    """

    a: Rows
    b: Rows
    match: Rows
    is_turned: npt.NDArray[np.bool_]

    def where(self, chosen: npt.NDArray[np.bool_] | slice) -> PairRows:
        """Take some of the pairs."""
        return PairRows(self.a[chosen], self.b[chosen], self.match[chosen], self.is_turned[chosen])

    def of_matches(self, values: Floats | Rows) -> Floats:
        """Give the value of each pair's match, 1 for identical texts."""
        found = np.ones(len(self.match))
        is_match = self.match >= 0
        found[is_match] = values[self.match[is_match]]
        return found

    def shares(self, of_first: Floats, of_second: Floats) -> tuple[Floats, Floats]:
        """Give the share of each a found in its b, and of b in a.

        Args:
            of_first: Of each match, the share of its first text found in the second.
            of_second: The other way round.
        """
        first, second = self.of_matches(of_first), self.of_matches(of_second)
        return np.where(self.is_turned, second, first), np.where(self.is_turned, first, second)

    def relations(self, of_matches: npt.NDArray[np.str_]) -> npt.NDArray[np.str_]:
        """Give the relation of each pair."""
        found: npt.NDArray[np.str_] = np.append(of_matches, "duplicate")[self.match]
        return found


def pair_rows(groups: TextGroups, matches: Overlaps, relations: npt.NDArray[np.str_]) -> PairRows:
    """Turn matches of texts into matches of the articles that have them.

    Args:
        groups: Articles by text.
        matches: Matches between texts; those of relation `furniture` hold for articles with the
            very pages compared, because others of the same text may have other furniture.
        relations: What kind each match is.
    """
    first, second, match = kernels.expand_pairs(
        groups.members, groups.starts, matches.pairs, groups.limit
    )
    is_page = np.ones(len(match), dtype=np.bool_)
    by_page = np.flatnonzero(np.append(relations == "furniture", False)[match])
    for ends, side in ((first, 0), (second, 1)):
        compared = groups.pages[matches.pairs[match[by_page], side]]
        is_page[by_page] &= groups.page_hashes[ends[by_page]] == compared
    first, second, match = first[is_page], second[is_page], match[is_page]
    turned = first > second
    a, b = np.where(turned, second, first), np.where(turned, first, second)
    order = np.lexsort((b, a))
    return PairRows(a[order], b[order], match[order], turned[order])


def pairs(
    ids: pa.ChunkedArray,
    rows: PairRows,
    matches: Overlaps,
    relations: npt.NDArray[np.str_],
    margins: npt.NDArray[np.float64],
    n_shingles: Rows,
) -> Iterator[pa.RecordBatch]:
    """Make the `pairs` table.

    Args:
        ids: Of the articles.
        rows: The pairs.
        matches: Matches between texts.
        relations: What kind each match is.
        margins: How far the nearest border of each relation was; not a number where there is none.
        n_shingles: Distinct shingles per article.

    Returns:
        Some ten thousand rows at a time.
    """
    all_ids = ids.combine_chunks()
    jaccard, containment = matches.jaccard(), matches.containment()
    of_first, of_second = matches.containment_a(), matches.containment_b()
    for start in range(0, len(rows.a), _ROWS_AT_ONCE):
        some = rows.where(slice(start, start + _ROWS_AT_ONCE))
        shared = some.of_matches(matches.shared).astype(np.int64)
        in_b, in_a = some.shares(of_first, of_second)
        yield pa.RecordBatch.from_arrays(
            [
                _take(all_ids, some.a),
                _take(all_ids, some.b),
                pa.array(some.relations(relations), pa.string()),
                pa.array(some.of_matches(jaccard)),
                pa.array(some.of_matches(containment)),
                pa.array(in_b),
                pa.array(in_a),
                pa.array(np.where(some.match < 0, n_shingles[some.a], shared)),
                pa.array(np.append(margins, np.nan)[some.match], from_pandas=True),
            ],
            schema=PAIRS,
        )


def skipped(records: Sequence[Skipped]) -> pa.Table:
    """Make the `skipped` table."""
    rows = [record._asdict() for record in records]
    return pa.Table.from_pylist(rows, contract.SKIPPED.schema())


def _take(values: pa.Array | pa.ChunkedArray, rows: Rows) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):  # no rows at all
        values = pa.array([], pa.large_string())
    return values.take(pa.array(rows))


def _times(published: pa.ChunkedArray, wanted: npt.NDArray[np.bool_]) -> Rows:
    """Give order keys of publication times where wanted (parsing them all would be waste)."""
    keys = np.zeros(len(wanted), dtype=np.int64)
    rows = np.flatnonzero(wanted)
    if len(rows):
        keys[rows] = dates.order_keys(published.take(pa.array(rows)))
    return keys


def _sizes(group: Rows) -> Rows:
    """Count the members of each article's group."""
    sizes: Rows = np.bincount(group, minlength=len(group))[group] if len(group) else group
    return sizes


def _first_of_group(group: Rows, *keys: Rows) -> Rows:
    """Give for each article the row of its group's first by the keys, then by row."""
    order = np.lexsort((np.arange(len(group)), *reversed(keys), group))
    groups, starts = np.unique(group[order], return_index=True)
    return order[starts][np.searchsorted(groups, group)]
