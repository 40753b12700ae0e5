"""Make `dedup/data/weights.npz`: in what share of news articles each word stands.

    python tools/build_weights.py FILE...

Counts the articles of some dumps that hold each folded word; words of fewer than `_LEAST` articles
are left out. What is stored is the hash of each word (30 bits, sorted) and its inverse document
frequency log((n + 1) / (df + 0.5)); of the texts nothing else is kept. The stored table was made of
32,015 English articles of 1987 to 2020; a word it does not know weighs as much as one in a single
article would.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dedup import readers
from dedup.text import tokenizer

ROOT = Path(__file__).resolve().parent.parent
_LEAST = 8


def main(inputs: list[str]) -> None:
    """Count the words of some dumps and write the table into the package."""
    counts: dict[int, int] = {}
    n = 0
    for batch in readers.read(inputs, readers.ReadOptions()):
        tokens = tokenizer.tokenise(batch.articles.column("text"))
        for start, end in zip(tokens.offsets[:-1], tokens.offsets[1:], strict=True):
            for word in np.unique(tokens.values[start:end] >> np.uint32(2)).tolist():
                counts[word] = counts.get(word, 0) + 1
        n += len(tokens)
    kept = sorted(word for word, df in counts.items() if df >= _LEAST)
    df = np.array([counts[word] for word in kept], dtype=np.float64)
    np.savez_compressed(
        ROOT / "dedup" / "data" / "weights.npz",
        words=np.array(kept, dtype=np.uint32),
        idf=np.log((n + 1) / (df + 0.5)).astype(np.float16),
        unseen=np.array([np.log((n + 1) / 1.5)], dtype=np.float16),
    )
    print(f"{len(kept)} words of {n} articles")


if __name__ == "__main__":
    main(sys.argv[1:])
