"""Candidates to matches: what two texts share, and what kind of match that makes them.

The batch run and the ingest index both decide here, so that they cannot differ.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup import kernels
from dedup.settings import NEAR
from dedup.stages import common_text, forms, passages, relations, shingles, similarity
from dedup.stages.similarity import Overlaps

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Pairs
    from dedup.settings import Settings
    from dedup.stages.headings import Headings
    from dedup.stages.shingles import ShingleSets
    from dedup.text.tokenizer import Tokens

    Bools = npt.NDArray[np.bool_]
    Rows = npt.NDArray[np.int64]


_PAIRS_PER_TASK = 2_000

SHORTEST = 8
"""Fewest words of a text that is compared at all; see `_ALIKE`."""

_ALIKE = 0.5
"""Least Jaccard of a match of which one text is short (`min_tokens`)."""


class Nodes(NamedTuple):
    """Distinct texts to compare.

    Attributes:
        rows: The row in `tokens` and `sets` of each.
        outlets: A number for the outlet of each, -1 if unknown, -2 if there are several.
        tokens: Of all texts, with furniture marked.
        sets: Their shingle sets.
        headings: What each says it is about.
    """

    rows: Rows
    outlets: Rows
    tokens: Tokens
    sets: ShingleSets
    headings: Headings


class Found(NamedTuple):
    """Pairs of nodes that match, and pairs that do so with their furniture only.

    Of the second, shingles of the furniture count too.
    """

    overlaps: Overlaps
    in_furniture: Overlaps


class Matches(NamedTuple):
    """Pairs of nodes that match, and what is known of each."""

    overlaps: Overlaps
    relations: npt.NDArray[np.str_]
    margins: npt.NDArray[np.float64]
    ties_cluster: Bools
    ties_story: Bools
    one_report: Bools

    def where(self, keep: Bools) -> Matches:
        """Keep some of the matches."""
        return Matches(
            self.overlaps.where(keep),
            self.relations[keep],
            self.margins[keep],
            self.ties_cluster[keep],
            self.ties_story[keep],
            self.one_report[keep],
        )


def verify(
    nodes: Nodes, pairs: Pairs, settings: Settings, executor: Executor | None = None
) -> Found:
    """Say which candidates match.

    Args:
        nodes: The texts.
        pairs: Candidates, as places in `nodes.rows`.
        settings: Supplies what makes a match.
        executor: Threads to share the work; the result is the same without.
    """
    found = similarity.verify(nodes.rows[pairs], nodes.sets, executor)
    if len(pairs) == 0:
        return Found(found, found)
    short = are_short(nodes.sets, found.pairs, settings)
    matches = is_match(found, short, settings)
    overlaps = replace(found.where(matches), pairs=pairs[matches])
    n_furniture = np.diff(nodes.tokens.offsets) - nodes.sets.n_tokens
    by_furniture = ~matches & (n_furniture[found.pairs] > 0).all(axis=1)
    own = found.where(by_furniture)
    whole = _add_furniture(own, n_furniture, nodes.tokens, settings, executor)
    in_furniture = replace(whole, pairs=pairs[by_furniture])
    mostly = whole.shared >= 2 * own.shared
    return Found(
        overlaps, in_furniture.where(is_match(whole, short[by_furniture], settings) & mostly)
    )


def are_comparable(sets: ShingleSets, settings: Settings) -> Bools:
    """Say which texts are long enough to match others than those with the same words."""
    shortest = min(SHORTEST, settings.min_tokens)
    comparable: Bools = (sets.n_tokens >= shortest) & (sets.sizes() > 0)
    return comparable


def are_short(sets: ShingleSets, rows: Pairs, settings: Settings) -> Bools:
    """Say of which pairs of texts one is short, so that they must be alike as wholes."""
    return np.asarray((sets.n_tokens[rows] < settings.min_tokens).any(axis=1))


def is_match(overlaps: Overlaps, short: Bools, settings: Settings) -> Bools:
    """Say which pairs share enough of their shingles, as sets or of the smaller one.

    Args:
        overlaps: What pairs share.
        short: From `are_short`.
        settings: Supplies what is enough.
    """
    found: Bools = (overlaps.jaccard() >= settings.threshold) | (
        overlaps.containment() >= settings.containment
    )
    return found & (~short | (overlaps.jaccard() >= _ALIKE))


def _add_furniture(
    overlaps: Overlaps,
    n_furniture: Rows,
    tokens: Tokens,
    settings: Settings,
    executor: Executor | None,
) -> Overlaps:
    """Add to what pairs of articles share, and to their sizes, the shingles of their furniture."""
    if len(overlaps.pairs) == 0:
        return overlaps

    def add(start: int) -> Overlaps:
        part = slice(start, start + _PAIRS_PER_TASK)
        used, pairs = np.unique(overlaps.pairs[part], return_inverse=True)
        values = np.empty(int(n_furniture[used].sum()), dtype=np.uint32)
        offsets = np.empty(len(used) + 1, dtype=np.int64)
        kernels.take_furniture(tokens.values, tokens.offsets, used, values, offsets)
        sets, _ = shingles.shingle_tokens(values, offsets, settings)
        more = similarity.verify(pairs.reshape(-1, 2), sets)
        return Overlaps(
            overlaps.pairs[part],
            overlaps.shared[part] + more.shared,
            overlaps.size_a[part] + more.size_a,
            overlaps.size_b[part] + more.size_b,
        )

    starts = range(0, len(overlaps.pairs), _PAIRS_PER_TASK)
    parts = map(add, starts) if executor is None else executor.map(add, starts)
    return similarity.join(*parts)


def relate(
    nodes: Nodes, found: Found, settings: Settings, executor: Executor | None = None
) -> Matches:
    """Say what kind each match is, and which of them tie clusters and stories."""
    overlaps = found.overlaps
    if len(overlaps.pairs) + len(found.in_furniture.pairs) == 0:
        nothing = np.zeros(0, dtype=np.bool_)
        names = np.empty(0, dtype="<U9")
        return Matches(overlaps, names, np.empty(0), nothing, nothing, nothing)
    close = overlaps.jaccard() >= min(settings.threshold, NEAR)
    kind = judge(nodes, overlaps, settings, executor)
    n, more = len(overlaps.pairs), len(found.in_furniture.pairs)
    names = np.full(n + more, "furniture", dtype="<U9")
    margins = np.full(n + more, np.nan)
    ties_cluster, ties_story, one_report = np.zeros((3, n + more), dtype=np.bool_)
    names[:n], margins[:n] = kind.names, kind.margins
    ties_cluster[:n] = close & np.isin(kind.names, ("duplicate", "version"))
    ties_story[:n], one_report[:n] = kind.same_story, kind.one_report
    return Matches(
        similarity.join(overlaps, found.in_furniture),
        names,
        margins,
        ties_cluster,
        ties_story,
        one_report,
    )


def _are_stubs(nodes: Nodes, pairs: Pairs) -> Bools:
    """Say of which pairs both texts stand in place of an article, under titles that differ."""
    rows = nodes.rows[pairs]
    keys = nodes.headings.keys[rows]
    untold = nodes.headings.untold[rows]
    stubs: Bools = (untold.min(axis=1) > 0) & (untold.max(axis=1) > 1) & (keys[:, 0] != keys[:, 1])
    return stubs


def judge(
    nodes: Nodes, overlaps: Overlaps, settings: Settings, executor: Executor | None = None
) -> relations.Relations:
    """Say what kind of match each pair of nodes is."""
    tokens, rows = nodes.tokens, nodes.rows[overlaps.pairs]
    outlets = nodes.outlets[overlaps.pairs]
    shared = passages.measure(tokens.values, tokens.offsets, rows, nodes.headings, executor)
    is_common = np.zeros(len(rows), dtype=np.bool_)
    if not settings.keep_furniture:
        is_common = common_text.find(shared, overlaps, rows, outlets, nodes.sets)
    compared = relations.Compared(
        rows=rows,
        outlets=outlets,
        tokens=tokens,
        are_stubs=_are_stubs(nodes, overlaps.pairs),
        is_form=forms.find(shared, overlaps.pairs),
        is_common=is_common,
    )
    return relations.judge(shared, overlaps, compared, settings.story_containment)
