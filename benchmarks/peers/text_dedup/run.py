"""text-dedup 0.4: `python -m text_dedup.minhash`, run in this process to have its clusters.

The command of its README, whose defaults are word 5-grams, 250 permutations and threshold .7; one
process (`--num_proc 1`). Of 0.4.0: 0.4.1 needs Python 3.12.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}

import numpy as np
from peers import common
from text_dedup import minhash

NUM_PERM = 250


def find(corpus: Path, mode: str, threshold: float) -> list[int]:
    """Run the command, and ask its union-find for the cluster of each article."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        options = {
            "path": "parquet",
            "data_files": str(corpus),
            "split": "train",
            "cache_dir": f"{folder}/cache",
            "output": f"{folder}/output",
            "column": "text",
            "num_proc": "1",
            "threshold": str(threshold),
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        minhash.main(arguments, standalone_mode=False)
    return [minhash.uf.find(i) for i in range(len(common.read_texts(corpus)))]


def matcher(texts: list[str], mode: str) -> Callable[[float], common.Pairs]:
    """Sign once with its own function, and put into the bands of any threshold.

    Texts of fewer than five words stay alone, as the command leaves them out.
    """
    random = np.random.RandomState(minhash.SEED)
    prime, largest = np.uint64((1 << 61) - 1), np.uint32((1 << 32) - 1)
    numbers = (
        random.randint(1, prime, size=NUM_PERM, dtype=np.uint64),
        random.randint(0, prime, size=NUM_PERM, dtype=np.uint64),
    )

    def sign(i: int, text: str) -> bytes:
        if len(minhash.NON_ALPHA.split(text.lower())) < 5:
            return i.to_bytes(8) * NUM_PERM
        found = minhash.embed_func(
            text,
            i,
            num_perm=NUM_PERM,
            ngram_size=5,
            min_length=5,
            hashranges=[(0, NUM_PERM)],
            permutations=numbers,
            hash_func=lambda data: minhash.sha1_hash(data, d=32),
            dtype=np.uint64,
            max_hash=largest,
            modulo_prime=prime,
        )
        return found[minhash.SIGNATURE_COLUMN][0]

    values = b"".join(sign(i, text) for i, text in enumerate(texts))
    signatures = np.frombuffer(values, np.uint64).reshape(len(texts), NUM_PERM)

    def match(threshold: float) -> common.Pairs:
        bands, rows = minhash.optimal_param(threshold, NUM_PERM)
        return common.bucket_pairs(signatures, bands=bands, rows=rows)

    return match


if __name__ == "__main__":
    common.main(find, matcher)
