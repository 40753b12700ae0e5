"""The batch run: the one place that knows the order of the stages.

Articles stream through in batches. While they do, each is reduced to its token values, its blocks
and what the input said of it; its text is let go. When all are there, page furniture is learned and
marked, and the rest of each text is shingled and signed. Identical texts are grouped, so that all
later stages see each text once, in an order taken from the texts themselves: that makes the result
independent of the order of the input.

    batches -> tokenise             per batch, in threads; texts end here
            -> furniture            blocks that are no part of the report
            -> shingle, sign        sets, prints and signatures, in threads
            -> group                identical texts become one node
            -> candidates, verify   pairs of nodes that match, as wholes or in part
            -> relations            what kind of match each is; furniture, if a family shares it
            -> cluster              clusters, and stories of them
            -> tables
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup import kernels
from dedup.engines import matching
from dedup.engines.kept import Articles, IdFilter, Sketches
from dedup.engines.workspace import Workers, Workspace
from dedup.errors import InputError, WorkError
from dedup.kernels import pair_keys
from dedup.readers import describe
from dedup.records import Skipped
from dedup.results import tables
from dedup.results.result import Result
from dedup.settings import NEAR
from dedup.stages import (
    clustering,
    fingerprints,
    furniture,
    headings,
    lsh,
    minhash,
    shingles,
    similarity,
)
from dedup.text import tokenizer
from dedup.version import __version__

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.engines.matching import Found, Matches, Nodes
    from dedup.engines.workspace import Column
    from dedup.records import Batch, Pairs, Signatures
    from dedup.settings import Settings
    from dedup.stages.clustering import Clusters
    from dedup.stages.shingles import Prints, ShingleSets
    from dedup.stages.similarity import Overlaps
    from dedup.text.tokenizer import Tokens

    Rows = npt.NDArray[np.int64]

_Item = TypeVar("_Item")
_Outcome = TypeVar("_Outcome")

Progress = Callable[[str, int], None]
"""Told a stage's name and how much of it is done, in articles or pairs."""

_NOTED = ("seconds", "cpu_seconds", "bytes", "counts", "warnings")
_IN_FLIGHT = 2  # tasks per worker: enough that none waits, few enough to hold their results
_TOKENS_PER_TASK = 2_000_000

_TIED = 0.66
"""What a pair that ties a story counts at least where stories are joined (`clustering.join`)."""


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
    space = space or Workspace()
    lsh.bands_of(settings)  # an impossible choice is refused before anything is read
    run = Run(progress or (lambda stage, done: None), space.trim)
    with Workers(workers, space) as executor:
        try:
            articles = _take_in(
                batches, known, settings, run, executor, workers, space, strict=strict
            )
            heads, found = _read_headings(articles, run)
            kinds = _find_furniture(articles, heads, found, settings, run, executor, space)
            sketches = _sketch(articles, settings, run, executor, workers, space)
            texts = _group(articles, sketches.sets(), heads, settings, run)
            nodes = matching.Nodes(
                texts.first, texts.outlets, articles.tokens(), sketches.sets(), heads
            )
            matches = _relate(
                nodes,
                _find_matches(nodes, sketches, texts.long, settings, run, executor, space),
                settings,
                run,
                executor,
            )
            with run.stage("cluster"):
                clusters, stories = _cluster(len(texts.first), matches, settings)
            with run.stage("tables"):
                result = _Tables(
                    articles, nodes, texts, matches, settings, run, space, executor
                ).make(clusters, stories, kinds)
            if space.is_on_disk:
                run.bytes["on_disk"] = space.size_on_disk()
            return replace(result, run=run.as_dict(settings))
        except BaseException:
            executor.shutdown(wait=True, cancel_futures=True)
            raise


