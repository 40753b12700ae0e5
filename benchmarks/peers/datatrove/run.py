"""datatrove 0.10: stages 1 to 3 of its MinHash pipeline, on this machine.

The configuration of `examples/minhash_deduplication.py` there: word 5-grams by its English
tokeniser, 64-bit hashes, 14 buckets of 8 hashes, whose threshold is (1/14)^(1/8) = .72. Another
threshold t has as many buckets of as few hashes as bring (1/buckets)^(1/hashes) nearest to t, with
at most 112 hashes in all. Stage 4, which writes the articles kept, is left out.
"""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup.minhash import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupSignature,
)
from datatrove.pipeline.readers import ParquetReader
from loguru import logger
from peers import common

NUM_PERM = 112


def find(corpus: Path, mode: str, threshold: float) -> list[int]:
    """Sign, match, cluster; articles that match none are alone."""
    bands, rows = buckets(threshold)
    config = MinhashConfig(num_buckets=bands, hashes_per_bucket=rows)
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:

        def run(stage: str, *steps: object, tasks: int = 1) -> None:
            log = f"{folder}/log/{stage}"
            LocalPipelineExecutor(list(steps), tasks=tasks, workers=1, logging_dir=log).run()

        reader = ParquetReader(str(corpus.parent), glob_pattern=corpus.name, read_metadata=False)
        run("sign", reader, MinhashDedupSignature(f"{folder}/signatures", config=config))
        matching = MinhashDedupBuckets(f"{folder}/signatures", f"{folder}/pairs", config=config)
        run("match", matching, tasks=bands)
        clustering = MinhashDedupCluster(
            f"{folder}/pairs", f"{folder}/clusters", config=config, save_cluster_id=True
        )
        run("cluster", clustering)
        path = Path(folder, "clusters", "000000.clusters")
        cluster = dict(struct.iter_unpack("<II", path.read_bytes())) if path.exists() else {}
    n_articles = len(common.read_texts(corpus))
    return [cluster.get(i, n_articles + i) for i in range(n_articles)]


def buckets(threshold: float) -> tuple[int, int]:
    """Buckets, and hashes in one, for a threshold."""
    choices = [(NUM_PERM // rows, rows) for rows in range(2, 15)]
    return min(choices, key=lambda choice: abs((1 / choice[0]) ** (1 / choice[1]) - threshold))


def matcher(texts: list[str], mode: str) -> Callable[[float], common.Pairs]:
    """Sign once, and put into the buckets of any threshold."""
    with tempfile.TemporaryDirectory() as folder:
        config = MinhashConfig(num_buckets=1, hashes_per_bucket=NUM_PERM)
        stage = MinhashDedupSignature(folder, config=config)
        signatures = np.empty((len(texts), NUM_PERM), np.uint64)
        for i, text in enumerate(texts):
            shingles = stage.get_shingles(text)
            signatures[i] = stage.get_signature(shingles)[0] if len(shingles) else i

    def match(threshold: float) -> common.Pairs:
        bands, rows = buckets(threshold)
        return common.bucket_pairs(signatures, bands=bands, rows=rows)

    return match


if __name__ == "__main__":
    logger.remove()
    common.main(find, matcher)
