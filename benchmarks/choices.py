"""The measurements behind the defaults, as docs/architecture.md states them.

    python benchmarks/choices.py --data ../shared/data

1. Thresholds: pair F1 of clusters on `syndication_day`, by size of shingle.
2. Ways to cluster, at the default threshold, from the same exact matches.
3. What ties clusters and stories on `syndication_day`: which relations, how much containment.
4. Prints: recall of the known overlaps of `allsides` and useless candidates, by share of prints.
5. Furniture: how much of `allsides` it is, and the largest cluster with and without it.
6. Kernels: speed on the texts of `allsides`, one thread.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

import dedup
from dedup import kernels
from dedup.evaluation import evaluate
from dedup.settings import Settings
from dedup.stages import clustering, fingerprints, minhash, shingles, similarity
from dedup.text import tokenizer

THRESHOLDS = (0.15, 0.2, 0.22, 0.24, 0.25, 0.26, 0.28, 0.3, 0.35, 0.4, 0.5)


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    day = pq.read_table(data / "syndication_day" / "articles.parquet")
    day = day.filter(pc.invert(day["aggregator"]))
    thresholds(day)
    ways(day["text"], day["cluster"].to_pylist())
    ties(day)
    articles = pq.read_table(data / "allsides" / "articles.parquet")
    prints(articles, pq.read_table(data / "allsides" / "exact_overlap_pairs.parquet"))
    page_furniture(articles)
    speeds(articles["text"])


def thresholds(day: object) -> None:
    """Pair F1 by threshold and size of shingle."""
    print("| shingle | " + " | ".join(f"{t:g}" for t in THRESHOLDS) + " |")
    print("|---" * (len(THRESHOLDS) + 1) + "|")
    gold = day["cluster"].to_pylist()
    for size in (3, 4, 5):
        cells = []
        for threshold in THRESHOLDS:
            settings = Settings(shingle_size=size, threshold=threshold, recall=0.95, num_perm=256)
            found = dedup.cluster(day, settings).articles["cluster"].to_pylist()
            cells.append(f"{evaluate.pairwise(found, gold).f1:.3f}")
        print(f"| {size} words | " + " | ".join(cells) + " |")


def ways(texts: object, gold: list[str]) -> None:
    """Pair F1 of ways to cluster exact matches at the default threshold."""
    sets = shingles.shingle(texts, Settings())
    n = len(sets)
    every = np.array(list(itertools.combinations(range(n), 2)))
    overlaps = similarity.verify(every, sets)
    jaccard = overlaps.jaccard()
    is_match = jaccard >= Settings().threshold
    pairs = every[is_match]
    stars = clustering.cluster(n, pairs, np.ones(len(pairs)))  # all alike: the first anchor wins
    tree = hierarchy.linkage(squareform(1 - similarity_matrix(n, every, jaccard)), "average")
    found = {
        "connected components": kernels.connect(n, pairs),
        "stars, each text with its first anchor": stars.anchor,
        "stars, each text with its most similar anchor": clustering.cluster(
            n, pairs, jaccard[is_match]
        ).anchor,
        "average linkage": hierarchy.fcluster(tree, 1 - Settings().threshold, "distance"),
    }
    for name, labels in found.items():
        print(f"- {name}: F1 {evaluate.pairwise(labels.tolist(), gold).f1:.3f}")


def similarity_matrix(n: int, pairs: np.ndarray, jaccard: np.ndarray) -> np.ndarray:
    """All similarities as a square."""
    square = np.eye(n)
    square[pairs[:, 0], pairs[:, 1]] = square[pairs[:, 1], pairs[:, 0]] = jaccard
    return square


def ties(day: pa.Table) -> None:
    """Pair F1 of clusters tied by duplicates alone, and of stories by containment."""
    gold = day["cluster"].to_pylist()
    result = dedup.cluster(day)
    place = {name: i for i, name in enumerate(result.articles["id"].to_pylist())}
    rows = [row for row in result.pairs.to_pylist() if row["relation"] == "duplicate"]
    pairs = np.array([(place[row["id_a"]], place[row["id_b"]]) for row in rows])
    jaccard = np.array([row["jaccard"] for row in rows])
    found = {
        "stars of duplicates alone": clustering.cluster(len(place), pairs, jaccard).anchor,
        "connected components of duplicates alone": kernels.connect(len(place), pairs),
    }
    for name, labels in found.items():
        print(f"- {name}: F1 {evaluate.pairwise(labels.tolist(), gold).f1:.3f}")
    gold = day["story"].to_pylist()
    for least in (0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6):
        result = dedup.cluster(day, Settings(story_containment=least))
        score = evaluate.pairwise(result.articles["story"].to_pylist(), gold)
        print(f"- stories from containment {least:g} on: F1 {score.f1:.3f}")


def prints(articles: pa.Table, known: pa.Table) -> None:
    """Recall and cost of candidates by the share of prints that they must have in common."""
    tokens = tokenizer.tokenise(articles["text"])
    sets, found = shingles.shingle_tokens(tokens.values, tokens.offsets, Settings())
    place = {name: i for i, name in enumerate(articles["id"].to_pylist())}
    wanted = {tuple(sorted((place[row["id_a"]], place[row["id_b"]]))) for row in known.to_pylist()}
    standard = fingerprints.LEAST_SHARE
    for share in (0.0, 0.02, 0.05, 0.08, 0.12):
        fingerprints.LEAST_SHARE = share
        start = time.process_time()
        pairs = fingerprints.candidate_pairs(found, np.arange(len(place)), sets.sizes()).pairs
        seconds = time.process_time() - start
        containment = similarity.verify(pairs, sets).containment()
        useless = (containment < Settings().containment).sum() / len(place)
        hits = len(wanted & set(map(tuple, pairs.tolist())))
        print(
            f"- prints, {share:g} of the smaller in common: {hits} of {len(wanted)} found, "
            f"{useless:.2f} useless candidates an article, {seconds:.2f} s"
        )
    fingerprints.LEAST_SHARE = standard


def page_furniture(articles: pa.Table) -> None:
    """Share of words that are furniture, and the largest cluster with and without it."""
    counts = dedup.cluster(articles).run["counts"]
    whole = dedup.cluster(articles, Settings(keep_furniture=True)).run["counts"]
    print(f"- allsides, furniture: {counts['furniture_tokens'] / counts['tokens']:.1%} of words")
    print(
        f"- allsides, largest cluster: {counts['largest_cluster']}; with furniture "
        f"{whole['largest_cluster']}"
    )


def speeds(texts: object) -> None:
    """Best of three, one thread; the first call compiles."""
    _, offsets = tokenizer.utf8_buffers(texts)
    n, size = len(offsets) - 1, int(offsets[-1] - offsets[0])
    seconds = best(lambda: tokenizer.tokenise(texts))
    print(f"- tokens: {size / seconds / 1e6:.0f} MB/s")
    sets = shingles.shingle(texts, Settings())
    print(
        f"- signature: {best(lambda: minhash.sign(sets, Settings())) / n * 1e6:.1f} µs an article"
    )
    pairs = np.random.default_rng(0).integers(0, n, (20_000, 2))
    seconds = best(lambda: similarity.verify(pairs, sets)) / len(pairs)
    print(f"- exact comparison: {seconds * 1e6:.1f} µs ({np.mean(sets.sizes()):.0f} shingles each)")
    keys = np.random.default_rng(0).integers(0, 1 << 32, 1_000_000, dtype=np.uint64)
    items = keys << np.uint64(32) | np.arange(len(keys), dtype=np.uint64)
    spare = np.empty_like(items)
    ours = best(lambda: kernels.sort_bits(items.copy(), spare, 32, 64))
    ratio = best(lambda: np.sort(items)) / ours
    print(f"- a million keys with places sorted: {ratio:.1f} times as fast as np.sort")


def best(work: Callable[[], object]) -> float:
    """CPU seconds of the fastest of three calls."""
    found = []
    for _ in range(4):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found[1:])


if __name__ == "__main__":
    main()