class _Texts(NamedTuple):
    """Distinct texts (nodes), in an order that their content decides.

    `first` is a row of each, the one whose page (furniture and quotation marks, in which they may
    differ) hashes lowest; rows with node i's text are `members[starts[i] : starts[i + 1]]`, in
    input order; `long` are the nodes fit to compare; `outlets` is the outlet of all a node's
    articles, -1 if they are of several.
    """

    first: Rows
    members: Rows
    starts: Rows
    long: Rows
    outlets: Rows


@dataclass
class Run:
    """The account of a run: how long each stage took, what it held, what to tell the user."""

    progress: Progress
    between: Callable[[], None] = lambda: None
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    earlier: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage: wall clock, and CPU of the whole process."""
        self.between()
        self.progress(name, 0)
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - wall
        self.cpu_seconds[name] = self.cpu_seconds.get(name, 0.0) + time.process_time() - cpu

    def resumes(
        self,
        space: Workspace,
        stage: str,
        depends_on: Mapping[str, Any],
        *,
        may_differ: bool = False,
    ) -> bool:
        """Say whether a stage was done before, and take over what was noted until then."""
        noted = space.facts_of(stage, depends_on, may_differ=may_differ)
        if noted is None:
            return False
        for name in _NOTED:
            setattr(self, name, noted[name])
        self.earlier = {
            "seconds": sum(self.seconds.values()),
            "cpu_seconds": sum(self.cpu_seconds.values()),
        }
        return True

    def finish(self, space: Workspace, stage: str, depends_on: Mapping[str, Any]) -> None:
        """Have a stage noted as done, with all that was noted so far."""
        space.finish(stage, depends_on, {name: getattr(self, name) for name in _NOTED})

    def as_dict(self, settings: Settings) -> dict[str, Any]:
        """Give the content of `run.json`."""
        return {
            "version": __version__,
            "kernel_version": kernels.KERNEL_VERSION,
            "settings": settings.as_dict(),
            "counts": self.counts,
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
            "cpu_seconds": {name: round(value, 3) for name, value in self.cpu_seconds.items()},
            "bytes": self.bytes,
            **({"of_earlier_runs": self.earlier} if self.earlier else {}),
            "warnings": self.warnings,
        }


def _take_in(
    batches: Iterable[Batch],
    known: Iterable[Batch],
    settings: Settings,
    run: Run,
    executor: ThreadPoolExecutor,
    workers: int,
    space: Workspace,
    *,
    strict: bool,
) -> Articles:
    """Reduce a stream of batches to what stays of their articles, in threads, in order."""
    depends_on = {**space.source, **_some(settings, "fields", "max_record_bytes", "keep_furniture")}
    is_done = run.resumes(space, "read", depends_on)
    articles = Articles(space)
    if is_done and strict and run.counts["skipped"]:
        raise InputError(describe(_first(articles.skipped())))
    if is_done:
        articles.n_new = run.counts["articles"]
        return articles
    without_repeats = IdFilter()
    listed = tokenizer.NO_LINES if settings.keep_furniture else furniture.line_list()

    def fresh() -> Iterator[tuple[Batch, bool]]:
        for batch in map(without_repeats, batches):
            if strict and batch.skipped:
                raise InputError(describe(batch.skipped[0]))
            yield batch, True
        for batch in map(without_repeats, known):
            yield batch._replace(skipped=()), False

    def tokenise(item: tuple[Batch, bool]) -> tuple[Batch, bool, Tokens]:
        return *item, tokenizer.tokenise(item[0].articles.column("text"), listed)

    with run.stage("read"):
        for batch, is_new, tokens in _in_order(executor, tokenise, fresh(), _IN_FLIGHT * workers):
            articles.add(batch, tokens, is_new=is_new)
            space.trim()
            run.progress("read", len(articles))
    run.bytes |= articles.sizes_in_bytes()
    skipped = articles.skipped()
    run.counts |= {"articles": articles.n_new, "skipped": len(skipped)}
    if len(articles) > articles.n_new:
        run.counts["known"] = len(articles) - articles.n_new
    if len(skipped) and not len(articles):
        first = _first(skipped)
        run.warnings.append(
            f"no article could be read, {len(skipped)} records were skipped; the first: "
            + describe(first)
        )
    run.finish(space, "read", depends_on)
    return articles


def _first(skipped: pa.Table) -> Skipped:
    return Skipped(*(column[0].as_py() for column in skipped.columns))


def _some(settings: Settings, *names: str) -> dict[str, Any]:
    values = settings.as_dict()
    return {name: values[name] for name in names}


def _in_order(
    executor: ThreadPoolExecutor,
    function: Callable[[_Item], _Outcome],
    items: Iterable[_Item],
    most: int,
) -> Iterator[_Outcome]:
    """Call a function in threads, at most so many calls ahead; give the outcomes in order."""
    waiting: deque[Future[_Outcome]] = deque()
    for item in items:
        waiting.append(executor.submit(function, item))
        if len(waiting) > most:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _read_headings(
    articles: Articles, run: Run
) -> tuple[headings.Headings, npt.NDArray[np.uint32]]:
    """Read what pages say they are about, and which blocks hold words of it."""
    with run.stage("headings"):
        said, tokens = articles.said(), articles.tokens()
        heads = headings.read(said.column("title"), said.column("url"))
        found = headings.find(heads, tokens)
        return headings.mark_untold(heads, tokens, found), found


def _find_furniture(
    articles: Articles,
    heads: headings.Headings,
    in_blocks: npt.NDArray[np.uint32],
    settings: Settings,
    run: Run,
    executor: ThreadPoolExecutor,
    space: Workspace,
) -> npt.NDArray[np.uint8]:
    """Mark the page furniture in the articles' tokens.

    Returns:
        The kind of each block, as a place in `tables.KINDS`.
    """
    is_done = run.resumes(space, "furniture", {})
    found = space.column("furniture", np.uint8)
    if is_done:
        return found.values()
    tokens = articles.tokens()
    run.counts |= {"tokens": len(tokens.values), "furniture_tokens": 0}
    if settings.keep_furniture:
        found.extend(np.zeros(len(tokens.blocks.hashes), dtype=np.uint8))
        run.finish(space, "furniture", {})
        return found.values()
    with run.stage("furniture"):
        outlets = articles.outlets()
        learned = furniture.learn(tokens, outlets, heads, in_blocks)
        listed = (tokens.blocks.marks & kernels.LISTED) > 0
        blocks = tokens.blocks
        is_found = learned | listed

        def mark(rows: tuple[int, int]) -> int:
            part = slice(rows[0], rows[1] + 1)
            n: int = kernels.mark_furniture(
                tokens.values, tokens.offsets[part], blocks.offsets[part], blocks.ends, is_found
            )
            return n

        run.counts["furniture_tokens"] = sum(executor.map(mark, _slices(tokens.offsets)))
        found.extend(np.where(learned, 1, np.where(listed, 2, 0)))
    if len(outlets) and (outlets < 0).all():
        run.warnings.append(
            "no article names its outlet or its URL, so page furniture is learned only from what "
            "ten pages or more have in common; name the field with --outlet-field or --url-field"
        )
    run.finish(space, "furniture", {})
    return found.values()


def _sketch(
    articles: Articles,
    settings: Settings,
    run: Run,
    executor: ThreadPoolExecutor,
    workers: int,
    space: Workspace,
) -> Sketches:
    """Shingle and sign what is left of the articles, in threads, in order."""
    depends_on = _some(settings, "shingle_size", "num_perm", "seed", "min_tokens")
    is_done = run.resumes(space, "sketch", depends_on)
    sketches = Sketches(space, settings.num_perm)
    if is_done:
        return sketches
    tokens = articles.tokens()

    def sketch(rows: tuple[int, int]) -> tuple[ShingleSets, Prints, Signatures]:
        offsets = tokens.offsets[rows[0] : rows[1] + 1]
        values = tokens.values[offsets[0] : offsets[-1]]
        sets, prints = shingles.shingle_tokens(values, offsets - offsets[0], settings)
        return sets, prints, minhash.sign(sets, settings)

    with run.stage("sketch"):
        for parts in _in_order(executor, sketch, _slices(tokens.offsets), _IN_FLIGHT * workers):
            sketches.add(*parts)
            run.progress("sketch", len(sketches))
    run.bytes |= sketches.sizes_in_bytes()
    run.finish(space, "sketch", depends_on)
    return sketches


def _slices(offsets: Rows) -> list[tuple[int, int]]:
    """Cut texts into runs of about `_TOKENS_PER_TASK` tokens: first row and the row behind it."""
    ends = np.searchsorted(offsets, np.arange(_TOKENS_PER_TASK, offsets[-1], _TOKENS_PER_TASK))
    bounds = np.unique(np.concatenate(([0], ends, [len(offsets) - 1])))
    return list(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))


def _group(
    articles: Articles,
    sets: ShingleSets,
    heads: headings.Headings,
    settings: Settings,
    run: Run,
) -> _Texts:
    """Group identical texts; those too short to compare can still be grouped.

    Texts with the same 64-bit hash of their folded tokens, as many tokens and as many distinct
    shingles are taken for identical. A text without any token is like no other.
    """
    with run.stage("group"):
        n_tokens, n_shingles = sets.n_tokens, sets.sizes()
        page_sizes = np.diff(articles.tokens().offsets)
        titles = np.where(heads.untold > 0, heads.keys, 0)  # in place of articles that differ
        rows = np.lexsort((titles, n_shingles, n_tokens, sets.text_hashes))
        is_first = np.ones(len(rows), dtype=np.bool_)
        is_first[1:] = page_sizes[rows[1:]] == 0
        for key in (titles, n_shingles, n_tokens, sets.text_hashes):
            is_first[1:] |= key[rows[1:]] != key[rows[:-1]]
        starts = np.append(np.flatnonzero(is_first), len(rows))
        by_page = np.lexsort((sets.page_hashes[rows], np.cumsum(is_first)))
        first = rows[by_page[starts[:-1]]]
        long = np.flatnonzero(
            (n_tokens[first] >= min(matching.SHORTEST, settings.min_tokens))
            & (n_shingles[first] > 0)
        )
    short = int((n_tokens < settings.min_tokens).sum())
    run.counts |= {"distinct_texts": len(first), "too_short": short}
    if short:
        run.warnings.append(
            f"{short} of the articles have under {settings.min_tokens} words (min_tokens) outside "
            "page furniture: too short to judge, they are matched with identical texts only"
        )
    return _Texts(first, rows, starts, long, _common_outlet(articles.outlets(), rows, starts))


def _find_matches(
    nodes: Nodes,
    sketches: Sketches,
    long: Rows,
    settings: Settings,
    run: Run,
    executor: ThreadPoolExecutor,
    space: Workspace,
) -> Found:
    """Find the pairs of nodes that match, among those long enough to compare."""
    depends_on = {
        "lowest threshold": lsh.lowest(settings),
        **_some(settings, "recall", "bands", "rows", "max_bucket"),
    }
    is_done = run.resumes(space, "candidates", depends_on, may_differ=True)
    candidates = space.column("candidates", np.uint64)
    if not is_done:
        _find_candidates(candidates, nodes, sketches, nodes.rows[long], settings, run, executor)
        run.finish(space, "candidates", depends_on)
    places = pair_keys.unpack(candidates.values())
    if places.max(initial=-1) >= len(long):
        raise WorkError("candidates: damaged, a place is out of range; give a new work folder")
    with run.stage("verify"):
        return matching.verify(nodes, long[places], settings, executor)


def _find_candidates(
    candidates: Column,
    nodes: Nodes,
    sketches: Sketches,
    rows: Rows,
    settings: Settings,
    run: Run,
    executor: ThreadPoolExecutor,
) -> None:
    """Find the pairs of rows to compare, as packed places in `rows`."""
    with run.stage("candidates"):
        alike = lsh.candidate_pairs(sketches.signatures(), rows, settings, executor)
    with run.stage("fingerprints"):
        sizes = nodes.sets.sizes()
        sharing = fingerprints.candidate_pairs(sketches.prints(), rows, sizes, executor)
        candidates.extend(pair_keys.pack(pair_keys.union(alike.pairs, sharing.pairs)))
    run.counts |= {
        "candidates": len(candidates),
        "crowded_buckets": alike.crowded,
        "largest_bucket": alike.largest,
        "crowded_prints": sharing.crowded,
    }
    if alike.crowded:
        run.warnings.append(
            f"{alike.crowded} buckets held more than {settings.max_bucket} texts (max_bucket), the "
            f"largest {alike.largest}; their members were compared with some of the others, so "
            "`pairs` does not list every match among them"
        )


def _relate(
    nodes: Nodes, found: Found, settings: Settings, run: Run, executor: ThreadPoolExecutor
) -> Matches:
    """Say what kind each match is, and tell the user what ties nothing."""
    with run.stage("relations"):
        matches = matching.relate(nodes, found, settings, executor)
    run.counts |= {"furniture_matches": int((matches.relations == "furniture").sum())}
    if matches.by_family.any():
        run.warnings.append(
            f"{int(matches.by_family.sum())} matches rest on text that many pages of an outlet, or "
            f"more than {settings.max_family} texts (max_family), share: their relation is "
            "`furniture`, they tie nothing together"
        )
    return matches


def _cluster(n: int, matches: Matches, settings: Settings) -> tuple[Clusters, Rows]:
    """Make clusters of n nodes, and give the number of each node's story."""
    near = matches.overlaps.where(matches.ties_cluster)
    clusters = clustering.cluster(n, near.pairs, near.jaccard())
    same = matches.overlaps.where(matches.ties_story)
    stories = clustering.stories(clusters, same.pairs, same.containment())
    is_reused = np.isin(matches.relations, ("duplicate", "version"))
    reused, tied = matches.overlaps.where(is_reused), matches.ties_story[is_reused]
    stories = clustering.join(
        stories, reused.pairs, np.maximum(reused.share_of_larger(), tied * _TIED)
    )
    if settings.threshold > NEAR:
        close = near.where(_is_within(stories, near.pairs) & _reaches(near, settings))
        clusters = clustering.cluster(n, close.pairs, close.jaccard())
    return clusters, stories


