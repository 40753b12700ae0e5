"""Verdicts of the ingest index: from an article's matches to what it is, and where it belongs.

The best match gives the relation; the cluster and the story are those of matches that tie them, as
things stood when the article came.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.engines.matching import Matches
    from dedup.index.stores import Row

_RANK = {"duplicate": 0, "version": 1, "quote": 2, "template": 3, "furniture": 4}
SAME_REPORT = ("duplicate", "version")
_MOST_ALSO = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an article is to those in the index.

    Attributes:
        id: Under which it is kept: its own; where that is another text's, its own and "#2" or a
            higher number.
        is_new: Nothing in the index is the same report: no duplicate and no version of it.
        relation: To `of`: "duplicate", "version", "quote", "template" or "furniture"; "unrelated"
            without one.
        of: Id of the article it matches best, the same as `id` for an update, None if nothing
            matches.
        cluster: Id of the article its cluster is named after, its own for a new one.
        story: The same for its story.
        jaccard: Of the two texts, 0 to 1.
        containment: Share of the shorter text found in the longer one, 0 to 1.
        evidence: What was counted, to be logged: `shared` shingles, `shingles` of the article and
            `of_shingles` of the other, `margin` to the nearest border of the relation, `compared`
            articles, `furniture_words` left out; `updates` where it replaces an older text of the
            same report; `given_id`, its own id, where it is kept under another; and the best other
            matches in `also`.
    """

    id: str
    is_new: bool
    relation: str
    of: str | None
    cluster: str
    story: str
    jaccard: float
    containment: float
    evidence: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Give the verdict as plain values."""
        return asdict(self)


class Match(NamedTuple):
    """An article in the index that the new one matches.

    `shared` counts shingles, `of_shingles` those of the other; `margin` is None without a border.
    """

    row: Row
    relation: str
    jaccard: float
    containment: float
    shared: int
    of_shingles: int
    margin: float | None
    ties_cluster: bool
    ties_story: bool

    def evidence(self) -> dict[str, Any]:
        """Give what was counted."""
        counted = {"shared": self.shared, "of_shingles": self.of_shingles}
        return counted if self.margin is None else {**counted, "margin": self.margin}


def list_matches(
    rows: Sequence[Row],
    same: npt.NDArray[np.int64],
    matches: Matches,
    n_shingles: int,
    threshold: float,
) -> list[Match]:
    """List an article's matches, the best first.

    Args:
        rows: What it was compared with.
        same: Places in `rows` of the same text.
        matches: With the article as node 0 and `rows` from 1 on.
        n_shingles: Of the article.
        threshold: Least Jaccard to tie a cluster.
    """
    found = [
        Match(rows[place], "duplicate", 1.0, 1.0, n_shingles, n_shingles, None, True, True)
        for place in same.tolist()
    ]
    overlaps = matches.overlaps
    jaccard, containment = overlaps.jaccard().tolist(), overlaps.containment().tolist()
    for k, place in enumerate((overlaps.pairs[:, 1] - 1).tolist()):
        margin = float(matches.margins[k])
        found.append(
            Match(
                row=rows[place],
                relation=str(matches.relations[k]),
                jaccard=jaccard[k],
                containment=containment[k],
                shared=int(overlaps.shared[k]),
                of_shingles=int(overlaps.size_b[k]),
                margin=None if np.isnan(margin) else round(margin, 4),
                ties_cluster=bool(matches.ties_cluster[k]) and jaccard[k] >= threshold,
                ties_story=bool(matches.ties_story[k] or matches.ties_cluster[k]),
            )
        )
    return sorted(found, key=_order)


def _order(match: Match) -> tuple[int, float, float, int]:
    return _RANK[match.relation], -match.jaccard, -match.containment, match.row.number


def decide(name: str, matches: Sequence[Match], evidence: Mapping[str, Any]) -> Verdict:
    """Say what an article is to its matches.

    Args:
        name: Its id.
        matches: Those with other articles, the best first.
        evidence: What was counted before.
    """
    # A cluster is joined at the article it is named after, so that no chain of copies ties what is
    # not alike.
    heads = [m for m in matches if m.ties_cluster and m.row.cluster == m.row.id]
    head = min(heads, key=lambda match: (-match.jaccard, match.row.number), default=None)
    tied = [m for m in matches if m.ties_story]
    nearest = min(tied, key=lambda match: (-match.containment, match.row.number), default=None)
    of_story = head or nearest
    cluster = head.row.cluster if head else name
    story = of_story.row.story if of_story else name
    if not matches:
        return Verdict(name, True, "unrelated", None, cluster, story, 0.0, 0.0, evidence)
    best, others = matches[0], matches[1 : 1 + _MOST_ALSO]
    also = {"also": [match.row.id for match in others]} if others else {}
    return Verdict(
        id=name,
        is_new=best.relation not in SAME_REPORT,
        relation=best.relation,
        of=best.row.id,
        cluster=cluster,
        story=story,
        jaccard=best.jaccard,
        containment=best.containment,
        evidence={**evidence, **best.evidence(), **also},
    )


def text_before(name: str, matches: Sequence[Match], own_ids: Collection[str]) -> Match | None:
    """Give the match of an article with its own older text, None if there is none.

    Args:
        name: The article's id.
        matches: The best first.
        own_ids: Ids in the index under which what came with this id is kept.
    """
    own = [m for m in matches if m.row.id in own_ids and m.relation in SAME_REPORT]
    return min(own, key=lambda match: match.row.id != name, default=None)


def decide_update(old: Match, matches: Sequence[Match], evidence: Mapping[str, Any]) -> Verdict:
    """Say that an article has another text now, and where it belongs.

    It keeps its place where it matches no other article.

    Args:
        old: The match with its older text.
        matches: All, the best first.
        evidence: What was counted before.
    """
    name = old.row.id
    among = decide(name, [match for match in matches if match is not old], evidence)
    keeps = among.cluster == among.story == name
    return replace(
        among,
        is_new=False,
        relation=old.relation,
        of=name,
        cluster=old.row.cluster if keeps else among.cluster,
        story=old.row.story if keeps else among.story,
        jaccard=old.jaccard,
        containment=old.containment,
        evidence={**among.evidence, "updates": True},
    )


def to_values(verdict: Verdict) -> list[Any]:
    """Give what a row does not say otherwise, as JSON can hold it."""
    return [
        verdict.is_new,
        verdict.relation,
        verdict.of,
        verdict.jaccard,
        verdict.containment,
        verdict.evidence,
    ]


def from_values(values: Sequence[Any], row: Row) -> Verdict:
    """Give the verdict that `to_values` was made of, with the places its row has now."""
    is_new, relation, of, jaccard, containment, evidence = values
    return Verdict(
        row.id, is_new, relation, of, row.cluster, row.story, jaccard, containment, evidence
    )
