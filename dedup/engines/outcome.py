"""What a run decided about texts, told of the articles that have them: the tables of the contract.

Companions are compared with, but have no rows. If they are named, as articles of an index are, they
may name clusters and stand in `pairs` beside an article of the input; otherwise the tables are as
if they were not there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dedup.engines import matching
from dedup.kernels import pair_keys
from dedup.results import tables
from dedup.results.result import Result
from dedup.stages import similarity

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt
    import pyarrow as pa

    from dedup.engines.articles import Articles
    from dedup.engines.columns import Records
    from dedup.engines.comparing import Groups
    from dedup.engines.context import Context
    from dedup.engines.matching import Matches, Nodes
    from dedup.engines.texts import DistinctTexts

    Rows = npt.NDArray[np.int64]


@dataclass
class Outcome:
    """What a run decided.

    Attributes:
        context: Of the run.
        articles: Those of the input, then companions.
        kinds: What kind of furniture each block is, as places in `tables.KINDS`.
        texts: Their distinct texts.
        nodes: The same, as they were compared.
        matches: Pairs of texts that match.
        groups: Clusters and stories of texts.
        are_named: Whether tables may name companions.
    """

    context: Context
    articles: Articles
    kinds: npt.NDArray[np.uint8]
    texts: DistinctTexts
    nodes: Nodes
    matches: Matches
    groups: Groups
    are_named: bool

    @property
    def n_own(self) -> int:
        """Articles of the input."""
        return self.articles.n_own

    @cached_property
    def pair_rows(self) -> tables.PairRows:
        """The pairs of articles that match, with those of companions."""
        texts, matches, limit = self.texts, self.matches, self.context.settings.max_bucket
        sizes = np.diff(texts.starts)
        largest = int(sizes.max(initial=0))
        most_pairs = int(sizes[matches.overlaps.pairs].prod(axis=1).max(initial=0))
        members, hashes = texts.members, self.nodes.sets.page_hashes
        if max(largest, most_pairs) > limit:
            members = texts.members_by_id(self.articles.metadata().column("id"))
            self.context.account.warnings.append(
                f"up to {largest} articles have one and the same text; where two texts have more "
                f"than {limit} pairs of articles between them, or one text that many articles "
                "(max_bucket), `pairs` lists only those with one article of each text (its first "
                "id)"
            )
        groups = tables.TextGroups(members, texts.starts, limit, hashes[texts.first], hashes)
        return tables.pair_rows(groups, matches.overlaps, matches.relations)

    def stories(self) -> Rows:
        """Give a number for the story of each article, with those of companions."""
        return self.texts.of_articles(self.groups.stories)

    def result(self) -> Result:
        """Make the tables, and the account of the run."""
        with self.context.stage("tables"):
            made = self.make_tables()
        return replace(made, run=self.context.report())

    def make_tables(self) -> Result:
        """Make the tables; companions have no rows in them."""
        n = self.n_own
        metadata = self.articles.metadata()
        shown = self._shown()
        groups = tables.groups(
            metadata.slice(0, shown),
            self.texts.of_articles(self.groups.clusters.anchor)[:shown],
            self.stories()[:shown],
            self.nodes.sets.n_tokens[:shown],
            self.texts.of_articles(self.groups.clusters.degree)[:shown],
            self.context.settings.representative,
            n,
        )
        pairs = self._pairs(metadata.column("id"))
        articles = tables.articles(metadata.slice(0, shown), groups, self._relations(groups))
        furniture = self._furniture(metadata.column("id").slice(0, n))
        self._count(groups, len(pairs))
        return Result(
            articles=articles.slice(0, n),
            pairs=pairs,
            furniture=furniture,
            skipped=self.articles.skipped(),
            run={},
        )

    def _shown(self) -> int:
        """Say how many articles, companions last, tables may name."""
        return len(self.articles) if self.are_named else self.n_own

    def _pairs(self, ids: pa.ChunkedArray) -> pa.Table:
        rows, matches = self.pair_rows, self.matches
        last = rows.a if self.are_named else rows.b
        if len(self.articles) > self.n_own:
            rows = rows.where(last < self.n_own)
        kept = self.context.space.records("pairs", tables.PAIRS)
        return self._keep(
            kept,
            tables.pairs(
                ids,
                rows,
                matches.overlaps,
                matches.relations,
                matches.margins,
                self.nodes.sets.sizes(),
            ),
        )

    def _furniture(self, ids: pa.ChunkedArray) -> pa.Table:
        kept = self.context.space.records("furniture_table", tables.FURNITURE)
        return self._keep(kept, tables.furniture(ids, self.articles.tokens().blocks, self.kinds))

    def _keep(self, records: Records, batches: Iterable[pa.RecordBatch]) -> pa.Table:
        """Put the rows of a table where they may grow."""
        for batch in batches:
            records.extend(batch)
            self.context.space.trim()
        return records.table()

    def _relations(self, groups: tables.Groups) -> npt.NDArray[np.object_]:
        """Give each article's relation to its representative."""
        n = len(groups.representative)
        text = self.texts.of_articles(np.arange(len(self.texts.first)))[:n]
        own, other = text, text[groups.representative]
        names = np.full(n, None, dtype=object)
        names[groups.representative != np.arange(n)] = "duplicate"
        asked = np.flatnonzero(own != other)
        ends = np.sort(np.stack((own[asked], other[asked]), axis=1), axis=1)
        known = self.matches.overlaps.pairs
        keys, wanted = pair_keys.pack(known), pair_keys.pack(ends)
        order = np.argsort(keys, kind="stable")
        place = np.minimum(np.searchsorted(keys[order], wanted), max(len(keys) - 1, 0))
        is_known = keys[order][place] == wanted if len(keys) else np.zeros(len(asked), np.bool_)
        names[asked[is_known]] = self.matches.relations[order[place[is_known]]]
        far = asked[~is_known]  # members of a cluster that match its anchor, not each other
        if len(far):
            names[far] = self._judge(ends[~is_known])
        return names

    def _judge(self, pairs: Rows) -> npt.NDArray[np.str_]:
        """Give the relation of pairs of texts that are no matches."""
        context = self.context
        distinct, back = np.unique(pairs, axis=0, return_inverse=True)
        overlaps = similarity.verify(self.texts.first[distinct], self.nodes.sets, context.threads)
        overlaps = replace(overlaps, pairs=distinct)
        kind = matching.judge(self.nodes, overlaps, context.settings, context.threads)
        names: npt.NDArray[np.str_] = kind.names[back.reshape(-1)]
        return names

    def _count(self, groups: tables.Groups, n_pairs: int) -> None:
        counts = {"pairs": n_pairs}
        for name, plural, group in (
            ("cluster", "clusters", groups.cluster),
            ("story", "stories", groups.story),
        ):
            sizes = np.bincount(group)
            counts |= {
                plural: int((sizes > 1).sum()),
                f"in_{plural}": int(sizes[sizes > 1].sum()),
                f"largest_{name}": int(sizes.max(initial=0)),
            }
        self.context.account.counts |= counts
