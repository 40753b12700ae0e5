"""What many pages of a pile have in common, and whether it was taken for furniture.

Blocks that stand on the same pages and were judged alike are one group: a menu, a notice, a report
that many carry.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup import kernels
from dedup.engines import reading, sketching
from dedup.engines.context import Context
from dedup.engines.reading import Incoming
from dedup.records import Skipped
from dedup.stages import furniture

if TYPE_CHECKING:
    from dedup.engines.articles import Articles
    from dedup.records import Batch
    from dedup.settings import Settings
    from dedup.stages.furniture import Judged

_SHOWN_CHARACTERS, _SHOWN_IDS = 300, 3


class Group(NamedTuple):
    """Blocks that the same pages hold.

    Attributes:
        verdict: "furniture", "listed" (furniture anywhere) or "report".
        pages: How many hold it; one that was fetched again counts once.
        outlets: Of how many known outlets they are.
        blocks: Sentences, and lines without any.
        words: In all of the blocks.
        said: How clearly its pages say that it is furniture, 0 to 1; `furniture` says how.
        text: The beginning of it.
        ids: The first pages.
    """

    verdict: str
    pages: int
    outlets: int
    blocks: int
    words: int
    said: float
    text: str
    ids: tuple[str, ...]


class Listing(NamedTuple):
    """What pages have in common, on most pages first; articles read, and records skipped."""

    groups: list[Group]
    articles: int
    skipped: list[Skipped]


def find(batches: Iterable[Batch], settings: Settings, *, least: int, workers: int) -> Listing:
    """List what pages have in common.

    Args:
        batches: From `dedup.readers`.
        settings: As for a run.
        least: Fewest pages of a group.
        workers: Threads.
    """
    with Context(settings, workers=workers) as context:
        articles = reading.read(Incoming(batches, keep_texts=True), context)
        skipped = [Skipped(**row) for row in articles.skipped().to_pylist()]
        if len(articles) == 0:
            return Listing([], 0, skipped)
        said = sketching.read_headings(articles, context)
        judged = furniture.judge(
            articles.tokens(), articles.outlets(), said.of_pages, said.in_blocks
        )
        groups = _groups(articles, judged, least)
        groups.sort(key=lambda group: (-group.pages, -group.words, group.text, group.ids))
        return Listing(groups, len(articles), skipped)


def _groups(articles: Articles, judged: Judged, least: int) -> list[Group]:
    """Put the blocks of each set of pages together."""
    common, blocks = judged.common, articles.tokens().blocks
    if len(common.blocks) == 0:
        return []
    order = np.argsort(common.places, kind="stable")  # pages stay in order
    starts = np.flatnonzero(np.diff(common.places[order], prepend=-1))
    ends = np.append(starts[1:], len(order))
    first = common.blocks[order[starts]]
    is_listed = (blocks.marks[first] & kernels.LISTED) > 0
    verdicts = np.where(judged.is_furniture[first], 1, np.where(is_listed, 2, 0))
    found: dict[tuple[bytes, int], list[int]] = {}
    for i in np.flatnonzero(ends - starts >= least).tolist():
        pages = common.pages[order[starts[i] : ends[i]]].tobytes()
        found.setdefault((pages, int(verdicts[i])), []).append(i)
    texts = articles.texts()
    ids, outlets = articles.metadata().column("id"), articles.outlets()
    listed = []
    for (_, verdict), members in found.items():
        rows = [order[starts[i] : ends[i]] for i in members]
        holders = common.pages[rows[0]]
        text = texts[int(holders[0])].as_py()
        spans = sorted(blocks.spans[[common.blocks[of_block[0]] for of_block in rows]].tolist())
        known = outlets[holders]
        listed.append(
            Group(
                verdict=("report", "furniture", "listed")[verdict],
                pages=len(holders),
                outlets=len(np.unique(known[known >= 0])),
                blocks=len(members),
                words=int(sum(common.sizes[of_block[0]] for of_block in rows)),
                said=round(float(np.mean([judged.said[of_block].mean() for of_block in rows])), 3),
                text=" ".join(text[start:end].strip() for start, end in spans)[:_SHOWN_CHARACTERS],
                ids=tuple(ids[int(page)].as_py() for page in holders[:_SHOWN_IDS]),
            )
        )
    return listed
