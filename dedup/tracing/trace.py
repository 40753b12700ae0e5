"""`dedup trace`: clusters and stories, and whose copy each article is.

    batches -> cluster              stories of the dump and the wire stories given with it
            -> credits              which agencies each article credits
            -> sources              the agencies' texts each article shares text with, else the
                                    origin of its story, else those it rewords
            -> align                sentence by sentence
            -> verdicts, outlets    whose copy, credited or not; who leans on whom

Articles are taken story by story, in threads, and what is found of each is kept as numbers; texts
lie where the workspace has them. Sentences of articles without a source are not listed: all of them
would be added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.engines import local
from dedup.engines.context import Context
from dedup.engines.reading import Companions, Incoming
from dedup.results import contract
from dedup.results.result import Result, Trace
from dedup.tracing import rewording, rollup, sources, verdicts
from dedup.tracing.dump import Dump
from dedup.tracing.recent import Recent
from dedup.tracing.rewording import Candidate, Rewording
from dedup.tracing.verdicts import Finding, Verdicts

if TYPE_CHECKING:
    from dedup.engines.account import Progress
    from dedup.engines.workspace import Workspace
    from dedup.records import Batch
    from dedup.settings import Settings

_Item = TypeVar("_Item")

_ROWS_PER_TASK = 64
_STORIES = 1_000
"""Stories whose origins are remembered; those of one story come one after the other."""

_TEXTS_PER_TASK = 256


def trace(
    batches: Iterable[Batch],
    settings: Settings,
    wires: Iterable[Batch] = (),
    *,
    workers: int = 1,
    strict: bool = False,
    keep_text: bool = True,
    progress: Progress | None = None,
    space: Workspace | None = None,
) -> Trace:
    """Cluster a stream of article batches, and say whose copy each article is.

    Args:
        batches: From `dedup.readers`.
        settings: As for `local.cluster`.
        wires: Known wire stories; they are in no table but as sources.
        workers: Threads; the result is the same with any number.
        strict: Stop at the first record that would be skipped.
        keep_text: Put the sentences themselves into the table `sentences`.
        progress: Called now and then from the calling thread.
        space: Where to keep texts and arrays, in memory by default; the result is the same.

    Raises:
        InputError: `strict`, and a record is bad or an id is repeated.
        WorkError: As for `local.cluster`.
    """
    incoming = Incoming(batches, Companions(wires, are_named=False), strict, keep_texts=True)
    with Context(settings, workers=workers, progress=progress, space=space) as context:
        outcome = local.run(incoming, context)
        with context.stage("tables"):
            result = outcome.make_tables()
        with context.stage("credits"):
            dump = Dump(outcome, context)
        with context.stage("trace"):
            found = _judge(dump, context)
        with context.stage("tables"):
            traced = _tables(result, dump, found, keep_text=keep_text)
        return replace(traced, run=_account(traced, len(outcome.articles), found, context))


def _judge(dump: Dump, context: Context) -> Verdicts:
    """Say of each article whose copy it is."""
    found = Verdicts(dump.n_own, context)
    origin_of = Recent(lambda story: sources.origin_of(story, dump), lambda told: 1, _STORIES)

    def judge(rows: Sequence[int]) -> list[Finding]:
        return [verdicts.find(row, sources.derive(row, dump, origin_of), dump) for row in rows]

    by_story = np.argsort(dump.stories.of_row[: dump.n_own], kind="stable").tolist()
    done = 0
    for some in context.threads.in_order(judge, _parts(by_story, _ROWS_PER_TASK)):
        for one in some:
            found.add(one)
        done += len(some)
        context.account.progress("trace", done)
    _reword(dump, found, context)
    return found


def _reword(dump: Dump, found: Verdicts, context: Context) -> None:
    """Look among the articles without a source for those that reword one."""
    is_origin = np.zeros(len(dump.stories.of_row), dtype=np.bool_)
    is_origin[found.origins[found.origins >= 0]] = True
    alone = found.without_sources()
    alone = alone[~is_origin[alone]].tolist()
    is_origin[dump.n_own :] = True
    if not is_origin.any() or not alone:
        return
    finder = Rewording(np.flatnonzero(is_origin), dump)
    tasks = _parts(alone, _TEXTS_PER_TASK)
    candidates = [
        candidate
        for some in context.threads.in_order(finder.candidates, tasks)
        for candidate in some
    ]
    candidates.sort(key=lambda candidate: candidate.sources)  # one source after the other

    def judge(some: Sequence[Candidate]) -> list[Finding]:
        told = ((one.row, rewording.derive(one, dump)) for one in some)
        return [verdicts.find(row, one, dump) for row, one in told if one is not None]

    for found_in_some in context.threads.in_order(judge, _parts(candidates, _ROWS_PER_TASK)):
        for one in found_in_some:
            found.add(one)


def _tables(result: Result, dump: Dump, found: Verdicts, *, keep_text: bool) -> Trace:
    """Add what was found to the tables of clustering."""
    table = result.articles
    stories = table.column("story").combine_chunks()
    sizes = table.column("story_size").to_numpy()
    columns = {
        "event": stories.take(pa.array(_events(stories, sizes, dump, found))),
        **found.columns(dump.ids, stories),
    }
    carried = {name: table.column(name) for name in table.column_names}
    table = pa.table({**carried, **columns}, schema=contract.TRACED_ARTICLES.schema())
    return Trace(
        articles=table,
        pairs=result.pairs,
        furniture=result.furniture,
        skipped=result.skipped,
        run={},
        sentences=found.sentences(dump, keep_text=keep_text),
        outlets=rollup.outlets(table),
    )


def _events(stories: pa.Array, sizes: Any, dump: Dump, found: Verdicts) -> Any:
    """Tie to a story the stories of one article that reword its origin.

    Returns:
        For each article one of the story that its event is named by.
    """
    event = np.arange(dump.n_own)
    known = np.flatnonzero(found.origins >= 0)
    carriers: dict[int, dict[int, int]] = defaultdict(dict)
    for row, origin in zip(known.tolist(), found.origins[known].tolist(), strict=True):
        member = row if dump.is_wire(origin) else origin
        carriers[origin].setdefault(int(dump.stories.of_row[member]), member)
    for row in known[sizes[known] == 1].tolist():
        members = carriers[int(found.origins[row])].values()
        event[row] = min(members, key=lambda at: (-sizes[at], stories[at].as_py()))
    return event


def _account(traced: Trace, n_texts: int, found: Verdicts, context: Context) -> dict[str, Any]:
    """Give the content of `run.json`."""
    told = traced.articles.column("verdict")
    copies = {name: pc.equal(told, name) for name in ("wholly_derived", "partially_derived")}
    is_copy = pc.fill_null(pc.or_(*copies.values()), False)
    uncredited = pc.and_(is_copy, pc.invert(traced.articles.column("credited")))
    context.account.counts |= {
        "wires": n_texts - traced.articles.num_rows,
        **{name: _count(is_it) for name, is_it in copies.items()},
        "uncredited": _count(uncredited),
    }
    return {**context.report(), "survival": found.survival()}


def _parts(items: Sequence[_Item], size: int) -> Iterator[Sequence[_Item]]:
    """Cut what is to be done into tasks."""
    return (items[start : start + size] for start in range(0, len(items), size))


def _count(is_it: pa.ChunkedArray) -> int:
    return int(pc.sum(is_it).as_py() or 0)
