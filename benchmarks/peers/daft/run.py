"""daft 0.7: the recipe "MinHash Deduplication" of its documentation.

Normalised text (`normalize` with all its options), 64 permutations of word 5-grams (`xxhash`, seed
42), bands and rows for threshold .7, one edge from each article of a bucket to its first. The
recipe finds connected components by rounds of joins; union-find over the same edges takes less.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

os.environ |= {"DO_NOT_TRACK": "true", "DAFT_ANALYTICS_ENABLED": "0", "DAFT_PROGRESS_BAR": "0"}

import daft
import numpy as np
from daft import col
from daft.functions import monotonically_increasing_id
from peers import common

NUM_PERM = 64


@daft.func()
def band_numbers(bands: list[list[int]], n: int) -> list[int]:
    """Number the bands of one article."""
    return list(range(min(len(bands), n)))


def find(corpus: Path, mode: str, threshold: float) -> list[int]:
    """Sign, explode into bands, group, and connect each bucket to its first article."""
    bands, rows = common.best_bands(threshold, NUM_PERM)
    articles = daft.read_parquet(str(corpus)).select("text")
    signed = sign(articles.with_column("node", monotonically_increasing_id()))
    exploded = (
        signed.with_column("bands", col("signature").slice(0, bands * rows).chunk(rows))
        .with_column("band", band_numbers(col("bands"), bands))
        .explode("bands", "band")
    )
    buckets = exploded.groupby("band", "bands").agg(col("node").list_agg().alias("nodes"))
    edges = (
        buckets.where(col("nodes").length() > 1)
        .with_column("first", col("nodes").list_min())
        .explode("nodes")
        .where(col("nodes") != col("first"))
        .select("first", "nodes")
        .distinct()
        .to_arrow()
    )
    pairs = zip(edges["first"].to_pylist(), edges["nodes"].to_pylist(), strict=True)
    return common.clusters(articles.count_rows(), pairs)


def sign(articles: daft.DataFrame) -> daft.DataFrame:
    """Normalise and sign; columns node and signature."""
    normal = col("text").normalize(
        remove_punct=True, lowercase=True, nfd_unicode=True, white_space=True
    )
    signature = normal.minhash(num_hashes=NUM_PERM, ngram_size=5, seed=42, hash_function="xxhash")
    return articles.select(col("node"), signature.alias("signature"))


def matcher(texts: list[str], mode: str) -> Callable[[float], common.Pairs]:
    """Sign once, and put into the bands of any threshold."""
    table = sign(daft.from_pydict({"text": texts, "node": list(range(len(texts)))})).to_pydict()
    order = np.argsort(table["node"])
    signatures = np.array(table["signature"], np.uint32)[order]

    def match(threshold: float) -> common.Pairs:
        bands, rows = common.best_bands(threshold, NUM_PERM)
        return common.bucket_pairs(signatures, bands=bands, rows=rows)

    return match


if __name__ == "__main__":
    common.main(find, matcher)