def _is_within(groups: Rows, pairs: Pairs) -> npt.NDArray[np.bool_]:
    """Say which pairs lie in one group."""
    same: npt.NDArray[np.bool_] = groups[pairs[:, 0]] == groups[pairs[:, 1]]
    return same


def _reaches(overlaps: Overlaps, settings: Settings) -> npt.NDArray[np.bool_]:
    """Say which pairs reach the threshold."""
    reached: npt.NDArray[np.bool_] = overlaps.jaccard() >= settings.threshold
    return reached


def _common_outlet(outlets: Rows, members: Rows, starts: Rows) -> Rows:
    """Give each node the outlet of all its articles, -1 if they are of several."""
    if len(starts) < 2:
        return np.empty(0, dtype=np.int64)
    of_members = outlets[members]
    lowest = np.minimum.reduceat(of_members, starts[:-1])
    highest = np.maximum.reduceat(of_members, starts[:-1])
    return np.where(lowest == highest, lowest, -1)


def _by_id(texts: _Texts, ids: pa.ChunkedArray) -> Rows:
    """Order the articles of each text by id, so that who is first does not depend on the input."""
    table = pa.table(
        {
            "text": np.repeat(np.arange(len(texts.first)), np.diff(texts.starts)),
            "id": ids.take(pa.array(texts.members)),
        }
    )
    order = pc.sort_indices(table, sort_keys=[("text", "ascending"), ("id", "ascending")])
    rows: Rows = texts.members[order.to_numpy()]
    return rows


