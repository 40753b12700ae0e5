"""datasketch 2.0: MinHash LSH on word 5-grams, at its default and documented thresholds.

    cd benchmarks && python -m peers.datasketch.run CORPUS -o labels.json --mode t5

128 permutations (the default), `MinHash.generator` (its bulk API, which reuses the permutations),
bands and rows by its own optimiser for the threshold, `check_duplication=False` (its documented way
to faster inserts). What `query` returns counts as a match, as in its documentation's examples.

- t9: threshold .9, the constructor's default; t7: .7; t5: .5, the documentation's example.
"""

from __future__ import annotations

from pathlib import Path

from datasketch import MinHash, MinHashLSH
from peers import common

NUM_PERM = 128
THRESHOLDS = {"t5": 0.5, "t7": 0.7, "t9": 0.9}


def run(corpus: Path, mode: str) -> common.Run:
    """Sign, insert all, query all."""
    index = MinHashLSH(threshold=THRESHOLDS[mode], num_perm=NUM_PERM)
    result = common.Run(
        "datasketch",
        mode,
        f"word 5-grams, threshold {THRESHOLDS[mode]}: {index.b} bands of {index.r}",
    )
    with result.stage("read"):
        texts = common.read_texts(corpus)
    with result.stage("sign"):
        encoded = ([s.encode() for s in common.shingles(text)] for text in texts)
        signatures = list(MinHash.generator(encoded, num_perm=NUM_PERM))
    with result.stage("insert"):
        for i, signature in enumerate(signatures):
            index.insert(i, signature, check_duplication=False)
    with result.stage("query"):
        hits = map(index.query, signatures)
        matches = {(a, b) for a, found in enumerate(hits) for b in found if a < b}
    result.matches = len(matches)
    result.labels = common.clusters(len(texts), matches)
    return result


if __name__ == "__main__":
    options = common.read_options(__doc__, THRESHOLDS)
    run(options.corpus, options.mode).write(options.output)
