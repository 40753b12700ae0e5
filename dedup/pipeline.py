"""The batch run: the one place that knows the order of the stages.

Articles stream through in batches. While they do, each is reduced to its shingle set, its signature
and what the input said of it; its text is let go. Identical texts are grouped, so that all later
stages see each text once, in an order taken from the texts themselves: that makes the result
independent of the order of the input.

    batches -> shingle, sign        per batch, in threads; texts end here
            -> group                identical texts become one node
            -> candidates, verify   pairs of nodes that match
            -> families, cluster    matches that hold, and what they tie together
            -> tables
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup import clustering, families, kernels, lsh, minhash, shingles, similarity, tables
from dedup.errors import InputError
from dedup.intake import Articles, IdFilter
from dedup.readers import describe
from dedup.results import Result
from dedup.version import __version__

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.clustering import Clusters
    from dedup.records import Batch, Signatures
    from dedup.settings import Settings
    from dedup.shingles import ShingleSets
    from dedup.similarity import Overlaps

    Rows = npt.NDArray[np.int64]

Progress = Callable[[str, int], None]
"""Told a stage's name and how much of it is done, in articles or pairs."""

_BATCHES_IN_FLIGHT = 2  # per worker: enough that none waits for the reader


def cluster(
    batches: Iterable[Batch],
    settings: Settings,
    *,
    workers: int = 1,
    strict: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Cluster a stream of article batches.

    Args:
        batches: From `dedup.readers`.
        settings: What to call a match, and how hard to look.
        workers: Threads; the result is the same with any number.
        strict: Stop at the first record that would be skipped.
        progress: Called now and then from the calling thread.

    Raises:
        InputError: `strict`, and a record is bad or an id is repeated.
    """
    lsh.bands_of(settings)  # an impossible choice is refused before anything is read
    run = _Run(progress or (lambda stage, done: None))
    with ThreadPoolExecutor(workers) as executor:
        try:
            articles = _take_in(batches, settings, run, executor, workers, strict=strict)
            texts = _group(articles, settings, run)
            matches = _match(articles, texts, settings, run, executor)
            with run.stage("cluster"):
                ties = matches.overlaps.where(~matches.is_furniture)
                clusters = clustering.cluster(len(texts.first), ties.pairs, ties.jaccard())
            with run.stage("tables"):
                result = _tabulate(articles, texts, matches, clusters, settings, run)
            return replace(result, run=run.as_dict(settings))
        except BaseException:
            executor.shutdown(wait=True, cancel_futures=True)
            raise


class _Texts(NamedTuple):
    """Distinct texts (nodes), in an order that their content decides.

    `first` is a row of each; rows with node i's text are
    `members[starts[i] : starts[i + 1]]`, in input order; `long` are the nodes fit to compare.
    """

    first: Rows
    members: Rows
    starts: Rows
    long: Rows


class _Matches(NamedTuple):
    """Pairs of nodes that match; those by furniture alone tie nothing together."""

    overlaps: Overlaps
    is_furniture: npt.NDArray[np.bool_]


@dataclass
class _Run:
    """The account of a run: how long each stage took, what it held, what to tell the user."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage: wall clock, and CPU of the whole process."""
        self.progress(name, 0)
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - wall
        self.cpu_seconds[name] = self.cpu_seconds.get(name, 0.0) + time.process_time() - cpu

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
            "warnings": self.warnings,
        }


def _take_in(
    batches: Iterable[Batch],
    settings: Settings,
    run: _Run,
    executor: ThreadPoolExecutor,
    workers: int,
    *,
    strict: bool,
) -> Articles:
    """Reduce a stream of batches to what stays of their articles, in threads, in order."""
    articles = Articles(settings.num_perm)
    waiting: deque[tuple[Batch, Future[tuple[ShingleSets, Signatures]]]] = deque()
    without_repeats = IdFilter()

    def keep_next() -> None:
        batch, sketch = waiting.popleft()
        articles.add(batch, *sketch.result())
        run.progress("read", len(articles))

    with run.stage("read"):
        for batch in batches:
            fresh = without_repeats(batch)
            if strict and fresh.skipped:
                raise InputError(describe(fresh.skipped[0]))
            waiting.append(
                (fresh, executor.submit(_sketch, fresh.articles.column("text"), settings))
            )
            if len(waiting) > _BATCHES_IN_FLIGHT * workers:
                keep_next()
        while waiting:
            keep_next()
    run.bytes |= articles.sizes_in_bytes()
    run.counts |= {"articles": len(articles), "skipped": len(articles.skipped)}
    if articles.skipped and not len(articles):
        run.warnings.append(
            f"no article could be read, {len(articles.skipped)} records were skipped; the first: "
            + describe(articles.skipped[0])
        )
    return articles


def _sketch(texts: pa.Array, settings: Settings) -> tuple[ShingleSets, Signatures]:
    sets = shingles.shingle(texts, settings)
    return sets, minhash.sign(sets, settings)


