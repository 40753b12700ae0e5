"""The measurements behind the defaults, as docs/architecture.md states them.

    python benchmarks/choices.py --data ../shared/data

1. Thresholds: pair F1 of clusters on `syndication_day`, by size of shingle.
2. Ways to cluster, at the default threshold, from the same exact matches.
3. The largest cluster on `allsides`, with and without looking for common text.
4. Kernels: speed on the texts of `allsides`, one thread.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

import dedup
from dedup import clustering, evaluate, kernels, minhash, shingles, similarity, text
from dedup.settings import Settings

THRESHOLDS = (0.15, 0.2, 0.22, 0.24, 0.25, 0.26, 0.28, 0.3, 0.35, 0.4, 0.5)


def main() -> None:
    """Print the four measurements."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    day = pq.read_table(data / "syndication_day" / "articles.parquet")
    day = day.filter(pc.invert(day["aggregator"]))
    thresholds(day)
    ways(day["text"], day["cluster"].to_pylist())
    articles = pq.read_table(data / "allsides" / "articles.parquet")
    common_text(articles)
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


def common_text(articles: object) -> None:
    """Largest cluster with furniture's matches set aside, and with them counted as any other."""
    result = dedup.cluster(articles)
    place = {name: i for i, name in enumerate(result.articles["id"].to_pylist())}
    rows = result.pairs.select(["id_a", "id_b", "jaccard"]).to_pylist()
    pairs = np.array([(place[row["id_a"]], place[row["id_b"]]) for row in rows])
    jaccard = np.array([row["jaccard"] for row in rows])
    without = clustering.cluster(len(place), pairs, jaccard).anchor
    largest = result.run["counts"]["largest_cluster"]
    print(f"- allsides, largest cluster: {largest}; without families {np.bincount(without).max()}")


def speeds(texts: object) -> None:
    """Best of three, one thread; the first call compiles."""
    data, offsets = text.utf8_buffers(texts)
    n, size = len(offsets) - 1, int(offsets[-1] - offsets[0])
    entries, expansions = kernels.load_unicode()
    room = np.zeros(2 * size + 2, dtype=np.uint64)
    seconds = best(
        lambda: kernels.hash_tokens(data, offsets[0], offsets[-1], entries, expansions, room)
    )
    print(f"- tokens: {size / seconds / 1e6:.0f} MB/s")
    sets = shingles.shingle(texts, Settings())
    print(
        f"- signature: {best(lambda: minhash.sign(sets, Settings())) / n * 1e6:.1f} µs an article"
    )
    pairs = np.random.default_rng(0).integers(0, n, (20_000, 2))
    seconds = best(lambda: similarity.verify(pairs, sets)) / len(pairs)
    print(f"- exact comparison: {seconds * 1e6:.1f} µs ({np.mean(sets.sizes()):.0f} shingles each)")


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
