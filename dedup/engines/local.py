"""The batch run on one machine: the one place that knows the order of the stages.

Articles stream through in batches. While they do, each is reduced to its token values, its blocks
and what the input said of it; its text is let go. When all are there, page furniture is learned and
marked, and the rest of each text is shingled and signed. Identical texts are grouped, so that all
later stages see each text once.

    batches -> read                 per batch, in threads; texts end here
            -> headings             what each page says it is about
            -> furniture            blocks that are no part of the report
            -> sketch               shingle sets, prints and signatures, in threads
            -> group                identical texts become one
            -> candidates, verify   pairs of texts that match, as wholes or in part
            -> relations            what kind of match each is
            -> cluster              clusters, and stories of them
            -> tables
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dedup.engines import comparing, matching, reading, sketching, texts
from dedup.engines.context import Context
from dedup.engines.outcome import Outcome
from dedup.engines.reading import Companions, Incoming
from dedup.stages import lsh

if TYPE_CHECKING:
    from dedup.engines.account import Progress
    from dedup.engines.workspace import Workspace
    from dedup.records import Batch
    from dedup.results.result import Result
    from dedup.settings import Settings


def cluster(
    batches: Iterable[Batch],
    settings: Settings,
    known: Iterable[Batch] = (),
    *,
    workers: int = 1,
    strict: bool = False,
    progress: Progress | None = None,
    space: Workspace | None = None,
) -> Result:
    """Cluster a stream of article batches.

    Args:
        batches: From `dedup.readers`.
        settings: What to call a match, and how hard to look.
        known: Articles to compare with as well, of an index; the tables leave out what concerns
            them alone. One whose id comes in `batches` too is passed over.
        workers: Threads; the result is the same with any number.
        strict: Stop at the first record that would be skipped.
        progress: Called now and then from the calling thread.
        space: Where to keep what is worked on, in memory by default; the result is the same.

    Raises:
        InputError: `strict`, and a record is bad or an id is repeated.
        WorkError: The folder of `space` is full, or was begun with something else.
    """
    incoming = Incoming(batches, Companions(known), strict)
    with Context(settings, workers=workers, progress=progress, space=space) as context:
        return run(incoming, context).result()


def run(incoming: Incoming, context: Context) -> Outcome:
    """Take articles through all stages; see `cluster`."""
    lsh.bands_of(context.settings)  # an impossible choice is refused before anything is read
    articles = reading.read(incoming, context)
    headings = sketching.read_headings(articles, context)
    kinds = sketching.find_furniture(articles, headings, context)
    sketches = sketching.sketch(articles, context)
    distinct = texts.group(articles, sketches.sets(), headings.of_pages, context)
    nodes = matching.Nodes(
        distinct.first, distinct.outlets, articles.tokens(), sketches.sets(), headings.of_pages
    )
    candidates = comparing.find_candidates(sketches, distinct.first[distinct.long], context)
    found = comparing.verify(nodes, distinct.long[candidates], context)
    matches = comparing.relate(nodes, found, context)
    groups = comparing.cluster(len(distinct.first), matches, context)
    are_named = incoming.companions.are_named
    return Outcome(context, articles, kinds, distinct, nodes, matches, groups, are_named)
