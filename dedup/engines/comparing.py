"""Sketches to clusters: candidates, matches, what kind each is, and what they tie together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.engines import matching
from dedup.errors import WorkError
from dedup.kernels import pair_keys
from dedup.settings import NEAR
from dedup.stages import clustering, fingerprints, lsh

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.engines.context import Context
    from dedup.engines.matching import Found, Matches, Nodes
    from dedup.engines.sketches import Sketches
    from dedup.records import Pairs
    from dedup.settings import Settings
    from dedup.stages.clustering import Clusters
    from dedup.stages.similarity import Overlaps

    Rows = npt.NDArray[np.int64]


_MOST_FILLINGS = 10
"""Other fillings of its form that `pairs` lists of a text."""

_TIED = 0.66
"""How alike texts that tie a story count at least where stories are joined."""


def find_candidates(sketches: Sketches, rows: Rows, context: Context) -> Pairs:
    """Find the pairs of texts to compare.

    Args:
        sketches: Of all articles.
        rows: A row of each text.
        context: Of the run.

    Returns:
        Pairs of places in `rows`.
    """
    depends_on = {
        "lowest threshold": lsh.lowest(context.settings),
        **context.settings_named("recall", "bands", "rows", "max_bucket"),
    }
    is_done = context.resumes("candidates", depends_on, may_differ=True)
    candidates = context.space.column("candidates", np.uint64)
    if not is_done:
        candidates.extend(pair_keys.pack(_candidates(sketches, rows, context)))
        context.finish("candidates", depends_on)
    places = pair_keys.unpack(candidates.values())
    if places.max(initial=-1) >= len(rows):
        raise WorkError("candidates: damaged, a place is out of range; give a new work folder")
    return places


def _candidates(sketches: Sketches, rows: Rows, context: Context) -> Pairs:
    """Look for texts that are alike as wholes, and for those that share parts."""
    settings, threads = context.settings, context.threads
    with context.stage("candidates"):
        alike = lsh.candidate_pairs(sketches.signatures(), rows, settings, threads)
    with context.stage("fingerprints"):
        sizes = sketches.sets().sizes()
        sharing = fingerprints.candidate_pairs(sketches.prints(), rows, sizes, threads)
        pairs = pair_keys.union(alike.pairs, sharing.pairs)
    context.account.counts |= {
        "candidates": len(pairs),
        "crowded_buckets": alike.crowded,
        "largest_bucket": alike.largest,
        "crowded_prints": sharing.crowded,
    }
    if alike.crowded:
        context.account.warnings.append(
            f"{alike.crowded} buckets held more than {settings.max_bucket} texts (max_bucket), the "
            f"largest {alike.largest}; their members were compared with some of the others, so "
            "`pairs` does not list every match among them"
        )
    return pairs


def verify(nodes: Nodes, pairs: Pairs, context: Context) -> Found:
    """Say which candidates match."""
    with context.stage("verify"):
        return matching.verify(nodes, pairs, context.settings, context.threads)


def relate(nodes: Nodes, found: Found, context: Context) -> Matches:
    """Say what kind each match is, and tell the user what ties nothing."""
    with context.stage("relations"):
        matches = matching.relate(nodes, found, context.settings, context.threads)
        listed = matches.where(_is_listed(matches))
    account = context.account
    account.counts |= {
        f"{name}_matches": int((matches.relations == name).sum())
        for name in ("furniture", "template")
    }
    left_out = len(matches.relations) - len(listed.relations)
    if left_out:
        account.warnings.append(
            f"{account.counts['template_matches']} matches are fillings of one form: their "
            f"relation is `template`; `pairs` lists {_MOST_FILLINGS} of them for each text"
        )
    return listed


def _is_listed(matches: Matches) -> npt.NDArray[np.bool_]:
    """Say which matches are listed: of fillings of one form, the first few of each text."""
    is_form = matches.relations == "template"
    listed = ~is_form
    places = np.flatnonzero(is_form)
    first = matches.overlaps.pairs[places, 0]
    order = np.argsort(first, kind="stable")
    ordered = first[order]
    rank = np.arange(len(ordered)) - np.searchsorted(ordered, ordered)
    listed[places[order[rank < _MOST_FILLINGS]]] = True
    found: npt.NDArray[np.bool_] = listed
    return found


class Groups(NamedTuple):
    """Clusters of texts, and the number of each text's story."""

    clusters: Clusters
    stories: Rows


def cluster(n: int, matches: Matches, context: Context) -> Groups:
    """Tie n texts to clusters and stories."""
    with context.stage("cluster"):
        near = matches.overlaps.where(matches.ties_cluster)
        clusters = clustering.cluster(n, near.pairs, near.jaccard())
        same = matches.overlaps.where(matches.ties_story)
        stories = clustering.stories(clusters, same.pairs, same.containment())
        stories = clustering.join(stories, *_likeness(matches))
        if context.settings.threshold > NEAR:
            close = _close(near, stories, context.settings)
            clusters = clustering.cluster(n, close.pairs, close.jaccard())
        return Groups(clusters, stories)


def _likeness(matches: Matches) -> tuple[Pairs, npt.NDArray[np.float64]]:
    """Say how alike pairs of texts are as versions of one report."""
    versions, tied = matches.overlaps.where(matches.one_report), matches.ties_story
    return versions.pairs, np.maximum(versions.share_of_larger(), tied[matches.one_report] * _TIED)


def _close(near: Overlaps, stories: Rows, settings: Settings) -> Overlaps:
    """Leave the pairs within one story that reach the threshold."""
    is_within = stories[near.pairs[:, 0]] == stories[near.pairs[:, 1]]
    return near.where(is_within & (near.jaccard() >= settings.threshold))
