from __future__ import annotations

import pyarrow as pa

from dedup.text import tokenizer, weights


def test_equivalent_words_weigh_and_count_as_one() -> None:
    tokens = tokenizer.tokenise
    words = [
        weights.words_of(tokens(pa.array([value])).values).tolist()
        for value in ("twelve colour Tuesday", "12 color Tue")
    ]
    assert words[0] == words[1]