def _group(articles: Articles, settings: Settings, run: _Run) -> _Texts:
    """Group identical texts; those too short to compare can still be grouped.

    Texts with the same 64-bit hash of their folded tokens, as many tokens and as many distinct
    shingles are taken for identical. A text without any token is like no other.
    """
    with run.stage("group"):
        sets = articles.sets()
        n_tokens, n_shingles = sets.n_tokens, sets.sizes()
        rows = np.lexsort((n_shingles, n_tokens, sets.text_hashes))
        is_first = np.ones(len(rows), dtype=np.bool_)
        is_first[1:] = n_tokens[rows[1:]] == 0
        for key in (n_shingles, n_tokens, sets.text_hashes):
            is_first[1:] |= key[rows[1:]] != key[rows[:-1]]
        starts = np.append(np.flatnonzero(is_first), len(rows))
        first = rows[starts[:-1]]
        long = np.flatnonzero((n_tokens[first] >= settings.min_tokens) & (n_shingles[first] > 0))
    short = int((n_tokens < settings.min_tokens).sum())
    run.counts |= {"distinct_texts": len(first), "too_short": short}
    if short:
        run.warnings.append(
            f"{short} of the articles have under {settings.min_tokens} words (min_tokens): too "
            "short to judge, they are matched with identical texts only"
        )
    return _Texts(first, rows, starts, long)


def _match(
    articles: Articles,
    texts: _Texts,
    settings: Settings,
    run: _Run,
    executor: ThreadPoolExecutor,
) -> _Matches:
    """Find the pairs of nodes that match, and what kind of match each is."""
    sets = articles.sets()
    with run.stage("candidates"):
        found = lsh.candidate_pairs(
            articles.signatures(), texts.first[texts.long], settings, executor
        )
    with run.stage("verify"):
        nodes = texts.long[found.pairs]
        overlaps = similarity.verify(texts.first[nodes], sets, executor)
        is_match = overlaps.jaccard() >= settings.threshold
        matches = replace(overlaps.where(is_match), pairs=nodes[is_match])
    with run.stage("families"):
        outlets = _common_outlet(articles.outlets(), texts)
        is_furniture = families.furniture_matches(
            matches.pairs, matches.jaccard(), texts.first, outlets, sets, settings, executor
        )
    run.counts |= {
        "candidates": len(found.pairs),
        "furniture_matches": int(is_furniture.sum()),
        "crowded_buckets": found.crowded,
        "largest_bucket": found.largest,
    }
    if is_furniture.any():
        run.warnings.append(
            f"{int(is_furniture.sum())} matches rest on text that many pages of an outlet or a "
            "family share (relation `furniture`); they tie nothing together"
        )
    if found.crowded:
        run.warnings.append(
            f"{found.crowded} buckets held more than {settings.max_bucket} texts (max_bucket), the "
            f"largest {found.largest}; their members were compared with some of the others, so "
            "`pairs` does not list every match among them"
        )
    return _Matches(matches, is_furniture)


def _common_outlet(outlets: Rows, texts: _Texts) -> Rows:
    """Give each node the outlet of all its articles, -1 if they are of several."""
    if len(texts.first) == 0:
        return texts.first
    of_members = outlets[texts.members]
    lowest = np.minimum.reduceat(of_members, texts.starts[:-1])
    highest = np.maximum.reduceat(of_members, texts.starts[:-1])
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


def _tabulate(
    articles: Articles,
    texts: _Texts,
    matches: _Matches,
    clusters: Clusters,
    settings: Settings,
    run: _Run,
) -> Result:
    """Turn nodes back into articles, and arrays into the tables of the contract."""
    sets, said = articles.sets(), articles.said()
    group, degree = np.empty((2, len(articles)), dtype=np.int64)
    sizes = np.diff(texts.starts)
    group[texts.members] = np.repeat(clusters.anchor, sizes)
    degree[texts.members] = np.repeat(clusters.degree, sizes)
    largest = int(sizes.max(initial=0))
    most_pairs = int(sizes[matches.overlaps.pairs].prod(axis=1).max(initial=0))
    members = texts.members
    if max(largest, most_pairs) > settings.max_bucket:
        members = _by_id(texts, said.column("id"))
        run.warnings.append(
            f"up to {largest} articles have one and the same text; where two texts have more than "
            f"{settings.max_bucket} pairs of articles between them, or one text that many articles "
            "(max_bucket), `pairs` lists only those with one article of each text (its first id)"
        )
    pairs = tables.pairs(
        said.column("id"),
        tables.TextGroups(members, texts.starts, settings.max_bucket),
        matches.overlaps,
        np.where(matches.is_furniture, "furniture", "duplicate"),
        sets.sizes(),
    )
    in_cluster = np.bincount(group)
    run.counts |= {
        "pairs": len(pairs),
        "clusters": int((in_cluster > 1).sum()),
        "in_clusters": int(in_cluster[in_cluster > 1].sum()),
        "largest_cluster": int(in_cluster.max(initial=0)),
    }
    return Result(
        articles=tables.articles(said, group, sets.n_tokens, degree, settings.representative),
        pairs=pairs,
        skipped=tables.skipped(articles.skipped),
        run={},
    )