@dataclass
class _Tables:
    """Turns nodes back into articles, and arrays into the tables of the contract."""

    articles: Articles
    nodes: Nodes
    texts: _Texts
    matches: Matches
    settings: Settings
    run: Run
    space: Workspace
    executor: ThreadPoolExecutor

    def make(self, clusters: Clusters, stories: Rows, kinds: npt.NDArray[np.uint8]) -> Result:
        """Make all tables."""
        said, sets = self.articles.said(), self.nodes.sets
        groups = tables.groups(
            said,
            self._of_articles(clusters.anchor),
            self._of_articles(stories),
            sets.n_tokens,
            self._of_articles(clusters.degree),
            self.settings.representative,
            self.articles.n_new,
        )
        pairs = self.space.records("pairs", tables.PAIRS)
        for batch in self._pairs(said.column("id")):
            pairs.extend(batch)
            self.space.trim()
        furniture = self.space.records("furniture_table", tables.FURNITURE)
        for batch in tables.furniture(said.column("id"), self.articles.tokens().blocks, kinds):
            furniture.extend(batch)
            self.space.trim()
        listed, stretches = pairs.table(), furniture.table()
        articles = tables.articles(said, groups, self._relations(groups))
        if len(articles) > self.articles.n_new:
            articles = articles.slice(0, self.articles.n_new)
            new_ids = articles.column("id").combine_chunks()
            # The new come first.
            listed = listed.filter(pc.is_in(listed.column("id_a"), new_ids))
            stretches = stretches.filter(pc.is_in(stretches.column("id"), new_ids))
        self._count(groups, listed)
        return Result(
            articles=articles,
            pairs=listed,
            furniture=stretches,
            skipped=self.articles.skipped(),
            run={},
        )

    def _of_articles(self, of_nodes: Rows) -> Rows:
        values = np.empty(len(self.articles), dtype=np.int64)
        values[self.texts.members] = np.repeat(of_nodes, np.diff(self.texts.starts))
        return values

    def _pairs(self, ids: pa.ChunkedArray) -> Iterator[pa.RecordBatch]:
        texts, matches, limit = self.texts, self.matches, self.settings.max_bucket
        sizes = np.diff(texts.starts)
        largest = int(sizes.max(initial=0))
        most_pairs = int(sizes[matches.overlaps.pairs].prod(axis=1).max(initial=0))
        members, hashes = texts.members, self.nodes.sets.page_hashes
        if max(largest, most_pairs) > limit:
            members = _by_id(texts, ids)
            self.run.warnings.append(
                f"up to {largest} articles have one and the same text; where two texts have more "
                f"than {limit} pairs of articles between them, or one text that many articles "
                "(max_bucket), `pairs` lists only those with one article of each text (its first "
                "id)"
            )
        return tables.pairs(
            ids,
            tables.TextGroups(members, texts.starts, limit, hashes[texts.first], hashes),
            matches.overlaps,
            matches.relations,
            matches.margins,
            self.nodes.sets.sizes(),
        )

    def _relations(self, groups: tables.Groups) -> npt.NDArray[np.object_]:
        """Give each article's relation to its representative."""
        node = self._of_articles(np.arange(len(self.texts.first)))
        own, other = node, node[groups.representative]
        names = np.full(len(node), None, dtype=object)
        names[groups.representative != np.arange(len(node))] = "duplicate"
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
            pairs, back = np.unique(ends[~is_known], axis=0, return_inverse=True)
            overlaps = similarity.verify(self.texts.first[pairs], self.nodes.sets, self.executor)
            overlaps = replace(overlaps, pairs=pairs)
            kind = matching.judge(self.nodes, overlaps, self.settings, self.executor)
            names[far] = kind.names[back.reshape(-1)]
        return names

    def _count(self, groups: tables.Groups, pairs: pa.Table) -> None:
        counts: dict[str, int] = {"pairs": len(pairs)}
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
        self.run.counts |= counts
